"""What polls keep of people: it is exported, and a result stays as it is when a voter leaves."""

from tests.cast import PASSWORD
from tests.stack import Stack
from workloads.polls.tests.polls import opened, votes


def test_polls_and_votes_are_exported_and_count_when_their_owner_has_left(stack: Stack) -> None:
    owner, other = stack.user(), stack.user()
    mine, others = opened(owner), opened(other)
    assert owner.http.post(f"/api/polls/{others['id']}/votes", json={"option": 2}).is_success

    kept = owner.http.post("/api/account/export", json={"password": PASSWORD}).json()["plug_ins"]["polls"]
    gone = owner.http.post("/api/account/deletion", json={"password": PASSWORD})

    assert [poll["id"] for poll in kept["polls"]] == [mine["id"]]
    assert [(vote["poll_id"], vote["option"]) for vote in kept["votes"]] == [(others["id"], "Coffee")]
    assert gone.status_code == 204, gone.text
    assert votes(stack, others["id"]) == [0, 1]
    assert stack.http.get(f"/api/polls/{mine['id']}").status_code == 200
