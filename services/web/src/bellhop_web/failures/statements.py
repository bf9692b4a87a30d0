"""The statements that group failures. They read the columns of one index, and of each reason one job."""

from sqlalchemy import text

from bellhop_ledger.ledger.reasons import FAILURES

BARS = 24
"""Parts of the window that are counted apart, for the small chart of each reason."""

EARLIEST = text("""
    SELECT least((SELECT min(finished_at) FROM ended_jobs WHERE reason IS NOT NULL),
                 (SELECT min(finished_at) FROM kept_jobs WHERE reason IS NOT NULL),
                 (SELECT min(finished_at) FROM jobs WHERE tier IN (1, 2) AND state = 'failed'))
""")

# What has just been cancelled or lost is filed within seconds, and counts from then on.
_ENDED = f"""
    SELECT reason, task, limit_key, state, finished_at AS at FROM {FAILURES}
    WHERE finished_at >= :since AND state IN ('failed', 'cancelled')
"""
_RETRYING = """
    SELECT reason, task, limit_key, 'retrying' AS state, started_at AS at FROM unfinished_jobs
    WHERE reason IS NOT NULL AND attempt > 0 AND state IN ('scheduled', 'queued') AND started_at >= :since
"""
_NARROWED = (
    " AND (CAST(:task AS varchar) IS NULL OR task = :task) AND (CAST(:queue AS varchar) IS NULL OR queue = :queue)"
)

GROUPS = text(f"""
    WITH cells AS MATERIALIZED (
        SELECT reason, task, limit_key, least(greatest(width_bucket(
                   CAST(extract(epoch FROM at) AS float8), :low, :high, {BARS}), 1), {BARS}) AS bar,
               count(*) AS number, count(*) FILTER (WHERE state = 'failed') AS failed,
               count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
               count(*) FILTER (WHERE state = 'retrying') AS retrying, min(at) AS first, max(at) AS last
        FROM ({_ENDED}{_NARROWED} UNION ALL {_RETRYING}{_NARROWED}) AS one
        WHERE CAST(:state AS varchar) IS NULL OR state = :state
        GROUP BY 1, 2, 3, 4
    ), top AS (
        SELECT reason, count(*) OVER () AS reasons, sum(sum(number)) OVER () AS jobs FROM cells
        GROUP BY reason ORDER BY sum(number) DESC, max(last) DESC, reason LIMIT :most
    )
    SELECT reason, task, limit_key, bar, grouping(task) = 0 AS of_task, grouping(limit_key) = 0 AS of_host,
           grouping(bar) = 0 AS of_bar, max(reasons) AS reasons, max(jobs) AS jobs, sum(number) AS number,
           sum(failed) AS failed, sum(cancelled) AS cancelled, sum(retrying) AS retrying,
           min(first) AS first, max(last) AS last
    FROM cells JOIN top USING (reason)
    GROUP BY GROUPING SETS ((reason), (reason, task), (reason, limit_key), (reason, bar))
    ORDER BY number DESC, last DESC, reason
""")

# Of each reason the job that failed last is found by when that was.
_SAMPLE = """
    SELECT reason, id, task, failure_reason(error) AS words, error ->> 'type' AS type,
           left(error ->> 'message', :longest_message) AS message,
           right(error ->> 'traceback', :longest_traceback) AS traceback
    FROM {} WHERE reason = wanted.reason AND {} = wanted.at
"""
SAMPLES = text(f"""
    SELECT one.*
    FROM unnest(CAST(:reasons AS varchar[]), CAST(:moments AS timestamptz[])) AS wanted(reason, at), LATERAL (
        {_SAMPLE.format("ended_jobs", "finished_at")} UNION ALL {_SAMPLE.format("kept_jobs", "finished_at")}
        UNION ALL {_SAMPLE.format("unfinished_jobs", "started_at")} LIMIT 1
    ) AS one
""")

# They failed before those that have a reason, so the index leads to them and no further. The first that has one is
# looked for in each table by itself: in both together Postgres would read all.
_FIRST_NAMED = """
    (SELECT finished_at FROM {} WHERE reason IS NOT NULL AND state = 'failed' AND finished_at >= :since
     ORDER BY finished_at LIMIT 1)
"""
UNNAMED = text(f"""
    SELECT count(*) AS number, max(finished_at) AS last FROM (
        SELECT finished_at FROM jobs
        WHERE tier IN (1, 2) AND state = 'failed' AND finished_at >= :since AND reason IS NULL AND error IS NOT NULL
          AND finished_at < coalesce(least({_FIRST_NAMED.format("ended_jobs")}, {_FIRST_NAMED.format("kept_jobs")}),
                                     'infinity')
        ORDER BY finished_at LIMIT :most
    ) AS part
""")
