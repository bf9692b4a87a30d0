"""Names of games: how they are kept, and the key by which they are found."""

import unicodedata

from bellhop_ledger.api import cleaned

LONGEST = 300
"""Characters of a name that are kept."""


def tidy(name: str) -> str:
    """Make one line of any text: control characters and runs of white space become one space."""
    plain = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in name)
    return cleaned(" ".join(unicodedata.normalize("NFC", plain).split())[:LONGEST], LONGEST)


def search_key(name: str) -> str:
    """Give the text that a search looks at: lower case without accents, punctuation as spaces, all in ASCII.

    Every other sign is spelt by its number. The trigrams of Postgres know letters by the database's
    locale, which is not the same everywhere; of ASCII they are (docs/decisions/0018).
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    signs = "".join(_spelt(sign) for sign in folded)
    return " ".join(signs.split()) or "".join(f"u{ord(sign):x}" for sign in folded if not sign.isspace())


def _spelt(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else " "
    if "\u0300" <= sign <= "\u036f":  # accents
        return ""
    return " " if unicodedata.category(sign)[0] in "PZC" else f"u{ord(sign):x}"
