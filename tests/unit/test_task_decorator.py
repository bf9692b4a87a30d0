"""`@task`: the signature is derived from the body."""

from typing import Any

import pytest
from pydantic import ValidationError

from bellhop import task
from bellhop.manifest import manifest_of, manifests_of
from bellhop.plugin import Plugin
from bellhop.signature import Cron, Every, Mode, NotASignature


def test_a_body_is_its_own_signature() -> None:
    @task("unit.render", queue="slow", mode="atomic")
    def render(*, invoice_id: int, copies: int = 1) -> str:
        """Render an invoice."""
        return f"{invoice_id} x {copies}"

    assert (render.name, render.queue, render.mode, render.description) == (
        "unit.render", "slow", Mode.ATOMIC, "Render an invoice.",
    )  # fmt: skip
    assert render.arguments(invoice_id=7).model_dump() == {"invoice_id": 7, "copies": 1}
    assert render(invoice_id=7, copies=2) == "7 x 2"


def test_what_the_worker_gives_is_no_argument() -> None:
    @task("unit.given")
    def given(run: Any, db: Any, *, name: str) -> list[Any]:
        return [run, db, name]

    assert list(given.arguments.model_fields) == ["name"]
    assert given.wants == {"run": "run", "db": "db"}
    assert given("a run", "a session", name="Ada") == ["a run", "a session", "Ada"]


def test_an_argument_may_be_called_as_what_the_worker_gives() -> None:
    @task("unit.named")
    def named(*, run: int) -> int:
        return run

    assert list(named.arguments.model_fields) == ["run"]
    with pytest.raises(ValidationError):
        named.arguments(run="x")


def test_a_body_that_takes_other_positions_is_refused() -> None:
    with pytest.raises(NotASignature, match=r"unit.bad: parameter name must be keyword-only and annotated"):

        @task("unit.bad")
        def bad(run: Any, name: str) -> None: ...


def test_a_mode_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'fast' is not a valid Mode"):
        task("unit.fast", mode="fast")(lambda: None)


def test_schedules_have_keys_and_arguments() -> None:
    @task("unit.report", schedules={"nightly": Cron("0 3 * * *", args={"full": True}), "often": Every(seconds=60)})
    def report(*, full: bool = False) -> None:
        """Report."""

    declared = manifest_of(report).schedules

    assert (declared["nightly"]["crontab"], declared["nightly"]["args"]) == ("0 3 * * *", {"full": True})
    assert declared["often"]["seconds"] == 60


def test_one_schedule_needs_no_key() -> None:
    @task("unit.tick", schedules=Every(seconds=1))
    def tick() -> None:
        """Tick."""

    assert list(manifest_of(tick).schedules) == [""]


def test_a_task_belongs_to_the_plug_in_beside_whose_modules_it_stands() -> None:
    @task("unit.mine")
    def mine() -> None:
        """Mine."""

    beside, elsewhere = Plugin("mine", tasks=f"{__name__}.tasks"), Plugin("other", tasks="acme.tasks")

    assert [manifest.plugin for manifest in manifests_of([mine], [elsewhere])] == ["bellhop"]
    assert [manifest.plugin for manifest in manifests_of([mine], [elsewhere, beside])] == ["mine"]
