"""Traces by OpenTelemetry, job → stage → request, where its packages are installed and a collector is named.

Else nothing here does anything, and nothing is imported. A span says what a log line says, so neither bodies nor
money; of an exception only its class, since messages quote what Xero answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

NAME = "procore-xero"
#: Seconds for one delivery to the collector, tries included: a worker that ends waits for the last one.
DELIVERY_S = 5

MISSING = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, but not what it needs; "
    "run pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"
)

Value = str | int | float
log = structlog.get_logger(__name__)
_provider: TracerProvider | None = None


def start(collector: str) -> None:
    """Send this process's traces to the collector at this address, if there is one; never before a fork."""
    if not collector:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("no traces", why=MISSING)
        return
    send_to(BatchSpanProcessor(OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=DELIVERY_S)))


def send_to(processor: SpanProcessor) -> None:
    """Hand every span that ends to this processor."""
    global _provider
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider

    _provider = TracerProvider(resource=Resource.create({SERVICE_NAME: NAME}), shutdown_on_exit=False)
    _provider.add_span_processor(processor)


def stop() -> None:
    """Deliver what is left, before the process ends."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
    _provider = None


@contextmanager
def span(name: str, **attributes: Value) -> Iterator[dict[str, Value]]:
    """One step, inside of the one that is under way. What is added to the dict that it yields is told as well."""
    said = dict(attributes)
    if _provider is None:
        yield said
        return
    from opentelemetry.trace import StatusCode

    tracer = _provider.get_tracer(NAME)
    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as current:
        try:
            yield said
        except BaseException as error:
            current.set_status(StatusCode.ERROR)
            current.set_attribute("error.type", type(error).__name__)
            raise
        finally:
            current.set_attributes({f"sync.{key}": value for key, value in said.items()})
