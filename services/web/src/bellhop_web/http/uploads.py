"""Uploads: a file on its way from a request into the database, a piece at a time."""

import io
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import secure_filename

from bellhop.errors import Fault, Invalid
from bellhop_ledger.files import File, Writer, write_chunk
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction, uuid7
from bellhop_ledger.platform.settings import Settings

MOST = 100_000_000
"""Bytes that a file may have."""
LONGEST_NAME = 200
UNFINISHED = timedelta(hours=3)
"""What our own end leaves behind is deleted after so long."""


class Upload(io.RawIOBase):
    """What the parser of forms takes for a file. Each piece is committed alone: a slow sender holds no connection.

    One that is not kept in the end is deleted with the end of its request.
    """

    def __init__(self, name: str):
        self.id = uuid7()
        self.name = secure_filename(name)[:LONGEST_NAME] or "file"
        self.kept = False
        self._writer = Writer(self._store)
        values = {"id": self.id, "name": self.name, "media_type": "text/csv", "expires_at": clock.now() + UNFINISHED}
        with transaction() as db:
            db.execute(insert(File).values(**values))

    def _store(self, position: int, data: bytes) -> None:
        with transaction() as db:
            write_chunk(db, self.id, position, data)

    @property
    def size(self) -> int:
        """How many bytes came."""
        return self._writer.size

    def write(self, data: Any) -> int:
        """Take some more. Raises RequestEntityTooLarge."""
        if self.size + len(data) > MOST:
            raise RequestEntityTooLarge
        return self._writer.write(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Leave it: the parser goes back to the beginning when it has written all."""
        return offset

    def finish(self, field: str) -> str:
        """Store the rest and give the SHA-256 of it all. Raises Invalid, which names the field, when it is empty."""
        if not self.size:
            raise Invalid(faults=[Fault(field, "is empty")])
        return self._writer.finish()

    def keep(self, db: Session, sha256: str) -> File:
        """Make it a complete file, in the caller's transaction."""
        file = db.get_one(File, self.id)
        file.size, file.sha256 = self.size, sha256
        file.expires_at = clock.now() + Settings.load().keep_files
        self.kept = True
        return file

    def discard(self) -> None:
        """Delete it, unless it is kept."""
        if not self.kept:
            with transaction() as db:
                db.execute(delete(File).where(File.id == self.id))
