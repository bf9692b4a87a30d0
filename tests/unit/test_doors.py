"""The doors for plug-ins: what they offer is what docs/plug-ins.md lists, and all of it is there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs/plug-ins.md").read_text()
DOORS = ["bellhop_ledger.api", "bellhop_web.plugin", "bellhop_worker.plugin"]


@pytest.mark.parametrize("door", DOORS)
def test_a_door_offers_what_the_page_lists(door: str) -> None:
    [section] = re.findall(rf"(?ms)^## `{door}`.*?$(.*?)(?=^## |\Z)", PAGE)
    listed = re.findall(r"`(\w+)`", section)

    assert sorted(listed) == sorted(import_module(door).__all__)


@pytest.mark.parametrize("door", DOORS)
def test_every_name_of_a_door_can_be_imported(door: str) -> None:
    module = import_module(door)

    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert len(set(module.__all__)) == len(module.__all__)
