"""Operations on schedules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.jobs import job_of
from bellhop_client.paging import pages
from bellhop_client.reading import read
from bellhop_client.views import Job, Schedule, ScheduleImport
from bellhop_client.writing import checked_key, encoded, given, moment, path_of, query_of

ScheduleRef = Schedule | UUID | str
"""A schedule, or its id."""


class _Unchanged:
    """What stands for a field that is not named."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Any = _Unchanged()


def _schedule(data: Any) -> Schedule:
    return read(Schedule, data)


def list_schedules(
    *,
    state: Literal["active", "paused", "disabled", "over", "deleted"] | None = None,
    task: str | None = None,
    source: Literal["api", "code"] | None = None,
    search: str | None = None,
    sort: Literal["name", "trouble"] | None = None,
    page_size: int = 100,
) -> Flow[None]:
    """Iterate over the schedules that fit all filters, by name or with those in trouble first, page after page.

    Deleted ones only come with `state="deleted"`.
    """
    query = query_of(state=state, task=task, source=source, search=search, sort=sort, limit=page_size)
    return pages(path_of("schedules"), query, "schedules", Schedule)


def get(schedule: ScheduleRef) -> Flow[Schedule]:
    """Return a schedule as it is now, also a deleted one. Raises NotFound."""
    return send(Request("GET", path_of("schedules", schedule)), _schedule)


def create(
    name: str,
    task: str,
    args: Mapping[str, Any] | None = None,
    *,
    crontab: str | None = None,
    interval_seconds: int | None = None,
    anchor: datetime | None = None,
    once_at: datetime | None = None,
    time_zone: str | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    jitter_seconds: int | None = None,
    catch_up: Literal["skip", "latest", "all"] | None = None,
    grace_seconds: int | None = None,
    ceiling: int | None = None,
    overlap: Literal["allow", "skip", "queue"] | None = None,
    priority: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    enabled: bool = True,
    note: str | None = None,
) -> Flow[Schedule]:
    """Create a schedule; it takes effect at once. `POST /api/schedules` describes the arguments.

    Say when in one way: `crontab`, `interval_seconds` or `once_at`. A datetime without a zone is read in `time_zone`.
    Raises Conflict where the name is taken. It is not sent again where it may have arrived: the second would be told
    that the first has the name.
    """
    body = encoded(given(**locals() | {"args": dict(args or {})}))
    return send(Request("POST", path_of("schedules"), body=body, repeatable=False), _schedule)


def change(
    schedule: ScheduleRef,
    *,
    name: str = UNCHANGED,
    task: str = UNCHANGED,
    args: Mapping[str, Any] = UNCHANGED,
    crontab: str = UNCHANGED,
    interval_seconds: int = UNCHANGED,
    anchor: datetime | None = UNCHANGED,
    once_at: datetime = UNCHANGED,
    time_zone: str = UNCHANGED,
    starts_at: datetime | None = UNCHANGED,
    ends_at: datetime | None = UNCHANGED,
    jitter_seconds: int = UNCHANGED,
    catch_up: Literal["skip", "latest", "all"] = UNCHANGED,
    grace_seconds: int | None = UNCHANGED,
    ceiling: int = UNCHANGED,
    overlap: Literal["allow", "skip", "queue"] = UNCHANGED,
    priority: int = UNCHANGED,
    overrides: Mapping[str, Any] | None = UNCHANGED,
    enabled: bool = UNCHANGED,
    note: str = UNCHANGED,
    version: int = UNCHANGED,
) -> Flow[Schedule]:
    """Change what is named of a schedule, at once; the rest stays. None takes a limit away.

    With the `version` that was looked at, raises Conflict where somebody has changed the schedule since.
    """
    fields = {one: value for one, value in locals().items() if one != "schedule" and value is not UNCHANGED}
    path, again = path_of("schedules", schedule), version is UNCHANGED
    return send(Request("PATCH", path, body=encoded(fields), repeatable=again), _schedule)


def delete(schedule: ScheduleRef) -> Flow[Schedule]:
    """Delete a schedule. Its jobs go on, and its history can be read for as long as jobs are kept."""
    return send(Request("DELETE", path_of("schedules", schedule), repeatable=False), _schedule)


def run(schedule: ScheduleRef, *, key: str | None = None) -> Flow[Job]:
    """Run a schedule now, whether it is paused or runs already, and return the job's receipt; `key` as in `submit`."""
    return send(Request("POST", path_of("schedules", schedule, "run"), key=checked_key(key)), job_of)


def pause(schedule: ScheduleRef, reason: str, *, until: datetime | None = None) -> Flow[Schedule]:
    """Pause a schedule, until a date or until somebody resumes it. Again, it changes the reason and the end."""
    body = encoded({"reason": reason, "until": moment("until", until)})
    return send(Request("POST", path_of("schedules", schedule, "pause"), body=body), _schedule)


def resume(schedule: ScheduleRef) -> Flow[Schedule]:
    """Resume a schedule that was paused or disabled, from its next run on."""
    return send(Request("POST", path_of("schedules", schedule, "resume")), _schedule)


def import_all(schedules: Sequence[Mapping[str, Any]], *, delete_others: bool = False) -> Flow[ScheduleImport]:
    """Create or change up to 10,000 schedules, known by their names: all of them, or none where one is wrong.

    What is the same already stays as it is. `delete_others`: schedules of people that are not named are deleted.
    """
    body = encoded({"schedules": list(schedules), "delete_others": delete_others})
    return send(Request("POST", path_of("schedules", "import"), body=body, seconds=90.0), _import)


def _import(data: Any) -> ScheduleImport:
    return read(ScheduleImport, data)
