"""A company of several equal projects for the measured run: the benchmark's one large project, dealt out.

Its records are the benchmark's own, so that what the inputs were measured on and what they are checked on is alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.benchmarks import generate
from tests.simulation.work import Size

Row = dict[str, Any]
_STEP = 100_000
#: Cost codes that lines name. They cost a call once for all projects, and jobs that begin together wait for each
#: other's: with ACCOUNTS_ONLY they cost none.
CODES = 4
ACCOUNTS_ONLY = '\n[cost_codes]\ntarget = "account"\n'


def seed(size: Size, projects: int) -> dict[str, Any]:
    """A whole seed for the sandbox. Each vendor has one contract; records of a project must share out evenly."""
    whole = generate.Size(
        size.vendors * projects, CODES, size.claims * projects, size.payments * projects,
        size.invoices * projects,
    )  # fmt: skip
    made = generate.seed(whole)
    one = made["procore"]
    of_vendor = {vendor["id"]: number // size.vendors for number, vendor in enumerate(one["vendors"])}
    of_claim = {row["id"]: of_vendor[row["vendor_id"]] for row in _rows(one, "requisitions")}
    place: dict[str, Callable[[Row], int]] = {
        "work_order_contracts": lambda row: of_vendor[row["vendor"]["id"]],
        "requisitions": lambda row: of_vendor[row["vendor_id"]],
        "contract_payments": lambda row: of_claim[row["requisition_id"]],
        "direct_costs": lambda row: of_vendor[row["vendor_id"]],
    }
    ids = [generate.PROJECT_ID + number for number in range(projects)]
    dealt: dict[str, dict[str, list[Row]]] = {name: {str(id_): [] for id_ in ids} for name in place}
    for name, of in place.items():
        for row in _rows(one, name):
            dealt[name][str(ids[of(row)])].append(_moved(row, ids[of(row)]))
    codes = _rows(one, "cost_codes")
    vendors = [{**row, "project_ids": [ids[of_vendor[row["id"]]]]} for row in one["vendors"]]
    procore = {
        **one,
        **dealt,
        "projects": [_project(one["projects"][0], id_, number) for number, id_ in enumerate(ids)],
        "vendors": vendors,
        "project_vendors": {str(id_): [row["id"] for row in vendors if row["project_ids"] == [id_]] for id_ in ids},
        "cost_codes": {
            str(id_): [{**row, "id": row["id"] + number * _STEP, "biller_id": id_} for row in codes]
            for number, id_ in enumerate(ids)
        },
    }
    return {**made, "procore": procore}


def _rows(procore: Row, name: str) -> list[Row]:
    found: list[Row] = procore[name][str(generate.PROJECT_ID)]
    return found


def _moved(row: Row, project_id: int) -> Row:
    own: Row = {"project": {**row["project"], "id": project_id}} if "project" in row else {}
    return {**row, **own, **({"project_id": project_id} if "project_id" in row else {})}


def _project(row: Row, id_: int, number: int) -> Row:
    name = f"Tower {number}"
    return {**row, "id": id_, "name": name, "display_name": name, "project_number": f"25-{number:03d}"}
