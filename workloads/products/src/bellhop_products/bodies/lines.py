"""Lines: a CSV file as text, told from what only calls itself one."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from bellhop.errors import Permanent

LONGEST = 262_144
"""Bytes of a line: one product never needs so many, and a file without line ends must not fill the memory."""
PADDING = b"\0\x1a"
"""What old tools fill the end of a file with: NUL, and Ctrl-Z, which ends a text for DOS."""
KINDS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; save it as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV first",
    b"\x1f\x8b": "compressed with gzip; send what is in it",
    b"%PDF": "a PDF",
    b"<": "HTML or XML; save it as CSV first",
    b"\xff\xfe\0\0": "in UTF-32; save it as 'CSV UTF-8'",
    b"\0\0\xfe\xff": "in UTF-32; save it as 'CSV UTF-8'",
}
"""What other files begin with."""


class NotACsv(Permanent):
    """The file as a whole cannot be read as a CSV of products."""


def lines_of(pieces: Iterable[bytes]) -> Iterator[str]:
    r"""Yield the lines with their ends: \n, \r\n, or \r as old Macs write.

    What is not UTF-8 comes as surrogates, for the row to be refused. Raises NotACsv.
    """
    rest, count = b"", 0
    for piece in utf8_of(pieces):
        whole = (rest + piece).splitlines(keepends=True)
        rest = whole.pop() if whole and not whole[-1].endswith(b"\n") else b""
        for line in whole:
            count += 1
            yield text_of(line, count)
        rest = rest if rest.strip(PADDING) else rest[:1]
        if len(rest) > LONGEST:
            raise too_long(count + 1)
    if rest := rest.rstrip(PADDING):
        yield text_of(rest, count + 1)


def utf8_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the file in UTF-8, which it may be in already, or in UTF-16 as Excel's "Unicode text". Raises NotACsv."""
    source = iter(pieces)
    first = next(source, b"")
    if (encoding := encoding_of(first)) == "utf-8":
        yield first
        yield from source
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in chain([first], source):
            yield decoder.decode(piece).encode()
        decoder.decode(b"", final=True)
    except UnicodeError:
        raise NotACsv("The file is in UTF-16, and damaged; save it as 'CSV UTF-8'.") from None


def encoding_of(beginning: bytes) -> str:
    """Return how a file is encoded that begins so. Raises NotACsv when these are the first bytes of something else."""
    for mark, kind in KINDS.items():
        if beginning.startswith(mark):
            raise NotACsv(f"The file is {kind}.")
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if beginning[1:4:2] == b"\0\0" and beginning[2:3] != b"\0":
        return "utf-16-le"
    if beginning[0:3:2] == b"\0\0" and beginning[1:2] != b"\0":
        return "utf-16-be"
    return "utf-8"


def text_of(line: bytes, number: int) -> str:
    """Decode a line. Raises NotACsv when it is too long."""
    if len(line) > LONGEST:
        raise too_long(number)
    return line.decode("utf-8", "surrogateescape")


def too_long(number: int) -> NotACsv:
    """Return the error for a line that is too long."""
    return NotACsv(f"Line {number} has more than {LONGEST:,} bytes, which no row of products has.")
