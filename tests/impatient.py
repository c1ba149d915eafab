"""A worker whose broker delivers anew what is unacknowledged for two seconds: `celery -A tests.impatient worker`."""

from __future__ import annotations

from worker.celery import app

__all__ = ["app"]
app.conf.broker_transport_options |= {"visibility_timeout": 2, "unacked_restore_interval": 0.5}
