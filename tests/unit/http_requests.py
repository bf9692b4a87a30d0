"""Runs the body of http.request as the worker does, without a ledger."""

import json
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from bellhop.builtins.http_requests import Answer
from bellhop.builtins.http_requests import request as signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.tasks.encryption import encrypt_secrets
from bellhop_worker.engine.binding import bodies
from bellhop_worker.engine.run import Run

import_module("bellhop_worker.http_requests.task")  # binds the body
SIGNATURES = {"webhook-id", "webhook-timestamp", "webhook-signature"}
"""The headers that sign a request."""
JOB = UUID("01980000-0000-7000-8000-000000000000")


def stored(url: str, **args: Any) -> str:
    """The arguments as they stand in the ledger."""
    checked = signature.arguments(url=url, **args).model_dump(mode="json")
    return json.dumps(encrypt_secrets(signature.name, signature.secrets, checked))


def run(args: str, attempt: int = 1) -> Answer:
    """Run the body once, as the worker does."""
    job = Claimed(JOB, "http.request", args, attempt, 10, datetime.now(UTC), None, cancelled=False)
    return Answer(**bodies["http.request"](Run(job), None))


def request(url: str, attempt: int = 1, **args: Any) -> Answer:
    return run(stored(url, **args), attempt)
