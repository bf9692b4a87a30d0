"""Beside another Celery application, in the same process and on the same Redis, ours changes nothing of it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import redis

from tests.stack import ROOT, Stack, wait_until

SHOP = """
import time
from celery import Celery
import bellhop_ledger.ledger.submit

app = Celery("shop", broker={url!r})


@app.task(acks_late=True)
def pack(number):
    time.sleep(2)
"""


def test_another_worker_that_has_imported_ours_restores_its_messages_when_it_is_told_to_stop(
    ledger: Stack, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(SHOP.format(url=ledger.redis.url))
    broker = redis.Redis.from_url(ledger.redis.url)
    broker.flushdb()
    client = "from shop import pack; [pack.apply_async((n,), queue='shop') for n in range(6)]"
    env = {**ledger.env, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    subprocess.run([sys.executable, "-c", client], env=env, check=True)
    argv = ["-m", "celery", "-A", "shop", "worker", "-Q", "shop", "-c", "1", "--prefetch-multiplier", "8", "-l", "INFO"]

    with subprocess.Popen([sys.executable, *argv], env=env, stderr=subprocess.DEVNULL) as worker:
        wait_until(lambda: broker.hlen("unacked") == 6)
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)

    assert (broker.llen("shop"), broker.hlen("unacked")) == (5, 0)
