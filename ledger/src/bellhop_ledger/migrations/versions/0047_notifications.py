"""Rules about whom to inform when something fails or is late, and what they have found."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

RULES = """
CREATE TABLE notification_rules (
    id uuid CONSTRAINT notification_rules_pkey PRIMARY KEY,
    kind varchar NOT NULL,
    pattern varchar NOT NULL,
    failures smallint,
    late_seconds integer,
    recovered boolean NOT NULL,
    channel varchar NOT NULL,
    recipient varchar,
    origin varchar,
    url varchar,
    signing_secret varchar,
    quiet_from time,
    quiet_until time,
    time_zone varchar,
    owner varchar NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by varchar NOT NULL,
    CONSTRAINT notification_rules_kind_check CHECK (kind IN ('schedule','task','queue')),
    CONSTRAINT notification_rules_pattern_check CHECK (length(pattern) BETWEEN 1 AND 200),
    CONSTRAINT notification_rules_failures_check CHECK (failures BETWEEN 1 AND 100),
    CONSTRAINT notification_rules_late_seconds_check CHECK (late_seconds BETWEEN 1 AND 7776000),
    CONSTRAINT notification_rules_condition_check CHECK (num_nonnulls(failures, late_seconds) > 0),
    CONSTRAINT notification_rules_late_task_check CHECK (kind <> 'task' OR late_seconds IS NULL),
    CONSTRAINT notification_rules_channel_check CHECK (channel IN ('mail','webhook','slack','teams')),
    CONSTRAINT notification_rules_recipient_check CHECK ((channel = 'mail') = (recipient IS NOT NULL)),
    CONSTRAINT notification_rules_url_check CHECK ((channel <> 'mail') = (url IS NOT NULL)),
    CONSTRAINT notification_rules_origin_check CHECK ((url IS NULL) = (origin IS NULL)),
    CONSTRAINT notification_rules_signing_secret_check CHECK (signing_secret IS NULL OR channel = 'webhook'),
    CONSTRAINT notification_rules_quiet_check CHECK (num_nonnulls(quiet_from, quiet_until, time_zone) IN (0, 3)),
    CONSTRAINT notification_rules_quiet_from_check CHECK (quiet_from <> quiet_until)
)
"""
INCIDENTS = """
CREATE TABLE notification_incidents (
    rule_id uuid NOT NULL
        CONSTRAINT notification_incidents_rule_id_fkey REFERENCES notification_rules (id) ON DELETE CASCADE,
    condition varchar NOT NULL,
    thing varchar NOT NULL,
    name varchar NOT NULL,
    details jsonb NOT NULL,
    since timestamptz NOT NULL,
    notified_at timestamptz,
    recovered_at timestamptz,
    CONSTRAINT notification_incidents_pkey PRIMARY KEY (rule_id, condition, thing),
    CONSTRAINT notification_incidents_condition_check CHECK (condition IN ('failing','late')),
    CONSTRAINT notification_incidents_recovered_at_check CHECK (recovered_at IS NULL OR notified_at IS NOT NULL)
)
"""
PENDING = """
CREATE INDEX notification_incidents_pending_idx ON notification_incidents (rule_id)
    WHERE notified_at IS NULL OR recovered_at IS NOT NULL
"""
SEEN = """
CREATE TABLE notification_failures_seen (
    id smallint DEFAULT 1 CONSTRAINT notification_failures_seen_pkey PRIMARY KEY,
    until timestamptz NOT NULL,
    CONSTRAINT notification_failures_seen_id_check CHECK (id = 1)
)
"""


def upgrade() -> None:
    for statement in (RULES, INCIDENTS, PENDING, SEEN):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE notification_failures_seen")
    op.execute("DROP TABLE notification_incidents")
    op.execute("DROP TABLE notification_rules")
