"""An issuer of OpenID Connect: a process of oidc-provider, and people who sign in at it."""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from tests.cast import PASSWORD, TestUser
from tests.stack import ROOT, Stack, wait_until

HERE = ROOT / "tests/oidc"
CLIENT_ID, CLIENT_SECRET = "bellhop", "a secret+with%signs"
OLDEST_NODE = 20
QUESTION = "/interaction/"
PACKAGES = "node_modules/oidc-provider/package.json"


@cache
def why_not() -> str:
    """Why there can be no issuer here; empty: there can."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "there is no npm here; Debian: nodejs npm"
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(re.findall(r"\d+", said)[0])
    return "" if major >= OLDEST_NODE else f"oidc-provider needs Node {OLDEST_NODE}, and this is {said.strip()}"


needs_issuer = pytest.mark.skipif(bool(why_not()), reason=why_not() or "there is one")


def installed(shared: Path) -> Path:
    """Return a folder with the packages in their locked releases, installed once for all processes of a test run."""
    folder = shared / "issuer"
    with (shared / "issuer.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / PACKAGES).exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("node_modules"))
            command = ["npm", "ci", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    return folder


class TestIssuer:
    """The issuer. Whoever wants to be somebody types their name; `people` are those of whom it says more."""

    __test__ = False

    def __init__(self, folder: Path, log: Path):
        self._folder, self._log = folder, log
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: Child | None = None

    @property
    def settings(self) -> dict[str, str]:
        """What Bellhop must know."""
        return {"OIDC_ISSUER": self.url, "OIDC_CLIENT_ID": CLIENT_ID, "OIDC_CLIENT_SECRET": CLIENT_SECRET}

    def start(self, bellhop: str) -> None:
        """Start it, with new keys, for the Bellhop at this address."""
        facts = {"PORT": str(self.port), "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "BELLHOP_URL": bellhop}
        argv = [str(shutil.which("node")), "issuer.mjs"]
        name = f"issuer-{self.port}"  # several share the folder
        self._child = Child(name, argv, env=os.environ | facts, directory=self._folder, output=self._log)
        self._child.start()
        wait_until(self._answers)

    def stop(self) -> None:
        """End it."""
        if self._child:
            self._child.stop(10)
            self._child = None

    def say(
        self,
        people: dict[str, dict[str, Any]] | None = None,
        *,
        claims: dict[str, Any] | None = None,
        foreign: bool = False,
    ) -> None:
        """Let it say this of these people, these claims of everybody, and sign with a key of somebody else's."""
        told = {"people": people or {}, "claims": claims, "foreign": foreign}
        httpx.put(f"{self.url}/test", json=told).raise_for_status()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/.well-known/openid-configuration").is_success
        except httpx.TransportError:
            return False


class Sso(NamedTuple):
    """An issuer, and the system at which its people sign in."""

    issuer: TestIssuer
    stack: Stack

    def somebody(self, **claims: Any) -> str:
        """Return the name of somebody new of whom the issuer says this."""
        name = f"person-{uuid4().hex[:12]}"
        self.issuer.say({name: claims})
        return name

    def surfer(self) -> "Surfer":
        """Return somebody with a new browser."""
        return Surfer(self.stack.client())

    def browser_of(self, user: TestUser) -> "Surfer":
        """Return a browser in which somebody is signed in with a password."""
        surfer = self.surfer()
        surfer.http.cookies.update(user.cookies)
        return surfer


class Surfer:
    """Somebody with a browser that follows every redirect and runs no script."""

    def __init__(self, http: httpx.Client):
        self.http = http

    def get(self, path: str) -> httpx.Response:
        """Open a page, and follow where it leads."""
        return self.http.get(path, follow_redirects=True)

    def asked(self, path: str = "/sign-in/oidc") -> httpx.Response:
        """Begin a sign-in, and return the issuer's form."""
        answer = self.get(path)
        assert answer.url.path.startswith(QUESTION), answer.text
        return answer

    def named(self, form: httpx.Response, name: str) -> str:
        """Type a name into the issuer's form, and return the address at Bellhop to which that leads."""
        answer = self.http.post(str(form.url), data={"login": name})
        while "/callback" not in (place := urljoin(str(answer.url), answer.headers["Location"])):
            answer = self.http.get(place)
        return place

    def sign_in(self, name: str, path: str = "/sign-in/oidc") -> httpx.Response:
        """Sign in with the issuer, under a name if it asks, and return the page to which that leads."""
        answer = self.get(path)
        return self.get(self.named(answer, name)) if answer.url.path.startswith(QUESTION) else answer

    def account(self) -> dict[str, Any]:
        """Return the account into which somebody came; nothing: they did not."""
        answer = self.http.get("/api/account")
        return dict(answer.json()) if answer.is_success else {}

    def is_forgotten_by_the_issuer(self) -> None:
        """Lose the cookies of the issuer."""
        for cookie in [name for name in self.http.cookies if name.startswith("_")]:
            self.http.cookies.delete(cookie)

    def link(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """Link a name at the issuer to the account of this browser."""
        page = self.sign_in(name, "/account/identities/new")
        assert page.url.path == "/account/identities/confirm", page.text
        [ticket] = re.findall(r'name="identity" value="([^"]+)"', page.text)
        return self.post("/account", "/account/identities", identity=ticket, password=password)

    @property
    def csrf(self) -> dict[str, str]:
        """The header that a change of this browser by the API wants."""
        return {"X-CSRF-Token": self._token_on("/account")}

    def post(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Send the form of a page."""
        return self.http.post(path, data=fields | {"csrf_token": self._token_on(page)}, follow_redirects=True)

    def _token_on(self, page: str) -> str:
        [token, *_] = re.findall(r'name="csrf_token" value="([^"]+)"', self.get(page).text)
        return str(token)


@pytest.fixture(scope="session")
def issuer_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the packages of the issuer."""
    own = tmp_path_factory.getbasetemp()
    return installed(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def make_sso(tmp_path_factory: pytest.TempPathFactory, issuer_packages: Path) -> Iterator[Callable[..., Sso]]:
    """Make an issuer and a system at which its people sign in: `make_sso(LOCAL_SIGN_IN="off")`."""
    made: list[Sso] = []

    def make(**settings: str) -> Sso:
        directory = tmp_path_factory.mktemp("sso")
        issuer = TestIssuer(issuer_packages, directory / "issuer.log")
        stack = Stack(directory, durable=False, **issuer.settings, **settings)
        made.append(Sso(issuer, stack))
        issuer.start(stack.url)
        stack.start("web")
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            one.stack.stop()
            one.issuer.stop()


@pytest.fixture(scope="session")
def shared_sso(make_sso: Callable[..., Sso]) -> Sso:
    """The one that many tests share."""
    return make_sso(OIDC_ROLES="ops=operator,admins=admin,readers=viewer", OIDC_NAME="Acme")


@pytest.fixture
def sso(shared_sso: Sso) -> Iterator[Sso]:
    """An issuer that says nothing wrong, and a system at which its people sign in."""
    yield shared_sso
    shared_sso.issuer.say()
