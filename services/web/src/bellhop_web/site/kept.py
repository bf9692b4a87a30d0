"""What was typed into a form that was refused before its own page could show it again: it is not lost."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from flask import request

from bellhop.errors import Refused
from bellhop_web.http import csrf
from bellhop_web.site.secret_fields import Typed, without_secrets

KEPT, KEPT_FOR = "kept", "kept_for"
"""The fields of the sign-in form that carry another form past it: what was typed, and where it was sent to."""
STATUSES = frozenset({401, 403, 404, 409, 429, 503})
"""Refusals that say nothing against what was typed."""
AGAIN = frozenset({401, 403, 429, 503})
"""Those after which sending the same again may succeed."""
PLAIN = "application/x-www-form-urlencoded"


def typed(status: int) -> Typed:
    """Return what was typed into the form that this answer refuses, without passwords and files; nothing for others."""
    if request.method != "POST" or status not in STATUSES or request.mimetype != PLAIN:
        return []
    try:
        return kept_by(request.form.items(multi=True))
    except Refused:  # the body is what was refused
        return []


def kept_by(fields: Iterable[tuple[str, str]]) -> Typed:
    """Return the fields that may be shown and sent again."""
    return [(name, value) for name, value in without_secrets(fields) if _may_be_kept(name)]


def _may_be_kept(name: str) -> bool:
    return name not in {csrf.FIELD, KEPT, KEPT_FOR, "next"} and "password" not in name


def packed(fields: Typed) -> str:
    """Return the fields as one text, to be carried by another form."""
    return urlencode(fields)


def unpacked(text: str) -> Typed:
    """Return the fields of such a text."""
    return kept_by(parse_qsl(text, keep_blank_values=True))
