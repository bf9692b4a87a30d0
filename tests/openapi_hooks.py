"""What schemathesis has to be told of our API; the tests of the OpenAPI document load this file."""

import json
import re
from contextlib import suppress
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.engine import observations

from tests.openapi_tasks import with_tasks

NOT_IN_A_SCHEMA = {
    "cursor": "does not belong to this list with these filters",  # it is signed
    "token": "This link is not valid|This invitation is not valid",
    "password|new": "is wrong|is right, but|is not your password|is one of those that are tried first",
    "current": "is not your password",
    "closes_at": "must be in the future|must be at most ten years ahead",  # as seconds the latter is stated
    "hand_over_to": "is not the address of another admin|must be an e-mail address|must have at most 64",
    "option": "is no option of this poll",
    "options": "must all be different",  # but for case and blanks
    "name": "is there more than once",  # among schedules of one file
    "crontab|once_at|interval_seconds": "has no run to come|give one of",  # the latter of what a PATCH leaves
    "key": "was used before",  # for another job
    "crontab|q": ".*",  # a grammar each
    "sort": "may be ended only where",  # of the state beside it
    "day|before|after": "must be a date",  # the word of a schedule's wall, or the day of a month that has it
    "since|until": "must (be|lie) (before|at most)|is too early",  # of the clock and of one another
    "anchor": "belongs to interval_seconds",  # of what a PATCH leaves
    "expires": "must lie in the future|must lie after",
    r"(overrides\.)?queue": "is not known",  # which ones are served
    r"(overrides\.)?max_attempts": "with these arguments",
    r"overrides\.\w+": "must not be set for jobs of this task|must be at most",  # by the task that a PATCH leaves
    "ends_at": "must not lie before starts_at",
    "time_zone": "is not a time zone",
    r"args\.headers": "has one name twice|is set by Bellhop|must be given again",
    r"args\.signing_secret": "must be given again",
    r"args\.(.|\n)+": "must not contain the NUL character",  # in the name of a member that may have any name
    "schema": ".*",  # what a schema may contain, its own meta-schema says
    "secrets": "must be one of the schema's properties|must not have a default",
    "headers|signing_secret": "must be given again|has one name twice",
    "headers": "is not the name of a header",  # as the schema states; schemathesis overlooks that here
    "failures|late_seconds|to|url|signing_secret": "must (not )?be given",  # one depends on another
    "quiet_from|quiet_until|time_zone": "must (not )?be given|must be another time",
    "email|to": "must be an e-mail address|must have at most 64|is the address that the account has",  # its usual form
}
"""By field: what may be refused though the schema allows it, since it depends on the clock, on what is stored, on a
signature or on a grammar. Whatever else is refused and could have been stated is a fault of the document."""


same_origin_path = observations._same_origin_path


def same_origin_path_or_none(value: str, origin: tuple[str, str]) -> str | None:
    """Return what schemathesis does, which breaks off the whole run over a text such as `http://[`."""
    with suppress(ValueError):
        return same_origin_path(value, origin)
    return None


observations._same_origin_path = same_origin_path_or_none


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Let the schemas of the tasks count, too."""
    raw_schema["components"]["schemas"] = with_tasks(raw_schema)


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Let nobody wait for a job that nobody runs."""
    with suppress(TypeError, ValueError):
        if case.query and 0 <= float(case.query.get("wait", -1)) <= 60:
            case.query["wait"] = 0


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Keep what is a failure: not what no schema can state, and not what is sent as text and so is text."""
    match type(failure).__name__:
        case "RejectedPositiveData" if response.status_code in {410, 429}:  # a poll that is closed by now; a budget
            return False
        case "RejectedPositiveData":
            errors = errors_of(response)
            return not errors or not all(map(is_beyond_schemas, errors))
        case "AcceptedNegativeData" if case.path == "/api/imports":
            return case.media_type != "application/octet-stream"
    return True


def is_beyond_schemas(error: dict[str, str]) -> bool:
    """Whether a fault is one that no schema can state."""
    field = re.sub(r"^(schedules|jobs)\.\d+\.", "", error["field"])
    if re.match(r"args\b", field) and error["message"] == "is required":
        return False
    return any(
        re.fullmatch(name, field) and re.search(words, error["message"]) for name, words in NOT_IN_A_SCHEMA.items()
    )


def errors_of(response: Response) -> list[dict[str, str]]:
    """The fields that an answer names, and what is wrong with each."""
    with suppress(ValueError):
        return list(json.loads(response.content).get("errors", []))
    return []
