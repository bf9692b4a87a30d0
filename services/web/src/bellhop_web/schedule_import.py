"""Import: a file of schedules is stored whole or not at all; what is the same already stays untouched."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid, Refused
from bellhop.schedules import Schedule, Source, edit
from bellhop.schedules.check import under
from bellhop_web.fields import Closed
from bellhop_web.schedule_requests import NewSchedule, wanted

MOST_SCHEDULES = 10_000


class ImportRequest(Closed):
    """Schedules that are stored together or not at all, known by their names."""

    schedules: list[NewSchedule] = Field(max_length=MOST_SCHEDULES, description="Up to 10,000 schedules")
    delete_others: bool = Field(default=False, description="Whether schedules of people that are not named go")


class ScheduleImportView(BaseModel):
    """What an import has done, by the names of the schedules."""

    created: list[str]
    changed: list[str]
    deleted: list[str]
    unchanged: int = Field(description="How many were so already")


def import_all(db: Session, body: ImportRequest, *, by: str) -> ScheduleImportView:
    """Make the stored schedules what a file says. Raises Invalid, which names each wrong field."""
    db.execute(edit.NAMES_LOCK)
    query = select(Schedule).where(Schedule.deleted_at.is_(None)).with_for_update()
    if not body.delete_others:
        query = query.where(Schedule.name.in_([one.name for one in body.schedules]))
    stored = {schedule.name: schedule for schedule in db.scalars(query)}
    done = ScheduleImportView(created=[], changed=[], deleted=[], unchanged=0)
    for schedule, values in zip(body.schedules, _checked(body, stored), strict=True):
        _store(db, stored.pop(schedule.name, None), values, done, by)
    for left in [left for left in stored.values() if left.source == Source.API]:
        edit.delete(db, left, by=by)
        done.deleted.append(left.name)
    return done


def _checked(body: ImportRequest, stored: dict[str, Schedule]) -> list[dict[str, Any]]:
    """Give the columns of all; every fault is named, not only the first."""
    faults = list(_misnamed(body, stored))
    checked = []
    for place, one in enumerate(body.schedules):
        known = stored.get(one.name)
        try:
            checked.append(wanted(one, known.args if known else None))
        except Refused as error:
            faults += under(error, "schedules", str(place)).faults
    if faults:
        raise Invalid(faults=faults)
    return checked


def _misnamed(body: ImportRequest, stored: dict[str, Schedule]) -> Iterator[Fault]:
    counts = Counter(one.name for one in body.schedules)
    for place, one in enumerate(body.schedules):
        field = f"schedules.{place}.name"
        if counts[one.name] > 1:
            yield Fault(field, "is there more than once")
        if one.name in stored and stored[one.name].source == Source.CODE:
            yield Fault(field, "is the name of a schedule that is declared in code")


def _store(db: Session, known: Schedule | None, values: dict[str, Any], done: ScheduleImportView, by: str) -> None:
    if known is None:
        edit.create(db, values, by=by, expect_run=False)
        done.created.append(values["name"])
    elif edit.change(db, known, values, by=by, expect_run=False):
        done.changed.append(values["name"])
    else:
        done.unchanged += 1
