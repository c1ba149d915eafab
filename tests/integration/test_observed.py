"""What is told while a job runs: lines and spans, however its requests, stages and records end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import clear_contextvars, get_contextvars
from structlog.testing import capture_logs

from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, everything
from worker import tracing
from worker.errors import OutcomeUnknown
from worker.pipeline import carry
from worker.pipeline.decide.record import decide
from worker.pipeline.values import Decision, Entry, Reason
from worker.procore.records import Record
from worker.xero.documents import Bill, Document


@pytest.fixture(autouse=True)
def nothing_bound() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Every span that has ended."""
    exporter = InMemorySpanExporter()
    tracing.send_to(SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop()


def test_a_request_without_an_answer_has_its_line_and_its_span(a_world: MakeWorld, spans: InMemorySpanExporter) -> None:
    """What may have happened in Xero is told as well, with what is known of its end."""
    world = a_world(everything())
    world.fault("lost_answer", "PUT", "/Invoices")
    with capture_logs() as lines, pytest.raises(OutcomeUnknown) as unknown:
        world.run(JOB_NUMBER)
    (request,) = [line for line in lines if line["event"] == "request" and line["ended"] != "well"]
    assert (request["kind"], request["method"], request["ended"]) == ("claims", "PUT", "OutcomeUnknown")
    stopped = [line for line in lines if line["event"] == "stage"][-1]
    assert stopped["ended"] == "OutcomeUnknown"
    failed = [span for span in spans.get_finished_spans() if not span.status.is_unset]
    assert [span.name for span in failed] == ["request claims", "stage claims", "job"]
    assert {dict(span.attributes or {})["error.type"] for span in failed} == {"OutcomeUnknown"}
    assert str(unknown.value) not in str([span.to_json() for span in failed])


def test_spans_hang_together(a_world: MakeWorld, spans: InMemorySpanExporter) -> None:
    """Job over stages over requests, one trace for each run; numbers and names are all that is told."""
    world = a_world(everything())
    for _ in range(2):
        world.run(JOB_NUMBER)
    first, second = _trees(spans)
    assert [span.name for span in first if span.parent is None] == ["job"]
    (claims,) = [span for span in first if span.name == "stage claims"]
    (bills, *_) = [span for span in first if span.name == "request claims"]
    assert bills.parent is not None
    assert claims.context is not None
    assert bills.parent.span_id == claims.context.span_id
    assert dict(claims.attributes or {})["sync.sent"] == world.job(JOB_NUMBER).counts["claims"]["unchanged"]
    assert not [span for span in second if span.name.startswith("request")]


def test_without_a_collector_nothing_is_traced(a_world: MakeWorld) -> None:
    """A job runs the same, and no span is made."""
    assert a_world(everything()).run(JOB_NUMBER).line
    with tracing.span("job", job="24-017") as said:
        assert said == {"job": "24-017"}


def test_what_nobody_expected_says_where_it_came_from(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line about a mistake of ours is written when job, stage and record are left; it names them all the same."""

    def broken(record: Record, mapped: Document | Reason, entry: Entry | None, *, holds_exported: bool) -> Decision:
        assert 1 // (not isinstance(mapped, Bill))
        return decide(record, mapped, entry, holds_exported=holds_exported)

    monkeypatch.setattr(carry, "decide", broken)
    with pytest.raises(ZeroDivisionError):
        a_world(everything()).run(JOB_NUMBER)
    assert get_contextvars() == {"stage": "claims", "record": "claim 11"}


def test_where_the_work_is_ends_with_it(a_world: MakeWorld) -> None:
    """A job that went well leaves nothing for the lines of the next one."""
    a_world(everything()).run(JOB_NUMBER)
    assert get_contextvars() == {}


def _trees(spans: InMemorySpanExporter) -> list[list[ReadableSpan]]:
    trees: dict[int, list[ReadableSpan]] = {}
    for span in spans.get_finished_spans():
        assert span.context is not None
        trees.setdefault(span.context.trace_id, []).append(span)
    return list(trees.values())
