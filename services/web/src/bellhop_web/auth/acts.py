"""Acts: what somebody changes is noted for the audit, with who asks and from where, in the change's transaction."""

from collections.abc import Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from bellhop_ledger import audit
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.addresses import address_of_client
from bellhop_web.http.request import request_id

LONGEST_AGENT = 200
NOTHING: Mapping[str, Any] = {}


def note(db: Session, action: str, kind: str, thing: object = None, **details: Any) -> None:
    """Note what the present request does.

    Details are for people who look for a reason: no secrets, and no values that are kept where they were changed.
    """
    note_by(db, current_caller().name, action, kind, thing, details=details)


def note_by(
    db: Session, actor: str, action: str, kind: str, thing: object, *, details: Mapping[str, Any] = NOTHING
) -> None:
    """Note what somebody does in the present request, in which they need not be signed in yet."""
    agent = cleaned(request.headers.get("User-Agent", "")[:LONGEST_AGENT], LONGEST_AGENT)
    origin = audit.Origin(actor, address_of_client(), agent or None, request_id())
    audit.record(db, origin, action, kind, thing, details=details)
