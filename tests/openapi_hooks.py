"""What schemathesis has to be told of our API; the test of the OpenAPI document loads this file."""

import json
import re
from contextlib import suppress
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Have nobody wait for a job that nobody runs, and send no URL that schemathesis cannot read in the answer."""
    with suppress(TypeError, ValueError):
        if case.query and 0 <= float(case.query.get("wait", -1)) <= 60:
            case.query["wait"] = 0
    case.body = tame(case.body)


def tame(value: Any) -> Any:
    """Leave odd signs out of good URLs: Python's urlsplit() takes some of them for errors."""
    match value:
        case str() if re.fullmatch(r"https?://[^\x00-\x20\x7f]+", value):
            return re.sub(r"[^!-~]|[\[\]]", "x", value)
        case dict():
            return {key: tame(inner) for key, inner in value.items()}
        case list():
            return [tame(inner) for inner in value]
    return value


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Let be refused what no schema can: cursors and links not of ours, passwords, past dates, no crontab or zone."""
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code == 429:
        return response.status_code != 429
    if case.path.startswith("/api/schedules") or response.status_code == 410:  # a poll that is closed by now
        return False
    at_fault = fields_at_fault(response)
    if any(re.search(r"args\.(headers|url)", field) for field in at_fault):  # names of ours, and hosts that are none
        return False
    return "cursor" not in (case.query or {}) and not at_fault & {"closes_at", "option", "password", "token"}


def fields_at_fault(response: Response) -> set[str]:
    """The fields that an answer names."""
    with suppress(ValueError):
        return {error["field"] for error in json.loads(response.content).get("errors", [])}
    return set()
