"""Procore's addresses that the sandbox answers: which rows, which filters, which view, which paging.

Every address is read-only, because the product only reads Procore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from worker.sandbox.procore import filters, refusals, views
from worker.sandbox.procore.foot import completing
from worker.sandbox.procore.query import Paging, filtered, paged
from worker.sandbox.procore.sight import Sight, header_company, in_header_company
from worker.sandbox.procore.state import Row, Rows, State
from worker.sandbox.procore.storage import linked
from worker.sandbox.shell import json_response
from worker.sandbox.switches import Collection, InForce, ProcoreSwitches

_PROJECT = "/projects/<int:project_id>"
#: What each kind of record shows of an attachment.
_OF_A_DIRECT_COST = ("id", "url", "filename")
_OF_A_CLAIM = (*_OF_A_DIRECT_COST, "content_type")


def add_routes(app: Flask, state: State, switches: InForce[ProcoreSwitches]) -> None:
    """Adds every address to the app, and Procore's answer for any other."""
    company, project = _CompanyRoutes(state, switches), _ProjectRoutes(state, switches)
    addresses: dict[str, Callable[..., Response]] = {
        "v1.0/companies": company.companies,
        "v1.0/companies/<int:company_id>/project_stages": company.project_stages,
        "v1.0/companies/<int:company_id>/currency_configuration": company.currency_configuration,
        "v1.1/projects": company.projects,
        f"v1.0{_PROJECT}": company.project,
        "v1.0/vendors": company.vendors,
        "v1.0/vendors/<int:vendor_id>": company.vendor,
        "v1.0/tax_codes": company.tax_codes,
        "v1.0/line_item_types": company.line_item_types,
        "v1.0/company_base_url": company.base_url,
        f"v1.1{_PROJECT}/vendors": project.vendors,
        "v1.0/cost_codes": project.cost_codes,
        f"v1.0{_PROJECT}/work_breakdown_structure/wbs_codes": project.wbs_codes,
        "v1.0/<any(work_order_contracts, purchase_order_contracts):kind>": project.contracts,
        "v1.0/<any(work_order_contracts, purchase_order_contracts):kind>/<int:row_id>": project.contract,
        "v1.1/requisitions": project.claims,
        "v1.1/requisitions/<int:row_id>": project.claim,
        "v1.0/contract_payments": project.payments,
        "v1.0/contract_payments/<int:row_id>": project.payment,
        f"v1.1{_PROJECT}/direct_costs": project.direct_costs,
        f"v1.1{_PROJECT}/direct_costs/<int:row_id>": project.direct_cost,
        f"v1.0{_PROJECT}/direct_costs/line_items": project.direct_cost_lines,
    }
    for address, handler in addresses.items():
        app.add_url_rule(f"/rest/{address}", endpoint=address, view_func=handler, methods=["GET"])
    app.register_error_handler(refusals.Refusal, lambda refusal: refusal.response)
    app.register_error_handler(HTTPException, lambda error: refusals.of_status(error.code or 500))


def _live(rows: Iterable[Row]) -> Iterable[Row]:
    return (row for row in rows if not row.get("deleted_at"))


def _found(rows: Rows, row_id: int) -> Row:
    row = rows.get(row_id)
    if row is None or row.get("deleted_at"):
        raise refusals.record_unknown()
    return row


def _number(parameter: str) -> int:
    """A required company, project or contract id from the query."""
    text = request.args.get(parameter, "")
    if not text.isdecimal():
        raise refusals.scope_missing() if parameter != "contract_id" else refusals.blank(parameter)
    return int(text)


def _company(company_id: int | None = None) -> None:
    """The company in path or query must be the one in the header."""
    if (_number("company_id") if company_id is None else company_id) != header_company():
        raise refusals.not_connected()


class _Routes:
    def __init__(self, state: State, switches: InForce[ProcoreSwitches]) -> None:
        self._state = state
        self._switches = switches
        self._sight = Sight(state, switches)

    def _paging(self, collection: Collection, default: int = 100, most: int = 2000) -> Paging:
        now = self._switches.now
        return Paging(default, most, is_whole=collection in now.unpaged, at_once=now.rows_at_once)


class _CompanyRoutes(_Routes):
    """What belongs to the company."""

    def companies(self) -> Response:
        return self._whole("companies")

    def project_stages(self, company_id: int) -> Response:
        _company(company_id)
        return self._whole("project_stages")

    def currency_configuration(self, company_id: int) -> Response:
        _company(company_id)
        return json_response({**self._state.currency_configuration, "company_id": company_id})

    def base_url(self) -> Response:
        """Of the company in the header: its zone, and where its pages are."""
        return json_response(self._state.company_base_url)

    def projects(self) -> Response:
        _company()
        view = views.chosen(views.PROJECTS)
        status = request.args.get("filters[by_status]", "Active")
        if status not in ("All", "Active", "Inactive"):
            raise refusals.bad_parameter("filters[by_status]", "must be one of Active, Inactive, All")
        rows = filtered(_live(self._sight.company_rows("projects").values()), filters.PROJECTS)
        if status != "All":
            rows = [row for row in rows if bool(row.get("active", True)) == (status == "Active")]
        most = (200_000, 200_000) if request.args.get("view") == "ids" else (100, 300)
        return paged(_sorted(rows), view, self._paging("projects", *most))

    def project(self, project_id: int) -> Response:
        _company()
        row = _found(self._sight.company_rows("projects"), project_id)
        if not in_header_company(row):
            raise refusals.project_unknown()
        return json_response(views.project_shown(row))

    def vendors(self) -> Response:
        _company()
        rows = _live(self._sight.company_rows("vendors").values())
        found = filtered((row for row in rows if row.get("is_active", True)), filters.VENDORS)
        return paged(_sorted(found), views.chosen(views.VENDORS), self._paging("vendors"))

    def vendor(self, vendor_id: int) -> Response:
        _company()
        return json_response(views.chosen(views.VENDORS)(_found(self._sight.company_rows("vendors"), vendor_id)))

    def tax_codes(self) -> Response:
        _company()
        return self._whole("tax_codes", 100, 100)

    def line_item_types(self) -> Response:
        """The company's. Its parameters ask for both scopes, and its text for either: the stricter of the two."""
        _company()
        self._sight.project(_number("project_id"))
        return self._whole("line_item_types")

    def _whole(self, collection: Collection, default: int = 100, most: int = 2000) -> Response:
        rows = list(_live(self._sight.company_rows(collection).values()))
        return paged(rows, views.whole, self._paging(collection, default, most))


class _ProjectRoutes(_Routes):
    """What belongs to one project, named in the path or as project_id in the query."""

    def vendors(self, project_id: int) -> Response:
        rows = filtered(_live(self._sight.vendors(project_id)), filters.PROJECT_VENDORS)
        return paged(rows, views.chosen(views.PROJECT_VENDORS), self._paging("project_vendors"))

    def cost_codes(self) -> Response:
        rows = filtered(_live(self._asked("cost_codes").values()), filters.COST_CODES)
        return paged(rows, views.whole, self._paging("cost_codes"))

    def wbs_codes(self, project_id: int) -> Response:
        rows = _live(self._sight.rows("wbs_codes", project_id).values())
        return paged(filtered(rows, filters.WBS_CODES), views.whole, self._paging("wbs_codes"))

    def contracts(self, kind: Collection) -> Response:
        rows: Iterable[Row] = self._asked(kind).values()
        deleted = request.args.get("filters[include_deleted]")
        if deleted == "only":
            rows = (row for row in rows if row.get("deleted_at"))
        elif deleted != "with":
            rows = _live(rows)
        shown = views.chosen(views.CONTRACTS)
        listed = views.contract_listed(self._state, _number("project_id"))
        return paged(filtered(rows, filters.CONTRACTS[kind]), lambda row: shown(listed(row)), self._paging(kind))

    def contract(self, kind: Collection, row_id: int) -> Response:
        row = _found(self._asked(kind), row_id)
        return json_response(views.contract_shown(self._state, _number("project_id"), row))

    def claims(self) -> Response:
        rows = filtered(_live(self._asked("requisitions").values()), filters.CLAIMS)
        return paged(rows, self._claim_view(), self._paging("requisitions", 30, 100))

    def claim(self, row_id: int) -> Response:
        row = _found(self._asked("requisitions"), row_id)
        return json_response(self._claim_view()(row))

    def _claim_view(self) -> views.View:
        project_id = _number("project_id")
        complete = completing(self._state.project_rows("requisitions", project_id).values())
        view = linked(views.chosen(views.CLAIMS), "requisitions", project_id, *_OF_A_CLAIM)
        return lambda row: view(complete(row))

    def payments(self) -> Response:
        rows = self._sight.payments(_number("project_id"), _number("contract_id"))
        return paged(list(_live(rows)), views.whole, self._paging("contract_payments"))

    def payment(self, row_id: int) -> Response:
        """One payment of a contract; the contract is asked for here, too."""
        rows = self._sight.payments(_number("project_id"), _number("contract_id"))
        return json_response(_found({row["id"]: row for row in rows}, row_id))

    def direct_costs(self, project_id: int) -> Response:
        rows = _live(self._sight.rows("direct_costs", project_id).values())
        return paged(
            filtered(rows, filters.DIRECT_COSTS),
            views.direct_cost_listed(self._switches.now.untaxed_breakdown),
            self._paging("direct_costs"),
        )

    def direct_cost(self, project_id: int, row_id: int) -> Response:
        row = _found(self._sight.rows("direct_costs", project_id), row_id)
        view = linked(
            views.direct_cost_shown(self._switches.now.untaxed_breakdown),
            "direct_costs",
            project_id,
            *_OF_A_DIRECT_COST,
        )
        return json_response(view(row))

    def direct_cost_lines(self, project_id: int) -> Response:
        """All lines of the tool in one list; they page with it."""
        lines = (
            {**line, "holder": {"id": row["id"], "holder_type": "DirectCost::Item"}}
            for row in _live(self._sight.rows("direct_costs", project_id).values())
            for line in row.get("line_items") or []
        )
        view = views.direct_cost_line(self._sight.project(project_id))
        return paged(filtered(lines, filters.DIRECT_COST_LINES), view, self._paging("direct_costs"))

    def _asked(self, collection: Collection) -> Rows:
        """A collection of the project that the query names."""
        return self._sight.rows(collection, _number("project_id"))


def _sorted(rows: list[Row]) -> list[Row]:
    """By name where `sort` asks for it, from behind with a minus; else as they are."""
    sort = request.args.get("sort", "")
    field = sort.removeprefix("-")
    if field not in ("name", "display_name"):
        return rows
    return sorted(rows, key=lambda row: str(row.get(field, "")).casefold(), reverse=sort.startswith("-"))
