"""Batch: the jobs of POST /api/jobs/batch, each with the key of its request or one of its own."""

from dataclasses import replace
from typing import Any

from flask import request

from bellhop.errors import MOST_FAULTS, Fault, Invalid, gathering
from bellhop_ledger.ledger.submit import NewJob
from bellhop_web.jobs.requests import Origin, permitted_job
from bellhop_web.jobs.wanted import BatchJob, BatchRequest


def jobs_of(body: BatchRequest, origin: Origin) -> list[NewJob]:
    """Check all jobs of a batch. Raises NotItsTask, and Invalid, which names what is wrong with any of them."""
    given, jobs = request.get_json()["jobs"], list[NewJob]()
    faults: list[Fault] = []
    for place, wanted in enumerate(body.jobs):
        with gathering(faults):
            jobs.append(_job_of(wanted, given[place], origin, place))
        if len(faults) > MOST_FAULTS:
            break
    if len(jobs) < len(body.jobs):
        raise Invalid(faults=faults)
    return jobs


def _job_of(wanted: BatchJob, given: dict[str, Any], origin: Origin, place: int) -> NewJob:
    job = permitted_job(wanted, origin, "jobs", str(place))
    if wanted.key is None:
        return job
    one = origin.of_one(wanted.key, {name: value for name, value in given.items() if name != "key"})
    return replace(
        job,
        idempotency_key=one.key_of(()),
        key_field=f"jobs.{place}.key",
        request_hash=one.request_hash,
        former_hashes=one.former_hashes,
    )
