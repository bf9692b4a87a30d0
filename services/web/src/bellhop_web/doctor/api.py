"""Routes of /api/doctor: what is wrong with the installation."""

from flask import Response

from bellhop_ledger.platform import clock
from bellhop_web.doctor.examination import examine
from bellhop_web.doctor.findings import DiagnosisView
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("doctor", "/api/doctor")


@bp.get("", responses=answers(200, DiagnosisView))
def diagnose() -> Response:
    """Find out what is wrong: with workers and schedulers, their clocks and releases, with Postgres and with Redis.

    Every check gives at least one finding. One that cannot be made is `unknown`, and says why.
    """
    return respond(DiagnosisView(findings=examine(), at=clock.now()))
