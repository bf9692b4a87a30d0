"""The numbers of `make measure` count what they say."""

import sys
from pathlib import Path

from bench.measure import domains, journey, shape, statements
from bench.measure.figure import Figure
from bench.measure.rooms import Room, rooms


def room_with(folder: Path, *files: str) -> Room:
    for name in files:
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return Room("shop", folder / "shop")


def test_a_figure_over_its_aim_is_missed_and_one_that_was_not_measured_is_not() -> None:
    assert Figure("lines", 11, at_most=10).missed
    assert not Figure("lines", 10, at_most=10).missed
    assert not Figure("lines", None, at_most=10).missed


def test_a_domain_that_lies_in_one_folder_counts_once_however_deep_its_files_lie(tmp_path: Path) -> None:
    room = room_with(tmp_path, "polls/api.py", "polls/templates/poll.html", "jobs/api.py")

    assert len(domains.homes_in(room, "polls")) == 1


def test_a_domain_is_counted_in_each_folder_that_has_a_file_of_its_name(tmp_path: Path) -> None:
    room = room_with(tmp_path, "api/polls.py", "api/poll_result.py", "pages/poll.py", "polls/acts.py")

    assert len(domains.homes_in(room, "polls")) == 3


def test_a_room_that_is_named_after_a_domain_is_its_one_folder(tmp_path: Path) -> None:
    room = Room("acme_polls", room_with(tmp_path, "web/static/polls.css", "web/templates/polls/show.html").source)

    assert domains.homes_in(room, "polls") == {Path()}
    assert domains.homes_in(room, "timer") == set()


def test_what_lies_in_the_folder_of_another_domain_belongs_to_that_one(tmp_path: Path) -> None:
    room = room_with(tmp_path, "accounts/templates/look_for_mail.html", "mails/api.py")

    assert domains.homes_in(room, "mails") == {Path("mails")}


def test_every_room_of_the_repository_is_found() -> None:
    assert {"bellhop", "bellhop_web", "bellhop_worker", "bellhop_scheduler"} <= {room.name for room in rooms()}
    assert all((room.source / "__init__.py").exists() for room in rooms())


def test_only_an_update_that_writes_the_state_is_a_spelling_of_back_to_queued(tmp_path: Path) -> None:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "sql.py").write_text(
        'A = """UPDATE jobs j SET state = \'queued\', lease = NULL WHERE id = 1"""\n'
        'B = """UPDATE jobs SET published_at = NULL WHERE state = \'queued\'"""\n'
        'C = """UPDATE jobs j SET state = CASE WHEN x THEN \'failed\' ELSE \'queued\' END WHERE id = 1"""\n'
    )

    assert statements.spellings(folder / "sql.py") == 2


def test_a_journey_names_each_file_of_ours_that_is_entered_once() -> None:
    recorder = journey.Recorder()

    sys.setprofile(recorder)
    rooms()[0].modules()  # of bench, which is no room
    from bellhop_ledger.platform.clock import now

    now()
    now()
    sys.setprofile(None)

    assert [Path(file).name for file in recorder.entered] == ["clock.py"]


def test_functions_are_measured_in_lines_of_every_room() -> None:
    found = {figure.name: figure.value for figure in shape.functions()}

    assert (found["functions"] or 0) > 1_000
    assert 1 <= (found["lines of a function, median"] or 0) <= (found["lines of a function, p99"] or 0)
