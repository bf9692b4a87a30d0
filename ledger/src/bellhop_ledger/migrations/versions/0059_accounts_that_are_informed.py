"""The account that a notification rule informs, whose address may change.

A rule that writes to the address of whoever has made it is taken to mean the account. The release before writes to
the address that stands in the rule.
"""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    lock_tables(op.get_bind(), ["users", "notification_rules"])
    op.execute("""
        ALTER TABLE notification_rules
            ADD recipient_id uuid
                CONSTRAINT notification_rules_recipient_id_fkey REFERENCES users (id) ON DELETE CASCADE
    """)
    op.execute("CREATE INDEX notification_rules_recipient_id_idx ON notification_rules (recipient_id)")
    op.execute("""
        UPDATE notification_rules r SET recipient_id = u.id
        FROM users u
        WHERE u.email = r.recipient AND (
            r.owner = 'user:' || u.id
            OR r.owner IN (SELECT 'token:' || t.id FROM tokens t WHERE t.user_id = u.id))
    """)


def downgrade() -> None:
    op.execute("UPDATE notification_rules r SET recipient = u.email FROM users u WHERE u.id = r.recipient_id")
    op.execute("ALTER TABLE notification_rules DROP recipient_id")
