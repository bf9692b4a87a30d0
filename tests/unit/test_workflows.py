"""The workflows, the forms and the hooks: they call what is here, and nothing else."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.stack import BIN, ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
KNOWN = {"markdown", "textarea", "input", "dropdown", "checkboxes"}
"""The elements that a form may have."""

each = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def actionlint(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / "actionlint", "-"], input=text, capture_output=True, text=True, check=False)


@each
def test_a_workflow_is_right_by_actionlint(workflow: Path) -> None:
    done = actionlint(workflow.read_text())

    assert done.returncode == 0, done.stdout


def test_actionlint_finds_what_is_wrong() -> None:
    done = actionlint(WORKFLOWS[0].read_text().replace("github.ref", "github.nothing"))

    assert 'property "nothing" is not defined' in done.stdout


@each
def test_a_workflow_may_only_read_unless_a_job_says_more(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}


@each
def test_a_workflow_runs_targets_and_scripts_that_are_here(workflow: Path) -> None:
    text = workflow.read_text()
    targets = set(re.findall(r"\bmake ([a-z-]+)", text))

    assert targets <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert all((ROOT / script).exists() for script in re.findall(r"\bbash (\S+)", text))


def test_ci_is_the_script_and_a_release_is_the_command_that_anybody_runs() -> None:
    ci, release = (path.read_text() for path in WORKFLOWS)

    assert "bash .ci/run" in ci
    assert 'make release VERSION="${TAG#v}"' in release


@pytest.mark.parametrize("form", [one for one in FORMS if one.stem != "config"], ids=lambda path: path.name)
def test_a_form_has_a_name_and_elements_that_are_known(form: Path) -> None:
    read = yaml.safe_load(form.read_text())

    assert read["name"]
    assert read["description"]
    assert {element["type"] for element in read["body"]} <= KNOWN
    assert all(element["attributes"].get("label") for element in read["body"] if element["type"] != "markdown")


def test_hooks_call_the_tools_of_the_environment_alone() -> None:
    hooks = [hook for repo in HOOKS for hook in repo["hooks"]]

    assert [repo["repo"] for repo in HOOKS] == ["local"]
    assert all(hook["language"] == "system" and (ROOT / hook["entry"].split()[0]).exists() for hook in hooks)
