"""Where the demo reads the mails that Bellhop sends to its people."""

from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from bellhop_demo.client import TIMEOUT, Bellhop
from bellhop_demo.errors import DemoError


@dataclass(frozen=True)
class Letter:
    """A mail as it arrived."""

    subject: str
    text: str


class Mailbox(Protocol):
    """Everybody's mails."""

    name: str

    def letters(self, to: str) -> list[Letter]:
        """Return the mails that came for this address, the first one first."""
        ...


class KeptMails:
    """The mails that Bellhop keeps where no SMTP server is set; an operator who is signed in may open them."""

    name = "Bellhop's own list"

    def __init__(self, operator: Bellhop) -> None:
        self._operator = operator

    def letters(self, to: str) -> list[Letter]:
        """Return the mails that were kept."""
        mails = self._operator.get("/api/mails", to=to)["mails"]
        lost = [mail for mail in mails if mail["state"] in ("sent", "dead")]
        if lost:
            raise DemoError(
                f"the mail to {to} is not kept here but {lost[0]['state']}: "
                "unset SMTP_HOST, or set MAILDEV_URL to a maildev that takes the mails"
            )
        return [self._opened(mail["id"]) for mail in reversed(mails) if mail["state"] == "kept"]

    def _opened(self, id: str) -> Letter:
        mail = self._operator.get(f"/api/mails/{id}")
        return Letter(mail["subject"], mail["text"])


class MailDev:
    """The mails that arrived by SMTP at a maildev."""

    name = "maildev"

    def __init__(self, url: str) -> None:
        self._url = url

    def letters(self, to: str) -> list[Letter]:
        """Return the mails that arrived."""
        address = f"{self._url}/email"
        try:
            answer = httpx.get(address, params={"to.address": to}, timeout=TIMEOUT, trust_env=False).raise_for_status()
        except httpx.HTTPError as error:
            raise DemoError(f"MAILDEV_URL: {address} cannot be read: {error!r}") from error
        return [Letter(mail["subject"], mail["text"]) for mail in answer.json() if _goes_to(mail, to)]


def _goes_to(mail: dict[str, Any], address: str) -> bool:
    return any(one["address"].lower() == address for one in mail["to"])
