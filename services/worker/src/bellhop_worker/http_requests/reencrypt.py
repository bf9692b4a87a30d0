"""The command `python -m bellhop_worker.http_requests.reencrypt`: encrypt again, after a change of ENCRYPTION_KEY."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.mail import Mail
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.secrets import PREFIX, CannotDecrypt, EncryptionSettings, keyed, reencrypt
from bellhop_ledger.platform.settings import entry_point
from bellhop_ledger.schedules import Schedule
from bellhop_ledger.tasks.table import TaskEndpoint

log = get_logger(__name__)

COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    *(Job.args, Schedule.args, Mail.link),
    *(TaskEndpoint.headers, TaskEndpoint.signing_secret),
    *(NotificationRule.url, NotificationRule.signing_secret),
)
"""Every column that holds encrypted secrets."""


def reencrypt_all(db: Session) -> tuple[int, int]:
    """Encrypt all secrets of the database again; return how many rows were, and how many have none of our keys."""
    done = lost = 0
    for column in COLUMNS:
        for row in _rows_with_secrets(db, column):
            try:
                setattr(row, column.key, reencrypt(getattr(row, column.key)))
                done += 1
            except CannotDecrypt:
                lost += 1
    key_hashes(db)
    return done, lost


def key_hashes(db: Session) -> None:
    """Key the hashes of requests that a release stored bare, which is before 0.1.0."""
    for job in db.scalars(select(Job).where(Job.request_hash.regexp_match("^[0-9a-f]{64}$")).with_for_update()):
        job.request_hash = keyed(str(job.request_hash))[0]


def _rows_with_secrets(db: Session, column: InstrumentedAttribute[Any]) -> Sequence[Any]:
    """Return the rows with secrets in this column, locked: nobody changes them meanwhile."""
    return db.scalars(select(column.class_).where(cast(column, Text).contains(PREFIX)).with_for_update()).all()


@entry_point
def main() -> None:
    """Encrypt all secrets again, and log how many there were."""
    logs.configure("reencrypt", EncryptionSettings.load())
    with transaction() as db:
        done, lost = reencrypt_all(db)
    log.info("secrets_reencrypted", rows=done, without_key=lost)


if __name__ == "__main__":
    main()
