"""Journeys: which files of ours a request enters in its own thread, up to its answer.

`python -m bench.measure.journey` sends real requests to the application, with real servers behind it, and writes down
each function that is called meanwhile.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bench.measure.figure import Figure, show
from bench.measure.rooms import rooms
from bench.page import filled
from tests.stack import TOKEN, Stack

POST, AIM = "POST /api/jobs", 18
HOOK, ROUTE, LEDGER, TEMPLATE = "hook", "route", "ledger", "template"
WEB = "bellhop_web"
HOOKS = frozenset({"preprocess_request", "process_response", "do_teardown_request"})
"""Where Flask calls what runs before and after the route."""
REQUESTS = 5
"""So many are sent: the first ones open connections and read settings, and now and then one reads again what a process
remembers for seconds, such as the tasks and who a token is."""
Entered = dict[str, str]
"""By file: its kind, in the order in which they were entered."""


class Recorder:
    """Writes down the files that one thread enters."""

    def __init__(self) -> None:
        self.entered: Entered = {}
        self._files: dict[CodeType, str | None] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Note a call (as `sys.setprofile` has it)."""
        code = frame.f_code
        if event != "call" or code.co_name == "<module>":
            return
        if code not in self._files:
            self._files[code] = file_of(code.co_filename)
        if (file := self._files[code]) and file not in self.entered:
            self.entered[file] = kind_of(file, frame)


def file_of(path: str) -> str | None:
    """Return the name of a file of ours as it stands in the table, else nothing."""
    for room in rooms():
        if Path(path).is_relative_to(room.source):
            return str(Path(path).relative_to(room.source.parent))
    return None


def kind_of(file: str, frame: FrameType) -> str:
    """Return what a file is for, by who calls it first."""
    if not file.endswith(".py"):
        return TEMPLATE
    inside_route = False
    caller: FrameType | None = frame
    while caller:
        if caller.f_code.co_name in HOOKS:
            return HOOK
        inside_route |= caller.f_code.co_name == "dispatch_request"
        caller = caller.f_back
    if not inside_route:
        return HOOK
    return ROUTE if file.startswith(WEB) else LEDGER


@contextmanager
def application() -> Iterator[tuple[Stack, Any]]:
    """Start the servers and make the application as it is served, with the limits that are set by default."""
    directory = Path(tempfile.mkdtemp(prefix="bellhop-journey-"))
    stack = Stack(directory)
    try:
        stack.start()
        settings = {name: value for name, value in stack.env.items() if not name.startswith("RATE_LIMIT_")}
        os.environ |= {**settings, "LOG_FORMAT": "json"}
        with (directory / "web.log").open("w") as said, redirect_stderr(said):
            yield stack, served()
    finally:
        stack.stop()
        shutil.rmtree(directory, ignore_errors=True)


def served() -> Any:
    """Return the application with its log set up, as a process of gunicorn has it."""
    from bellhop_ledger.platform import log as logs
    from bellhop_web.app import create_app
    from bellhop_web.settings import WebSettings

    logs.configure("web", WebSettings.load())
    return create_app(WebSettings.load())


def journeys() -> dict[str, Entered]:
    """Send each request and return what it enters."""
    with application() as (stack, app):
        operator = stack.user("operator")
        token = {"Authorization": f"Bearer {TOKEN}"}
        job = app.test_client().post("/api/jobs", json={"task": "test.noop"}, headers=token).get_json()
        session = {"Cookie": "; ".join(f"{name}={value}" for name, value in operator.cookies.items())}
        return {
            POST: enter(app, "POST", "/api/jobs", headers=token, json={"task": "test.noop"}),
            "GET /api/jobs/<id>": enter(app, "GET", f"/api/jobs/{job['id']}", headers=token),
            "GET /jobs, a page": enter(app, "GET", "/jobs", headers=session),
        }


def enter(app: Any, method: str, path: str, headers: Mapping[str, str], **said: Any) -> Entered:
    """Send a request several times, and return what the one of them entered that entered the fewest files."""
    return min((_entered(app, method, path, headers, **said) for _ in range(REQUESTS)), key=len)


def _entered(app: Any, method: str, path: str, headers: Mapping[str, str], **said: Any) -> Entered:
    recorder, client = Recorder(), app.test_client(use_cookies=False)
    sys.setprofile(recorder)
    try:
        answer = client.open(path, method=method, headers=headers, **said)
    finally:
        sys.setprofile(None)
    assert answer.status_code in {200, 202}, answer.get_data(as_text=True)
    return recorder.entered


def figures(found: Mapping[str, Entered]) -> Iterator[Figure]:
    """Count the files, by kind."""
    for request, entered in found.items():
        kinds = list(entered.values())
        detail = ", ".join(f"{kinds.count(kind)} {kind}" for kind in (HOOK, ROUTE, LEDGER, TEMPLATE) if kind in kinds)
        yield Figure(f"files entered by {request}", len(entered), AIM if request == POST else None, detail)


def table(request: str, entered: Entered) -> str:
    """Return the files as a Markdown table, in the order in which they are entered."""
    rows = [f"| {place} | {kind} | `{file}` |" for place, (file, kind) in enumerate(entered.items(), start=1)]
    return "\n".join([f"| `{request}` | | file |", "|---|---|---|", *rows])


def described(found: Mapping[str, Entered]) -> str:
    """Return the counts, and the table of a submission."""
    counts = [f"- {figure.name}: {figure.value:g} ({figure.detail})" for figure in figures(found)]
    return "\n".join([*counts, "", table(POST, found[POST])])


def main() -> None:
    """Print the counts and the tables, or write them into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put them into the marked place of a page")
    given = parser.parse_args()
    found = journeys()
    show("Journeys", figures(found))
    if given.write:
        given.write.write_text(filled(given.write.read_text(), "journeys", described(found)))
        return
    for request, entered in found.items():
        print(f"\n{table(request, entered)}")


if __name__ == "__main__":
    main()
