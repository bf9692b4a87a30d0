"""Access to live views: asked when a stream begins, and again now and then while it lasts."""

import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import run
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.auth.lookups import VALID_SERVICE, VALID_SESSION, VALID_TOKEN
from bellhop_web.auth.refusals import NotAllowed
from bellhop_web.live.stream import Stream
from bellhop_web.live.topics import Topic

log = get_logger(__name__)

PERIOD = 10.0
"""Seconds for which a stream may outlive the session or token that opened it."""
STRICTNESS = list(Access)

VALID = text(f"""
    SELECT 'session:' || sessions.id AS opened_by, granted_role AS role, sees_payloads
    FROM sessions JOIN users ON users.id = user_id
    WHERE sessions.id = ANY(CAST(:sessions AS uuid[])) AND {VALID_SESSION}
    UNION ALL
    SELECT 'token:' || tokens.id, coalesce(granted_role, 'admin'), coalesce(sees_payloads, true)
    FROM tokens LEFT JOIN users ON users.id = user_id
    WHERE tokens.id = ANY(CAST(:tokens AS uuid[])) AND {VALID_TOKEN}
    UNION ALL
    SELECT 'secret:' || service_secrets.id, '{Role.MEMBER}', true
    FROM service_secrets JOIN service_tokens ON service_tokens.id = token_id
    WHERE service_secrets.id = ANY(CAST(:secrets AS uuid[])) AND {VALID_SERVICE}
""")


def admit(topics: list[tuple[Topic[Any], Any]], caller: Caller | None) -> Access:
    """Return what these topics ask for together. Raises NotSignedIn, NotAllowed, and NotFound."""
    wanted = max((topic.access for topic, _ in topics), key=STRICTNESS.index)
    allowed = all(topic.may is None or topic.may(caller, key) for topic, key in topics)
    personal = any(topic.may for topic, _ in topics)
    for topic, _ in topics:  # each of them, for a topic that is less strict may be closed to service tokens
        if topic.access is not Access.PUBLIC:
            current_caller().require(topic.access)
    if not allowed:
        raise NotAllowed
    for topic, key in topics:
        if topic.exists:
            topic.exists(key)
    return Access.USER if wanted is Access.PUBLIC and personal and caller else wanted


class AccessGuard:
    """One thread that ends the streams of those who may no longer listen."""

    def __init__(self, streams: Callable[[], list[Stream]], drop: Callable[[Iterable[Stream]], None]):
        self._streams, self._drop = streams, drop
        self._thread: Thread | None = None

    def start(self) -> None:
        """Look from now on."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="live-guard", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(PERIOD)
            try:
                self._drop(no_longer_allowed(self._streams()))
            except SQLAlchemyError as error:
                log.warning("live_access_not_checked", error=repr(error)[:300])
            except Exception:
                log.exception("live_access_not_checked")


def no_longer_allowed(streams: list[Stream]) -> list[Stream]:
    """Return those of the streams whose session or secret is no longer valid, or has other rights, in one statement."""
    guarded = [(stream, stream.caller) for stream in streams if stream.caller and stream.access is not Access.PUBLIC]
    if not guarded:
        return []
    held = {tuple(pass_of(caller).split(":")) for _, caller in guarded}
    ids = {f"{wanted}s": [id for kind, id in held if kind == wanted] for wanted in ("session", "token", "secret")}
    with transaction() as db:
        rights = {row.opened_by: (Role(row.role), row.sees_payloads) for row in run(db, VALID, **ids)}
    return [stream for stream, caller in guarded if rights.get(pass_of(caller)) != (caller.role, caller.sees_payloads)]


def pass_of(caller: Caller) -> str:
    """Return the session or token by which somebody came in; a service token by one of its secrets."""
    if caller.secret_id:
        return f"secret:{caller.secret_id}"
    return f"session:{caller.session_id}" if caller.session_id else caller.name
