"""Tracebacks on a job's page: whose frames are folded, and that nothing of the text is lost."""

import pytest

from bellhop_web.jobs.shown.tracebacks import parts_of

ENGINE = """\
  File "/app/services/worker/src/bellhop_worker/engine/execution.py", line 88, in call
    return body(**args)
           ^^^^^^^^^^^^
  File "/venv/lib/python3.13/site-packages/bellhop_ledger/platform/database.py", line 1, in transaction
    yield db
"""
BODY = """\
  File "/app/acme/invoices.py", line 12, in render
    total = price(order)
  File "/app/acme/prices.py", line 3, in price
    return requests.get(url).json()
"""
LIBRARY = """\
  File "/venv/lib/python3.13/site-packages/requests/api.py", line 73, in get
    return request("get", url, params=params, **kwargs)
  File "/usr/lib/python3.13/socket.py", line 849, in create_connection
    raise exceptions[0]
  [Previous line repeated 3 more times]
"""
BEGIN, END = "Traceback (most recent call last):\n", "ConnectionError: refused\n    by the firewall\n"
CHAIN = "\nDuring handling of the above exception, another exception occurred:\n\n"


def titles(text: str) -> list[str]:
    return [part.title for part in parts_of(text)]


def test_frames_of_the_engine_and_of_libraries_are_folded_and_those_of_the_body_stand_open() -> None:
    assert titles(BEGIN + ENGINE + BODY + LIBRARY + END) == [
        "",
        "2 frames of Bellhop",
        "",
        "2 frames of libraries",
        "",
    ]


def test_what_follows_one_another_is_folded_together() -> None:
    assert titles(BEGIN + BODY + LIBRARY + ENGINE + END) == ["", "4 frames of Bellhop and libraries", ""]


def test_a_body_that_is_an_installed_package_is_no_library() -> None:
    installed = BODY.replace("/app/", "/venv/lib/python3.13/site-packages/")

    assert titles(BEGIN + ENGINE + installed + LIBRARY + END) == [
        "",
        "2 frames of Bellhop",
        "",
        "2 frames of libraries",
        "",
    ]


def test_a_checkout_in_a_folder_of_our_name_is_not_ours() -> None:
    at_home = BODY.replace("/app/acme", "/home/ann/bellhop/workloads/polls/src/bellhop_polls")

    assert titles(BEGIN + at_home + END) == [""]


@pytest.mark.parametrize(
    "text",
    [
        BEGIN + ENGINE + BODY + LIBRARY + END,
        BEGIN + BODY + END + CHAIN + BEGIN + ENGINE + BODY + END,
        END,
        "",
        "[what came before is left out]\n" + LIBRARY + END,
        '  + Exception Group Traceback (most recent call last):\n  |   File "/app/a.py", line 1, in a\n',
    ],
)
def test_the_parts_together_are_the_whole(text: str) -> None:
    assert "".join(part.text for part in parts_of(text)) == text
