"""Metrics for Prometheus, served by a worker's main process: read from the ledger and from Redis when it asks.

So they outlive the processes that run the jobs, and each worker tells of all workers: whoever asks several of them must
not add them up. What a counter counts begins with this worker; a Prometheus knows that from counters.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock

import redis
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector

from worker.assembly import Parts, parts
from worker.broker import aside
from worker.broker.waiting import QUEUES
from worker.errors import ConfigError, SyncError
from worker.ledger.figures import Ended, ended_since, figures
from worker.xero import limits

PREFIX = "procore_xero"
WINDOWS = {limits.MINUTE_S: "minute", limits.DAY_S: "day"}
#: Seconds that a job may take, by which durations are told apart.
BUCKETS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600)
#: An end may be written this long after its time, or by a machine whose clock is behind.
LATE = timedelta(minutes=5)

log = structlog.get_logger(__name__)


def serve(host: str, port: int) -> None:
    """Answer Prometheus at this address, on a thread of this process; port 0: do not."""
    if not port:
        return
    registry = CollectorRegistry()
    registry.register(Watched(parts()))
    try:
        start_http_server(port, host, registry)
    except OSError as error:
        log.error("no metrics", why=f"{host}:{port}: {error}. Give each worker of one machine its own METRICS_PORT.")
        return
    log.info("metrics", host=host, port=port)


class Watched(Collector):
    """What there is to tell, read anew each time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ended = NewlyEnded(parts)
        self._records = Counter(
            f"{PREFIX}_records", "Records that jobs judged, by what became of them.", ["kind", "outcome"], registry=None
        )
        self._calls = Counter(f"{PREFIX}_calls", "Calls of jobs that have ended.", ["api"], registry=None)
        self._durations = Histogram(
            f"{PREFIX}_job_duration_seconds", "Last run of each job.", ["state"], buckets=BUCKETS, registry=None
        )
        self._one_at_a_time = Lock()
        # a process forked in the middle would find the libraries' locks taken, and nobody there to free them
        release = self._one_at_a_time.release
        os.register_at_fork(before=self._one_at_a_time.acquire, after_in_parent=release, after_in_child=release)

    def describe(self) -> Iterable[Metric]:
        """Said beforehand, it would be asked of the ledger when the worker starts."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Everything that can be reached; what cannot is said, and missing."""
        reachable = Gauge(f"{PREFIX}_reachable", "Whether it could be read.", labels=["source"])
        with self._one_at_a_time:
            for source, read in (("ledger", self._of_ledger), ("redis", self._of_redis)):
                found, is_there = _tried(read)
                reachable.add_metric([source], is_there)
                yield from found
        yield reachable

    def _of_ledger(self) -> Iterator[Metric]:
        now = figures(self._parts.engine)
        documents = Gauge(f"{PREFIX}_documents", "Records that are in Xero.", labels=["kind"])
        for kind, count in now.documents.items():
            documents.add_metric([kind], count)
        holds = Gauge(f"{PREFIX}_holds", "Records that are not in Xero, and why.", labels=["kind", "outcome", "code"])
        for labels, count in now.holds.items():
            holds.add_metric(labels, count)
        jobs = Gauge(f"{PREFIX}_jobs", "Jobs that are queued or running.", labels=["state"])
        for state, count in now.jobs.items():
            jobs.add_metric([state], count)
        yield from (documents, holds, jobs)
        yield from _time("oldest_queued", "When the job was queued that has waited longest.", now.oldest_queued_at)
        yield from _time("last_pass", "When the last pass was over.", now.last_pass_at)
        for run in self._ended.read():
            self._count(run)
        for counted in (self._records, self._calls, self._durations):
            yield from counted.collect()

    def _count(self, run: Ended) -> None:
        for kind, outcomes in run.counts.items():
            for outcome, count in outcomes.items():
                self._records.labels(kind, outcome).inc(count)
        for api, count in run.calls.items():
            self._calls.labels(api).inc(count)
        if run.started_at is not None:
            self._durations.labels(run.state).observe((run.finished_at - run.started_at).total_seconds())

    def _of_redis(self) -> Iterator[Metric]:
        messages = Gauge(f"{PREFIX}_queue_messages", "Messages that no worker has taken.", labels=["queue"])
        for queue in QUEUES:
            messages.add_metric([queue], float(self._parts.broker.llen(f"{self._parts.settings.key_prefix}{queue}")))
        yield messages
        said = "Entries of the queues that were no messages."
        count = aside.count(self._parts.broker, self._parts.settings.key_prefix)
        yield Gauge(f"{PREFIX}_queue_entries_set_aside", said, value=count)
        yield from self._of_organisations()

    def _of_organisations(self) -> Iterator[Metric]:
        labels = ["organisation", "window"]
        still = Gauge(f"{PREFIX}_calls_left", "Calls that Xero still allows in this window.", labels=labels)
        used = Gauge(f"{PREFIX}_calls_used", "Calls made in this window, or under way.", labels=labels)
        parked = Gauge(f"{PREFIX}_parked", "Whether nothing is sent for now.", labels=["organisation"])
        settings = self._parts.settings
        limit = {limits.MINUTE_S: settings.xero_calls_per_minute, limits.DAY_S: settings.xero_calls_per_day}
        try:
            for one in self._parts.each():
                for seconds, count in one.xero_budget.left().items():
                    still.add_metric([one.title, WINDOWS[seconds]], count)
                    used.add_metric([one.title, WINDOWS[seconds]], limit[seconds] - count)
                known = one.known_organisation()
                is_parked = known is not None and one.organisations.parked(known.tenant_id) is not None
                parked.add_metric([one.title], is_parked)
        except ConfigError:
            return  # nobody has logged in to one yet
        yield from (still, used, parked)


class NewlyEnded:
    """Each run of a job that is over, once, whenever its end is written down."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._since = parts.now()
        self._known: set[tuple[int, datetime]] = set()

    def read(self) -> list[Ended]:
        found = ended_since(self._parts.engine, self._since)
        new = [run for run in found if run.run not in self._known]
        self._since = max(self._since, self._parts.now() - LATE)
        self._known = {run.run for run in found if run.finished_at >= self._since}
        return new


def _time(name: str, said: str, at: datetime | None) -> Iterator[Metric]:
    """As Prometheus takes times; its queries take the age: `time() - …`."""
    if at is not None:
        yield Gauge(f"{PREFIX}_{name}_timestamp_seconds", said, value=at.timestamp())


def _tried(read: Callable[[], Iterator[Metric]]) -> tuple[list[Metric], bool]:
    try:
        return list(read()), True
    except (SyncError, redis.RedisError):
        return [], False
