"""The buffer of a job's log: the newest lines, however much is said, and only what can be stored and shown."""

import json
import tracemalloc
from threading import Event, Thread
from uuid import uuid4

import pytest

from bellhop_ledger.ledger.job_logs import LINE_BYTES, MOST_BYTES, NewLines
from bellhop_ledger.platform.secrets import PREFIX, forms_of
from bellhop_worker.job_logs.buffer import LONGEST_TEXT, LogBuffer


class Noted(list[LogBuffer]):
    """The buffers that have lines, each as often as it said so."""


def buffer(noted: Noted | None = None, *, hide: list[str] | None = None) -> LogBuffer:
    return LogBuffer(uuid4(), 1, (noted if noted is not None else Noted()).append, forms_of(hide or []))


def said(one: LogBuffer) -> list[str]:
    """The messages that wait to be written."""
    new = one.unwritten()
    return [entry["message"] for entry in new.entries] if new else []


def taken(one: LogBuffer) -> NewLines:
    new = one.unwritten()
    assert new
    return new


def test_a_line_says_when_how_loud_who_and_in_which_attempt() -> None:
    one = LogBuffer(uuid4(), 3, Noted().append)

    one.add("warning", "acme", "careful", "Traceback ...")

    [entry] = taken(one).entries
    assert entry["at"].endswith("+00:00")
    assert (entry["level"], entry["logger"], entry["attempt"]) == ("warning", "acme", 3)
    assert (entry["message"], entry["traceback"]) == ("careful", "Traceback ...")


def test_of_many_lines_the_newest_are_kept_and_all_are_counted() -> None:
    one = buffer()

    for number in range(10_000):
        one.add("info", "acme", f"line {number}")

    new = taken(one)
    sizes = [len(entry["message"]) + LINE_BYTES for entry in new.entries]
    assert MOST_BYTES - 200 < sum(sizes) <= MOST_BYTES
    assert (new.lines, new.entries[-1]["message"]) == (10_000, "line 9999")


def test_empty_lines_take_room_too() -> None:
    one = buffer()

    one.print("info", "stdout", "\n" * 1_000_000)

    new = taken(one)
    assert (new.lines, len(new.entries)) == (1_000_000, MOST_BYTES // LINE_BYTES)


def test_what_is_written_is_forgotten_and_what_came_meanwhile_is_not() -> None:
    one = buffer()
    one.add("info", "acme", "first")
    new = taken(one)
    one.add("info", "acme", "second")

    one.written(new)

    assert said(one) == ["second"]
    one.written(taken(one))
    assert one.unwritten() is None


def test_lines_that_had_to_go_while_others_were_written_are_counted_with_the_next() -> None:
    one = buffer()
    one.add("info", "acme", "first")
    new = taken(one)
    for number in range(1000):
        one.add("info", "acme", f"line {number}")

    one.written(new)

    then = taken(one)
    assert (then.lines, then.entries[-1]["message"], len(then.entries) < 1000) == (1000, "line 999", True)


def test_a_buffer_says_once_that_it_has_lines_until_they_are_taken() -> None:
    noted = Noted()
    one = buffer(noted)

    for _ in range(3):
        one.add("info", "acme", "line")
    assert len(noted) == 1

    one.unwritten()
    one.add("info", "acme", "line")
    assert len(noted) == 2


def test_threads_that_print_by_turns_have_lines_of_their_own() -> None:
    one = buffer()
    printed, ended = Event(), Event()

    def first() -> None:
        one.print("info", "stdout", "first")  # as `print` does: the text, and then its end
        printed.set()
        assert ended.wait(60)
        one.print("info", "stdout", "\n")

    thread = Thread(target=first)
    thread.start()
    assert printed.wait(60)
    one.print("info", "stdout", "second")
    one.print("info", "stdout", "\n")
    ended.set()
    thread.join()

    assert said(one) == ["second", "first"]


def test_what_is_printed_becomes_lines_however_it_is_cut() -> None:
    one = buffer()

    for text in ("one ", "line\nand", " another\n\n", "unended"):
        one.print("info", "stdout", text)
    one.print("warning", "stderr", "of its own\n")
    one.close()

    assert said(one) == ["one line", "and another", "", "of its own", "unended"]


def test_of_a_bar_that_moves_the_end_is_shown() -> None:
    one = buffer()

    for part in range(10_000):
        one.print("info", "stdout", f"\r{part} of 10000")
    one.print("info", "stdout", "\r\ndone\r\n")

    assert said(one) == ["9999 of 10000", "done"]


def test_after_the_end_of_the_run_nothing_is_taken() -> None:
    one = buffer()
    one.add("info", "acme", "in time")

    one.close()
    one.add("info", "acme", "too late")
    one.print("info", "stdout", "too late\n")

    assert said(one) == ["in time"]


@pytest.mark.parametrize(
    "text", ["NUL \0 here", "half \ud800 a pair", "\udfff", "é" * 100_000, "x" * 1_000_000, "\x1b[31m"]
)
def test_any_text_can_be_stored(text: str) -> None:
    one = buffer()

    one.add(text, text, text, text)
    one.print("info", "stdout", text + "\n")

    new = taken(one)
    stored = json.dumps(new.entries, ensure_ascii=False).encode()
    assert (len(new.entries), b"\\u0000" in stored, len(stored) < 5 * LONGEST_TEXT * 2) == (2, False, True)


def test_a_secret_is_masked_in_each_of_its_forms() -> None:
    one = buffer(hide=["of the deployment"])
    one.hide(["open sesame", 'quo"ted', "first line\nsecond line", "abc"])

    one.add("info", "acme", "open sesame, of the deployment", "ValueError: open sesame")
    one.add("info", "acme", json.dumps({"key": 'quo"ted'}))
    one.print("info", "stdout", "first line\nsecond line\n")
    one.print("info", "stdout", "open se")
    one.print("info", "stdout", "same\n")
    one.add("info", "acme", f"{PREFIX}0123456789abcdef:gAAA-_= abc")

    entries = taken(one).entries
    assert [entry["message"] for entry in entries] == [
        "***, ***", '{"key": "***"}', "***", "***", "***", "*** abc",
    ]  # fmt: skip
    assert entries[0]["traceback"] == "ValueError: ***"


def test_a_secret_is_masked_where_a_long_text_is_cut() -> None:
    secret = "a-secret-of-some-length"
    one = buffer(hide=[secret])

    for _ in range(2_000):
        one.print("info", "stdout", "." * 17 + secret)
    one.print("info", "stdout", "\n" + secret * 10_000 + "\n" + secret * 10_000)
    one.close()

    words = "".join(said(one))
    assert words
    assert not any(secret[start : start + 6] in words for start in range(len(secret) - 6))


def test_a_hundred_megabytes_take_no_room() -> None:
    one = buffer()
    text = "a line of a hundred characters".ljust(99, ".") + "\n"
    tracemalloc.start()

    for _ in range(20_000):
        one.print("info", "stdout", text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    one.print("info", "stdout", text * 980_000)

    assert peak < 20 * MOST_BYTES
    assert taken(one).lines == 1_000_000
