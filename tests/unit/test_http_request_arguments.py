"""The arguments of http.request: refused by name, and encrypted before anybody stores them."""

from typing import Any

import pytest
from pydantic import ValidationError

from bellhop.builtins.http_requests import request
from bellhop.errors import Fault, Invalid
from bellhop.manifest import manifest_of
from bellhop_ledger.platform.secrets import CannotDecrypt, decrypt, encrypt, masked, masked_text, reencrypt, restored
from bellhop_ledger.platform.settings import SettingsError
from bellhop_ledger.tasks.task import Task
from bellhop_worker.settings import WorkerSettings

TASK = Task.of(manifest_of(request), "a release")
URL = "https://api.example.org/hook"
ORIGIN = "https://api.example.org:443"
SIGNING = "a secret between two of us"
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"url": "ftp://example.org/"}, "url", "must be an http or https URL"),
    ({"url": "https://user:secret@example.org/"}, "url", "must be an http or https URL"),
    ({"url": "https://[::1/"}, "url", "must be an http or https URL"),
    ({"url": "https://[1:2]/"}, "url", "must be an http or https URL"),
    ({"url": "https://example.org:99999/"}, "url", "must be an http or https URL"),
    ({"url": "https:///path"}, "url", "must be an http or https URL"),
    ({"method": "BREW"}, "method", "Input should be 'GET'"),
    ({"headers": {"Host": "x"}}, "headers", "'Host' must not be one of the headers"),
    (
        {"headers": {"Proxy-Authorization": "x"}},
        "headers",
        "'Proxy-Authorization' must not be one of the headers that Bellhop itself sets",
    ),
    (
        {"headers": {"Idempotency-Key": "x"}},
        "headers",
        "'Idempotency-Key' must not be one of the headers that Bellhop itself sets",
    ),
    ({"headers": {"X Y": "x"}}, "headers", "'X Y' is not the name of a header"),
    ({"headers": {"X-Y": "open\r\nsesame: 1"}}, "headers", "must be at most 8,000 printable characters of ASCII"),
    ({"headers": {"X-Y": "grüß"}}, "headers", "must be at most 8,000 printable characters of ASCII"),
    ({"headers": {"X-Y": "1", "x-y": "2"}}, "headers", "has one name twice"),
    ({"timeout": 0}, "timeout", "greater than 0"),
    ({"timeout": 121}, "timeout", "less than or equal to 120"),
    ({"expect": "600"}, "expect", "must be statuses, such as 200-299"),
    ({"expect": "200,,204"}, "expect", "must be statuses, such as 200-299"),
    ({"retry_on": "5"}, "retry_on", "must be statuses, such as 200-299"),
    ({"retries": 10}, "retries", "less than or equal to 9"),
    ({"signing_secret": "short"}, "signing_secret", "must have 16 to 1,000 characters"),
]

pytestmark = pytest.mark.usefixtures("env")


@pytest.mark.parametrize(("wrong", "field", "message"), REFUSED)
def test_a_wrong_argument_is_refused_by_name_and_not_quoted(wrong: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as refused:
        request.arguments(**{"url": URL, **wrong})

    assert {error["loc"][0] for error in refused.value.errors()} == {field}
    assert "sesame" not in str(refused.value)
    assert "secret@" not in str(refused.value)


@pytest.mark.parametrize(("wrong", "field", "message"), REFUSED)
def test_who_has_only_the_schema_refuses_the_same(wrong: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        TASK.checked({"url": URL, **wrong})

    assert {fault.field.partition(".")[0] for fault in refused.value.faults} == {field}
    assert "sesame" not in str(refused.value.faults)
    assert "secret@" not in str(refused.value.faults)
    if message.startswith(("must", "'", "has")):
        assert any(message in fault.message for fault in refused.value.faults)


def stored(**args: Any) -> dict[str, Any]:
    return TASK.checked({"url": URL, **args})


def test_stars_stand_for_a_secret_and_are_none() -> None:
    with pytest.raises(Invalid) as refused:
        stored(headers={"X-Y": "***"})

    assert refused.value.faults == (Fault("headers", "X-Y must be given again: *** only stands for a secret"),)


def test_what_is_stored_is_taken_again_as_it_is() -> None:
    first = stored(headers={"Authorization": "x" * 8000}, signing_secret="s" * 1000)

    assert stored(**first) == first


def test_what_is_shown_has_stars_in_the_place_of_secrets() -> None:
    shown = masked(stored(headers={"Authorization": "Bearer x", "Content-Type": "text/csv"}, signing_secret=SIGNING))

    assert shown["headers"] == {"Authorization": "***", "Content-Type": "text/csv"}
    assert shown["signing_secret"] == "***"
    assert (shown["url"], shown["method"]) == (URL, "GET")


def test_stars_that_come_back_stand_for_the_secret_that_is_stored() -> None:
    before = stored(headers={"Authorization": "Bearer x"}, signing_secret=SIGNING)

    assert restored(masked(before), before) == before


def test_a_secret_must_be_given_again_for_another_host() -> None:
    before = stored(headers={"Authorization": "Bearer x"})

    assert stored(**{**before, "url": f"{URL}/other"})["headers"] == before["headers"]
    with pytest.raises(Invalid) as refused:
        stored(**{**before, "url": "https://evil.example/"})

    message = "Authorization must be given again, for it was meant for another host"
    assert refused.value.faults == (Fault("headers", message),)


def test_what_was_encrypted_for_one_audience_is_not_decrypted_for_another() -> None:
    encrypted = encrypt("open sesame", ORIGIN)

    assert decrypt(encrypted, ORIGIN) == "open sesame"
    with pytest.raises(CannotDecrypt):
        decrypt(encrypted, "https://evil.example:443")
    with pytest.raises(CannotDecrypt):
        decrypt(f"{encrypted[:-3]}AA=", ORIGIN)


def test_a_key_is_changed_without_losing_what_it_encrypted(env: pytest.MonkeyPatch) -> None:
    encrypted = encrypt("open sesame", ORIGIN)
    with_new_key(env, "the new key which is long,dev-only-encryption-key")

    again = reencrypt({"headers": {"X-Key": encrypted}})["headers"]["X-Key"]
    assert decrypt(encrypted, ORIGIN) == decrypt(again, ORIGIN) == "open sesame"

    with_new_key(env, "the new key which is long")
    assert decrypt(again, ORIGIN) == "open sesame"
    with pytest.raises(CannotDecrypt, match="ENCRYPTION_KEY no longer has its key"):
        decrypt(encrypted, ORIGIN)


def with_new_key(env: pytest.MonkeyPatch, keys: str) -> None:
    env.setenv("ENCRYPTION_KEY", keys)
    WorkerSettings.load.cache_clear()


@pytest.mark.parametrize("keys", ["short", " , ", "long enough as a key,short"])
def test_a_key_that_can_be_guessed_is_refused(env: pytest.MonkeyPatch, keys: str) -> None:
    env.setenv("ENCRYPTION_KEY", keys)

    with pytest.raises(SettingsError, match="ENCRYPTION_KEY: must be one key or several"):
        WorkerSettings.load()


def test_a_summary_that_ends_in_the_middle_of_a_secret_shows_none_of_it() -> None:
    text = f'{{"a": "{encrypt("x", ORIGIN)}", "b": "{encrypt("y", ORIGIN)}'

    assert masked_text(text[:-20]) == '{"a": "***", "b": "***'
    assert masked_text('{"a": 1}') == '{"a": 1}'
