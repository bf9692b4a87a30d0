"""Eager jobs: each runs in this process as soon as it is submitted."""

import json
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from bellhop.text import words_of
from bellhop_client.errors import Problem, refusal
from bellhop_client.exchange import phrase
from bellhop_client.testing.recorded import RecordedJob
from bellhop_local.testing.running import TaskRunner, body_of

INVALID = 422


class Eager:
    """Runs recorded jobs at once."""

    def __init__(self, run_task: TaskRunner):
        self._run_task = run_task

    def run(self, job: RecordedJob) -> Mapping[str, Any]:
        """Run a job, and return how it has ended as the API shows it. Raises Invalid as a submission does."""
        arguments = self._arguments_of(job)
        began = _now()
        shown = {"attempt": 1, "started_at": began, "first_started_at": began, "worker": "pytest"}
        try:
            shown |= {"state": "succeeded", "result": self._run_task(job.task, **arguments)}
        except Exception as error:  # whatever a body raises
            shown |= {"state": "failed", "error": _shown(error)}
        return shown | {"finished_at": _now()}

    def _arguments_of(self, job: RecordedJob) -> dict[str, Any]:
        try:
            model = body_of(job.task).signature.arguments
            checked = model.model_validate_json(json.dumps(job.args))
        except LookupError as error:
            raise _refusal({"task": str(error)}) from None
        except ValidationError as error:
            faults = {".".join(("args", *map(str, one["loc"]))): words_of(one) for one in error.errors()}
            raise _refusal(faults) from None
        return {name: getattr(checked, name) for name in model.model_fields}


def _refusal(faults: Mapping[str, str]) -> Exception:
    return refusal(Problem(INVALID, phrase(INVALID), "a field of the submission is wrong", faults))


def _shown(error: Exception) -> dict[str, str]:
    lines = traceback.format_exception(error)
    return {"type": type(error).__name__, "message": str(error), "traceback": "".join(lines)}


def _now() -> str:
    return datetime.now(UTC).isoformat()
