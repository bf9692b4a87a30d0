"""Logs when things go wrong: one line of JSON a fact, and no value of a statement, no password and no header in it."""

import json
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.certificates import write_certificate
from tests.postbox import Postbox
from tests.stack import Stack, wait_until

SECRET = "sesame"
"""Part of all that must not be said."""

NEW_PASSWORD = "ALTER ROLE bellhop_app PASSWORD 'another'"
END_ALL_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'bellhop_app'
"""


@pytest.fixture
def broken(make_stack: Callable[..., Stack], tmp_path: Path) -> Stack:
    """A system in which what is sent in is refused by the database, and its password by the mail server."""
    certificate = write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    postbox = Postbox(starttls=context).start()
    settings = {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "SSL_CERT_FILE": str(certificate)}
    settings |= postbox.settings | {"SMTP_SECURITY": "starttls", "SMTP_USER": "postman", "SMTP_PASSWORD": "sesame-smtp"}
    stack = make_stack("web", "worker", "scheduler", **settings)
    stack.migrate()
    stack.sql("ALTER TABLE jobs ADD CONSTRAINT refuse CHECK (task <> 'test.listed')")
    stack.sql("ALTER TABLE effects ADD CONSTRAINT refuse CHECK (key NOT LIKE 'sesame%')")
    yield stack
    postbox.stop()


def test_faults_are_told_in_json_without_what_they_were_about(broken: Stack) -> None:
    refused = broken.http.post("/api/jobs", json={"task": "test.listed", "args": {"what": "sesame-of-a-statement"}})
    failed = broken.ended(broken.submit("test.write", args={"key": "sesame-of-a-body"})["id"])
    broken.ended(broken.submit("test.post", args={"to": "ada@example.org"})["id"])
    said_badly(broken, b"GET /activate?token=sesame-query HTTP/7.5\r\n\r\n")
    said_badly(broken, b"GET / HTTP/1.1\r\nAuthorization Bearer sesame-header\r\n\r\n")
    for service, event in (("web", "request_failed"), ("web", "request_not_understood"), ("worker", "mail_refused")):
        wait_until(lambda service=service, event=event: event in broken.log(service))
    change_passwords(broken)

    assert (refused.status_code, failed["state"], failed["error"]["type"]) == (500, "failed", "IntegrityError")
    assert SECRET not in failed["error"]["message"] + failed["error"]["traceback"]
    for service in ("web", "worker", "scheduler", "migrate"):
        lines = broken.log(service).splitlines()
        assert [line for line in lines if not line.startswith("{") or not json.loads(line)["event"]] == []
    logs = "\n".join(file.read_text(errors="replace") for file in broken.directory.rglob("*log*") if file.is_file())
    for secret in (SECRET, broken.postgres.password, broken.redis.password, "dev-only-secret-key"):
        assert [line for line in logs.splitlines() if secret in line] == []
    assert "violates check constraint" in broken.postgres.log.read_text()


def said_badly(stack: Stack, request: bytes) -> None:
    """Send what no browser would."""
    with socket.create_connection(("127.0.0.1", stack.port)) as connection:
        connection.sendall(request)
        assert b" 400 " in connection.recv(1000)


def change_passwords(stack: Stack) -> None:
    """Make Redis and Postgres refuse the passwords of all who are connected, and wait until everybody has noticed."""
    client = redis.Redis.from_url(stack.redis.url)
    client.config_set("requirepass", "another")
    client.client_kill_filter(_type="normal", skipme=True)
    wait_until(lambda: "invalid username-password" in stack.log("worker") or "WRONGPASS" in stack.log("worker"))
    client.close()
    with closing(psycopg2.connect(stack.postgres.url)) as connection:
        connection.autocommit = True
        for statement in (NEW_PASSWORD, END_ALL_OTHERS):
            connection.cursor().execute(statement)
    wait_until(lambda: "password authentication failed" in stack.log("scheduler"))
