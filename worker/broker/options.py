"""How Celery reaches Redis and outlives it: the part of its settings that every process of the installation needs.

Whoever sends a message or asks a worker must use these, and not the address alone: the keys carry the name of the
installation, so that two on one Redis database do not take each other's messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.broker import reading
from worker.settings import Settings

#: Seconds that Redis has to answer, and between two looks at a connection over which nothing comes.
ANSWER_S, CHECK_EVERY_S = 5.0, 5
#: What Redis answers while it is there and cannot take anything, by redis-py's names: as good as away.
REFUSALS = ("ReadOnlyError", "OutOfMemoryError", "MasterDownError")


def options(settings: Settings) -> Mapping[str, Any]:
    """Celery's settings about its broker and its results. Each value is a measurement: docs/decisions.md."""
    reading.install()
    address, prefix = settings.redis, settings.key_prefix
    tls = dict(address.tls) if address.tls else None
    return {
        "broker_url": address.for_celery(),
        "broker_use_ssl": tls,
        "result_backend": address.for_celery(),
        "redis_backend_use_ssl": tls,
        "broker_connection_retry_on_startup": True,
        # a worker outlives an outage of any length; with 100 tries it would end
        "broker_connection_max_retries": None,
        # a Redis that was demoted or is full is one that is away; without this it ends every worker
        "broker_channel_error_retry": True,
        "worker_consumer": "worker.broker.consumer:Consumer",
        "broker_transport_options": {
            "global_keyprefix": prefix,
            "visibility_timeout": 3600,  # longer than any job and any countdown
            "unacked_restore_interval": 10,  # a lost worker's messages are looked for every 10 s, not every 100
            "unacked_restore_throttle": 1,
            "queue_order_strategy": "priority",  # with -Q manual,periodic: manual first
            # a connection over which nothing comes any more is given up, also where nobody closes it; without these
            # a worker waits for ever. `retry_on_timeout` stays off: it sends a message twice, and ends batches
            "socket_timeout": ANSWER_S,
            "socket_connect_timeout": ANSWER_S,
            "socket_keepalive": True,
            "health_check_interval": CHECK_EVERY_S,
        },
        "redis_socket_timeout": ANSWER_S,
        "redis_socket_connect_timeout": ANSWER_S,
        "redis_socket_keepalive": not address.socket,
        "redis_backend_health_check_interval": CHECK_EVERY_S,
        # results survive a restart of the broker; a job's truth is the job table all the same
        "result_backend_always_retry": True,
        "result_backend_max_retries": 2,  # of a minute each; with no end to them a stopping worker would wait for ever
        "result_backend_transport_options": {
            "global_keyprefix": prefix,
            "retry_policy": {"timeout": 60.0},
            "additional_connection_errors": [f"redis.exceptions.{name}" for name in REFUSALS],
        },
    }
