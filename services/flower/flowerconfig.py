"""Flower's options: Flower runs this file and takes every name below that is one of its options."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from bellhop.text import Shape
from bellhop_ledger.broker.celery_app import app
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.settings import BrokerSettings, SettingsError, stop


class FlowerSettings(BrokerSettings):
    """What Flower must know: the broker, and how it is to be reached."""

    flower_user: Annotated[str, Shape("[^:]+", "a name without a colon")] = "admin"
    flower_password: SecretStr = Field(min_length=1)
    flower_bind_address: str = ""
    flower_port: int | None = Field(default=None, ge=1, le=65535)
    port: int | None = Field(default=None, ge=1, le=65535)
    flower_data: Path = Path("/tmp/bellhop.flower")  # noqa: S108  where a platform lets a process write
    flower_read_only: bool = False
    flower_url_prefix: str = ""


try:
    _settings = FlowerSettings.load()
except SettingsError as error:
    stop(error)

logs.configure("flower", _settings)
app.conf.result_backend = "disabled://"  # results are in the database, which Flower does not know; the events have them

# A platform names the port to listen at, on every address; what is said for Flower alone wins.
address = _settings.flower_bind_address or ("0.0.0.0" if _settings.port and not _settings.flower_port else "127.0.0.1")
port = _settings.flower_port or _settings.port or 5555
url_prefix = _settings.flower_url_prefix
basic_auth = [f"{_settings.flower_user}:{_settings.flower_password.get_secret_value()}"]
read_only = _settings.flower_read_only

# What it has seen survives a restart; what it keeps in memory has a limit.
persistent = True
db = str(_settings.flower_data)
state_save_interval = 60_000  # milliseconds
max_tasks = 10_000
purge_offline_workers = 600  # seconds; a container's name never comes back
