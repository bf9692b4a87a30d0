"""The export of ended jobs: a day is written completely or not at all, and none is forgotten before it was."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bellhop_ledger.export import places
from bellhop_ledger.export.days import export_day, forgotten_on
from bellhop_ledger.export.lines import in_chunks
from bellhop_ledger.export.places import Bucket, Folder, PlaceError, place_of
from bellhop_ledger.ledger.job_logs import NewLines, write_logs
from bellhop_ledger.ledger.retention import exported_days, forget
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import SettingsError
from bellhop_scheduler.forgetting import Forgetting
from bellhop_web.jobs.events import EventQuery, events_page
from bellhop_web.jobs.logs import log_of
from bellhop_web.jobs.views import JobView, view
from tests.databases import run_command
from tests.stack import Stack
from tests.tasks.signatures import note_down

SECRET = "sealed:v1:0123456789abcdef:gAAAAABm_secret-token_="
NASTY = {
    "what": {"text": 'line\nbreak "quoted" \u2028 ü \U0001f600 </script>', "token": SECRET, "n": 1.5, "none": None}
}
BEFORE = [
    {
        "attempt": 1,
        "max_attempts": 3,
        "state": "failed",
        "outcome": "timed_out",
        "started_at": "2026-11-01T00:00:00+00:00",
        "finished_at": "2026-11-01T00:00:01+00:00",
    },
    {
        "attempt": 2,
        "max_attempts": 3,
        "state": "failed",
        "started_at": "2026-11-01T00:00:00.5+00:00",
        "worker": "w",
        "finished_at": "2026-11-01T00:00:01+00:00",
        "retried_at": "2026-11-01T00:00:02+00:00",
        "retried_by": "user:1",
    },
]
WEEK = 7 * 86400.0

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that speaks S3."""
    made = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    made.start()
    host, port = made.get_host_and_port()
    yield f"http://{host}:{port}"
    made.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """An empty bucket, to which this process and its children lead."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client().create_bucket(Bucket="exports")
    yield Bucket("exports", "some/prefix")
    for key in stored(Bucket("exports", "")):
        client().delete_object(Bucket="exports", Key=key)
    client().delete_bucket(Bucket="exports")


def client() -> Any:
    return boto3.client("s3")


def stored(bucket: Bucket) -> dict[str, bytes]:
    """What a bucket shows, by key."""
    keys = [one["Key"] for one in client().list_objects_v2(Bucket=bucket.bucket).get("Contents", [])]
    return {key: client().get_object(Bucket=bucket.bucket, Key=key)["Body"].read() for key in keys}


@pytest.fixture
def past(ledger: Stack) -> Iterator[date]:
    """A day that is over, with a table."""
    ledger.sql("TRUNCATE exported_days")
    day = datetime.now(UTC).date() - timedelta(days=2)
    ledger.sql("SELECT bellhop.add_ended_day(%s)", day)
    yield day
    ledger.sql("TRUNCATE jobs, exported_days")
    ledger.sql("SELECT bellhop.drop_ended_day(%s)", day)


def ended(ledger: Stack, day: date, number: int, *, tier: int = 1, args: Any = None) -> list[UUID]:
    """Make jobs that are to be forgotten on a day, of the day before."""
    with transaction() as db:
        jobs = submit_all(db, [NewJob(note_down, args or {"what": n}) for n in range(number)])
    ids = [job.id for job in jobs]
    ledger.sql(
        "UPDATE jobs SET state = 'failed', finished_at = %s, started_at = created_at, "
        "expires_at = now() - interval '1 h', attempt = 1, worker = 'w', error = %s WHERE id = ANY(%s::uuid[])",
        datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC),
        json.dumps({"type": "Boom", "message": "it's\n", "traceback": "…"}),
        [str(id) for id in ids],
    )
    ledger.sql(
        "UPDATE jobs SET tier = %s, forget_on = %s WHERE id = ANY(%s::uuid[])", tier, day, [str(id) for id in ids]
    )
    return ids


def lines_of(file: Path) -> list[dict[str, Any]]:
    opened = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in opened.decode().split("\n")[:-1]]


def bellhop(ledger: Stack, *argv: str) -> subprocess.CompletedProcess[str]:
    return run_command(ledger.application_url, "bellhop", *argv)


def test_a_line_has_what_the_api_says_of_the_job(ledger: Stack, past: date) -> None:
    [id] = ended(ledger, past, 1, args=NASTY)
    ledger.sql("UPDATE jobs SET past_attempts = %s WHERE id = %s", json.dumps(BEFORE), str(id))

    [line] = [json.loads(line) for line in forgotten_on(past)]

    with transaction() as db:
        shown = json.loads(view(db.get(Job, id)).model_dump_json())  # type: ignore[arg-type]
    assert shown["args"]["what"]["token"] == "***"
    for told, exported in zip(shown.pop("past_attempts"), line["past_attempts"], strict=True):
        assert exported.items() >= {name: value for name, value in told.items() if value is not None}.items()
    assert {name: line[name] for name in shown if name in line} == {name: shown[name] for name in shown if name in line}
    assert JobView.model_fields.keys() - line.keys() == {"notice", "progress", "retrying", "withheld"}
    assert not line.keys() & {"lease", "tier", "request_hash"}


def test_a_line_has_what_was_done_to_the_job_and_what_it_said(ledger: Stack, past: date) -> None:
    spoken, silent = ended(ledger, past, 2)
    with transaction() as db:
        write_logs(db, [NewLines(spoken, [said("first"), said("second", traceback="…")], 7)])
    for action in ("cancelled", "retried"):
        ledger.sql(NOTE, str(spoken), action)
    ledger.sql("UPDATE jobs SET past_attempts = %s WHERE id = %s", json.dumps(BEFORE), str(spoken))

    lines = {line["id"]: line for line in map(json.loads, forgotten_on(past))}

    with transaction() as db:
        job = db.get_one(Job, spoken)
        shown = json.loads(events_page(db, job, EventQuery(), withheld=False).model_dump_json())["events"]
        log = json.loads(log_of(db, job, with_tracebacks=True).model_dump_json(exclude_none=True))
    assert [(event["action"], event["by"]) for event in shown] == [
        ("retried", "user:1"), ("cancelled", "user:1"), ("retried", "user:1"),
    ]  # fmt: skip
    assert lines[str(spoken)]["events"] == shown
    assert lines[str(spoken)]["log"] == {name: log[name] for name in ("entries", "truncated")}
    assert [entry["number"] for entry in log["entries"]] == [6, 7]
    assert (lines[str(silent)]["events"], lines[str(silent)]["log"]) == ([], {"entries": [], "truncated": 0})


NOTE = """
    INSERT INTO job_events (job_id, action, by, request_id, details)
    VALUES (%s, %s, 'user:1', NULL, '{"state": "failed", "error": {"type": "Lost"}}')
"""


def said(message: str, **more: str) -> dict[str, Any]:
    """What a body has logged, as a worker stores it."""
    facts = {"at": "2026-11-01T00:00:00.500000+00:00", "level": "info", "logger": "shop", "attempt": 1}
    return {**facts, "message": message, **more}


def test_no_secret_is_exported(ledger: Stack, past: date) -> None:
    ended(ledger, past, 1, args=NASTY)

    assert SECRET not in "".join(forgotten_on(past))


@pytest.mark.long
@pytest.mark.parametrize("name", ["jobs.jsonl", "jobs.jsonl.gz"])
def test_the_command_writes_a_day_to_a_file(ledger: Stack, past: date, tmp_path: Path, name: str) -> None:
    ids = [*ended(ledger, past, 3), *ended(ledger, past, 2, tier=2)]

    done = bellhop(ledger, "export-day", str(past), "--to", str(tmp_path / name))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"5 jobs to {tmp_path / name}\n")
    assert sorted(line["id"] for line in lines_of(tmp_path / name)) == sorted(map(str, ids))
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_the_command_writes_a_day_to_the_standard_output(ledger: Stack, past: date) -> None:
    ended(ledger, past, 3, args=NASTY)

    done = bellhop(ledger, "export-day", str(past))

    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["args"]["what"]["n"] for line in done.stdout.split("\n")[:-1]] == [1.5] * 3


@pytest.mark.long
def test_the_command_takes_the_day_of_the_end_where_it_is_told_so(ledger: Stack, past: date) -> None:
    here, later = ended(ledger, past, 2), ended(ledger, past + timedelta(days=1), 1, tier=2)

    for day, ids in ((past, here), (past + timedelta(days=1), later), (past - timedelta(days=1), [])):
        done = bellhop(ledger, "export-day", "--ended", str(day))
        assert {json.loads(line)["id"] for line in done.stdout.split("\n")[:-1]} == {str(id) for id in ids}


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["2026-13-01"], "must be a date such as 2026-11-01"),
        (["tomorrow"], "must be a date such as 2026-11-01"),
        (["1999-01-01"], "no job is forgotten when 1999-01-01 is over"),
        (["--ended", "1999-01-01", "--to", "/"], "must be the path of a file"),
        (["--ended", "1999-01-01", "--to", "/nowhere/at/all.jsonl"], "No such file or directory"),
        (["--ended", "1999-01-01", "--to", "s3://bucket"], "must name a file"),
        (["--ended", "1999-01-01", "--to", "s3://B/key"], "must name a bucket"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(ledger: Stack, argv: list[str], reason: str) -> None:
    done = bellhop(ledger, "export-day", *argv)

    assert done.returncode != 0
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("address", "code", "reason"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", 3, "DATABASE_URL: the database cannot be used: "),
        ("", 2, "DATABASE_URL: "),
    ],
)
@pytest.mark.parametrize("argv", [("export-day", "2026-11-01"), ("plugin", "list"), ("plugin", "remove", "shop")])
def test_a_database_that_is_away_has_an_exit_code_of_its_own(
    ledger: Stack, argv: tuple[str, ...], address: str, code: int, reason: str
) -> None:
    done = run_command(address, "bellhop", *argv, PGCONNECT_TIMEOUT="5")

    assert done.returncode == code
    assert done.stderr.startswith(f"bellhop: {reason}")
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_bug(ledger: Stack, past: date) -> None:
    ended(ledger, past, 2_000, args={"what": "x" * 2_000})

    command = [*run_command(ledger.application_url, "bellhop", "--help").args[:1], "export-day", str(past)]
    ended_early = subprocess.run(
        ["bash", "-c", f"{command[0]} {' '.join(command[1:])} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        env={**ledger.env, "DATABASE_URL": ledger.application_url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended_early.stdout.strip() == "1"
    assert "Traceback" not in ended_early.stderr
    assert "nobody reads the output any more" in ended_early.stderr


def test_an_export_that_fails_leaves_the_former_file_and_no_half_of_a_new_one(
    ledger: Stack, past: date, tmp_path: Path
) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("in the middle")

    place = Folder(tmp_path)
    place.write("jobs", [b"whole"])
    with pytest.raises(ValueError, match="in the middle"):
        place.write("jobs", broken())

    assert (tmp_path / "jobs").read_bytes() == b"whole"


def test_two_exports_of_the_same_file_do_not_mix(tmp_path: Path) -> None:
    place = Folder(tmp_path)

    def meanwhile() -> Iterator[bytes]:
        with pytest.raises(PlaceError, match="another process is writing it"):
            place.write("jobs", [b"other"])
        yield b"first"

    place.write("jobs", meanwhile())

    assert (tmp_path / "jobs").read_bytes() == b"first"


def test_a_day_is_forgotten_only_after_it_was_exported(ledger: Stack, past: date, tmp_path: Path) -> None:
    day, kept = ended(ledger, past, 3), ended(ledger, past, 2, tier=2)
    forgetting = Forgetting(keep=WEEK, exports=True)

    forgetting.forget_days()
    forgetting.prune_kept()
    assert there(ledger) == 5
    with transaction() as db:
        assert exported_days.unexported(db) == [past]

    assert export_day(Folder(tmp_path), past) == 5
    forgetting.forget_days()
    forgetting.prune_kept()

    assert there(ledger) == 0
    assert {line["id"] for line in lines_of(tmp_path / f"jobs-{past}.jsonl.gz")} == {str(id) for id in (*day, *kept)}
    with transaction() as db:
        assert exported_days.unexported(db) == []
        assert past not in forget.past_days(db)


def test_without_an_export_days_are_forgotten_as_ever(ledger: Stack, past: date) -> None:
    ended(ledger, past, 3)
    ended(ledger, past, 2, tier=2)
    with transaction() as db:
        exported_days.note_failed(db, past, "while there was an export")
    forgetting = Forgetting(keep=WEEK, exports=False)

    forgetting.forget_days()
    forgetting.prune_kept()

    assert there(ledger) == 0
    with transaction() as db:
        assert exported_days.failed(db) == []


def there(ledger: Stack) -> int:
    [(count,)] = ledger.sql("SELECT count(*) FROM jobs")
    return int(count)


def test_a_failure_is_noted_and_the_next_success_takes_it_back(ledger: Stack, past: date, tmp_path: Path) -> None:
    ended(ledger, past, 1)

    with pytest.raises(PlaceError, match="No such file or directory"):
        export_day(Folder(tmp_path / "missing"), past)

    with transaction() as db:
        [failed] = exported_days.failed(db)
        assert (failed.day, failed.exported_at) == (past, None)
        assert failed.error == f"{tmp_path / 'missing'}/.jobs-{past}.jsonl.gz.part: No such file or directory"
        assert exported_days.unexported(db) == [past]
    export_day(Folder(tmp_path), past)
    with transaction() as db:
        assert exported_days.failed(db) == []


def test_a_day_that_is_not_over_is_not_exported_by_itself(ledger: Stack, past: date) -> None:
    today = datetime.now(UTC).date()
    ended(ledger, today, 1, tier=2)

    with transaction() as db:
        assert exported_days.unexported(db) == [past]


def test_a_bucket_gets_a_day_in_parts_and_shows_it_when_it_is_complete(
    ledger: Stack, past: date, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "PART", 5 * 1024 * 1024)
    ids = ended(ledger, past, 40, args={"what": os.urandom(300_000).hex()})
    seen: list[dict[str, bytes]] = []

    def peeking(lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            yield line
            seen.append(stored(bucket))

    with closing(forgotten_on(past)) as lines:
        where = bucket.write(f"jobs-{past}.jsonl", in_chunks(peeking(lines), compressed=False))

    assert where == f"s3://exports/some/prefix/jobs-{past}.jsonl"
    assert seen[-1] == {}
    [(key, body)] = stored(bucket).items()
    assert key == f"some/prefix/jobs-{past}.jsonl"
    assert "-5" in client().head_object(Bucket=bucket.bucket, Key=key)["ETag"], "of 24 MB, five at a time"
    assert {json.loads(line)["id"] for line in body.splitlines()} == {str(id) for id in ids}


def test_an_upload_that_fails_leaves_nothing(bucket: Bucket) -> None:
    def broken() -> Iterator[bytes]:
        yield os.urandom(40 * 1024 * 1024)
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        bucket.write("jobs", broken())

    assert stored(bucket) == {}
    assert client().list_multipart_uploads(Bucket=bucket.bucket).get("Uploads", []) == []


def test_a_bucket_that_is_not_there_is_named(bucket: Bucket) -> None:
    with pytest.raises(PlaceError, match=r"s3://nowhere/jobs: .*NoSuchBucket"):
        Bucket("nowhere", "").write("jobs", [b"some"])


def test_the_command_writes_to_a_bucket(ledger: Stack, past: date, bucket: Bucket) -> None:
    ended(ledger, past, 3)

    done = bellhop(ledger, "export-day", str(past), "--to", "s3://exports/day.jsonl.gz")

    assert (done.returncode, done.stderr) == (0, "3 jobs to s3://exports/day.jsonl.gz\n")
    assert len(gzip.decompress(stored(bucket)["day.jsonl.gz"]).splitlines()) == 3


def test_a_bucket_without_boto3_is_a_setting_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(SettingsError, match="install bellhop-ledger"):
        Bucket("exports", "").write("jobs", [])


@pytest.mark.parametrize("address", ["relative/path", "s3://", "s3://B", "s3://a/b\0", "https://host/bucket", "/a\0b"])
def test_a_place_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"^must (name|be)"):
        place_of(address)
