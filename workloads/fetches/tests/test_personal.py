"""What fetches keep of people: it is exported, and is nobody's when the account is deleted."""

from tests.cast import PASSWORD
from tests.stack import Stack
from workloads.fetches.tests.samples import host


def test_what_was_fetched_is_exported_and_becomes_nobodys(stack: Stack) -> None:
    user, url = stack.user(), host()
    fetch = user.http.post("/api/fetches", json={"urls": [url]}).json()

    kept = user.http.post("/api/account/export", json={"password": PASSWORD}).json()["plug_ins"]["fetches"]
    user.http.post("/api/account/deletion", json={"password": PASSWORD})

    assert [(page["fetch_id"], page["url"]) for page in kept["pages"]] == [(fetch["id"], url)]
    assert stack.sql("SELECT user_id FROM fetches.fetch_pages WHERE fetch_id = %s", fetch["id"]) == [(None,)]
