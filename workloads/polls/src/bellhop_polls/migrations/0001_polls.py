"""Polls that close themselves, their options, and the votes."""

from bellhop_ledger.api import adopt_tables

revision = "0001"
down_revision = None

CREATE = """
CREATE TABLE polls (
    id uuid CONSTRAINT polls_pkey PRIMARY KEY,
    title varchar NOT NULL,
    owner_id uuid NOT NULL CONSTRAINT polls_owner_id_fkey REFERENCES users (id),
    votes_may_change boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    closes_at timestamptz NOT NULL,
    closed_at timestamptz,
    closing_job_id uuid NOT NULL,
    CONSTRAINT polls_title_check CHECK (char_length(title) BETWEEN 1 AND 200),
    CONSTRAINT polls_closes_at_check CHECK (closes_at > created_at),
    CONSTRAINT polls_closed_at_check CHECK (closed_at <= closes_at)
);
CREATE INDEX polls_open_idx ON polls (id) WHERE closed_at IS NULL;
CREATE TABLE poll_options (
    poll_id uuid NOT NULL CONSTRAINT poll_options_poll_id_fkey REFERENCES polls (id),
    number smallint NOT NULL,
    name varchar NOT NULL,
    CONSTRAINT poll_options_pkey PRIMARY KEY (poll_id, number),
    CONSTRAINT poll_options_poll_id_key UNIQUE (poll_id, name),
    CONSTRAINT poll_options_number_check CHECK (number BETWEEN 1 AND 20),
    CONSTRAINT poll_options_name_check CHECK (char_length(name) BETWEEN 1 AND 100)
);
CREATE INDEX poll_options_name_idx ON poll_options (lower(name) text_pattern_ops);
CREATE TABLE votes (
    poll_id uuid NOT NULL,
    user_id uuid NOT NULL CONSTRAINT votes_user_id_fkey REFERENCES users (id),
    option smallint NOT NULL,
    voted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT votes_pkey PRIMARY KEY (poll_id, user_id),
    CONSTRAINT votes_poll_id_fkey FOREIGN KEY (poll_id, option) REFERENCES poll_options (poll_id, number)
);
CREATE INDEX votes_option_idx ON votes (poll_id, option);
"""
LEFT = """
CREATE TABLE {old} (LIKE {new}, PRIMARY KEY (poll_id, number)) PARTITION BY LIST (poll_id);
ALTER TABLE {old} ATTACH PARTITION {new} DEFAULT
"""
"""The release before groups options by their primary key alone, and a view has none: so a table holds the moved one."""


def upgrade() -> None:
    adopt_tables("polls", "poll_options", "votes", otherwise=CREATE, left={"poll_options": LEFT})
