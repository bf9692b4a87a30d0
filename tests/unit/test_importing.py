"""Importing the package changes nothing in the process that does it."""

import subprocess
import sys

PROGRAM = """
import atexit, decimal, gc, locale, logging, multiprocessing, os, pkgutil, signal, socket, sys, threading, warnings
import alembic.context, celery, celery._state, celery.app.amqp, celery.backends.base, celery.signals
import kombu.serialization, kombu.transport, kombu.transport.redis, kombu.utils.json
import opentelemetry.exporter.otlp.proto.http.trace_exporter, opentelemetry.sdk.trace.export
import prometheus_client, prometheus_client.multiprocess, prometheus_client.values, psycopg2.extensions
import psycopg2.extras, pydantic, pydantic_settings, redis, sqlalchemy.orm, sqlalchemy.dialects.postgresql, structlog

kombu.transport.get_transport_cls("redis")
celery._state.get_current_app()
signals = {name: one for name, one in vars(celery.signals).items() if hasattr(one, "receivers")}


def seen():
    root = logging.getLogger()
    return {
        "transports": dict(kombu.transport.TRANSPORT_ALIASES),
        "transport cache": dict(kombu.transport._transport_cache),
        "transport": (kombu.transport.redis.Transport.Channel, kombu.transport.redis.Channel.do_restore),
        "serializers": set(kombu.serialization.registry._disabled_content_types),
        "json types": (set(kombu.utils.json._encoders), set(kombu.utils.json._decoders)),
        "celery": (celery._state.default_app, celery._state.get_current_app()),
        "celery signals": {name: len(one.receivers or ()) for name, one in signals.items()},
        "log": (list(root.handlers), list(root.filters), root.level, logging.getLoggerClass(), logging.root.disabled),
        "log levels": {name: logging.getLogger(name).level for name in ("celery", "kombu", "alembic", "redis")},
        "structlog": structlog.is_configured(),
        "warnings": list(warnings.filters),
        "hooks": (sys.excepthook, threading.excepthook, sys.unraisablehook, warnings.showwarning),
        "garbage": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count()),
        "environment": dict(os.environ),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "alarm": signal.getitimer(signal.ITIMER_REAL),
        "sockets": socket.getdefaulttimeout(),
        "locale": locale.setlocale(locale.LC_ALL),
        "decimals": repr(decimal.getcontext()),
        "start method": multiprocessing.get_start_method(allow_none=True),
        "metrics": set(prometheus_client.REGISTRY._names_to_collectors),
        "metric values": prometheus_client.values.ValueClass,
        "database types": (len(psycopg2.extensions.string_types), len(psycopg2.extensions.adapters)),
        "at exit": atexit._ncallbacks(),
        "threads": [thread.name for thread in threading.enumerate()],
        "paths": list(sys.path),
        "limits": (sys.getrecursionlimit(), sys.get_int_max_str_digits(), os.umask(os.umask(0o22) or 0o22)),
    }


before = seen()
import bellhop, bellhop_ledger
alembic = ("bellhop_ledger.migrations.env", "bellhop_ledger.migrations.versions.")
for package in (bellhop, bellhop_ledger):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(alembic):
            __import__(module.name)
from bellhop_ledger.broker.celery_app import app
from bellhop_ledger.broker.sender import Sender
assert app.connection().get_transport_cls().__module__ == "bellhop_ledger.broker.transport"
for name, value in seen().items():
    assert value == before[name], f"{name}: {before[name]} became {value}"
"""
"""Libraries are imported first: what they do themselves is not ours. What Alembic runs is no module to import."""


def test_importing_any_module_changes_nothing_that_is_not_ours(env) -> None:  # type: ignore[no-untyped-def]
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)

    assert ended.stderr == ""
