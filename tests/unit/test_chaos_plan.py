"""The plan of a drill: the seed decides everything, and nothing is broken that is broken already."""

import pytest

from tests.chaos.faults import BY_NAME
from tests.chaos.plan import FAULTS, KINDS, Plan


def test_a_seed_makes_the_same_plan_each_time_and_another_one_another() -> None:
    assert Plan.of(12, 3000, 60) == Plan.of(12, 3000, 60)
    assert Plan.of(12, 3000, 60).faults != Plan.of(13, 3000, 60).faults
    assert Plan.of(12, 3000, 60).submissions != Plan.of(13, 3000, 60).submissions


@pytest.mark.parametrize("jobs", [1, 2, 3000])
def test_a_plan_has_as_many_jobs_as_it_is_asked_for_and_each_has_a_key_of_its_own(jobs: int) -> None:
    wishes = [wish for submission in Plan.of(5, jobs, 60).submissions for wish in submission.wishes]

    assert len({wish.key for wish in wishes}) == len(wishes) == jobs


def test_a_long_plan_has_all_kinds_of_jobs_and_faults() -> None:
    plan = Plan.of(5, 3000, 1200)

    assert {wish.body["task"] for submission in plan.submissions for wish in submission.wishes} == KINDS.keys()
    assert {fault.name for fault in plan.faults} == FAULTS.keys() == BY_NAME.keys()


def test_no_fault_begins_at_a_part_that_another_one_has_broken() -> None:
    free: dict[str, float] = {}
    for fault in Plan.of(5, 100, 1200).faults:
        assert fault.at >= free.get(fault.target, 0)
        free[fault.target] = fault.until
