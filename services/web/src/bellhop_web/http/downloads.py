"""Downloads: a file leaves as it is read, whole or by range (RFC 9110, section 14)."""

from collections.abc import Iterator
from uuid import UUID

import flask
from flask import Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import is_resource_modified

from bellhop_ledger.files import File, chunks, read_chunk
from bellhop_ledger.platform.database import transaction


def download(file: File) -> Response:
    """Answer with a file, or the one range of it that is asked for.

    Several ranges at once, and what is no range, are answered with the whole, as the standard
    allows. Raises RequestedRangeNotSatisfiable for one beyond the end.
    """
    span = _span(file)
    begin, end = span or (0, file.size)
    response = Response(_pieces(file, begin, end), 206 if span else 200, mimetype=None, direct_passthrough=True)
    response.headers["Content-Type"] = file.media_type
    response.content_length = end - begin
    response.set_etag(str(file.sha256))
    response.accept_ranges = "bytes"
    response.headers.set("Content-Disposition", "attachment", filename=file.name)
    if span:
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{file.size}"
    else:
        response.make_conditional(flask.request.environ)
    return response


def _span(file: File) -> tuple[int, int] | None:
    asked = flask.request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or not file.size or not _still(file):
        return None
    if (span := asked.range_for_length(file.size)) is None:
        raise RequestedRangeNotSatisfiable(file.size)
    return span


def _still(file: File) -> bool:
    """Whether the file is the one of which the client has a part, if it says so."""
    environ, etag = flask.request.environ, f'"{file.sha256}"'
    return "HTTP_IF_RANGE" not in environ or not is_resource_modified(environ, etag, ignore_if_range=False)


def _pieces(file: File, begin: int, end: int) -> Iterator[bytes]:
    return chunks(file, _read, begin, end)


def _read(id: UUID, position: int) -> bytes:
    """Read a piece on a connection that is given back at once: a slow client holds none."""
    with transaction() as db:
        return read_chunk(db, id, position)
