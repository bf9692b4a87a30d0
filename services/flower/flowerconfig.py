"""Flower's options: Flower runs this file and takes every name below that is one of its options."""

from pathlib import Path

from pydantic import Field, SecretStr

from bellhop.settings import Settings, SettingsError, stop


class FlowerSettings(Settings):
    """What Flower alone must know."""

    flower_user: str = Field(default="admin", pattern="^[^:]+$")
    flower_password: SecretStr = Field(min_length=1)
    flower_bind_address: str = "127.0.0.1"
    flower_port: int = Field(default=5555, ge=1, le=65535)
    flower_data: Path
    flower_read_only: bool = False
    flower_url_prefix: str = ""


try:
    _settings = FlowerSettings.load()
except SettingsError as error:
    stop(error)

address = _settings.flower_bind_address
port = _settings.flower_port
url_prefix = _settings.flower_url_prefix
basic_auth = [f"{_settings.flower_user}:{_settings.flower_password.get_secret_value()}"]
read_only = _settings.flower_read_only

# What it has seen survives a restart; what it keeps in memory has a limit.
persistent = True
db = str(_settings.flower_data)
state_save_interval = 60_000  # milliseconds
max_tasks = 10_000
purge_offline_workers = 600  # seconds; a container's name never comes back
