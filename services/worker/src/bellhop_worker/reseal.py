"""The command `python -m bellhop_worker.reseal`: after a change of ENCRYPTION_KEY, encrypt again with the new one."""

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from bellhop import log as logs
from bellhop.database import transaction
from bellhop.jobs import Job
from bellhop.log import get_logger
from bellhop.schedules import Schedule
from bellhop.sealing import CannotOpen, SealingSettings, resealed
from bellhop.settings import entry_point

log = get_logger(__name__)
T = TypeVar("T", Job, Schedule)


def reseal(db: Session) -> tuple[int, int]:
    """Encrypt all secrets of the database again; give how many rows were, and how many have none of our keys."""
    done = lost = 0
    rows: list[Job | Schedule] = [*_sealed(db, Job), *_sealed(db, Schedule)]
    for row in rows:
        try:
            row.args = resealed(row.args)
            done += 1
        except CannotOpen:
            lost += 1
    return done, lost


def _sealed(db: Session, table: type[T]) -> Iterable[T]:
    """Give the rows with secrets, locked: nobody changes them meanwhile."""
    return db.scalars(select(table).where(cast(table.args, Text).contains("sealed:v1:")).with_for_update())


@entry_point
def main() -> None:
    """Do it and say how many there were."""
    logs.configure("reseal", SealingSettings.load())
    with transaction() as db:
        done, lost = reseal(db)
    log.info("secrets_resealed", rows=done, without_key=lost)


if __name__ == "__main__":
    main()
