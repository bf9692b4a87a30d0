"""Run times: how long each task takes, as the workers measure it, so that the jobs of short ones share messages."""

import json
from collections.abc import Mapping

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.policies import RunTime, remember_run_times
from bellhop_ledger.platform.statements import run

# A process weighs as much as all others have so far: a task that has become slow is known as slow in seconds.
NOTE = text("""
    WITH noted AS (
        INSERT INTO task_run_times AS t (task, mean, deviation)
        SELECT task, mean, deviation
        FROM jsonb_to_recordset(CAST(:measured AS jsonb)) AS m(task text, mean float8, deviation float8)
        ORDER BY task
        ON CONFLICT (task) DO UPDATE
        SET mean = (t.mean + excluded.mean) / 2, deviation = (t.deviation + excluded.deviation) / 2, measured_at = now()
        RETURNING task, mean, deviation
    )
    SELECT * FROM noted
    UNION ALL SELECT task, mean, deviation FROM task_run_times WHERE task NOT IN (SELECT task FROM noted)
""")
ALL = """
    (SELECT coalesce(jsonb_object_agg(task, jsonb_build_array(mean, deviation)), '{}') FROM task_run_times)
"""
"""The same as JSON, for a statement that reads other things as well."""


def note(db: Database, measured: Mapping[str, RunTime]) -> None:
    """Store what this process has measured, and remember what all have."""
    rows = [{"task": task, "mean": one.mean, "deviation": one.deviation} for task, one in measured.items()]
    found = run(db, NOTE, measured=json.dumps(rows))
    remember_run_times({row.task: RunTime(row.mean, row.deviation) for row in found})


def learn(stored: Mapping[str, tuple[float, float]]) -> None:
    """Remember what a statement with ALL has found."""
    remember_run_times({task: RunTime(*one) for task, one in stored.items()})
