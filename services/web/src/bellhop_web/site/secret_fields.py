"""Secret fields of forms: what was typed into them is never put back into a page, and neither what JSON holds of them.

A field that ends in `:secret` holds nothing but a secret. Beside a field with JSON one that ends in `:secrets` lists
the names of what is secret in it.
"""

import re
from collections.abc import Collection, Iterable

from bellhop_ledger.platform.secrets import MASK

SECRET, NAMES = ":secret", ":secrets"
JSON = ":json"

Typed = list[tuple[str, str]]


def without_secrets(fields: Iterable[tuple[str, str]]) -> Typed:
    """Return the fields of a form without what is secret in them."""
    given = list(fields)
    listed = {name.removesuffix(NAMES): value.split() for name, value in given if name.endswith(NAMES)}
    return [
        (name, hidden_in_text(value, listed.get(name.removesuffix(JSON), ())) if name.endswith(JSON) else value)
        for name, value in given
        if not name.endswith(SECRET)
    ]


def hidden_in_text(text: str, names: Collection[str]) -> str:
    """Return a text that should be JSON, with *** in the place of the values of these names, however broken it is."""
    if not names:
        return text
    named = re.compile(rf"""["']?\b({"|".join(map(re.escape, names))})\b["']?\s*[:=]\s*""")
    kept: list[str] = []
    position = 0
    while found := named.search(text, position):
        kept += [text[position : found.end()], f'"{MASK}"']
        position = _end_of_value(text, found.end())
    return "".join([*kept, text[position:]])


def _end_of_value(text: str, position: int) -> int:
    """Return where a value ends: before the comma or bracket behind it; one that is not closed ends with the text."""
    depth, quoted = 0, False
    while position < len(text):
        sign = text[position]
        if quoted:
            position += sign == "\\"
            quoted = sign != '"'
        elif sign == '"':
            quoted = True
        elif sign in "{[":
            depth += 1
        elif sign in ",}]" and not depth:
            return position
        elif sign in "}]":
            depth -= 1
        position += 1
    return len(text)
