"""Import: a file of schedules is stored whole or not at all; what is the same already stays untouched."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid, Refused
from bellhop_ledger.schedules import Schedule, Source, edit
from bellhop_ledger.schedules.check import fingerprint, under
from bellhop_web.auth.callers import Caller
from bellhop_web.auth.refusals import NotAllowed
from bellhop_web.http.enough import count, has_enough, look_at_items
from bellhop_web.http.problems import faults_of
from bellhop_web.http.request import Closed
from bellhop_web.schedules.ownership import require_allowed, require_runnable, whose
from bellhop_web.schedules.requests import NewSchedule, wanted

MOST_SCHEDULES = 10_000


@dataclass(frozen=True)
class Misread:
    """A schedule of a file of which some fields cannot be read."""

    given: Any
    faults: tuple[Fault, ...]

    def further_faults(self) -> list[Fault]:
        """Return what is wrong with the fields that can be read."""
        wrong = {fault.field.partition(".")[0] for fault in self.faults}
        if not isinstance(self.given, dict) or not self.given.keys() - wrong >= {"name", "task"}:
            return []
        try:
            wanted(NewSchedule.model_validate({name: self.given[name] for name in self.given.keys() - wrong}))
        except Refused as error:
            return [fault for fault in error.faults if fault.field.partition(".")[0] not in wrong]
        return []


NOT_LOOKED_AT = (Fault("name", "was not looked at: enough is wrong with those before"),)


def _read(given: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Read a schedule, and keep what is wrong with it, so that the others are looked at, too."""
    if has_enough():
        return Misread(given, NOT_LOOKED_AT)
    try:
        return read(given)
    except ValidationError as error:
        count(error)
        return Misread(given, tuple(faults_of(error)))


class ImportRequest(Closed):
    """Schedules that are stored together or not at all, known by their names."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": False})
    """What is not known is refused with all else that is wrong, see import_all()."""

    schedules: Annotated[
        list[Annotated[NewSchedule, WrapValidator(_read)]],
        Field(max_length=MOST_SCHEDULES, description="Up to 10,000 schedules"),
        WrapValidator(look_at_items),
    ]
    delete_others: bool = Field(default=False, description="Whether schedules of people that are not named go")


class ScheduleImportView(BaseModel):
    """What an import has done, by the names of the schedules."""

    created: list[str]
    changed: list[str]
    deleted: list[str]
    unchanged: int = Field(description="How many were so already")


def import_all(db: Session, body: ImportRequest, *, by: str, caller: Caller | None = None) -> ScheduleImportView:
    """Make the stored schedules what a file says, as far as they are the caller's.

    Raises Invalid, which names each wrong field, NameTaken, and NotAllowed for what the caller may not do.
    """
    known = {one.name: one for one in _stored(db, body, caller)}
    checked = _checked(body, known, caller)
    versions = {one.id: one.version for one in known.values()}
    stored = {one.name: one for one in _stored(db, body, caller, lock=True)}
    if {one.id: one.version for one in stored.values()} != versions:
        checked = _checked(body, stored, caller)  # somebody has changed one of them meanwhile, perhaps its secrets
    done, edits = ScheduleImportView(created=[], changed=[], deleted=[], unchanged=0), edit.Edits(db, by)
    for values in sorted(checked, key=lambda values: str(values["name"])):
        _store(stored.pop(values["name"], None), values, done, edits)
    for left in [left for left in stored.values() if left.source == Source.API]:
        edits.delete(left)
        done.deleted.append(left.name)
    edits.write()
    return done


def counts(done: ScheduleImportView) -> dict[str, int]:
    """Return how many schedules an import has created, changed, deleted and left as they were."""
    facts = done.model_dump()
    return {name: len(value) if isinstance(value, list) else value for name, value in facts.items()}


def _stored(db: Session, body: ImportRequest, caller: Caller | None, *, lock: bool = False) -> Iterable[Schedule]:
    """Read the schedules that the file is about, in the order in which everybody locks them."""
    query = select(Schedule).where(Schedule.deleted_at.is_(None), whose(caller)).order_by(Schedule.name)
    if not body.delete_others:
        query = query.where(Schedule.name.in_([one.name for one in body.schedules if isinstance(one, NewSchedule)]))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.scalars(query)


def _checked(body: ImportRequest, stored: dict[str, Schedule], caller: Caller | None) -> list[dict[str, Any]]:
    """Return the columns of all; every fault is named, not only the first."""
    faults = [Fault(name, "is not known here") for name in body.model_extra or ()]
    faults += _misnamed(body, stored)
    checked = []
    for place, one in enumerate(body.schedules):
        try:
            if caller and isinstance(one, NewSchedule):
                _require_allowed(one, stored.get(one.name), str(place))
            checked.append(_wanted(one, stored))
        except NotAllowed:
            raise
        except Refused as error:
            faults += under(error, "schedules", str(place)).faults
    if faults:
        raise Invalid(faults=sorted(faults, key=_place_of))
    return checked


def _require_allowed(one: NewSchedule, known: Schedule | None, place: str) -> None:
    overrides = one.overrides.model_dump() if one.overrides else None
    require_allowed({"name": one.name, "task": one.task, "overrides": overrides}, "schedules", place)
    if known:
        require_runnable(known)


def _wanted(one: NewSchedule | Misread, stored: dict[str, Schedule]) -> dict[str, Any]:
    if isinstance(one, Misread):
        raise Invalid(faults=[*one.faults, *one.further_faults()])
    known = stored.get(one.name)
    return wanted(one, known.args if known else None)


def _place_of(fault: Fault) -> int:
    _, place, _ = f"{fault.field}..".split(".", 2)
    return int(place) if place.isdecimal() else -1


def _misnamed(body: ImportRequest, stored: dict[str, Schedule]) -> Iterator[Fault]:
    named = [(place, one) for place, one in enumerate(body.schedules) if isinstance(one, NewSchedule)]
    counts = Counter(one.name for _, one in named)
    for place, one in named:
        field = f"schedules.{place}.name"
        if counts[one.name] > 1:
            yield Fault(field, "is there more than once")
        if one.name in stored and stored[one.name].source == Source.CODE:
            yield Fault(field, "is the name of a schedule that is declared in code")


def _store(known: Schedule | None, values: dict[str, Any], done: ScheduleImportView, edits: edit.Edits) -> None:
    if known is None:
        edits.create(Schedule(source=Source.API, fingerprint=fingerprint(values["task"])), values)
        done.created.append(values["name"])
    elif edits.change(known, values):
        done.changed.append(values["name"])
    else:
        done.unchanged += 1
