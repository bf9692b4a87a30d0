"""The page of the audit."""

import json
from typing import Any

from flask import Response, current_app, url_for

from bellhop_ledger.platform.database import transaction
from bellhop_web.audit.listing import AuditQuery, page
from bellhop_web.auth.access import Access
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("audit", access=Access.ADMIN)


@bp.app_template_filter()
def facts_of(details: dict[str, Any]) -> list[tuple[str, str]]:
    """Write the details of an act for people."""
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in details.items()
        if value is not None
    ]


@bp.get("")
def index() -> Response:
    """Show who did what, the latest first."""
    query, faults = valid_query(AuditQuery)
    with transaction() as db:
        found = page(db, query)
    older = url_for(".index", **query.filters, cursor=found.next_cursor) if found.next_cursor else None
    files = {kind: url_for("audit.export_audit", **query.filters, format=kind) for kind in ("csv", "jsonl")}
    facts = {"faults_found": faults, "query": query, "actions": _actions(), "older": older, "files": files}
    return render("audit/index.html", 422 if faults else 200, acts=found.acts, **facts)


def _actions() -> list[tuple[str, str]]:
    """Return what the list can be narrowed to: our actions, and what plug-ins say that they note."""
    return [("", "any"), *((act, act) for act in current_app.extensions["acts"])]
