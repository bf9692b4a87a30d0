"""Plug-ins: how they are found, and what is said of a wrong name."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop.plugin import Plugin, PluginError, find_plugins

TASKS = '''
from bellhop import task

@task("acme.greet{n}")
def greet(*, name: str) -> str:
    """Greet somebody."""
    return f"Hello {{name}}"
'''
VALUE = """
from bellhop.plugin import Plugin

plugin = Plugin("acme", tasks="{package}.tasks")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a place from which Python imports; what was imported from it is forgotten."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def package(site: Path, name: str) -> None:
    (site / name).mkdir()
    (site / name / "__init__.py").write_text(VALUE.format(package=name))
    (site / name / "tasks.py").write_text(TASKS.format(n=name))


def installed(site: Path, group: str, name: str, value: str) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")


def of_here(found: list[Plugin]) -> list[Plugin]:
    return [plugin for plugin in found if plugin.name.startswith("acme")]


def test_a_module_of_tasks_is_a_plug_in_by_itself(site: Path) -> None:
    (site / "acme_tasks.py").write_text(TASKS.format(n=1))

    [plugin] = of_here(find_plugins(["acme_tasks"], run_tasks=True))

    assert plugin == Plugin("acme_tasks", tasks="acme_tasks")


def test_a_package_says_itself_what_it_consists_of(site: Path) -> None:
    package(site, "acme_a")

    assert of_here(find_plugins(["acme_a"], run_tasks=True)) == [Plugin("acme", tasks="acme_a.tasks")]


def test_a_plug_in_that_is_installed_needs_no_setting(site: Path) -> None:
    package(site, "acme_b")
    installed(site, "bellhop.plugins", "acme", "acme_b:plugin")

    assert of_here(find_plugins(run_tasks=False)) == [Plugin("acme", tasks="acme_b.tasks")]


def test_workloads_are_chosen_by_their_names(site: Path) -> None:
    package(site, "acme_c")
    installed(site, "bellhop.workloads", "acme", "acme_c:plugin")

    assert of_here(find_plugins(workloads=["all"], run_tasks=False))
    assert of_here(find_plugins(workloads=["acme"], run_tasks=False))
    assert not of_here(find_plugins(workloads=["none"], run_tasks=False))


def test_a_workload_that_is_not_installed_is_refused() -> None:
    with pytest.raises(PluginError, match=r"WORKLOADS: acme is not installed; choose from all, none, "):
        find_plugins(workloads=["acme"], run_tasks=False)


@pytest.mark.parametrize("name", ["acme_nowhere", "acme_nowhere.tasks", "json:nothing"])
def test_a_wrong_name_is_refused_with_the_variable_in_which_it_stands(name: str) -> None:
    with pytest.raises(PluginError, match=rf"BELLHOP_PLUGINS: {name} cannot be imported: "):
        find_plugins([name], run_tasks=True)


def test_a_value_that_is_no_plug_in_is_refused() -> None:
    with pytest.raises(PluginError, match=r"BELLHOP_PLUGINS: json:dumps is neither a Plugin nor a module"):
        find_plugins(["json:dumps"], run_tasks=True)


def test_two_plug_ins_of_one_name_are_refused(site: Path) -> None:
    package(site, "acme_d")
    package(site, "acme_e")

    with pytest.raises(PluginError, match=r"two plug-ins have the name acme"):
        find_plugins(["acme_d", "acme_e"], run_tasks=True)


def test_a_process_that_runs_no_tasks_imports_none_and_needs_none(site: Path) -> None:
    package(site, "acme_f")
    (site / "acme_more.py").write_text("raise SystemExit('imported')")

    found = of_here(find_plugins(["acme_f", "acme_more", "acme_nowhere", "acme_nowhere.tasks"], run_tasks=False))

    assert [plugin.tasks for plugin in found] == ["acme_f.tasks"]
    assert "acme_f.tasks" not in sys.modules


def test_a_module_that_fails_when_it_is_imported_is_named(site: Path) -> None:
    (site / "acme_broken.py").write_text("1 / 0")

    with pytest.raises(PluginError, match=r"the plug-in acme: acme_broken cannot be imported: ZeroDivisionError"):
        Plugin("acme", tasks="acme_broken").load_tasks()


def test_a_name_is_plain() -> None:
    with pytest.raises(ValueError, match=r"'Acme Inc' is not the name of a plug-in"):
        Plugin("Acme Inc")
