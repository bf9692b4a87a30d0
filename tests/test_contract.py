"""What holds for the system as a whole: rules between files that no single file could keep."""

import ast
import re
from typing import Any

import flask
import pytest
import yaml  # type: ignore[import-untyped]
from pydantic_settings import BaseSettings

from bellhop.signature import Signature
from bellhop_ledger.broker.celery_app import QUEUES, VISIBILITY_TIMEOUT
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.migrations.command import MigrateSettings
from bellhop_ledger.platform.settings import DEVELOPMENT_SECRET
from bellhop_ledger.tasks.load import load
from bellhop_scheduler.settings import SchedulerSettings
from bellhop_web.app import create_app
from bellhop_web.auth.access import Access, access_of, rules
from bellhop_web.settings import WebSettings
from bellhop_worker.engine.binding import bind_all
from bellhop_worker.settings import WorkerSettings
from tests.stack import ROOT

SERVERS = {"database_url": "postgresql://nowhere/none", "redis_url": "redis://nowhere"}
NOWHERE = WorkerSettings(**SERVERS)  # type: ignore[arg-type]
EXAMPLE = (ROOT / ".env.example").read_text()
OF_WORKLOADS = tuple(f"{path.name.upper()}_" for path in (ROOT / "workloads").iterdir())
"""With this begin settings that stand in .env.example of a workload, see tests/test_workload_settings.py."""
COMPOSE = [yaml.safe_load((ROOT / "docker-compose.yml").read_text())]
OURS = [signature for signature in load(NOWHERE).values() if signature.stub.__module__.startswith("bellhop")]
OF_PRICES = {"PRICES_FEED_URL", "PRICES_FEED_DIR"}
"""What the demonstration and the local stack still pass on to prices; without that workload nobody reads it."""
OF_DOCKER = {"COMPOSE_FILE"}
"""What docker compose itself reads."""
OF_DEPLOY = "CONFIG_"
"""What begins so compose/deploy.sh makes for compose/stack.yml."""

ID = "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"

ours = pytest.mark.parametrize("signature", OURS, ids=lambda signature: signature.name)


def test_every_signature_has_one_body() -> None:
    extra = {"bellhop_plugins": "tests.tasks"}

    bodies = bind_all(WorkerSettings(**SERVERS, **extra))  # type: ignore[arg-type]

    assert bodies.keys() == load(NOWHERE).keys()
    assert all(bodies[name].signature is signature for name, signature in load(NOWHERE).items())


@ours
def test_every_signature_says_why_repeating_it_is_safe(signature: Signature[..., Any]) -> None:
    assert re.search(r"Safe to repeat: \w+", signature.description)


@ours
def test_every_queue_is_consumed_by_a_worker_of_the_compose_file(signature: Signature[..., Any]) -> None:
    consumed = {queue for service in COMPOSE[0]["services"].values() for queue in queues_of(service)}

    assert signature.queue in consumed


@ours
def test_every_queue_is_consumed_by_a_worker_that_is_told_nothing(signature: Signature[..., Any]) -> None:
    assert signature.queue in WorkerSettings(**SERVERS).worker_queues.split(",")  # type: ignore[arg-type]
    assert signature.queue in QUEUES


def queues_of(service: dict[str, Any]) -> list[str]:
    setting = service.get("environment", {}).get("WORKER_QUEUES", "")
    return [queue.strip() for queue in re.sub(r"\$\{WORKER_QUEUES:-(.*)\}", r"\1", setting).split(",")]


class ProductionLoader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads Compose's own tags, !reset and !override, as what they stand before."""


ProductionLoader.add_multi_constructor("!", lambda loader, _, node: None)
PRODUCTION = yaml.load((ROOT / "docker-compose.prod.yml").read_text(), ProductionLoader)["services"]
WORKERS = {
    queue: service
    for name, service in PRODUCTION.items()
    if "worker" in name
    for queue in service["environment"]["WORKER_QUEUES"].split(",")
}


def test_in_production_each_queue_has_workers_and_people_do_not_share_those_of_short_jobs() -> None:
    assert WORKERS.keys() == {signature.queue for signature in OURS} | {PEOPLE} == set(QUEUES)
    assert WORKERS["default"] is not WORKERS[PEOPLE]


@ours
def test_a_stop_in_production_waits_for_the_longest_job_and_is_killed_after_that(
    signature: Signature[..., Any],
) -> None:
    service = WORKERS[signature.queue]
    waits = int(re.sub(r"\$\{\w+:-(\d+)\}", r"\1", service["environment"]["WORKER_STOP_TIMEOUT"]))

    assert signature.soft_limit < waits < int(service["stop_grace_period"].removesuffix("s")) - 10


@ours
def test_a_body_is_interrupted_before_it_is_killed_and_killed_before_its_message_returns(
    signature: Signature[..., Any],
) -> None:
    assert 0 < signature.soft_limit < signature.hard_limit < VISIBILITY_TIMEOUT


@ours
def test_every_schedule_names_a_task_that_needs_no_arguments(signature: Signature[..., Any]) -> None:
    if signature.declared:
        assert signature.arguments.model_json_schema().get("required", []) == []


@pytest.fixture(scope="module")
def app() -> flask.Flask:
    return create_app(WebSettings(**SERVERS, secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]


def test_every_route_wants_a_token_or_is_named_as_public(app: flask.Flask) -> None:
    closed = [rule for rule in app.url_map.iter_rules() if access_of(rule.endpoint) is not Access.PUBLIC]

    assert len(closed) >= 10
    for rule in closed:
        path = re.sub(r"<.*?>", ID, re.sub(r"<int:.*?>", "7", rule.rule))
        for method in (rule.methods or set()) - {"OPTIONS"}:  # which a public route of the same path may answer
            answer = app.test_client().open(path, method=method)
            led_away = (answer.status_code, answer.headers.get("Location", "")[:9]) == (303, "/sign-in?")
            assert answer.status_code == 401 or led_away, f"{method} {rule.rule}"


def test_a_path_of_its_own_takes_no_method_of_an_id_beside_it(app: flask.Flask) -> None:
    own: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        if not rule.arguments:
            own.setdefault(rule.rule, set()).update(rule.methods or ())
    bound = app.url_map.bind("")

    assert {path: set(bound.allowed_methods(path)) for path in own} == own


def test_only_routes_that_exist_are_named_as_for_others(app: flask.Flask) -> None:
    named = {f"{blueprint}.{function}" for blueprint, rule in rules.items() for function in rule.others}

    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= named


def test_a_host_that_is_not_named_is_refused() -> None:
    settings = WebSettings(**SERVERS, secret_key="x", allowed_hosts="bellhop.example, 127.0.0.1")  # type: ignore[arg-type]
    client = create_app(settings).test_client()

    assert client.get("/livez", headers={"Host": "bellhop.example"}).status_code == 200
    refused = client.get("/livez", headers={"Host": "evil.example"})
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")


def in_example() -> set[str]:
    """The variables of .env.example, set or commented out."""
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", EXAMPLE, re.MULTILINE))


def names_of(settings: type[BaseSettings]) -> set[str]:
    """A settings class' variables, and those that name the file of a secret."""
    fields = settings.model_fields.items()
    return {name.upper() for name, _ in fields} | {
        f"{name.upper()}_FILE" for name, field in fields if "SecretStr" in str(field.annotation)
    }


def names_of_flower() -> set[str]:
    """The same of Flower's configuration, which cannot be imported without being run."""
    tree = ast.parse((ROOT / "services/flower/flowerconfig.py").read_text())
    [settings] = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    fields = [
        ast.unparse(node).split(" = ")[0].split(": ") for node in settings.body if isinstance(node, ast.AnnAssign)
    ]
    return {name.upper() for name, _ in fields} | {f"{n.upper()}_FILE" for n, kind in fields if kind == "SecretStr"}


def names_read_in(path: str) -> set[str]:
    """The variables that a module without a settings class reads."""
    return set(re.findall(r'environment(?:\.get\(|, )"([A-Z_]+)"', (ROOT / path).read_text()))


def names_in_compose() -> set[str]:
    paths = [*ROOT.glob("docker-compose*.yml"), ROOT / "compose/stack.yml"]
    files = "".join(path.read_text() for path in paths)
    return {name for name in re.findall(r"\$\{([A-Z_]+)", files) if not name.startswith(OF_DEPLOY)}


def known() -> set[str]:
    classes: list[type[BaseSettings]] = [MigrateSettings, WebSettings, WorkerSettings, SchedulerSettings]
    modules = ["local/src/bellhop_local/settings.py", "demo/src/bellhop_demo/settings.py"]
    read = [names_of(settings) for settings in classes] + [names_read_in(path) for path in modules]
    names = set.union(names_of_flower(), names_in_compose(), *read)
    return {name for name in names if not name.startswith(OF_WORKLOADS)} - OF_PRICES


def test_every_setting_is_in_the_example() -> None:
    assert known() - in_example() == set()


def test_the_example_has_only_settings_that_exist() -> None:
    assert in_example() - known() - OF_DOCKER == set()


def test_every_secret_of_the_example_is_one_that_production_refuses() -> None:
    secrets = {name.removesuffix("_FILE") for name in in_example() if name.endswith("_FILE")} - OF_DOCKER
    given = dict(re.findall(r"^#?([A-Z_]+)=(.+)$", EXAMPLE, re.MULTILINE))

    assert secrets >= {"DATABASE_URL", "REDIS_URL", "ADMIN_TOKEN", "SECRET_KEY", "FLOWER_PASSWORD"}
    assert all(DEVELOPMENT_SECRET in given[name] for name in secrets & given.keys())
