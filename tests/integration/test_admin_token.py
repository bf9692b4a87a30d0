"""The token of ADMIN_TOKEN: it can be ended, and then the start says so."""

from collections.abc import Iterator

import pytest

from tests.databases import run_command, run_migrate
from tests.problems import fields_of
from tests.stack import TOKEN, Stack, wait_until


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of one's own."""
    made = Stack(tmp_path_factory.mktemp("own"))
    try:
        yield made.start("web")
    finally:
        made.stop()


def test_it_is_ended_by_an_admin_who_is_a_person_and_not_before_there_is_one(own: Stack) -> None:
    [token] = own.http.get("/api/system-tokens").json()["tokens"]
    place = f"/api/system-tokens/{token['id']}"

    assert "ADMIN_EMAIL" in own.http.delete(place).json()["detail"]
    assert own.user("operator").http.delete(place).status_code == 204

    wait_until(lambda: own.http.get("/api/jobs").status_code == 401, patience=20)
    own.run("migrate-again", "bellhop-migrate")
    assert "admin_token_has_ended" in own.log("migrate-again")
    assert fields_of(own.client(TOKEN).get("/api/jobs"), 401) == ["Authorization"]


@pytest.fixture
def url(servers: Stack) -> Iterator[str]:
    """The address of an empty database."""
    yield servers.postgres.create_database("admin_token")
    servers.postgres.drop_database("admin_token")


def test_it_is_ended_by_the_command_and_another_one_takes_its_place(servers: Stack, url: str) -> None:
    run_migrate(url, ADMIN_TOKEN="dev-only-first")
    refused = run_command(url, "bellhop-migrate", "--end-admin-token", ADMIN_TOKEN="dev-only-first")
    admin = {"ADMIN_EMAIL": "ada@example.org", "ADMIN_PASSWORD": "dev-only-seven teapots"}

    ended = run_migrate(url, "--end-admin-token", ADMIN_TOKEN="dev-only-first", **admin)
    again = run_migrate(url, ADMIN_TOKEN="dev-only-first")
    other = run_migrate(url, ADMIN_TOKEN="dev-only-second")

    assert refused.returncode == 1
    assert "--end-admin-token: Nobody else is an admin" in refused.stderr
    assert "admin_token_has_ended" in ended
    assert "admin_token_has_ended" in again
    assert "admin_token_has_ended" not in other
