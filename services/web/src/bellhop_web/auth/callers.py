"""Who asks: a bearer token says it, or a browser's session. Each route is open to those it is for."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request

from bellhop_ledger.accounts.grants import Grant
from bellhop_ledger.accounts.patterns import any_fits
from bellhop_ledger.accounts.roles import INCLUDED, Role
from bellhop_ledger.accounts.service_tokens import PREFIX
from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.platform.secrets import hash_of
from bellhop_web.auth.access import SAFE, Access, access_of, scope_for
from bellhop_web.auth.lookups import find_service, find_session, find_token
from bellhop_web.auth.refusals import (
    NotABrowser,
    NotAPerson,
    NotForServices,
    NotItsScope,
    NotItsTask,
    NotSignedIn,
    NotYourRole,
)
from bellhop_web.http import cookies, csrf
from bellhop_web.http.csrf import SESSION_COOKIE

REMEMBERED = 5.0
"""Seconds for which a token that was found valid is not looked up again, and so the longest it outlives its end."""
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    name: str
    """`token:<id>`, `user:<id>` or `service:<id>`."""
    user_id: UUID | None
    """Empty: the system's own token, or a service token."""
    email: str | None
    role: Role
    scope: Scope
    session_id: UUID | None = None
    sees_payloads: bool = True
    """Whether arguments, results, errors and logs of jobs are shown that others have asked for."""
    service: Grant | None = None
    """Of a service token: what it may do. It is no person and has no role of its own."""
    secret_id: UUID | None = None
    """Of a service token: by which of its secrets it has come in."""

    @property
    def person(self) -> str:
        """Whose limits count: the user's, however many tokens and sessions it has; else those of the system's token."""
        return f"user:{self.user_id}" if self.user_id else self.name

    @property
    def actor(self) -> Actor:
        """Who acts on a job, in the request that is being handled."""
        return Actor(self.name)

    @property
    def grant(self) -> Grant | None:
        """What they may submit and manage; None: everything."""
        if self.service is None and self.role is Role.MEMBER:
            members: Grant = current_app.config["MEMBERS"]
            return members
        return self.service

    @property
    def operates(self) -> bool:
        """Whether they run this system: what is anybody's is theirs to change."""
        return self.may(Access.OPERATOR)

    @property
    def sees_all(self) -> bool:
        """Whether they see the jobs of everybody, and not only their own."""
        return self.may(Access.VIEWER)

    @property
    def sees_internals(self) -> bool:
        """Whether they are shown workers and tracebacks: of plain users nobody's, not even of their own jobs."""
        return self.sees_all or self.service is not None

    @property
    def administers(self) -> bool:
        """Whether they decide who may do what."""
        return self.may(Access.ADMIN)

    @property
    def is_bounded(self) -> bool:
        """Whether their unfinished jobs have a bound and a queue of their own: those of plain users have."""
        return self.user_id is not None and not self.operates

    def may(self, access: Access, *, change: bool = False) -> bool:
        """Return whether a route that is for these people is for this one, to look or to change something."""
        needed = access.changes if change else access.looks
        return access.services if self.service else needed is None or needed in INCLUDED[self.role]

    def require(self, access: Access, *, change: bool = False) -> None:
        """Raise NotYourRole or NotForServices where a route is not for this one."""
        needed = access.changes if change else access.looks
        if self.service:
            if not access.services:
                raise NotForServices
        elif needed and needed not in INCLUDED[self.role]:
            raise NotYourRole(needed, self.role)

    def may_submit(self, task: str) -> bool:
        """Return whether they may submit a task, in some queue."""
        return self.grant is None or any_fits(self.grant.tasks, task)

    def require_task(self, task: str, *place: str) -> None:
        """Raise NotItsTask, which names the field; `place` is where the job stands in the request."""
        if (grant := self.grant) and not any_fits(grant.tasks, task):
            raise NotItsTask("task", task, grant.tasks, place)

    def require_queue(self, queue: str, *place: str) -> None:
        """Raise NotItsTask for a job that would wait in this queue."""
        if (grant := self.grant) and not any_fits(grant.queues, queue):
            raise NotItsTask("queue", queue, grant.queues, place)


_known: dict[str, tuple[Caller, float]] = {}


def check_access() -> None:
    """Ask before every route that is not public who it is. Raises NotSignedIn, NotAllowed and NotOurForm."""
    access = access_of(request.endpoint) if request.endpoint is not None else Access.PUBLIC
    if access is not Access.PUBLIC:
        current_caller().require(access, change=request.method not in SAFE)
    if is_form():
        csrf.check()


def challenge(response: Response) -> Response:
    """Name what a 401 asks for (RFC 9110, 15.5.2)."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="bellhop"'
    return response


def is_form() -> bool:
    """Whether the form of a page was sent, by somebody who may not even be signed in."""
    of_a_page = request.endpoint is not None and not request.path.startswith("/api/")
    return of_a_page and request.method not in SAFE and "Authorization" not in request.headers


def caller() -> Caller | None:
    """Return who asks; nobody, when neither a token nor a valid session came along.

    Raises NotSignedIn for a token that is not valid, NotItsScope for one that may only read, and
    NotOurForm for a change that a cookie alone would allow.
    """
    if "caller" not in g:
        g.caller = _authenticated()
    found: Caller | None = g.caller
    return found


def current_caller() -> Caller:
    """Return who asks. Raises NotSignedIn when it is nobody."""
    if found := caller():
        return found
    raise NotSignedIn("must be 'Bearer' and a token")


def current_person() -> Caller:
    """Return who asks, a user. Raises NotSignedIn, and NotAPerson for the system's own token."""
    found = current_caller()
    if found.user_id is None:
        raise NotAPerson
    return found


def current_user_id() -> UUID:
    """Return the user who asks. Raises NotSignedIn, and NotAPerson for the system's own token."""
    user_id = current_person().user_id
    assert user_id is not None
    return user_id


def current_session() -> tuple[UUID, UUID]:
    """Return the user whose browser asks, and its session. Raises NotSignedIn, and NotABrowser for any token."""
    user_id, session_id = current_user_id(), current_caller().session_id
    if session_id is None:
        raise NotABrowser
    return user_id, session_id


def _authenticated() -> Caller | None:
    if authorization := request.headers.get("Authorization"):
        return _of_token(authorization)
    secret = cookies.read(SESSION_COOKIE)
    found = _of_session(hash_of(secret)) if secret else None
    if found and request.method not in SAFE:
        csrf.check()
    return found


def _of_token(authorization: str) -> Caller:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn("must be 'Bearer' and a token")
    secret = secret.strip()
    hashed = hash_of(secret)
    known, until = _known.get(hashed, (None, 0.0))
    found = known if known and time.monotonic() < until else _look_up(hashed, service=secret.startswith(PREFIX))
    if found.scope is Scope.READ and (needed := scope_for(request.method)) is Scope.WRITE:
        raise NotItsScope(needed, found.scope)
    return found


def _look_up(hashed: str, *, service: bool) -> Caller:
    found = find_service(hashed) if service else find_token(hashed)
    if found is None:
        raise NotSignedIn("has a token that is not known, or no longer valid")
    if len(_known) >= MOST_REMEMBERED:
        _known.clear()
    caller = _service(found) if service else _of_row(found)
    _known[hashed] = (caller, time.monotonic() + REMEMBERED)
    return caller


def _of_row(found: Any) -> Caller:
    name, scope = f"token:{found.id}", Scope(found.scope)
    return Caller(name, found.user_id, found.email, Role(found.role), scope, None, found.sees_payloads)


def _service(found: Any) -> Caller:
    grant = Grant(tuple(found.tasks), tuple(found.queues), tuple(found.schedules))
    return Caller(f"service:{found.token_id}", None, None, Role.MEMBER, Scope.WRITE, service=grant, secret_id=found.id)


def _of_session(hashed: str) -> Caller | None:
    """Find a session. It is not remembered: one that was ended must be so for every process, at once."""
    found = find_session(hashed)
    if found is None:
        return None
    name, role = f"user:{found.user_id}", Role(found.role)
    return Caller(name, found.user_id, found.email, role, Scope.WRITE, found.id, found.sees_payloads)
