"""SQL submit: the functions in Postgres by which other applications submit jobs, in any language.

They write in the caller's transaction, with the rights of the owner of the tables and a search path of their own: a
caller needs no right but to call them. Settings of the session that would change what they read are fixed as well.
"""

from bellhop.priority import DEFAULT_PRIORITY
from bellhop_ledger.ledger.in_sql.fields import FIELD_FUNCTIONS
from bellhop_ledger.ledger.in_sql.tasks import LONGEST_NAME, PUBLISHED, TASK_FUNCTIONS
from bellhop_ledger.ledger.insert import insert_of
from bellhop_ledger.ledger.submit import MOST_JOBS

LARGEST_BATCH = 16_000_000
"""Bytes of jobs that are submitted together, as many as the body of a request may have."""

# What is the same request must stay so in later releases, which may know more fields: only those that are given count.
ROW = f"""
CREATE OR REPLACE FUNCTION row_of_submission(place text, wanted jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    job jsonb;
    known record;
    args jsonb;
    limit_key text;
    attempts integer;
BEGIN
    SELECT jsonb_object_agg(given.name, given.value) INTO job
    FROM jsonb_each(CASE WHEN jsonb_typeof(wanted) = 'object' THEN wanted END) AS given(name, value)
    WHERE given.value <> 'null';
    job := coalesce(job, CASE WHEN jsonb_typeof(wanted) = 'object' THEN '{{}}' ELSE wanted END);
    PERFORM check_fields(place, job);
    SELECT t.queue, t.policy, t.arguments, t.secrets INTO known FROM {PUBLISHED} WHERE t.name = job ->> 'task';
    IF NOT FOUND THEN PERFORM refuse_task(place || 'task', left(job ->> 'task', {LONGEST_NAME})); END IF;
    args := checked_arguments(place, coalesce(job -> 'args', '{{}}'), known.arguments, known.secrets);
    limit_key := limit_key_of(known.policy ->> 'limit_key', args);
    IF limit_key ~ '[^ -~]' THEN
        PERFORM refuse_submission(place || 'args', 'must name the host in ASCII, as DNS does (xn--...)');
    END IF;
    attempts := CAST(known.policy ->> 'attempts' AS integer);
    IF args ->> (known.policy ->> 'attempts_argument') ~ '^[0-9]{{1,9}}$' THEN
        attempts := least(CAST(args ->> (known.policy ->> 'attempts_argument') AS integer) + 1, attempts);
    END IF;
    PERFORM check_overrides(place, job, known.policy, attempts);
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'id', uuidv7(), 'task', job ->> 'task', 'queue', coalesce(job ->> 'queue', known.queue),
        'priority', coalesce(CAST(job ->> 'priority' AS integer), CAST(known.policy ->> 'priority' AS integer),
                             {DEFAULT_PRIORITY}),
        'max_attempts', coalesce(CAST(job ->> 'max_attempts' AS integer), attempts), 'limit_key', limit_key,
        'run_at', job -> 'run_at', 'delay', job -> 'delay', 'start_before', job -> 'expires',
        'timeout', job -> 'timeout', 'label', btrim(normalize(job ->> 'label', NFC)),
        'submitter', 'sql:' || session_user, 'idempotency_key', job ->> 'key', 'request_hash', hash_of_submission(job)
    )) || jsonb_build_object('args', args, 'tags', (
        SELECT jsonb_agg(tag.value ORDER BY tag.first) FROM (
            SELECT one.value, min(one.place) AS first
            FROM jsonb_array_elements(job -> 'tags') WITH ORDINALITY AS one(value, place) GROUP BY one.value
        ) AS tag));
END $$
"""
HASH = """
CREATE OR REPLACE FUNCTION hash_of_submission(job jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT job ? 'key' THEN RETURN NULL; END IF;
    job := job || jsonb_strip_nulls(jsonb_build_object(
        'delay', CAST(job ->> 'delay' AS float8), 'timeout', CAST(job ->> 'timeout' AS float8),
        'run_at', CAST(job ->> 'run_at' AS timestamptz), 'expires', CAST(job ->> 'expires' AS timestamptz)));
    RETURN encode(sha256(convert_to((job - 'key')::text, 'UTF8')), 'hex');
END $$
"""

# A job whose key was used before is not written: a trigger drops its row. Keys are taken in the order of submit.write.
ACCEPT = f"""
CREATE OR REPLACE FUNCTION accept_submissions(wanted jsonb, place text) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    new_rows jsonb;
    reused integer;
BEGIN
    SELECT jsonb_agg(one.new_row || jsonb_build_object('number', one.number)
                     ORDER BY one.new_row ->> 'idempotency_key' NULLS FIRST, one.number) INTO new_rows
    FROM (
        SELECT row_of_submission(format(place, item.number - 1), item.value) AS new_row, item.number - 1 AS number
        FROM jsonb_array_elements(wanted) WITH ORDINALITY AS item(value, number)
    ) AS one;
    {insert_of("new_rows")} ON CONFLICT DO NOTHING;
    IF jsonb_path_exists(new_rows, '$[*].idempotency_key') THEN
        SELECT min(w.number) INTO reused
        FROM jsonb_to_recordset(new_rows) AS w(
                 id uuid, number integer, submitter text, idempotency_key text, request_hash text)
        JOIN job_keys k ON k.submitter = w.submitter AND k.key = w.idempotency_key
        JOIN jobs j ON j.id = k.job_id
        WHERE j.id <> w.id AND j.request_hash <> w.request_hash;
        IF reused IS NOT NULL THEN
            PERFORM refuse_submission(format(place, reused) || 'key', 'was used before, for a different request',
                                      'unique_violation');
        END IF;
    END IF;
    RETURN QUERY
        SELECT coalesce(k.job_id, w.id)
        FROM jsonb_to_recordset(new_rows) AS w(id uuid, number integer, submitter text, idempotency_key text)
        LEFT JOIN job_keys k ON k.submitter = w.submitter AND k.key = w.idempotency_key
        ORDER BY w.number;
END $$
"""
AS_OWNER = """
SECURITY DEFINER SET search_path = {schema}, pg_temp SET timezone = 'UTC' SET standard_conforming_strings = on
"""

SUBMIT = """
CREATE OR REPLACE FUNCTION submit(
    task text, args jsonb DEFAULT '{{}}', run_at timestamptz DEFAULT NULL, delay interval DEFAULT NULL,
    priority integer DEFAULT NULL, key text DEFAULT NULL, queue text DEFAULT NULL, tags text[] DEFAULT NULL,
    label text DEFAULT NULL, max_attempts integer DEFAULT NULL, timeout float8 DEFAULT NULL,
    expires timestamptz DEFAULT NULL
) RETURNS uuid LANGUAGE plpgsql {as_owner} AS $$
BEGIN
    RETURN (SELECT accept_submissions(jsonb_build_array(jsonb_build_object(
        'task', task, 'args', args, 'run_at', run_at, 'delay', CAST(extract(epoch FROM delay) AS float8),
        'priority', priority, 'key', key, 'queue', queue, 'tags', tags, 'label', label, 'max_attempts', max_attempts,
        'timeout', timeout, 'expires', expires)), ''));
END $$
"""
SUBMIT_MANY = f"""
CREATE OR REPLACE FUNCTION submit_many(jobs jsonb) RETURNS SETOF uuid LANGUAGE plpgsql {{as_owner}} AS $$
BEGIN
    IF jsonb_typeof(jobs) IS DISTINCT FROM 'array' THEN PERFORM refuse_submission('jobs', 'must be a list'); END IF;
    IF jsonb_array_length(jobs) NOT BETWEEN 1 AND {MOST_JOBS} THEN
        PERFORM refuse_submission('jobs', 'must have 1 to {MOST_JOBS:,} items');
    END IF;
    IF octet_length(jobs::text) > {LARGEST_BATCH} THEN
        PERFORM refuse_submission('jobs', 'must have at most {LARGEST_BATCH:,} bytes');
    END IF;
    RETURN QUERY SELECT accept_submissions(jobs, 'jobs.%s.');
END $$
"""

OPEN = {
    "submit": "text, jsonb, timestamp with time zone, interval, integer, text, text, text[], text, integer, "
    "double precision, timestamp with time zone",
    "submit_many": "jsonb",
}
"""The functions that applications call, with the types of their parameters. Between releases a parameter is only added,
at the end and with a default: a call names its function and not the release. The functions behind them get another name
when their parameters change."""


def definitions(schema: str) -> list[str]:
    """Return the statements that create the functions, in their order, for tables in this schema, which is quoted."""
    as_owner = AS_OWNER.format(schema=schema)
    called = [one.format(as_owner=as_owner) for one in (SUBMIT, SUBMIT_MANY)]
    return [*TASK_FUNCTIONS, *FIELD_FUNCTIONS, HASH, ROW, ACCEPT, *called]
