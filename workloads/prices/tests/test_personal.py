"""What prices keep of people: it is exported, and goes with the account."""

from tests.cast import PASSWORD
from tests.stack import Stack
from workloads.prices.tests.test_api import add_game, watch


def test_watches_are_exported_and_deleted_with_the_account(stack: Stack) -> None:
    user, other = stack.user(), stack.user()
    game = add_game(stack, "Personal", 2000, "EUR")
    mine, theirs = watch(user, game), watch(other, game)

    kept = user.http.post("/api/account/export", json={"password": PASSWORD}).json()["plug_ins"]["prices"]
    user.http.post("/api/account/deletion", json={"password": PASSWORD})

    assert [(one["id"], one["name"]) for one in kept["watches"]] == [(mine["id"], "Personal")]
    assert kept["alerts"] == []
    assert stack.sql("SELECT id FROM prices.watches WHERE game_id = %s", game) == [(theirs["id"],)]
