"""The text of a body, by the charset that is declared for it."""

import codecs
from email.message import Message

BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, which begins as it does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
PYTHONS_OWN = frozenset({"idna", "oem", "mbcs", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Encodings of Python that are no charset of the web."""


def text_of(content: bytes, content_type: str, *, whole: bool = True) -> str:
    """Return the text: by a byte order mark, by the charset of the Content-Type, otherwise as UTF-8.

    What cannot be decoded becomes U+FFFD; a character that is cut in two at the end of a part is dropped.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], name, whole)
    return _decoded(content, charset_of(content_type), whole)


def charset_of(content_type: str) -> str:
    """Return the name of the declared charset, as Python has it; utf-8 where none is declared or known."""
    message = Message()
    message["Content-Type"] = content_type
    declared = message.get_param("charset", "")
    label = declared[2] if isinstance(declared, tuple) else str(declared)
    try:
        name = codecs.lookup(label.strip(" \t'\"")).name
        bytes(4).decode(name, "replace")  # LookupError for what is no encoding of text, such as base64
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name.replace("_", "-") in PYTHONS_OWN else name


def _decoded(content: bytes, name: str, whole: bool) -> str:
    try:
        return codecs.getincrementaldecoder(name)("replace").decode(content, final=whole)
    except (UnicodeError, ValueError):  # a charset that cannot replace
        return content.decode("utf-8", "replace")
