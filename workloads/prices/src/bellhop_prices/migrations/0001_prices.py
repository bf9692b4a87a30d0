"""Games, their prices and who watches them."""

from bellhop_ledger.api import adopt_tables, name_search_indexes

revision = "0001"
down_revision = None

SOURCES = """
CREATE TABLE sources (
    name varchar PRIMARY KEY,
    cursor varchar,
    started_at timestamptz,
    refreshed_at timestamptz,
    refusals integer NOT NULL DEFAULT 0,
    blocked_until timestamptz,
    CONSTRAINT sources_refusals_check CHECK (refusals >= 0),
    CONSTRAINT sources_started_at_check CHECK (cursor IS NULL OR started_at IS NOT NULL)
);
CREATE TABLE source_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source varchar NOT NULL CONSTRAINT source_calls_source_fkey REFERENCES sources (name) ON DELETE CASCADE,
    at timestamptz NOT NULL
);
CREATE INDEX source_calls_source_at_idx ON source_calls (source, at);
"""
"""What a source counts of its calls is for the release before alone, and goes one release later: the platform's budgets
count now (docs/decisions/0043)."""

GAMES = """
CREATE TABLE games (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source varchar NOT NULL,
    ref varchar NOT NULL,
    name varchar NOT NULL,
    search varchar NOT NULL,
    url varchar,
    amount bigint,
    currency varchar,
    checked_at timestamptz,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT games_source_key UNIQUE (source, ref),
    CONSTRAINT games_price_check
        CHECK ((amount IS NULL OR amount >= 0) AND (amount IS NULL OR amount = 0 OR currency IS NOT NULL)),
    CONSTRAINT games_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT games_name_check CHECK (name <> '')
);
CREATE TABLE prices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    game_id bigint NOT NULL CONSTRAINT prices_game_id_fkey REFERENCES games (id) ON DELETE CASCADE,
    seen_at timestamptz NOT NULL,
    amount bigint,
    currency varchar,
    CONSTRAINT prices_game_id_key UNIQUE (game_id, seen_at),
    CONSTRAINT prices_price_check
        CHECK ((amount IS NULL OR amount >= 0) AND (amount IS NULL OR amount = 0 OR currency IS NOT NULL)),
    CONSTRAINT prices_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);
"""

WATCHES = """
CREATE TABLE watches (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT watches_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    game_id bigint NOT NULL CONSTRAINT watches_game_id_fkey REFERENCES games (id) ON DELETE CASCADE,
    threshold bigint NOT NULL,
    currency varchar NOT NULL,
    armed boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT watches_user_id_key UNIQUE (user_id, game_id),
    CONSTRAINT watches_threshold_check CHECK (threshold >= 0),
    CONSTRAINT watches_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX watches_game_id_idx ON watches (game_id);
CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT alerts_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
    game_id bigint NOT NULL CONSTRAINT alerts_game_id_fkey REFERENCES games (id) ON DELETE CASCADE,
    mail_id uuid CONSTRAINT alerts_mail_id_fkey REFERENCES mails (id) ON DELETE SET NULL,
    amount bigint NOT NULL,
    threshold bigint NOT NULL,
    currency varchar NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT alerts_amount_check CHECK (amount BETWEEN 0 AND threshold),
    CONSTRAINT alerts_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX alerts_game_id_idx ON alerts (game_id);
CREATE INDEX alerts_mail_id_idx ON alerts (mail_id);
CREATE INDEX alerts_user_id_created_at_idx ON alerts (user_id, created_at);
"""


def upgrade() -> None:
    adopt_tables(
        *("sources", "source_calls", "games", "prices", "watches", "alerts"),
        otherwise=SOURCES + GAMES + WATCHES + name_search_indexes("games"),
    )
