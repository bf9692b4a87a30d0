"""The operators' gate by real HTTP: as a stranger, a user and an operator. The two have the same password."""

import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

PAGE = "/flower/workers"
CHANGE = "/flower/api/worker/shutdown/worker@nowhere"
SIGN_IN = "/sign-in?next=%2Fflower%2Fworkers"


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Shows a redirect instead of following it."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


class Browser:
    """Somebody with cookies."""

    def __init__(self, url: str):
        self.url = url
        self._opener = urllib.request.build_opener(NoRedirects, urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(
        self, path: str, method: str = "GET", form: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, str, str]:
        """Send a request; give status, Location and body."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data, names, method=method)
        try:
            answer = self._opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode(errors="replace")

    def change(self, **headers: str) -> tuple[int, str, str]:
        """Send Flower a command, with a body."""
        return self.ask(CHANGE, "POST", {"a": "b"}, **headers)

    def sign_in(self, path: str, email: str, password: str) -> str:
        """Fill the form in; give where it leads to."""
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)"[^>]* value="([^"]*)">', self.ask(path)[2]))
        _, led_to, _ = self.ask("/sign-in", "POST", fields | {"email": email, "password": password})
        return led_to


def expect(what: str, found: object, expected: object) -> None:
    """End the check with a complaint unless they are the same."""
    if found != expected:
        sys.exit(f"{what}: {found!r}, expected {expected!r}")
    print(f"{what}: {found}")


def strangers(browser: Browser) -> None:
    """Strangers are led to the sign-in, whatever they say of themselves."""
    expect("a stranger", browser.ask(PAGE)[:2], (303, SIGN_IN))
    expect("a stranger's HEAD", browser.ask(PAGE, "HEAD")[:2], (303, SIGN_IN))
    expect("a stranger's change", browser.change(Origin=browser.url)[:2], (303, "/sign-in?next="))
    lies = {"X_Forwarded_Uri": "//evil.example", "X_Forwarded_Method": "OPTIONS", "X_Forwarded_Host": "evil.example"}
    expect("a stranger who lies", browser.ask(PAGE, **lies)[:2], (303, SIGN_IN))
    expect("a stranger with a password", browser.ask(PAGE, Authorization="Basic YWRtaW46eA==")[:2], (303, SIGN_IN))
    expect("a stranger at the gate itself", browser.ask("/operators/check")[0], 404)


def users(browser: Browser, email: str, password: str) -> None:
    """Users are told that it is not for them."""
    expect("a user is led back", browser.sign_in(SIGN_IN, email, password), PAGE)
    status, _, body = browser.ask(PAGE)
    expect("a user", (status, "not have access to this" in body), (403, True))


def operators(browser: Browser, email: str, password: str) -> None:
    """Operators see Flower, which only shows."""
    expect("an operator is led back", browser.sign_in(SIGN_IN, email, password), PAGE)
    status, _, body = browser.ask(PAGE)
    expect("an operator", (status, "worker@" in body), (200, True))
    status, _, body = browser.change(Origin=browser.url)
    expect("an operator's change, refused by Flower", (status, "Read only" in body), (403, True))
    status, _, body = browser.change(Origin="https://evil.example")
    expect("another site's change, refused by us", (status, "on a page of this site" in body), (403, True))


def main() -> None:
    """Try the gate at URL as OPERATOR and as USER, with the password in FILE."""
    url, operator, user, password_file = sys.argv[1:]
    password = Path(password_file).read_text()
    strangers(Browser(url))
    users(Browser(url), user, password)
    operators(Browser(url), operator, password)


if __name__ == "__main__":
    main()
