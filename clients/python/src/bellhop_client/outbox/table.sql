CREATE TABLE bellhop_outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL DEFAULT gen_random_uuid(),
    task text NOT NULL,
    args jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(args) = 'object'),
    options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now(),
    refused_at timestamptz,
    refusal text,
    retry_at timestamptz
);

CREATE INDEX bellhop_outbox_waiting_idx ON bellhop_outbox (number) WHERE refused_at IS NULL;

CREATE INDEX bellhop_outbox_retry_idx ON bellhop_outbox (retry_at) WHERE retry_at IS NOT NULL;
