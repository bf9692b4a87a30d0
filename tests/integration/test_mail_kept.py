"""Mail without an SMTP server, and mail whose job was cancelled."""

import os
from collections.abc import Iterator
from uuid import UUID

import pytest

from bellhop.database import transaction
from bellhop.ledger.control import cancel
from bellhop.mail import Letter, Link, Mail, send_mail
from bellhop_web.mails import MailView, find
from bellhop_worker.binding import bodies
from bellhop_worker.execution import Executor
from bellhop_worker.interrupts import Interrupts
from bellhop_worker.runner import Runner
from bellhop_worker.slate import Slate
from bellhop_worker.tasks import mail as tasks
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("ledger")
LETTER = Letter("Hello", ("Good morning.",), Link("Come in", "https://example.org/in", secret=True))


@pytest.fixture
def runner(ledger: Stack) -> Iterator[Runner]:
    """A runner of this process, which is told of no SMTP server."""
    assert tasks.send_mail
    Slate.create(1)
    slate = Slate(os.environ["BELLHOP_SLATE"], 1)
    yield Runner("w", slate, 0, Executor(Interrupts(slate, 0), keep=60), lease_seconds=60, budget=0.5)
    slate.remove()


def written() -> Mail:
    with transaction() as db:
        return send_mail(db, "ada@example.org", LETTER)


def seen(id: UUID) -> MailView:
    with transaction() as db:
        return find(db, id)


def test_without_a_server_a_mail_is_kept_with_its_link(runner: Runner) -> None:
    mail = written()

    runner.run(bodies["mail.send"], [mail.job_id], suspect=False)

    kept = seen(mail.id)
    assert (kept.state, kept.reason, kept.sent_at) == ("kept", None, None)
    assert "https://example.org/in" in kept.text


def test_a_mail_whose_job_was_cancelled_is_dead() -> None:
    mail = written()

    with transaction() as db:
        cancel(db, mail.job_id, keep=60)

    assert (seen(mail.id).state, seen(mail.id).reason) == ("dead", "Its job was cancelled")


def test_a_mail_and_its_job_are_written_together_or_not_at_all(ledger: Stack) -> None:
    def fail() -> None:
        with transaction() as db:
            send_mail(db, "ada@example.org", LETTER)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert ledger.sql("SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM jobs)") == [(0, 0)]
