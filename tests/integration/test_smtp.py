"""SMTP: encryption, passwords, and servers that are away, hang or are not who they should be."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from bellhop_ledger.mail import Letter, Mail
from bellhop_ledger.platform.settings import SettingsError
from bellhop_local.ports import free_port
from bellhop_worker.mail.smtp import message_of, reason_of, refused_for_good, send
from bellhop_worker.settings import SmtpSecurity, WorkerSettings
from tests.certificates import write_certificate
from tests.postbox import HOST, PASSWORD, USER, Postbox, parts


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificate)
    return made


@pytest.fixture
def private(context: ssl.SSLContext, request: pytest.FixtureRequest) -> Iterator[Postbox]:
    """A server that wants STARTTLS and a password."""
    made = Postbox(starttls=context).start()
    yield made
    made.stop()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """We believe the test's own certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def settings(port: int, security: SmtpSecurity, password: str | None = PASSWORD) -> WorkerSettings:
    return WorkerSettings(
        database_url=SecretStr("postgresql://nowhere/none"),
        redis_url=SecretStr("redis://nowhere"),
        smtp_host=HOST,
        smtp_port=port,
        smtp_security=security,
        smtp_user=USER if password else "",
        smtp_password=SecretStr(password or ""),
        smtp_timeout=0.5,
    )


def sent_to(to: str, settings: WorkerSettings) -> str:
    letter = Letter("Hello", ("Good morning.",))
    mail = Mail(id=uuid4(), recipient=to, message_id="<1@x>", created_at=datetime.now(UTC), **vars(letter))
    send(message_of(mail, settings.mail_from), to, settings)
    return to


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_out_by_starttls_with_user_and_password(private: Postbox) -> None:
    to = sent_to("ada@example.org", settings(private.port, SmtpSecurity.STARTTLS))

    [message] = private.to(to)
    assert parts(message)[0].strip() == "Good morning."
    assert message["From"] == "Bellhop <bellhop@localhost>"


@pytest.mark.usefixtures("trusted")
def test_a_mail_goes_out_by_tls(context: ssl.SSLContext) -> None:
    server = Postbox(tls=context).start()

    to = sent_to("ada@example.org", settings(server.port, SmtpSecurity.TLS, None))

    server.stop()
    assert len(server.to(to)) == 1


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_tried_again_later(private: Postbox) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        sent_to("ada@example.org", settings(private.port, SmtpSecurity.STARTTLS, "wrong"))

    assert not refused_for_good(caught.value)
    assert reason_of(caught.value).startswith("535")


def test_no_password_is_told_to_a_server_that_is_not_who_it_should_be(private: Postbox) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        sent_to("ada@example.org", settings(private.port, SmtpSecurity.STARTTLS))


def test_a_server_without_starttls_gets_nothing(postbox: Postbox) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        sent_to("plain@example.org", settings(postbox.port, SmtpSecurity.STARTTLS))

    assert postbox.to("plain@example.org") == []


def test_a_server_that_hangs_is_left_after_a_while(postbox: Postbox) -> None:
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)) as caught:
        sent_to("hang-up@example.org", settings(postbox.port, SmtpSecurity.NONE, None))

    postbox.release("hang-up@example.org")
    assert not refused_for_good(caught.value)
    assert "timed out" in reason_of(caught.value)


def test_a_server_that_never_says_hello_is_left_after_a_while() -> None:
    with socket.create_server((HOST, 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
            sent_to("ada@example.org", settings(port, SmtpSecurity.NONE, None))


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with pytest.raises(ConnectionRefusedError) as caught:
        sent_to("ada@example.org", settings(free_port(), SmtpSecurity.NONE, None))

    assert not refused_for_good(caught.value)


def test_a_password_is_not_sent_in_the_clear() -> None:
    with pytest.raises(SettingsError, match="SMTP_SECURITY"):
        settings(25, SmtpSecurity.NONE)


@pytest.mark.parametrize("sender", ["", "nobody", "Bellhop <bellhop>", "a@b\r\nBcc: c@d"])
def test_a_sender_that_is_no_address_is_refused_at_start(sender: str) -> None:
    with pytest.raises(ValidationError, match="must be an address"):
        WorkerSettings(
            database_url=SecretStr("postgresql://nowhere/none"),
            redis_url=SecretStr("redis://nowhere"),
            mail_from=sender,
        )
