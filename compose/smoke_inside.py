"""Runs inside a web container of production: the roles in Postgres are those we meant. Then makes the user USER."""

import sys

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from bellhop_ledger.accounts.passwords import hash_password
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction

ROLES = text("""
    SELECT array_agg(DISTINCT usename::text) FROM pg_stat_activity
    WHERE application_name = 'bellhop' AND client_addr IS NOT NULL
""")
OWNED = text("SELECT count(*) FROM pg_class WHERE relowner = 'bellhop_app'::regrole")
FORBIDDEN = ("CREATE TABLE mine ()", "DROP TABLE jobs", "TRUNCATE jobs", "SELECT * FROM pg_authid")


def check_roles() -> None:
    """Complain of any service that is connected as another role, and of what ours owns."""
    with transaction() as db:
        roles, owned = db.scalar(ROLES), db.scalar(OWNED)
    print(f"connected as {roles}; bellhop_app owns {owned} things")
    if roles != ["bellhop_app"] or owned:
        sys.exit("a service has more rights than it needs")


def check_forbidden(statement: str) -> None:
    """Complain if the application may do this."""
    try:
        with transaction() as db:
            db.execute(text(statement))
    except ProgrammingError as error:
        print(f"{statement}: {str(error.orig).strip()}")
    else:
        sys.exit(f"the application may: {statement}")


def make_user(email: str, password: str) -> None:
    """Make somebody who is no operator."""
    with transaction() as db:
        db.add(User(email=email, password_hash=hash_password(password), activated_at=now()))


check_roles()
for forbidden in FORBIDDEN:
    check_forbidden(forbidden)
make_user(sys.argv[1], sys.argv[2])
