"""Samples: the submission of a job like this one, to be copied as curl, Python or TypeScript.

The token is a variable of the environment, and a secret argument is `***`, which whoever copies it replaces.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pprint import pformat
from textwrap import indent
from typing import Any

from bellhop.priority import DEFAULT_PRIORITY
from bellhop_ledger.ledger.tables import PEOPLE, Job
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.known import known_tasks

LONGEST = 20_000
"""Characters of the arguments: of a job with longer ones nobody copies the text."""
CURL = """\
curl --fail-with-body '{url}/api/jobs' \\
  --header "Authorization: Bearer $BELLHOP_TOKEN" \\
  --header 'Content-Type: application/json' \\
  --data-binary @- <<'JSON'
{body}
JSON"""
PYTHON = """\
import os

from bellhop_client import Client

with Client({url!r}, os.environ["BELLHOP_TOKEN"]) as client:
    job = client.submit(
        {task!r},
{args},{options}
    )
    print(job.id, client.wait(job).state)"""
TYPESCRIPT = """\
import {{ Client }} from "bellhop-client";

const bellhop = new Client({url}, process.env.BELLHOP_TOKEN!);
const job = await bellhop.submit({task}, {args}{options});
console.log(job.id, (await bellhop.wait(job.id)).state);"""


@dataclass(frozen=True)
class Sample:
    """One text to copy."""

    name: str
    """Of the language."""
    code: str


def samples_of(job: Job) -> list[Sample]:
    """Return the samples of a job; none where its arguments are too long for that."""
    args = masked(job.args)
    if len(json.dumps(args)) > LONGEST:
        return []
    url, options = Settings.load().public_url.rstrip("/"), options_of(job)
    body = json.dumps({"task": job.task, "args": args, **options}, indent=2, ensure_ascii=False)
    return [
        Sample("curl", CURL.format(url=url, body=body)),
        Sample("Python", _python(url, job.task, args, options)),
        Sample("TypeScript", _typescript(url, job.task, args, options)),
    ]


def options_of(job: Job) -> dict[str, Any]:
    """Return what the submission said besides task and arguments, as far as the job differs from others of its task."""
    options: dict[str, Any] = {
        "label": job.label,
        "tags": job.tags,
        "priority": job.priority if job.priority != DEFAULT_PRIORITY else None,
        "timeout": job.timeout,
    }
    if task := known_tasks().get(job.task):
        options["queue"] = job.queue if job.queue not in {task.queue, PEOPLE} else None
        options["max_attempts"] = job.max_attempts if job.max_attempts != task.attempts_of(job.args) else None
    return {name: value for name, value in options.items() if value is not None}


def _python(url: str, task: str, args: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    written = "".join(f"\n        {name}={value!r}," for name, value in options.items())
    literal = indent(pformat(args, width=88, sort_dicts=False), " " * 8)
    return PYTHON.format(url=url, task=task, args=literal, options=written)


def _typescript(url: str, task: str, args: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    literal = json.dumps(args, indent=2, ensure_ascii=False)
    written = f", {json.dumps(options, indent=2, ensure_ascii=False)}" if options else ""
    return TYPESCRIPT.format(url=json.dumps(url), task=json.dumps(task), args=literal, options=written)
