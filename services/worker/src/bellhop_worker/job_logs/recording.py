"""Recording: what is said in a block is said by the body of a job."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from contextvars import Token
from typing import Self

from pydantic import SecretStr

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.platform.log import lowest
from bellhop_ledger.platform.plugin_settings import PluginSettings
from bellhop_ledger.platform.secrets import forms_of
from bellhop_ledger.platform.settings import EnvironmentSettings, SettingsError
from bellhop_worker.job_logs.buffer import LogBuffer, current
from bellhop_worker.job_logs.handler import JobLogHandler
from bellhop_worker.job_logs.streams import Tee
from bellhop_worker.job_logs.threads import let_threads_inherit
from bellhop_worker.job_logs.writer import writer
from bellhop_worker.settings import WorkerSettings

OURS = ("bellhop_ledger", "bellhop_worker.async_pool", "bellhop_worker.engine")
"""Loggers of what surrounds the bodies: what they say below the level of the worker's own log is for nobody."""
PRINTED = {"stdout": logging.INFO, "stderr": logging.WARNING}
"""The levels of what is printed."""

_root = logging.getLogger()
_handlers: list[JobLogHandler] = []
"""That of this process, once it runs bodies."""
_own_secrets: list[str] = []
"""The forms of the secrets among the worker's settings."""


class Recording:
    """Keeps what is said in the block as the log of one run of a job."""

    def __init__(self, job: Claimed):
        self._buffer = LogBuffer(job.id, job.attempt, writer.note, _own_secrets)
        self._token: Token[LogBuffer | None] | None = None

    def __enter__(self) -> Self:
        for handler in _handlers:
            if handler not in _root.handlers:  # a body has set up logging for itself
                _root.addHandler(handler)
        self._token = current.set(self._buffer)
        return self

    def __exit__(self, *_: object) -> None:
        if self._token:
            current.reset(self._token)
        self.close()

    def close(self) -> None:
        """End the log of this run, whoever still says something."""
        self._buffer.close()


def start_recording(settings: WorkerSettings) -> None:
    """Prepare this process: from now on what is said in a `Recording` is kept."""
    _own_secrets[:] = forms_of(secrets_among(settings, *loaded(PluginSettings)))
    handler = JobLogHandler(settings.job_log_level)
    _handlers[:] = [handler]
    _root.addHandler(handler)
    set_levels(settings)
    for stream, level in PRINTED.items():
        if level >= handler.level:
            setattr(sys, stream, Tee(getattr(sys, stream), stream, logging.getLevelName(level).lower()))
    let_threads_inherit()
    os.register_at_fork(after_in_child=forget)
    writer.start()


def set_levels(settings: WorkerSettings) -> None:
    """Let through what the logs of jobs want, though the worker's own may want less."""
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level)
    _root.setLevel(lowest(settings.log_level, settings.job_log_level))


def hide(secrets: Iterable[str]) -> None:
    """Write *** for these texts in the log of the job that runs."""
    if buffer := current.get():
        buffer.hide(secrets)


def forget() -> None:
    """In a process that a body has forked: nobody writes down what it says."""
    current.set(None)


def secrets_among(*settings: EnvironmentSettings) -> Iterator[str]:
    """Yield the secrets of this deployment, as they may stand in the environment."""
    for one in settings:
        for _, value in one:
            if isinstance(value, SecretStr):
                yield from (secret := value.get_secret_value(), *secret.split(","))


def loaded(kind: type[PluginSettings]) -> Iterator[PluginSettings]:
    """Yield the settings of the plug-ins whose code is here."""
    for one in kind.__subclasses__():
        with suppress(SettingsError):
            yield one.load()
        yield from loaded(one)
