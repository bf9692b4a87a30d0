"""The audit: it passes only when every package was checked, whatever pip-audit makes of it."""

import json
from typing import Any

import pytest

from scripts.audit import Audited, judged, pinned

LOCKED = """\
flask==3.1.2 \\
    --hash=sha256:aa
    # via bellhop
zope-interface==7.0 ; python_version >= "3.11" \\
    --hash=sha256:bb
colorama==0.4.6 ; sys_platform == "win32" \\
    --hash=sha256:cc
"""
CLEAN = [{"name": "flask", "version": "3.1.2", "vulns": []}, {"name": "zope.interface", "version": "7.0", "vulns": []}]
HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.3"], "aliases": ["CVE-2026-1"], "description": "Bad"}
NOT_FOUND = "Dependency not found on PyPI and could not be audited: flask (3.1.2)"


def said(dependencies: list[dict[str, Any]], exit_code: int = 0) -> Audited:
    return Audited(exit_code, json.dumps({"dependencies": dependencies, "fixes": []}), "No known vulnerabilities found")


def test_packages_for_other_machines_are_not_asked_for() -> None:
    assert pinned(LOCKED) == {"flask", "zope-interface"}


def test_a_clean_report_on_every_package_passes() -> None:
    assert judged(LOCKED, said(CLEAN)) == []


def test_a_vulnerable_package_is_named_with_its_remedy() -> None:
    report = [CLEAN[0] | {"vulns": [HOLE, HOLE | {"id": "PYSEC-2026-2", "fix_versions": []}]}, CLEAN[1]]

    assert judged(LOCKED, said(report, 1)) == [
        "flask 3.1.2 has PYSEC-2026-1; fixed in 3.1.3",
        "flask 3.1.2 has PYSEC-2026-2; fixed in no version yet",
    ]


def test_a_package_that_was_skipped_fails_although_pip_audit_is_content() -> None:
    report = [{"name": "flask", "skip_reason": NOT_FOUND}, CLEAN[1]]

    assert judged(LOCKED, said(report)) == [f"flask was not checked: {NOT_FOUND}"]


def test_a_package_that_is_not_in_the_report_fails() -> None:
    assert judged(LOCKED, said(CLEAN[:1])) == ["zope-interface was not checked: it is not in the report"]


def test_an_empty_report_fails() -> None:
    assert "nothing was checked" in judged("", said([]))


@pytest.mark.parametrize("output", ["", "Traceback", "[]", "{}", "null"])
@pytest.mark.parametrize("exit_code", [0, 1, 2])
def test_a_report_that_cannot_be_read_fails(output: str, exit_code: int) -> None:
    [complaint] = judged(LOCKED, Audited(exit_code, output, "some\nERROR: the service is away\n"))

    assert complaint == f"pip-audit did not work (it ended with {exit_code}): ERROR: the service is away"


def test_a_tool_that_crashed_after_its_report_fails() -> None:
    assert judged(LOCKED, said(CLEAN, 139)) == ["pip-audit ended with 139: No known vulnerabilities found"]
