"""The route of /api/completions/<token>: an endpoint tells how far it is, and how the job ends."""

from flask import Response
from pydantic import Field

from bellhop_web.completions.ending import sign_of_life, the_end
from bellhop_web.completions.requests import Completion
from bellhop_web.completions.tokens import attempt_of
from bellhop_web.completions.views import CompletionView
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("completions", "/api/completions", public=("complete_attempt",))


class CompletionPath(Parameters):
    """Which attempt."""

    token: str = Field(description="What the call of the endpoint has in `Bellhop-Completion-Url`", max_length=200)


@bp.post("/<token>", responses=answers(200, CompletionView, 400, 404, 409, 413, 415))
def complete_attempt(path: CompletionPath, body: Completion) -> Response:
    """Report what becomes of an attempt that goes on after a 202: `progress`, `heartbeat`, `result` or `error`.

    The token is the only credential that is needed. It counts for one attempt: once that has ended, whatever ended it,
    everything is a conflict that has the job's `state`.
    """
    attempt = attempt_of(path.token)
    return respond(the_end(attempt, body) if body.ends else sign_of_life(attempt, body))
