"""Whatever a body raises or does to its process, its job ends with the true reason, after the policy's attempts."""

import signal
from typing import Any

import psutil
import pytest

from tests.stack import Stack, wait_until


def ended(stack: Stack, what: str) -> dict[str, Any]:
    """How a job ended whose body does this."""
    return stack.ended(stack.submit("test.conduct", args={"what": what})["id"])


@pytest.mark.parametrize(
    ("what", "type", "message"),
    [
        ("asyncio.run cancelled", "CancelledError", "gone"),
        ("CancelledError", "CancelledError", "gone"),
        ("KeyboardInterrupt", "KeyboardInterrupt", "key"),
        ("GeneratorExit", "GeneratorExit", "over"),
        ("SystemExit", "SystemExit", "out"),
        ("Interrupted", "Interrupted", "not by the worker"),
        ("Cancelled", "Cancelled", "not by anybody"),
        ("Ignore", "Ignore", "look away"),
        ("Reject", "Reject", "('no', True)"),
        ("Retry", "Retry", "again"),
    ],
)
def test_every_exception_of_a_body_ends_its_job_with_its_own_words(
    stack: Stack, what: str, type: str, message: str
) -> None:
    job = ended(stack, what)

    assert (job["state"], job["attempt"]) == ("failed", 2)
    assert job["error"]["type"] == type
    assert message in job["error"]["message"]
    assert "tests/tasks/conduct.py" in job["error"]["traceback"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_a_body_ends_the_programs_that_it_has_started(stack: Stack, name: str) -> None:
    job = ended(stack, f"{name} to a child")

    assert (job["state"], job["result"]) == ("succeeded", -signal.Signals[name])


def test_a_body_ends_a_process_that_it_has_forked(stack: Stack) -> None:
    assert ended(stack, "SIGTERM to a fork")["result"] == signal.SIGTERM


def test_programs_of_a_body_start_with_signals_and_input_as_anywhere(stack: Stack) -> None:
    of_python = f"{int(signal.SIGPIPE)} {int(signal.SIGXFSZ)} |"  # which every Python ignores on its own

    assert ended(stack, "inherited")["result"].strip() == of_python
    assert ended(stack, "stdin")["result"] == ""


@pytest.mark.parametrize(
    ("what", "heard"), [("own SIGALRM", "SIGALRM"), ("own itimer", "SIGALRM"), ("own SIGUSR1", "SIGUSR1")]
)
def test_a_body_has_its_alarm_and_user_signal_to_itself(stack: Stack, what: str, heard: str) -> None:
    assert ended(stack, what)["result"] == [heard]


def test_an_alarm_that_a_body_does_not_handle_is_an_error_of_its_own(stack: Stack) -> None:
    job = ended(stack, "alarm")

    assert job["error"]["type"] == "UnexpectedAlarm"


def test_a_stop_of_the_process_group_leaves_a_body_alone(stack: Stack) -> None:
    assert ended(stack, "SIGTERM to itself")["state"] == "succeeded"


def test_a_signal_mess_of_one_body_is_not_there_for_the_next(stack: Stack) -> None:
    messy = psutil.Process(int(ended(stack, "leaves a mess")["result"]))
    pool = {str(process.pid) for process in psutil.Process(messy.ppid()).children()}
    for _ in range(5):
        ended(stack, "leaves a mess")

    limited = stack.ended(stack.submit("test.sleep_limited", args={"seconds": 30})["id"])

    assert limited["error"]["type"] == "SoftTimeLimitExceeded"
    assert ended(stack, "pid")["result"] in pool, "a process was lost"


def test_a_coroutine_is_no_result(stack: Stack) -> None:
    job = ended(stack, "coroutine")

    assert (job["state"], job["attempt"], job["error"]["type"]) == ("failed", 1, "NotAResult")
    assert "asyncio.run" in job["error"]["message"]


def test_a_number_that_is_not_finite_is_no_result(stack: Stack) -> None:
    job = ended(stack, "nan")

    assert (job["state"], job["attempt"]) == ("failed", 1)
    assert job["error"]["message"] == "result found.1: must be a finite number"


@pytest.mark.parametrize("what", ["pool fork", "pool spawn", "pool forkserver", "futures"])
def test_a_body_may_have_a_pool_of_processes(stack: Stack, what: str) -> None:
    job = ended(stack, what)

    assert job["result"] == [1, 2, 3], job["error"]


def test_a_process_that_a_body_has_forked_ends_with_the_one_that_ran_it(stack: Stack) -> None:
    job = ended(stack, "killed with a child")

    assert job["error"]["type"] == "WorkerLost"
    orphan = int((stack.directory / "orphan").read_text())
    wait_until(lambda: not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.parametrize("what", ["breakpoint", "pdb"])
def test_a_debugger_without_a_terminal_fails_the_job_at_once(stack: Stack, what: str) -> None:
    job = ended(stack, what)

    assert (job["state"], job["attempt"], job["error"]["type"]) == ("failed", 1, "NoTerminal")
    assert "plain function" in job["error"]["message"]
