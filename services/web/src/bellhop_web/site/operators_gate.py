"""The operators' gate: before a tool that is for operators alone, the proxy asks here whether a request may go on."""

from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web.auth.access import SAFE, Access
from bellhop_web.auth.callers import caller
from bellhop_web.auth.refusals import NotABrowser, NotAllowed, NotThePayloads
from bellhop_web.site.failures import to_sign_in
from bellhop_web.site.page import pages_blueprint

bp = pages_blueprint("operators", access=Access.PUBLIC)
LONGEST_WAY_BACK = 2000


class FromElsewhere(NotAllowed):
    """A change must be asked for on a page of this site."""


@bp.get("/check")
def check() -> AnyResponse:
    """Answer 204 for an operator's session; what else is answered, the proxy shows in place of the tool.

    A session, not a token: tools are for people in front of a browser, and a token that may only
    read would pass here for one that may write.
    """
    person = caller()
    if person is None:
        return to_sign_in(way_back())
    person.require(Access.OPERATOR)
    if not person.sees_payloads:
        raise NotThePayloads
    if person.session_id is None:
        raise NotABrowser
    if method() not in SAFE and not from_here():
        raise FromElsewhere
    return Response(status=204)


def method() -> str:
    """How the tool was asked; the proxy itself always asks with GET."""
    return request.headers.get("X-Forwarded-Method", "GET")


def way_back() -> str:
    """Where to go after signing in: what was asked for, if it can be asked for again.

    The page for signing in leads nowhere but to this site, whatever a header said.
    """
    wanted = request.headers.get("X-Forwarded-Uri", "")
    return wanted if method() in SAFE and len(wanted) <= LONGEST_WAY_BACK else ""


def from_here() -> bool:
    """Whether a page of this site asks for a change: the tools have no CSRF tokens of ours."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host
