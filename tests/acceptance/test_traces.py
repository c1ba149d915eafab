"""The traces of a real worker, as a collector gets them."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tasks.stages import PROJECT, STAGES
from tests.acceptance.conftest import Machine
from tests.acceptance.syncing import ENDS, states
from tests.listening import Quiet, serving

pytestmark = [pytest.mark.acceptance, pytest.mark.deep]

TOLD = {
    "job": {"sync.job", "sync.run", "sync.attempt", "sync.trigger", "sync.held"},
    "stage": {"sync.sent", "sync.unchanged", "sync.held", "sync.waiting", "sync.ignored"},
    "request": {"sync.kind", "sync.method", "sync.documents", "sync.request"},
}


@dataclass
class Collector:
    """A collector of traces that keeps what it gets."""

    spans: list[Span] = field(default_factory=list)

    @contextmanager
    def served(self) -> Iterator[str]:
        spans = self.spans

        class Handler(Quiet):
            def do_POST(self) -> None:  # noqa: N802 - the library's name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        spans.extend(scope.spans)
                self.send_response(200 if self.path == "/v1/traces" else 404)
                self.end_headers()

        with serving(Handler) as address:
            yield address


def test_each_run_of_a_job_is_one_tree(machine: Machine) -> None:
    """Job, stages, requests, from every process that runs jobs; names and numbers, neither bodies nor money."""
    collector = Collector()
    with collector.served() as address:
        machine.system.env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": address}
        machine.start_worker("-c", "2")
        machine.discover()
        assert states(machine) == ENDS
        machine.end_worker(signal.SIGTERM)  # what was not delivered yet is now
    trees: dict[bytes, list[Span]] = {}
    for span in collector.spans:
        trees.setdefault(span.trace_id, []).append(span)
    roots = [_root(tree) for tree in trees.values()]
    runs = [(_attributes(root)["sync.job"], _attributes(root)["sync.attempt"]) for root in roots]
    assert len(set(runs)) == len(runs)
    whole = [tree for tree, root in zip(trees.values(), roots, strict=True) if "error.type" not in _attributes(root)]
    assert sorted(_attributes(_root(tree))["sync.job"] for tree in whole) == sorted(ENDS)
    for tree in whole:
        root = _root(tree)
        stages = [span for span in tree if span.parent_span_id == root.span_id]
        assert [span.name for span in sorted(stages, key=lambda one: one.start_time_unix_nano)] == [
            f"stage {stage.name}" for stage in (PROJECT, *STAGES)
        ]
        requests = [span for span in tree if span not in (root, *stages)]
        assert {span.parent_span_id for span in requests} <= {span.span_id for span in stages}
        assert requests
    for span in collector.spans:
        assert _attributes(span).keys() <= TOLD[span.name.split()[0]] | {"error.type"}
        assert not [value for value in _attributes(span).values() if not re.fullmatch(r"[\w-]{1,40}", value)]
        assert not span.events


def _root(tree: list[Span]) -> Span:
    (root,) = [span for span in tree if not span.parent_span_id]
    return root


def _attributes(span: Span) -> dict[str, str]:
    return {one.key: str(getattr(one.value, one.value.WhichOneof("value") or "")) for one in span.attributes}
