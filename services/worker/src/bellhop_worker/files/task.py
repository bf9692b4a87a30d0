"""The files' body."""

from sqlalchemy.orm import Session

from bellhop.builtins import files
from bellhop_ledger.files import prune_expired
from bellhop_worker.engine.binding import body

MOST = 20
"""Files that one run deletes; each may have hundreds of pieces."""


@body(files.prune)
def prune(db: Session) -> int:
    """Delete a few; the next run deletes more."""
    return prune_expired(db, most=MOST)
