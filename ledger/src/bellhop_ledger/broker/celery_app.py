"""The Celery application without task bodies: where messages go and how workers behave."""

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Queue

from bellhop_ledger.broker.transport import Connection
from bellhop_ledger.platform.settings import BrokerSettings

QUEUES = ("default", "slow", "people")
PRIORITIES = list(range(10))
VISIBILITY_TIMEOUT = 6 * 3600
"""Seconds after which Redis hands out a message again that nobody acknowledged; above every hard time limit."""


def configuration() -> dict[str, Any]:
    """Return Celery's configuration; read at its first use, so that importing this module needs no settings."""
    address = BrokerSettings.load().redis
    return {
        "broker_url": address.url,
        "broker_use_ssl": address.tls or None,
        "result_backend": "bellhop_ledger.ledger.result_backend:LedgerBackend",
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "timezone": "UTC",
        "task_queues": [Queue(name, routing_key=name) for name in QUEUES],
        "task_default_queue": "default",
        "task_create_missing_queues": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_disable_prefetch": True,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "priority_steps": PRIORITIES,
            # Ours alone: what another Celery application on the same Redis holds is none of our business.
            "unacked_key": "bellhop:unacked",
            "unacked_index_key": "bellhop:unacked_index",
            "unacked_mutex_key": "bellhop:unacked_mutex",
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
    }


class OurAMQP(AMQP):  # type: ignore[misc]
    """Celery's, with connections of ours."""

    Connection = Connection


# Not the current application: this process may be that of somebody else's Celery.
app = Celery("bellhop", amqp=OurAMQP, set_as_current=False)
app.add_defaults(configuration)
