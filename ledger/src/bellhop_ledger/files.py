"""Files: content that web and workers hand each other through the database, in pieces, never whole in memory."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func, insert, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.errors import NotFound
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import Base, Time, uuid7
from bellhop_ledger.platform.settings import Settings

CHUNK = 262_144
"""Bytes of every piece but the last, so that the offset of a byte determines its piece."""


class NoSuchFile(NotFound):
    """The file is not there: it was never complete, or its time is over."""


class File(Base):
    """One file. It is complete, and may be read, once it has a hash."""

    __tablename__ = "files"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    sha256: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Time, index=True)

    __table_args__ = (CheckConstraint("size >= 0", name="size"),)


class Chunk(Base):
    """One piece of a file."""

    __tablename__ = "file_chunks"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("files.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes]

    __table_args__ = (
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint("octet_length(data) BETWEEN 1 AND 262144", name="data"),
    )


PRUNE = text("""
    DELETE FROM files WHERE id IN (SELECT id FROM files WHERE expires_at < now() LIMIT :most FOR UPDATE SKIP LOCKED)
""")


class Writer:
    """Takes bytes as they come, cuts them into pieces and has each stored."""

    def __init__(self, store: Callable[[int, bytes], None]):
        self._store = store
        self._buffer = bytearray()
        self._pieces = 0
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Take some more."""
        self._buffer += data
        self.size += len(data)
        while len(self._buffer) >= CHUNK:
            self._put(bytes(self._buffer[:CHUNK]))
            del self._buffer[:CHUNK]
        return len(data)

    def finish(self) -> str:
        """Store what is left and give the SHA-256 of it all."""
        if self._buffer:
            self._put(bytes(self._buffer))
            self._buffer.clear()
        return self._hash.hexdigest()

    def _put(self, piece: bytes) -> None:
        self._store(self._pieces, piece)
        self._hash.update(piece)
        self._pieces += 1


def write_chunk(db: Session, file: UUID, position: int, data: bytes) -> None:
    """Store one piece."""
    db.execute(insert(Chunk).values(file_id=file, position=position, data=data))


def read_chunk(db: Session, file: UUID, position: int) -> bytes:
    """Return one piece. Raises NoSuchFile, for a file may be deleted while somebody reads it."""
    query = select(Chunk.data).where(Chunk.file_id == file, Chunk.position == position)
    if (data := db.scalar(query)) is None:
        raise NoSuchFile
    return data


def chunks(file: File, read: Callable[[UUID, int], bytes], start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a complete file from `start` up to `stop`, a piece at a time."""
    stop = file.size if stop is None else stop
    for position in range(start // CHUNK, -(-stop // CHUNK)):
        begins = position * CHUNK
        yield read(file.id, position)[max(start - begins, 0) : stop - begins]


def read_file(db: Session, file: File) -> Iterator[bytes]:
    """Yield the bytes of a complete file, a piece at a time. Raises NoSuchFile if it is deleted meanwhile."""
    return chunks(file, lambda id, position: read_chunk(db, id, position))


class NewFile(Writer):
    """A file that is being written in the caller's transaction; others see it when that has committed."""

    def __init__(self, db: Session, name: str, media_type: str):
        expires_at = now() + Settings.load().keep_files
        self._file = File(id=uuid7(), name=name, media_type=media_type, expires_at=expires_at)
        db.add(self._file)
        db.flush()
        super().__init__(lambda position, data: write_chunk(db, self._file.id, position, data))

    def complete(self) -> File:
        """Store what is left and return the file."""
        self._file.sha256, self._file.size = self.finish(), self.size
        return self._file


def find(db: Session, id: UUID) -> File:
    """Return a complete file whose time is not over. Raises NoSuchFile."""
    query = select(File).where(File.id == id, File.sha256.is_not(None), File.expires_at > func.now())
    if (file := db.scalar(query)) is None:
        raise NoSuchFile
    return file


def prune_expired(db: Session, *, most: int) -> int:
    """Delete files past their time, complete or not, at most so many; give their number."""
    deleted: int = db.execute(PRUNE, {"most": most}).rowcount  # type: ignore[attr-defined]
    return deleted
