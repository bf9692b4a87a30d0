"""Names of games: how they are kept."""

import unicodedata

from bellhop_ledger.api import storable_text

LONGEST = 300
"""Characters of a name that are kept."""


def tidy(name: str) -> str:
    """Make one line of any text: control characters and runs of white space become one space."""
    plain = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in name)
    return storable_text(" ".join(unicodedata.normalize("NFC", plain).split())[:LONGEST], LONGEST)
