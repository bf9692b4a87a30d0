"""Answered: a job that has succeeded in asking, and whose answer is an error all the same."""

from http import HTTPStatus

from bellhop.http_status import MARK
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.tasks.known import known_tasks

FIRST_ERROR = 400
PHRASES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def answered(job: Job) -> str:
    """Return the status of the answer in words, where the task says that its result has one and it is an error."""
    if job.state is not State.SUCCEEDED or not isinstance(job.result, dict) or job.task not in known_tasks():
        return ""
    fields = known_tasks()[job.task].manifest.result.get("properties", {})
    marked = (job.result.get(name) for name, field in fields.items() if field.get(MARK))
    return next((PHRASES.get(one, str(one)) for one in marked if isinstance(one, int) and one >= FIRST_ERROR), "")
