"""Forms and files: where the bytes of a form's file go, and those of a body that is a file."""

from typing import IO, cast

import flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from bellhop.errors import Fault, Refused
from bellhop_web.http.limits import SMALL, TooLarge, WrongType
from bellhop_web.http.request import ApiRequest
from bellhop_web.http.uploads import MOST, Upload

MOST_FIELDS = 1_000
"""Fields that a form may have."""
PIECE = 65_536
"""Bytes of a file that are read at once."""
ANY_FILE = "application/octet-stream"
"""How clients declare a file of whose kind they know nothing."""


class NotWhole(Refused):
    """The sender has stopped before the end."""


def read_upload(media_type: str, name: str) -> Upload:
    """Store the body of the present request as it comes, as a file. Raises WrongType, TooLarge, and NotWhole.

    It is declared as what it is, or as any file.
    """
    request = flask.request
    assert isinstance(request, LimitedRequest)
    if request.mimetype not in {media_type, ANY_FILE}:
        raise WrongType(faults=[Fault("Content-Type", f"must be {media_type} or {ANY_FILE}")])
    return request.upload(name)


class LimitedRequest(ApiRequest):
    """A request that may be a form or a file; a file is never held in memory whole."""

    max_form_parts = MOST_FIELDS
    max_form_memory_size = SMALL

    def upload(self, name: str) -> Upload:
        """Store the body as it comes. Raises TooLarge, and NotWhole."""
        made = self._upload(name)
        try:
            while piece := self.stream.read(PIECE):
                made.write(piece)
        except RequestEntityTooLarge:
            raise self.too_large("body") from None
        if made.size != (self.content_length or made.size):
            raise NotWhole(faults=[Fault("body", str(NotWhole.__doc__))])
        return made

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
        return cast(IO[bytes], self._upload(filename or ""))

    def _upload(self, name: str) -> Upload:
        made = Upload(name)
        self.uploads = [*self.uploads, made]
        return made
