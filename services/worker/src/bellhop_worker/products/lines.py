"""Lines: a CSV file as text, told from what only calls itself one."""

from collections.abc import Iterable, Iterator

from bellhop.errors import Permanent

LONGEST = 262_144
"""Bytes of a line: one product never needs so many, and a file without line ends must not fill the memory."""
BOM = b"\xef\xbb\xbf"
KINDS = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; save it as CSV first",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV first",
    b"\x1f\x8b": "compressed with gzip; send what is in it",
    b"%PDF": "a PDF",
    b"\xff\xfe": "in UTF-16; save it as 'CSV UTF-8'",
    b"\xfe\xff": "in UTF-16; save it as 'CSV UTF-8'",
}
"""What other files begin with."""


class NotACsv(Permanent):
    """The file as a whole cannot be read as a CSV of products."""


def lines_of(pieces: Iterable[bytes]) -> Iterator[str]:
    """Give the lines with their ends. What is not UTF-8 comes as surrogates, for the row to be refused.

    Raises NotACsv.
    """
    rest, count = b"", 0
    for number, piece in enumerate(pieces):
        begun = rest + (beginning(piece) if number == 0 else piece)
        *whole, rest = begun.split(b"\n")
        for line in whole:
            count += 1
            yield text_of(line + b"\n", count)
        if len(rest) > LONGEST:
            raise too_long(count + 1)
    if rest:
        yield text_of(rest, count + 1)


def beginning(piece: bytes) -> bytes:
    """Take the byte order mark away. Raises NotACsv when these are the first bytes of something else."""
    for mark, kind in KINDS.items():
        if piece.startswith(mark):
            raise NotACsv(f"The file is {kind}.")
    if b"\0" in piece[:4]:
        raise NotACsv("The file is in UTF-16 or UTF-32; save it as 'CSV UTF-8'.")
    return piece.removeprefix(BOM)


def text_of(line: bytes, number: int) -> str:
    """Decode a line. Raises NotACsv when it is too long."""
    if len(line) > LONGEST:
        raise too_long(number)
    return line.decode("utf-8", "surrogateescape")


def too_long(number: int) -> NotACsv:
    """Say which line is too long."""
    return NotACsv(f"Line {number} has more than {LONGEST:,} bytes, which no row of products has.")
