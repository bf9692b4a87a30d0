"""A list of imports leaves out what may be of any size and names it; the import itself has it all."""

import json

from tests.integration.test_brief_lists import ERROR, MOST
from tests.stack import Stack
from workloads.products.tests.test_imports import imported


def test_an_import_in_a_list_counts_its_bad_rows_and_describes_them_elsewhere(stack: Stack) -> None:
    done = imported(stack, "sku,name,price,currency\n" + "x,y,-1,EUR\n" * 200)

    answer = stack.http.get("/api/imports", params={"limit": 1})

    [found] = answer.json()["imports"]
    assert len(answer.content) < MOST
    assert (found["report"]["bad"], found["report"]["bad_rows"], found["omitted"]) == (200, [], ["report.bad_rows"])
    assert len(done["report"]["bad_rows"]) == 100


def test_why_an_import_failed_is_one_bounded_line(stack: Stack) -> None:
    done = imported(stack, "sku,name,price,currency\nx,y,-1,EUR\n")
    stack.sql("UPDATE jobs SET error = %s WHERE id = %s", json.dumps(ERROR), done["job_id"])

    shown = stack.http.get(f"/api/imports/{done['id']}").json()

    assert len(shown["error"]) < 600
