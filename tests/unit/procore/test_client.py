"""What the sync asks Procore for: the right lists, filters and few calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from tests.wire import Wire, answer
from worker.errors import ConfigError
from worker.procore.client import CONTRACTS, Procore, connect
from worker.procore.records import Claim, CostCode, Invoice, Unreadable
from worker.settings import Settings

COMPANY = 4711
LINES = "/rest/v1.0/projects/562/direct_costs/line_items"
COSTS = "/rest/v1.1/projects/562/direct_costs"


@dataclass
class Server:
    """Lists by path; everything else is a 404."""

    lists: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.wire = Wire(self._answer)
        self.client = Procore(self.wire.api(where="Procore"), COMPANY)

    def asked(self, path: str | None = None) -> list[list[tuple[str, str]]]:
        """The parameters of each request, without those of paging."""
        return [
            [(name, value) for name, value in request.url.params.multi_items() if name not in ("page", "per_page")]
            for request in self.wire.requests
            if path in (None, request.url.path)
        ]

    def paths(self) -> list[str]:
        return [request.url.path for request in self.wire.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        rows = self.lists.get(request.url.path)
        return httpx.Response(404, text="<html>") if rows is None else answer(rows)


@pytest.mark.parametrize(
    ("read", "path", "params"),
    [
        (
            lambda procore: procore.projects(),
            "/rest/v1.1/projects",
            [("company_id", "4711"), ("filters[by_status]", "All")],
        ),
        (lambda procore: procore.vendors(562), "/rest/v1.1/projects/562/vendors", [("view", "extended")]),
        (lambda procore: procore.cost_codes(562), "/rest/v1.0/cost_codes", [("project_id", "562")]),
        (lambda procore: procore.tax_codes(), "/rest/v1.0/tax_codes", [("company_id", "4711")]),
        (
            lambda procore: procore.wbs_codes(562),
            "/rest/v1.0/projects/562/work_breakdown_structure/wbs_codes",
            [],
        ),
        (
            lambda procore: procore.claims(562),
            "/rest/v1.1/requisitions",
            [("project_id", "562"), ("view", "extended")],
        ),
        (
            lambda procore: procore.payments(562, 9),
            "/rest/v1.0/contract_payments",
            [("project_id", "562"), ("contract_id", "9")],
        ),
        (lambda procore: procore.invoices(562), COSTS, []),
    ],
)
def test_each_list_and_its_parameters(read: Callable[[Procore], Any], path: str, params: list[tuple[str, str]]) -> None:
    """Each list is asked for with what Procore requires of it, in one call when it is short."""
    server = Server({path: []})
    assert list(read(server.client)) == []
    assert server.asked(path) == [params]


def test_contracts_are_subcontracts_and_purchase_orders() -> None:
    """Payments hang on both kinds of commitment."""
    server = Server(
        {
            "/rest/v1.0/work_order_contracts": [{"id": 1, "total_payments": "10.0"}],
            "/rest/v1.0/purchase_order_contracts": [{"id": 2}],
        }
    )
    rows = [row for name in CONTRACTS for row in server.client.contracts(562, name)]
    assert [contract.procore_id for contract in rows] == ["1", "2"]


def test_changes_since() -> None:
    """Only what changed is asked for; the range has an end, in the future, since an open one is not documented."""
    server = Server({"/rest/v1.1/requisitions": []})
    list(server.client.claims(562, datetime(2026, 7, 1, 8, tzinfo=UTC)))
    since, until = dict(server.asked()[0])["filters[updated_at]"].split("...")
    assert since == "2026-07-01T08:00:00Z"
    assert datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) > datetime.now(UTC)


def test_ids_go_forty_at_a_time() -> None:
    """Many ids are several calls, so that no address becomes too long."""
    server = Server({"/rest/v1.0/vendors": []})
    assert list(server.client.vendors_by_id(str(number) for number in range(90))) == []
    sizes = [len([name for name, _ in call if name == "filters[id][]"]) for call in server.asked()]
    assert sizes == [40, 40, 10]


def test_ids_that_are_no_numbers_are_not_asked_for() -> None:
    """What cannot be an id costs no call, and does not spoil the call of the others."""
    server = Server({"/rest/v1.0/vendors": []})
    assert list(server.client.vendors_by_id(["7", "without id ({})"])) == []
    assert [value for name, value in server.asked()[0] if name == "filters[id][]"] == ["7"]


def test_a_parent_is_a_heading() -> None:
    """A code that another one names as its parent cannot be charged, whether or not its parent comes first."""
    rows = [
        {"id": 2, "full_code": "03-300", "name": "Slabs", "parent": {"id": 1}},
        {"id": 1, "full_code": "03", "name": "Concrete", "parent": None},
        {"id": 3, "full_code": "", "name": "Broken"},
    ]
    found = list(Server({"/rest/v1.0/cost_codes": rows}).client.cost_codes(562))
    assert [code.is_header for code in found if isinstance(code, CostCode)] == [False, True]
    assert isinstance(found[2], Unreadable)


def test_a_bad_row_does_not_stop_its_neighbours() -> None:
    """One row that cannot be read is one hold; the rest of the page is read."""
    rows = [{"id": 1, "status": "approved", "commitment_id": 9}, {"id": 2}, None]
    found = list(Server({"/rest/v1.1/requisitions": rows}).client.claims(562))
    assert [type(row) for row in found] == [Claim, Unreadable, Unreadable]


def a_cost(id: Any, **fields: Any) -> dict[str, Any]:
    return {"id": id, "direct_cost_type": "invoice", "status": "approved", **fields}


def a_line(id: int, holder: Any, amount: str = "10.00") -> dict[str, Any]:
    return {"id": id, "amount": amount, "holder": holder}


def lines_of(found: list[Any]) -> dict[str, list[int]]:
    return {row.procore_id: [line.id for line in row.line_items] for row in found if isinstance(row, Invoice)}


def test_lines_of_a_page_come_in_one_call() -> None:
    """The lines of all direct costs of a page are read as one range of ids, not one call per invoice."""
    lines = [a_line(1, {"id": 10}), a_line(2, {"id": 30}), a_line(3, {"id": 20}), a_line(4, {"id": 10})]
    server = Server({COSTS: [a_cost(30), a_cost(10)], LINES: lines})
    assert lines_of(list(server.client.invoices(562))) == {"30": [2], "10": [1, 4]}
    assert server.asked(LINES) == [[("filters[direct_cost_id]", "10...30")]]
    assert len(server.wire.requests) == 2


def test_one_invoice_is_read_by_itself() -> None:
    """For a single invoice its own page has the lines."""
    server = Server({COSTS: [a_cost(10)], f"{COSTS}/10": a_cost(10, line_items=[a_line(1, None)])})
    assert lines_of(list(server.client.invoices(562))) == {"10": [1]}


def test_an_invoice_without_lines_in_the_list_is_read_by_itself() -> None:
    """Where the list of lines leaves an invoice out, its own page is asked before it counts as empty."""
    server = Server(
        {
            COSTS: [a_cost(10), a_cost(20)],
            LINES: [a_line(1, {"id": 10}), a_line(5, "item 20"), a_line(6, None), None],
            f"{COSTS}/20": a_cost(20, line_items=[a_line(2, None)]),
        }
    )
    assert lines_of(list(server.client.invoices(562))) == {"10": [1], "20": [2]}


def test_lines_are_read_only_for_what_is_carried() -> None:
    """Drafts, payroll and expenses cost no further call."""
    costs = [a_cost(1, status="draft"), a_cost(2, direct_cost_type="payroll"), None, a_cost("x")]
    server = Server({COSTS: costs})
    found = list(server.client.invoices(562))
    assert [type(row) for row in found] == [Invoice, Invoice, Unreadable, Unreadable]
    assert server.paths() == [COSTS]


def test_invoices_by_id() -> None:
    """Single invoices are asked for by id, with their lines."""
    server = Server({COSTS: [a_cost(10)], f"{COSTS}/10": a_cost(10, line_items=[a_line(1, None)])})
    assert lines_of(list(server.client.invoices_by_id(562, ["10"]))) == {"10": [1]}
    assert server.asked(COSTS) == [[("filters[id][]", "10")]]


def test_connect_names_every_setting_that_is_missing() -> None:
    """A newcomer learns all that is missing at once, before any call."""
    with pytest.raises(ConfigError, match="PROCORE_CLIENT_ID, PROCORE_CLIENT_SECRET, PROCORE_COMPANY_ID"):
        connect(Settings(), None)


def test_every_call_names_the_company() -> None:
    """Procore wants its company header on every call, and a token from its own address."""
    wire = Wire(lambda request: answer({"access_token": "t", "expires_in": 5400} if request.method == "POST" else []))
    settings = Settings(
        procore_client_id="id",
        procore_client_secret=SecretStr("secret"),
        procore_company_id=COMPANY,
        procore_calls_at_once=0,
    )
    assert list(connect(settings, None, wire.transport).projects()) == []
    token, call = wire.requests
    assert str(token.url) == "https://login.procore.com/oauth/token"
    assert (call.headers["Procore-Company-Id"], call.headers["Authorization"]) == ("4711", "Bearer t")
