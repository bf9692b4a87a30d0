"""A job goes all the way through."""

from tests.stack import Stack


def test_a_job_is_accepted_at_once_and_done_soon_after(stack: Stack) -> None:
    receipt = stack.submit("test.add", args={"a": 5, "b": 7})

    assert receipt["state"] == "queued"
    job = stack.ended(receipt["id"])
    assert (job["state"], job["result"], job["attempt"]) == ("succeeded", 12, 1)
    assert job["progress"] == {"current": 3.0, "total": 3.0, "message": "step 3"}
