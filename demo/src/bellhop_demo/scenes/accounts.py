"""Somebody signs up, and the mail goes out behind the scenes."""

import time

from bellhop_demo.client import Bellhop
from bellhop_demo.mailbox import Mailbox
from bellhop_demo.people import Newcomer, Person
from bellhop_demo.stage import Stage

FORBIDDEN, INVALID = 403, 422


def show_accounts(bellhop: Bellhop, stage: Stage, mailbox: Mailbox) -> list[str]:
    """Sign up, read the mail, open its link, and use a token of one's own."""
    stage.scene("An account: the answer comes at once, the mail is a job")
    with Newcomer(bellhop.url, mailbox, "linus") as newcomer:
        began = time.perf_counter()
        newcomer.sign_up()
        stage.say(f"{newcomer.email} has signed up after {(time.perf_counter() - began) * 1000:.0f} ms")
        letter = newcomer.letter()
        stage.say(f"'{letter.subject}' is in {mailbox.name} after {time.perf_counter() - began:.1f} s")
        newcomer.confirm(letter)
        again = newcomer.confirm_again(letter)
        person = Person(bellhop.url, newcomer.token(), newcomer.email)
    with person:
        faults = _faults(person, again)
    if not faults:
        stage.verdict("the link let its owner in, once; the new token knows whose it is", good=True)
    return faults


def _faults(person: Person, again: int) -> list[str]:
    account, mails = person.get("/api/account"), person.status("/api/mails")
    faults = []
    if (account["email"], account["role"]) != (person.email, "member"):
        faults.append(f"the token of {person.email} belongs to {account['email']}, {account['role']}")
    if again != INVALID:
        faults.append(f"the link of the mail worked a second time: {again}, not {INVALID}")
    if mails != FORBIDDEN:
        faults.append(f"{person.email} is no operator, but asking for all mails got {mails}, not {FORBIDDEN}")
    return faults
