"""Bodies: how many bytes of a request are read, and where those of a file go."""

from collections.abc import Mapping
from typing import IO, cast

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from bellhop.errors import Fault, Refused
from bellhop_web.http.uploads import MOST, Upload

SMALL, LARGE, FORM = 1_000_000, 16_000_000, 100_000
"""Bytes that a body may have, that of a batch, and a form around its file."""
_by_path: dict[str, int] = {}
"""Where it is not the small one."""
MOST_FIELDS = 1_000
"""Fields that a form may have."""
PIECE = 65_536
"""Bytes of a file that are read at once."""


def allow(bodies: Mapping[str, int]) -> None:
    """Let the bodies of requests for these paths have so many bytes."""
    _by_path.update(bodies)


def most(path: str) -> int:
    """Return how many bytes the body of a request for this path may have."""
    return _by_path.get(path, SMALL)


def most_of_all() -> int:
    """Return how many bytes no body may have more of, whatever its path."""
    return max(_by_path.values(), default=SMALL)


class TooLarge(Refused):
    """The body is too large."""

    status = 413


class WrongType(Refused):
    """The body is declared as something that is not taken here."""

    status = 415


class NotWhole(Refused):
    """The sender has stopped before the end."""


class LimitedRequest(flask.Request):
    """A request of which no more is read than its path allows; a file is never held in memory whole."""

    max_form_parts = MOST_FIELDS
    max_form_memory_size = SMALL

    @property
    def max_content_length(self) -> int:
        """Bytes that are read: one more than a body may have, so that one cut off there is seen to be too large."""
        return most(self.path) + 1

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        """Leave it: the path decides."""

    def upload(self, name: str) -> Upload:
        """Store the body as it comes. Raises TooLarge, and NotWhole."""
        made = Upload(name)
        try:
            while piece := self.stream.read(PIECE):
                made.write(piece)
        except RequestEntityTooLarge:
            raise self.too_large("body") from None
        if made.size != (self.content_length or made.size):
            raise NotWhole(faults=[Fault("body", str(NotWhole.__doc__))])
        return made

    def too_large(self, field: str, besides: str = "") -> TooLarge:
        """Return the error. What was not read of the body is dropped when the answer is out (server.worker)."""
        allowed = min(self.max_content_length - 1, MOST)
        return TooLarge(faults=[Fault(field, f"must have at most {allowed:,} bytes{besides}")])

    def whole_body(self) -> bytes:
        """Return the body. Raises TooLarge."""
        try:
            data = self.get_data()
        except RequestEntityTooLarge:
            data = None
        if data is None or len(data) == self.max_content_length:
            raise self.too_large("body")
        return data

    def _load_form_data(self) -> None:
        try:
            if self.mimetype == "application/x-www-form-urlencoded" and self.whole_body().count(b"&") >= MOST_FIELDS:
                raise RequestEntityTooLarge
            super()._load_form_data()
        except (RequestEntityTooLarge, TooLarge):
            self.__dict__["form"] = ImmutableMultiDict()  # the page of the error must not read it again
            raise self.too_large(
                "file" if self.max_content_length > MOST else "body", f", and {MOST_FIELDS} fields"
            ) from None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.max_content_length <= MOST:
            raise WrongType(faults=[Fault("Content-Type", "must not have a file here")])
        return cast(IO[bytes], Upload(filename or ""))


def refuse_compressed(app: flask.Flask) -> None:
    """Take no compressed bodies: a small one may become very large."""

    @app.before_request
    def check() -> None:
        if flask.request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise WrongType(faults=[Fault("Content-Encoding", "must be identity: nothing is unpacked here")])
