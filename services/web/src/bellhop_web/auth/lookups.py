"""Lookups: whose a token or a session is, by the hash of its secret, and whether it is valid."""

from typing import Any

from sqlalchemy import TextClause, text

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import run

VALID_USER = "(activated_at IS NOT NULL AND disabled_at IS NULL)"
VALID_SESSION = f"sessions.expires_at > now() AND {VALID_USER}"
VALID_TOKEN = f"revoked_at IS NULL AND coalesce(tokens.expires_at > now(), true) AND (user_id IS NULL OR {VALID_USER})"
VALID_SERVICE = "revoked_at IS NULL AND coalesce(expires_at > now(), true) AND coalesce(valid_until > now(), true)"
"""Who is let in, for statements that join `users`: one rule for requests and for streams that go on."""

TOKEN = text(f"""
    SELECT tokens.id, user_id, email, coalesce(granted_role, 'admin') AS role, scope,
           coalesce(sees_payloads, true) AS sees_payloads,
           coalesce(last_used_at < now() - interval '1 minute', true) AS stale
    FROM tokens LEFT JOIN users ON users.id = user_id
    WHERE hash = :hash AND {VALID_TOKEN}
""")
SERVICE = text(f"""
    SELECT service_secrets.id, token_id, tasks, queues, schedules,
           coalesce(last_used_at < now() - interval '1 minute', true) AS stale
    FROM service_secrets JOIN service_tokens ON service_tokens.id = token_id
    WHERE hash = :hash AND {VALID_SERVICE}
""")
SERVICE_USED = text("UPDATE service_secrets SET last_used_at = now() WHERE id = :id")
TOKEN_USED = text("UPDATE tokens SET last_used_at = now() WHERE id = :id")
SESSION = text(f"""
    SELECT sessions.id, user_id, email, granted_role AS role, sees_payloads,
           last_seen_at < now() - interval '1 minute' AS stale
    FROM sessions JOIN users ON users.id = user_id
    WHERE hash = :hash AND {VALID_SESSION}
""")
SESSION_USED = text("UPDATE sessions SET last_seen_at = now() WHERE id = :id")


def find_token(hashed: str) -> Any:
    """Return the row of a token that is valid, or None."""
    return _find(TOKEN, TOKEN_USED, hashed)


def find_service(hashed: str) -> Any:
    """Return the row of a secret of a service token that is valid, or None."""
    return _find(SERVICE, SERVICE_USED, hashed)


def find_session(hashed: str) -> Any:
    """Return the row of a session that is valid, or None."""
    return _find(SESSION, SESSION_USED, hashed)


def _find(query: TextClause, used: TextClause, hashed: str) -> Any:
    """Return a row by its hash, and note once a minute that it is used."""
    with transaction() as db:
        found = next(iter(run(db, query, hash=hashed)), None)
        if found and found.stale:
            run(db, used, id=found.id)
    return found
