"""Four roles in place of two, and the right to see payloads.

The release before knows `user` and `operator` and reads nothing else in that column, so it stays, and a trigger keeps
both together whoever writes. Who was an operator could do everything there was, and becomes an admin.
"""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION keep_roles_together() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_role IS NULL
       OR (TG_OP = 'UPDATE' AND NEW.role <> OLD.role AND NEW.granted_role = OLD.granted_role) THEN
        NEW.granted_role := CASE NEW.role WHEN 'operator' THEN 'admin' ELSE 'member' END;
    ELSE
        NEW.role := CASE WHEN NEW.granted_role IN ('operator', 'admin') THEN 'operator' ELSE 'user' END;
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    lock_tables(op.get_bind(), ["users"])
    op.execute("""
        ALTER TABLE users
            ADD granted_role varchar(8),
            ADD sees_payloads boolean NOT NULL DEFAULT true,
            ADD CONSTRAINT users_granted_role_check CHECK (granted_role IN ('viewer','member','operator','admin'))
    """)
    op.execute("UPDATE users SET granted_role = CASE role WHEN 'operator' THEN 'admin' ELSE 'member' END")
    op.execute("ALTER TABLE users ALTER granted_role SET NOT NULL")
    op.execute(FUNCTION)
    op.execute("""
        CREATE TRIGGER users_roles BEFORE INSERT OR UPDATE ON users
        FOR EACH ROW EXECUTE FUNCTION keep_roles_together()
    """)


def downgrade() -> None:
    lock_tables(op.get_bind(), ["users"])
    op.execute("DROP TRIGGER users_roles ON users")
    op.execute("DROP FUNCTION keep_roles_together()")
    op.execute("ALTER TABLE users DROP sees_payloads, DROP granted_role")
