"""Streams: what a body prints goes where it always went, and into its job's log."""

from typing import Any, TextIO

from bellhop_worker.job_logs.buffer import current


class Tee:
    """A text stream of the process, whose writers are asked which job they belong to."""

    def __init__(self, stream: TextIO, name: str, level: str):
        self._stream, self._name, self._level = stream, name, level

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text. Raises what the stream itself raises."""
        written = self._stream.write(text)
        if buffer := current.get():
            buffer.print(self._level, self._name, text)
        return written

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __iter__(self) -> Any:
        return iter(self._stream)

    def __enter__(self) -> "Tee":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.flush()
