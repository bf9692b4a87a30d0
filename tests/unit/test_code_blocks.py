"""The code in the documents: each block is run by a test that is named here, or is checked as its language is."""

import json
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Callable
from configparser import ConfigParser
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bellhop_web.jobs.views import JobView
from tests.documents import Block, blocks
from tests.stack import BIN, ROOT

APPLICATION = "docs/from-your-application.md"
TASKS = "docs/your-own-tasks.md"
OF_APPLICATION = "tests/integration/test_from_your_application.py"
OF_TASKS = "tests/local/test_your_own_tasks.py"
OF_TYPESCRIPT = "tests/integration/test_typescript_client.py::test_the_examples_of_the_documents_have_right_types"
RUN_BY = {
    ("README.md", "python"): (1, "tests/local/test_local_stack.py::test_the_task_of_the_readme_runs"),
    ("clients/python/README.md", "python"): (8, "clients/python/tests/test_readme.py::test_the_examples_run"),
    ("clients/typescript/README.md", "ts"): (3, OF_TYPESCRIPT),
    ("docs/architecture.md", "text"): (
        1,
        "tests/unit/test_architecture.py::test_the_page_about_the_architecture_shows_the_same_diagram",
    ),
    ("docs/from-celery.md", "python"): (
        1,
        "tests/integration/test_celery_clients.py::test_the_example_of_the_page_about_celery_runs",
    ),
    (APPLICATION, "python"): (11, f"{OF_APPLICATION}::test_an_example_in_python_does_both"),
    (APPLICATION, "sql"): (5, f"{OF_APPLICATION}::test_an_example_in_sql_does_both"),
    (APPLICATION, "js"): (1, f"{OF_APPLICATION}::test_the_example_in_node_does_both"),
    (APPLICATION, "go"): (1, f"{OF_APPLICATION}::test_the_example_in_go_does_both"),
    ("docs/endpoints.md", "python"): (
        1,
        "tests/integration/test_endpoints_page.py::test_a_service_of_the_page_charges_refuses_and_reports",
    ),
    ("docs/endpoints.md", "js"): (
        1,
        "tests/integration/test_endpoints_page.py::test_a_service_of_the_page_charges_refuses_and_reports",
    ),
    ("docs/frameworks.md", "python"): (
        6,
        "clients/python/tests/test_flask.py::test_a_view_submits_a_job_and_another_shows_its_result",
    ),
    ("docs/finding-jobs.md", "sh"): (
        1,
        "clients/python/tests/test_command_docs.py::test_the_queries_of_the_page_are_answered",
    ),
    ("docs/bulk-actions.md", "sh"): (2, "tests/integration/test_bulk_actions.py::test_the_examples_of_the_page_run"),
    ("docs/command-line.md", "sh"): (8, "clients/python/tests/test_command_docs.py::test_the_examples_run"),
    ("docs/http-requests.md", "python"): (
        1,
        "clients/python/tests/test_webhooks.py::test_the_page_about_http_request_signs_as_this_verifies",
    ),
    ("docs/http-requests.md", "ts"): (1, OF_TYPESCRIPT),
    ("docs/people.md", "sh"): (7, "tests/integration/test_people_page.py::test_what_the_page_says_is_done"),
    ("docs/job-logs.md", "sh"): (1, "tests/integration/test_job_logs.py::test_the_example_of_the_page_about_logs_runs"),
    ("docs/schedules.md", "sh"): (5, "tests/integration/test_schedules_page.py::test_the_examples_of_the_page_run"),
    ("docs/notifications.md", "sh"): (3, "tests/integration/test_notifications_page.py::test_the_examples_run"),
    ("docs/notifications.md", "json"): (
        1,
        "tests/integration/test_notifications_page.py::test_the_body_of_the_page_is_what_a_webhook_gets",
    ),
    ("docs/operations/from-a-release.md", "sh"): (
        2,
        "tests/integration/test_release.py::test_a_job_runs_on_a_system_that_was_installed_from_the_folder",
    ),
    ("docs/oidc.md", "sh"): (
        5,
        "tests/unit/test_oidc_settings.py::test_the_settings_of_the_page_about_openid_are_taken",
    ),
    ("docs/why.md", "sh"): (2, "tests/integration/test_failures.py::test_the_examples_of_the_page_run"),
    ("docs/workers-and-queues.md", "sh"): (3, "tests/integration/test_draining.py::test_the_examples_of_the_page_run"),
    (TASKS, "python"): (5, f"{OF_TASKS}::test_the_package_is_made_tested_and_built"),
    (TASKS, "toml"): (1, f"{OF_TASKS}::test_the_package_is_made_tested_and_built"),
    (TASKS, "sh"): (8, f"{OF_TASKS}::test_its_task_runs_and_a_wrong_argument_is_refused"),
}
"""By document and language: how many blocks stand there, and the test that runs or type-checks all of them."""


def lint_dockerfile(code: str) -> None:
    """Hold a Dockerfile to the rules of ours; a stage that is thrown away may cache."""
    subprocess.run([BIN / "hadolint", "--ignore", "DL3042", "-"], input=code, text=True, cwd=ROOT, check=True)


def parse_shell(code: str) -> None:
    """Read commands as bash does, without running them."""
    subprocess.run(["bash", "-n"], input=code, text=True, check=True)


CHECKS: dict[str, Callable[[str], Any]] = {
    "dockerfile": lint_dockerfile,
    "ini": lambda code: ConfigParser().read_string(code),
    "json": json.loads,
    "sh": parse_shell,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
}
"""For the languages of data, and for commands."""
BLOCKS = blocks()
checked = pytest.mark.parametrize(
    "block",
    [block for block in BLOCKS if (block.document, block.language) not in RUN_BY],
    ids=lambda block: f"{block.document}:{block.line}",
)


def test_the_tests_that_run_blocks_run_all_that_are_there() -> None:
    there = Counter((block.document, block.language) for block in BLOCKS)

    assert {key: there[key] for key in RUN_BY} == {key: count for key, (count, _) in RUN_BY.items()}


@pytest.mark.parametrize(("key", "test"), [(key, test) for key, (_, test) in RUN_BY.items()], ids=str)
def test_a_test_that_runs_blocks_is_there_and_reads_the_document(key: tuple[str, str], test: str) -> None:
    path, _, name = test.partition("::")
    text = (ROOT / path).read_text()

    assert re.search(rf"^def {name}\(", text, re.MULTILINE)
    assert key[0] in text


@checked
def test_a_block_that_no_test_runs_is_right_by_the_rules_of_its_language(block: Block) -> None:
    assert block.language in CHECKS, (
        "name the test that runs it in RUN_BY; without a language, indent it by four blanks"
    )

    CHECKS[block.language](block.code)


def test_the_receipt_in_the_readme_has_fields_that_a_receipt_has() -> None:
    [receipt] = [block.code for block in BLOCKS if (block.document, block.language) == ("README.md", "json")]

    assert json.loads(receipt).keys() <= JobView.model_fields.keys()
