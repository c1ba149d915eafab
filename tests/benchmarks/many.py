"""The benchmark's one project many times over, each with ids and a job number of its own; vendors are shared.

Contracts and claims come along; payments and direct invoices do not, since what is compared here is how jobs run.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from tests.benchmarks.generate import PROJECT_ID, Row, Size, seed

#: More than one project has of anything.
_STEP = 10_000


def seed_of_many(projects: int, size: Size) -> dict[str, Any]:
    """A whole seed for the sandbox: so many eligible projects of this size."""
    one = seed(replace(size, payments=0, invoices=0))
    procore = one["procore"]
    first = {name: procore[name][str(PROJECT_ID)] for name in _COPIES}
    vendors = procore["project_vendors"][str(PROJECT_ID)]
    keys = [str(PROJECT_ID + number) for number in range(projects)]
    copied = {
        name: {key: [copy(row, number) for row in first[name]] for number, key in enumerate(keys)}
        for name, copy in _COPIES.items()
    }
    none: dict[str, list[Row]] = {key: [] for key in keys}
    own = {
        "projects": [_project(procore["projects"][0], number) for number in range(projects)],
        "project_vendors": dict.fromkeys(keys, vendors),
        "contract_payments": none,
        "direct_costs": none,
    }
    return {**one, "procore": {**procore, **own, **copied}}


def _project(row: Row, number: int) -> Row:
    job_number = f"26-{number:05d}"
    name = f"Benchmark Towers {number}"
    own = {"id": PROJECT_ID + number, "name": name, "display_name": f"{job_number} {name}"}
    return {**row, **own, "project_number": job_number}


def _cost_code(row: Row, number: int) -> Row:
    return {**row, "id": row["id"] + _STEP * number, "biller_id": PROJECT_ID + number}


def _contract(row: Row, number: int) -> Row:
    project = {**row["project"], "id": PROJECT_ID + number}
    return {**row, "id": row["id"] + _STEP * number, "number": f"{row['number']}-{number}", "project": project}


def _claim(row: Row, number: int) -> Row:
    moved = {name: row[name] + _STEP * number for name in ("id", "commitment_id")}
    items = [_item(item, number) for item in row["items"]]
    invoice_number = f"{row['invoice_number']}-{number}"
    return {**row, **moved, "project_id": PROJECT_ID + number, "invoice_number": invoice_number, "items": items}


def _item(row: Row, number: int) -> Row:
    item: Row = deepcopy(row)
    return {**item, **{name: item[name] + _STEP * number for name in ("id", "cost_code_id")}}


_COPIES: Mapping[str, Any] = {
    "cost_codes": _cost_code,
    "work_order_contracts": _contract,
    "requisitions": _claim,
}
