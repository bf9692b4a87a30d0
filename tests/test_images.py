"""The one Dockerfile: what compose builds it can build, and every image is made in the same way."""

import re

import pytest
import yaml

from tests.stack import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
STAGE = re.compile(r"^FROM (\S+) AS (\S+)\n(.*?)(?=^FROM |\Z)", re.MULTILINE | re.DOTALL)
STAGES = {name: (base, body) for base, name, body in STAGE.findall(DOCKERFILE)}
BUILT = {
    name: service["build"]
    for name, service in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].items()
    if "build" in service and not name.startswith("worker-")
}


@pytest.mark.parametrize("name", sorted(BUILT))
def test_a_service_has_a_target_of_its_name(name: str) -> None:
    assert BUILT[name] == {"context": ".", "target": name}
    assert STAGES[name][0] == "service"


@pytest.mark.parametrize("name", sorted(BUILT))
def test_an_image_has_its_locked_requirements_below_our_packages(name: str) -> None:
    copies = re.findall(rf"COPY --from={name}-build (\S+) (\S+)", STAGES[name][1])

    assert copies[-2:] == [("/venv", "/venv"), ("/packages", "/venv")]
    assert re.search(r"requirements\.sh \S+/requirements\.txt\n", STAGES[f"{name}-build"][1])


def test_every_image_is_hardened_and_runs_without_privileges() -> None:
    assert "harden.sh" in STAGES["service"][1]
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]


def test_docker_is_sent_all_that_the_images_copy() -> None:
    sent = tuple(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copies = re.findall(r"^COPY (?!-)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = [source for copy in copies for source in copy.split()]

    assert [source for source in copied if not source.startswith(sent)] == []
    assert [source for source in copied if not (ROOT / source).exists()] == []


def test_only_web_and_the_worker_hold_workloads() -> None:
    holders = {name for name, (_, body) in STAGES.items() if "COPY workloads" in body}

    assert holders == {"web-build", "worker-build"}


def test_the_docs_show_one_dockerfile_of_at_most_ten_lines_for_tasks_of_ones_own() -> None:
    [shown] = re.findall(r"```dockerfile\n(.*?)```", (ROOT / "docs/your-own-tasks.md").read_text(), re.DOTALL)

    assert len([line for line in shown.splitlines() if line]) <= 10
    assert "--constraint /venv/constraints.txt" in shown
    assert "USER" not in shown
