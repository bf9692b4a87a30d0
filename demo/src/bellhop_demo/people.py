"""People with accounts: each signs up, confirms the address by the mail's link, and gets a token."""

import re
import secrets
from typing import Self
from urllib.parse import unquote

from bellhop_demo.client import Bellhop
from bellhop_demo.errors import DemoError
from bellhop_demo.mailbox import Letter, Mailbox
from bellhop_demo.polling import poll_until

LINK = re.compile(r"https?://\S+[?&]token=([^\s&]+)")
MAIL_TIMEOUT = 20.0


class Newcomer:
    """Somebody on the way to an account, with a browser of their own."""

    def __init__(self, url: str, mailbox: Mailbox, name: str) -> None:
        self.email = f"{name}-{secrets.token_hex(6)}@example.org"
        self._url = url
        self._mailbox = mailbox
        self._password = secrets.token_urlsafe(16)
        self._browser = Bellhop(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._browser.__exit__()

    def sign_up(self) -> None:
        """Ask for an account."""
        self._browser.post("/api/account", email=self.email, password=self._password)

    def letter(self) -> Letter:
        """Wait for the mail."""
        letters = poll_until(lambda: self._mailbox.letters(self.email), bool, timeout=MAIL_TIMEOUT)
        if not letters:
            raise DemoError(f"no mail for {self.email} after {MAIL_TIMEOUT:.0f} s in {self._mailbox.name}")
        return letters[0]

    def confirm(self, letter: Letter) -> None:
        """Open the link in the mail, which signs the browser in."""
        signed_in = self._browser.post("/api/account/activation", **self._confirmation(letter))
        self._browser.trusted_with(signed_in["csrf_token"])

    def confirm_again(self, letter: Letter) -> int:
        """Open the link once more; give the status of the refusal."""
        return self._browser.refusal("/api/account/activation", **self._confirmation(letter))

    def token(self) -> str:
        """Make a personal token that may write, for a day."""
        wanted = {"name": "Bellhop's demo", "scope": "write", "days": 1, "password": self._password}
        made = self._browser.post("/api/account/tokens", **wanted)
        return str(made["token"])

    def _confirmation(self, letter: Letter) -> dict[str, str]:
        found = LINK.search(letter.text)
        if found is None:
            raise DemoError(f"there is no link with a token in the mail '{letter.subject}' to {self.email}")
        return {"token": unquote(found[1]), "password": self._password}


class Person(Bellhop):
    """Somebody with an account, who uses the API by a personal token."""

    def __init__(self, url: str, token: str, email: str) -> None:
        super().__init__(url, token)
        self.email = email


class Operator(Bellhop):
    """The first operator, signed in as in a browser: a token opens no secret link."""

    def __init__(self, url: str, email: str, password: str) -> None:
        super().__init__(url)
        self._credentials = {"email": email, "password": password}

    def __enter__(self) -> Self:
        self.trusted_with(self.post("/api/account/session", **self._credentials)["csrf_token"])
        return self

    def __exit__(self, *error: object) -> None:
        self.delete("/api/account/session")
        super().__exit__(*error)


def join(url: str, mailbox: Mailbox, name: str) -> Person:
    """Make an account for somebody of that name."""
    with Newcomer(url, mailbox, name) as newcomer:
        newcomer.sign_up()
        newcomer.confirm(newcomer.letter())
        return Person(url, newcomer.token(), newcomer.email)
