"""The scheduler dies while it notifies: nothing is lost, and nothing is sent twice."""

from collections.abc import Callable

import pytest

from tests.locks import someone_waits, uncommitted
from tests.postbox import Postbox
from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]
HOLD_MAILS = "LOCK TABLE mails IN SHARE MODE"


@pytest.mark.long
def test_a_scheduler_killed_between_noticing_and_sending_loses_and_doubles_nothing(
    make_stack: MakeStack, postbox: Postbox
) -> None:
    stack = make_stack("web", "worker", "scheduler", **postbox.settings)
    body = {"kind": "task", "name": "test.fail", "failures": 1, "channel": "mail", "to": "killed@example.org"}
    assert stack.http.post("/api/notifications", json=body).status_code == 201

    with uncommitted(stack, HOLD_MAILS):
        stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
        someone_waits(stack, "%INSERT INTO mails%")
        noticed = stack.sql("SELECT thing, notified_at FROM notification_incidents")
        stack.kill("scheduler")
    stack.start_service("scheduler")

    assert noticed == [("test.fail", None)]
    assert postbox.first_to("killed@example.org")["Subject"] == "Bellhop: The task test.fail has failed"
    wait_until(lambda: stack.sql("SELECT count(*) FROM notification_incidents WHERE notified_at IS NOT NULL") == [(1,)])
    stack.submit("test.fail", args={"times": 9, "permanent": True})
    wait_until(stack.all_ended)
    assert stack.sql("SELECT count(*) FROM mails") == [(1,)]
