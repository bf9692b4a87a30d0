"""The promise of the outbox: a forwarder is killed at each step, and no job is lost and none is there twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from bellhop_client import Client
from bellhop_client.outbox import Forwarder
from tests.own_database import OwnDatabase
from tests.stack import TOKEN, Stack, wait_until

HELD = Path(__file__).with_name("held_forwarder.py")
JOBS, BATCH = 10_000, 500
BOTH = {
    "locked": 0,
    "accepted": BATCH,
    "receipts read": BATCH,
    "deleted": BATCH,
    "committed": 0,
}
"""The steps of a batch, and how many jobs are in both databases when a forwarder is killed there."""


def kill_at(step: str, store: OwnDatabase, stack: Stack) -> None:
    """Run a forwarder until it comes to this step of its second batch, and kill it."""
    argv = [sys.executable, str(HELD), store.url, stack.url, TOKEN, step]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as forwarder:
        assert forwarder.stdout is not None
        assert forwarder.stdout.readline().strip() == step
        forwarder.kill()
    held = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'held'"
    wait_until(lambda: not store.sql(held))  # until Postgres knows that it is gone


@pytest.mark.long
def test_ten_thousand_jobs_arrive_once_each_though_forwarders_are_killed_at_each_step(
    store: OwnDatabase, stack: Stack
) -> None:
    store.write(*(store.addition(number) for number in range(JOBS)))

    for step, both in BOTH.items():
        kill_at(step, store, stack)
        assert (step, len(store.numbers()) + store.waiting()) == (step, JOBS + both)
    with Client(stack.url, TOKEN) as client, Forwarder(client, store.url, batch=BATCH):
        wait_until(lambda: not store.waiting())

    assert sorted(store.numbers()) == list(range(JOBS))
    stack.sql("DELETE FROM jobs WHERE %s = ANY(tags)", store.tag)
