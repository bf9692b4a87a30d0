"""Places for exports: a folder or a bucket, where a file appears when all of it is written, and the standard output."""

import fcntl
import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bellhop_ledger.platform.settings import CommandError, SettingsError

PART = 16 * 1024 * 1024
"""Bytes of a part of an upload, which are held in memory; S3 takes 10,000 of them."""


class PlaceError(CommandError):
    """A file cannot be written where it should be; the message says why."""


class Place(Protocol):
    """Where files are written."""

    def write(self, name: str, chunks: Iterable[bytes]) -> str:
        """Write a file, of which nobody sees a half; return where it is. Raises PlaceError."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine. It must be there: one that is not may be a disk that is not mounted."""

    path: Path

    def write(self, name: str, chunks: Iterable[bytes]) -> str:
        """Write the file under another name, to the disk, and rename it."""
        file, part = self.path / name, self.path / f".{name}.part"
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
                _lock(out, file)
                out.truncate()
                out.writelines(chunks)
                out.flush()
                os.fsync(out.fileno())
                part.replace(file)
            _sync(self.path)
        except OSError as error:
            raise PlaceError(f"{error.filename or file}: {error.strerror}") from error
        return str(file)


@dataclass(frozen=True)
class Bucket:
    """A bucket of S3, or of something that speaks its protocol; boto3 finds the credentials and the server."""

    bucket: str
    prefix: str

    def write(self, name: str, chunks: Iterable[bytes]) -> str:
        """Upload the file in parts; the bucket shows it when all of them are there."""
        key = "/".join(filter(None, [self.prefix, name]))
        client, errors, how = _s3()
        try:
            client.upload_fileobj(io.BufferedReader(Reader(iter(chunks))), self.bucket, key, Config=how)
        except errors as error:
            raise PlaceError(f"s3://{self.bucket}/{key}: {error}") from error
        return f"s3://{self.bucket}/{key}"


class StandardOutput:
    """The output of this command."""

    def write(self, name: str, chunks: Iterable[bytes]) -> str:
        """Write it as it comes."""
        try:
            sys.stdout.buffer.writelines(chunks)
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left in the buffer goes there
            raise PlaceError("nobody reads the output any more") from error
        return "the standard output"


class Reader(io.RawIOBase):
    """What is made in chunks, as a file. Read it by a BufferedReader: boto3 takes less than it asked for as the end."""

    def __init__(self, chunks: Iterator[bytes]):
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there is something."""
        if not self._rest:
            self._rest = next(self._chunks, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def place_of(address: str) -> Folder | Bucket:
    """Return the place that an address names: /a/folder or s3://bucket/prefix. Raises ValueError."""
    if address.startswith("s3://"):
        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
            raise ValueError("must name a bucket, as s3://bucket/prefix")
        return Bucket(bucket, prefix.strip("/"))
    if not address.startswith("/") or "\0" in address:
        raise ValueError("must be the path of a folder, from /, or s3://bucket/prefix")
    return Folder(Path(address))


def _lock(out: io.BufferedWriter, file: Path) -> None:
    try:
        fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise PlaceError(f"{file}: another process is writing it") from error


def _sync(folder: Path) -> None:
    """Bring the new name to the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _s3() -> tuple[Any, tuple[type[Exception], ...], Any]:
    """Return a client, its errors, and how it uploads. Raises SettingsError where boto3 is not installed."""
    try:
        import boto3
        from boto3.exceptions import S3UploadFailedError
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise SettingsError("s3:// needs boto3, which is not installed here: install bellhop-ledger[s3]") from None
    # Servers that are not Amazon's know no other checksums than that of the protocol.
    config = Config(request_checksum_calculation="when_required", connect_timeout=10, read_timeout=60)
    how = TransferConfig(multipart_chunksize=PART, multipart_threshold=PART, use_threads=False)
    return boto3.client("s3", config=config), (BotoCoreError, ClientError, S3UploadFailedError), how
