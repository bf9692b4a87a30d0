"""The page about personal data: it has every column of every table that names somebody, and no other."""

import re
from collections.abc import Iterator
from importlib import import_module

from sqlalchemy import Column, MetaData

from bellhop_ledger.migrations.tables import metadata
from bellhop_ledger.platform.database import metadata_of
from tests.samples import workloads
from tests.stack import ROOT

NAMES = {"email", "recipient", "submitter", "actor", "address", "agent", "by", "user_id", "owner_id", "owner"}
NOT_A_PERSON = {"blocked_by"}
"""What a job waits for."""
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z_.]+)` \| ([^|]+) \|[^|]+\|[^|]+\|[^|]+\|$", re.MULTILINE)


def all_tables() -> Iterator[MetaData]:
    """Yield the tables of the platform, and those of each workload that is here."""
    yield metadata
    for name in workloads():
        import_module(f"bellhop_{name}.tables")
        yield metadata_of(name)


def names_somebody(column: Column[object]) -> bool:
    """Whether a column holds an address, or says who did something or whose something is."""
    leads_to_users = any(key.target_fullname.endswith("users.id") for key in column.foreign_keys)
    says_by_whom = column.name in NAMES or column.name.endswith("_by")
    return (leads_to_users or says_by_whom) and column.name not in NOT_A_PERSON


def test_the_page_about_personal_data_lists_every_column_that_names_somebody() -> None:
    found = {
        table.fullname: {column.name for column in table.columns if names_somebody(column)}
        for tables in all_tables()
        for table in tables.sorted_tables
    }
    listed = {table: set(re.findall(r"`(\w+)`", columns)) for table, columns in ROW.findall(PAGE)}
    ours = {table: columns for table, columns in listed.items() if "." not in table or table in found}

    assert ours == {table: columns for table, columns in found.items() if columns}


def test_a_column_that_names_somebody_is_known_by_its_name_or_its_key() -> None:
    known = {column.name for table in metadata.sorted_tables for column in table.columns if names_somebody(column)}

    assert {"email", "user_id", "created_by", "held_by", "actor"} <= known
    assert not {"blocked_by", "name", "id"} & known
