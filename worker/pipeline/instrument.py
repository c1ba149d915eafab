"""What is told of each stage and of each request to Xero, however it ends: one line in the log, one span in the trace.

Numbers and names only; what stands in records, documents and answers is not told.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from worker import logs, tracing
from worker.pipeline.work import Work

log = structlog.get_logger(__name__)


@contextmanager
def stage(work: Work, name: str) -> Iterator[None]:
    """One kind of record's way through. Every line inside names the stage; the last one has its counts."""
    with logs.at(stage=name), _told("stage", f"stage {name}") as said:
        try:
            yield
        finally:
            said |= work.counts.get(name, {})


@contextmanager
def request(kind: str, method: str, documents: int, request: int | str) -> Iterator[None]:
    """One write. `request` is the ledger's number of it, or what a file is called."""
    with _told("request", f"request {kind}", kind=kind, method=method, documents=documents, request=request):
        yield


@contextmanager
def _told(event: str, name: str, **fields: tracing.Value) -> Iterator[dict[str, tracing.Value]]:
    began = time.monotonic()
    with tracing.span(name, **fields) as said:
        ended = {"ended": "well"}
        try:
            yield said
        except BaseException as error:
            ended = {"ended": type(error).__name__}
            raise
        finally:
            log.info(event, **said, **ended, seconds=round(time.monotonic() - began, 3))
