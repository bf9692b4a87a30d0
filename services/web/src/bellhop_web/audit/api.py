"""Routes of /api/audit: who did what, as a list and as a file."""

from typing import Annotated

from flask import Response
from pydantic import Field

from bellhop_ledger.platform.database import transaction
from bellhop_web.audit.export import MEDIA_TYPES, Format, lines
from bellhop_web.audit.listing import AuditQuery, AuditView, page
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("audit", "/api/audit", access=Access.ADMIN)
AS_FILE = {
    200: {
        "description": "The file",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/jsonl": {"schema": {"type": "string"}},
        },
    }
}


class ExportQuery(AuditQuery):
    """Which acts the file has, and how it is written."""

    format: Annotated[Format, Field(strict=False)] = Field(
        default=Format.JSONL, description="`jsonl`: a line of JSON for each act; `csv`: a table for spreadsheets"
    )


@bp.get("", responses=answers(200, AuditView))
def list_audit(query: AuditQuery) -> Response:
    """List who did what to which thing, and from where, the latest first.

    Each act was written in its own transaction. Submissions are not among them: a job names its submitter and its
    request itself. Acts are kept for AUDIT_DAYS.
    """
    with transaction() as db:
        found = page(db, query)
    return respond(found)


@bp.get("/export", responses={**answers(200, None), **AS_FILE})
def export_audit(query: ExportQuery) -> Response:
    """Return the acts as a file, the earliest first, up to the latest one that there is at its begin.

    `limit` and `cursor` have no meaning here.
    """
    headers = {"Content-Disposition": f'attachment; filename="audit.{query.format}"'}
    return Response(lines(query, query.format), headers=headers, content_type=MEDIA_TYPES[query.format])
