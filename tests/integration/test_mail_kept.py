"""Mail without an SMTP server, and mail whose job was cancelled."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from uuid import UUID

import flask
import pytest

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.ledger.control import cancel
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.mail import Letter, Link, Mail, send_mail
from bellhop_ledger.platform.database import transaction, uuid7
from bellhop_ledger.platform.settings import AppEnv, Settings
from bellhop_web.auth.callers import Caller
from bellhop_web.mails.listing import MailView, find
from bellhop_worker.engine.binding import bodies
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.http_requests.reencrypt import reencrypt_all
from bellhop_worker.mail import task as tasks
from bellhop_worker.settings import WorkerSettings
from tests.postbox import Postbox
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("ledger")
URL = "https://example.org/in"
LETTER = Letter("Hello", ("Good morning.",), Link("Come in", URL, secret=True))


@pytest.fixture
def runner(ledger: Stack) -> Iterator[Runner]:
    """A runner of this process, which is told of no SMTP server."""
    assert tasks.send_mail
    SlotTable.create(1)
    slots = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 1)
    yield Runner("w", slots, 0, Executor(Interrupts(slots, 0), keep=60), lease_seconds=60, budget=0.5)
    slots.remove()


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
    with transaction() as db:
        assert URL in db.get_one(Mail, mail.id).letter.text


OPERATOR = Caller("user:1", UUID(int=1), "ada@example.org", Role.OPERATOR, Scope.WRITE, session_id=UUID(int=2))
TOKEN = replace(OPERATOR, name="token:1", session_id=None)


@pytest.mark.parametrize(
    ("env", "caller", "may"),
    [
        ("development", OPERATOR, True),
        ("development", TOKEN, False),
        ("development", replace(TOKEN, scope=Scope.READ), False),
        ("development", replace(TOKEN, user_id=None), False),
        ("production", OPERATOR, False),
        ("test", OPERATOR, False),
    ],
)
def test_a_kept_link_is_opened_by_an_operators_session_in_development_alone(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, env: str, caller: Caller, may: bool
) -> None:
    mail = written()
    before = as_seen_by(caller, mail.id, monkeypatch, "development")
    runner.run(bodies["mail.send"], [mail.job_id], suspect=False)

    kept = as_seen_by(caller, mail.id, monkeypatch, env)

    assert [URL in text for text in (kept.text, kept.html)] == [may, may]
    assert URL not in before.text + before.html, "it may still be sent"


def as_seen_by(caller: Caller, id: UUID, monkeypatch: pytest.MonkeyPatch, env: str) -> MailView:
    settings = Settings.load().model_copy(update={"app_env": AppEnv(env)})
    monkeypatch.setattr("bellhop_web.mails.listing.Settings", SimpleNamespace(load=lambda: settings))
    with flask.Flask("test").test_request_context():
        flask.g.caller = caller
        return seen(id)


def test_a_link_is_encrypted_in_the_database_and_again_with_a_new_key(
    ledger: Stack, runner: Runner, set_keys: Callable[[str], None]
) -> None:
    mail = written()
    set_keys("the new key which is long,dev-only-encryption-key")

    with transaction() as db:
        assert reencrypt_all(db) == (1, 0)

    set_keys("the new key which is long")
    assert ledger.sql("SELECT count(*) FROM mails WHERE mails::text LIKE '%%example.org/in%%'") == [(0,)]
    with transaction() as db:
        assert db.get_one(Mail, mail.id).letter == LETTER


def test_a_mail_whose_key_is_gone_is_dead_and_says_why(
    runner: Runner, set_keys: Callable[[str], None], postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = written()
    for name, value in postbox.settings.items():
        monkeypatch.setenv(name, value)
    set_keys("another key which is long")
    WorkerSettings.load.cache_clear()

    [outcome] = runner.run(bodies["mail.send"], [mail.job_id], suspect=False)

    WorkerSettings.load.cache_clear()
    with transaction() as db:
        row = db.get_one(Mail, mail.id)
    assert (outcome.state, row.state) == ("failed", "dead")
    assert "ENCRYPTION_KEY" in str(row.reason)


def test_a_mail_of_the_release_before_is_sent_and_not_shown() -> None:
    id, old = uuid7(), {"label": "Come in", "url": URL, "secret": True}
    mail = Mail(id=id, subject="Hello", paragraphs=[], link=old)

    assert URL in mail.letter.text
    assert URL not in mail.public_letter.text + mail.public_letter.html


@pytest.mark.parametrize(("subject", "paragraph"), [(f"Go to {URL}", ""), ("Hello", f"It is {URL}.")])
def test_a_secret_link_stands_in_no_text_that_is_stored_as_it_is(subject: str, paragraph: str) -> None:
    with pytest.raises(ValueError, match="secret link"):
        Letter(subject, (paragraph,), LETTER.link)


def test_a_mail_whose_job_was_cancelled_is_dead() -> None:
    mail = written()

    with transaction() as db:
        cancel(db, mail.job_id, keep=60, by=Actor("test"))

    assert (seen(mail.id).state, seen(mail.id).reason) == ("dead", "Its job was cancelled")


def test_a_mail_and_its_job_are_written_together_or_not_at_all(ledger: Stack) -> None:
    def fail() -> None:
        with transaction() as db:
            send_mail(db, "ada@example.org", LETTER)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert ledger.sql("SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM jobs)") == [(0, 0)]
