"""Settings of workloads: under a prefix of their own, in their own .env.example, and in no file of the platform."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import SecretStr

from bellhop_ledger.api import PluginSettings
from bellhop_ledger.platform.settings import DEVELOPMENT_SECRET, SettingsError

ROOT = Path(__file__).parents[1]
WORKLOADS = sorted(path.name for path in (ROOT / "workloads").iterdir() if (path / "pyproject.toml").exists())
OF_DOCKER = {"PRICES_FEED_DIR": "the folder that compose mounts"}
PLATFORM = [
    ".env.example",
    "docker-compose.prod.yml",
    "compose/stack.yml",
    "compose/make-secrets.sh",
    *[str(path.relative_to(ROOT)) for path in (ROOT / "deploy/k8s").rglob("*") if path.suffix in {".yaml", ".env"}],
]


def settings_of(workload: str) -> type[PluginSettings] | None:
    """The class of a workload's settings, if it has any."""
    if not (ROOT / f"workloads/{workload}/src/bellhop_{workload}/settings.py").exists():
        return None
    module = import_module(f"bellhop_{workload}.settings")
    found: type[PluginSettings] = getattr(module, f"{workload.title()}Settings")
    return found


def variables_of(settings: type[PluginSettings]) -> set[str]:
    """Its variables, and those that name the file of a secret."""
    prefix = settings.model_config["env_prefix"]
    fields = settings.model_fields.items()
    names = {f"{prefix}{name.upper()}" for name, _ in fields}
    return names | {f"{prefix}{name.upper()}_FILE" for name, field in fields if "SecretStr" in str(field.annotation)}


def in_example(workload: str) -> dict[str, str]:
    """The variables of its .env.example, set or commented out, and their values."""
    path = ROOT / f"workloads/{workload}/.env.example"
    return dict(re.findall(r"^#?([A-Z][A-Z_]+)=(.*)$", path.read_text(), re.MULTILINE)) if path.exists() else {}


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_example_of_a_workload_has_its_settings_and_no_others(workload: str) -> None:
    settings = settings_of(workload)

    assert set(in_example(workload)) - OF_DOCKER.keys() == (variables_of(settings) if settings else set())


@pytest.mark.parametrize("workload", WORKLOADS)
def test_every_setting_of_a_workload_carries_its_prefix(workload: str) -> None:
    settings = settings_of(workload)

    assert settings is None or settings.model_config["env_prefix"] == f"{workload.upper()}_"


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_settings_of_a_workload_are_read_when_a_worker_starts(workload: str) -> None:
    settings = settings_of(workload)

    named = import_module(f"bellhop_{workload}").plugin.settings
    assert named == (f"{settings.__module__}:{settings.__name__}" if settings else None)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_secret_in_the_example_is_one_that_production_refuses(workload: str) -> None:
    given = in_example(workload)
    secrets = {name.removesuffix("_FILE") for name in given if name.endswith("_FILE")}

    assert all(DEVELOPMENT_SECRET in given[name] for name in secrets)


@pytest.mark.parametrize("path", PLATFORM)
def test_no_file_of_the_platform_names_a_setting_of_a_workload(path: str) -> None:
    prefixes = "|".join(f"{name.upper()}_" for name in WORKLOADS)

    assert re.findall(rf"(?m)^\W*(?:name: )?((?:{prefixes})[A-Z_]+)", (ROOT / path).read_text()) == []
    assert "steam" not in (ROOT / path).read_text().lower()


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_name_of_an_earlier_release_is_refused_with_that_of_today(
    workload: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(workload)
    for old, new in settings.renamed.items() if settings else ():
        with monkeypatch.context() as patch:
            patch.setenv(old, "5")
            with pytest.raises(SettingsError, match=f"^{old}: is called {new} now$"):
                settings()


def test_a_wrong_value_is_refused_by_the_name_of_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    class ShopSettings(PluginSettings, env_prefix="SHOP_"):
        doors: int = 1

    monkeypatch.setenv("SHOP_DOORS", "many")

    with pytest.raises(SettingsError, match=r"^SHOP_DOORS: must be an integer"):
        ShopSettings.load()


def test_a_secret_is_read_from_the_file_that_its_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class ShopSettings(PluginSettings, env_prefix="SHOP_"):
        key: SecretStr = SecretStr("")

    (tmp_path / "key").write_text("dev-only-key\n")
    monkeypatch.setenv("SHOP_KEY_FILE", str(tmp_path / "key"))

    assert ShopSettings.load().key.get_secret_value() == "dev-only-key"
    monkeypatch.setenv("APP_ENV", "production")
    with pytest.raises(SettingsError, match=r"^SHOP_KEY: a development secret is refused"):
        ShopSettings()
