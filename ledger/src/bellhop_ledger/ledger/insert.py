"""Insert: how a job is written, by processes of ours and by functions in Postgres."""

from bellhop_ledger.ledger.holds import hold_of


def insert_of(rows: str) -> str:
    """Return the INSERT of the jobs that this SQL gives as JSON; a column that a row does not have is NULL.

    The statements of this process and the function `submit()` in Postgres have it in common.
    """
    return f"""
    INSERT INTO unfinished_jobs AS jobs (id, task, args, queue, priority, max_attempts, run_at, state, queued_at,
                      submitter, user_id, idempotency_key, request_hash, request_id, trace_context, schedule, due_at,
                      start_before, limit_key, blocked_by, parent, timeout, tags, label)
    SELECT id, task, args, queue, priority, max_attempts, at,
           CASE WHEN at > now() THEN 'scheduled' WHEN hold IS NOT NULL THEN 'blocked' ELSE 'queued' END,
           CASE WHEN at > now() THEN NULL ELSE now() END,
           submitter, user_id, idempotency_key, request_hash, request_id, trace_context, schedule, due_at, start_before,
           limit_key, CASE WHEN at <= now() THEN hold END, parent, timeout, tags, label
    FROM jsonb_to_recordset({rows}) AS new(
             id uuid, task text, args jsonb, queue text, priority smallint, max_attempts smallint,
             run_at timestamptz, delay float8, submitter text, user_id uuid, idempotency_key text, request_hash text,
             request_id text, trace_context text, schedule text, due_at timestamptz, start_before timestamptz,
             limit_key text, parent uuid, timeout float8, tags text[], label text),
         LATERAL (SELECT coalesce(run_at, now() + make_interval(secs => coalesce(delay, 0))) AS at) AS moment,
         LATERAL (SELECT {hold_of("new")} AS hold) AS held
"""
