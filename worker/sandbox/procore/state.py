"""What this Procore holds: the seed's rows, indexed by the ways they are asked for.

Rows stay as the seed gives them; what a request sees of a row is decided in views. Only the control interface
changes anything, because the worker only reads Procore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from worker.sandbox.seed_shape import BY_PROJECT

Row = dict[str, Any]
Rows = dict[int, Row]

_OF_COMPANY = ("companies", "project_stages", "projects", "vendors", "line_item_types", "tax_codes")
_OF_PROJECT = tuple(name for name in BY_PROJECT if name != "project_vendors")
_WITH_TIMES = ("projects", "vendors", *_OF_PROJECT)
_KEPT_AS_THEY_ARE = (
    "credentials",
    "currency_configuration",
    "company_base_url",
    "project_vendors",
    "forbidden_projects",
)


class State:
    """The rows of one Procore. `now` is the sandbox's clock."""

    def __init__(self, half: Mapping[str, Any], now: Callable[[], datetime]) -> None:
        """Takes over the Procore half of a checked seed."""
        self._now = now
        self._half: dict[str, Any] = {name: half[name] for name in _KEPT_AS_THEY_ARE}
        self._company = {name: _by_id(half[name]) for name in _OF_COMPANY}
        self._projects = {
            name: {int(project_id): _by_id(rows) for project_id, rows in half[name].items()} for name in _OF_PROJECT
        }
        for name in _WITH_TIMES:
            for row in self._all(name):
                row.setdefault("updated_at", self._stamp())
        self._index_payments()

    @property
    def credentials(self) -> Mapping[str, str]:
        """The only client this Procore knows."""
        credentials: Mapping[str, str] = self._half["credentials"]
        return credentials

    @property
    def currency_configuration(self) -> Row:
        """The company's currency."""
        configuration: Row = self._half["currency_configuration"]
        return configuration

    @property
    def company_base_url(self) -> Row:
        """The company's zone, and the address of its pages."""
        base: Row = self._half["company_base_url"]
        return base

    def rows(self, collection: str) -> Rows:
        """A company-level collection by id."""
        return self._company[collection]

    def project_rows(self, collection: str, project_id: int) -> Rows:
        """A project-level collection by id."""
        return self._projects[collection].get(project_id, {})

    def is_forbidden(self, project_id: int) -> bool:
        """Whether everything below the project answers 403."""
        return project_id in self._half["forbidden_projects"]

    def vendors_of(self, project_id: int) -> Iterator[Row]:
        """The vendors in a project's directory."""
        vendors = self.rows("vendors")
        ids: list[int] = self._half["project_vendors"].get(str(project_id), [])
        return (vendors[vendor_id] for vendor_id in ids if vendor_id in vendors)

    def payments_of(self, project_id: int, contract_id: int) -> list[Row]:
        """The payments issued on a contract."""
        return self._payments.get((project_id, contract_id), [])

    def total_payments(self, project_id: int, contract_id: int) -> str:
        """The sum of a contract's payments, whatever their status: so a status alone does not move it."""
        rows = self.payments_of(project_id, contract_id)
        return f"{sum((_amount(row) for row in rows if not row.get('deleted_at')), Decimal()):.2f}"

    def has(self, collection: str, project_id: int | None, row_id: int) -> bool:
        """Whether there is such a record already."""
        if collection == "project_vendors":
            return row_id in self._half["project_vendors"].get(str(project_id), [])
        rows = (
            self._company.get(collection) if project_id is None else self._projects.get(collection, {}).get(project_id)
        )
        return row_id in (rows or {})

    def put(self, collection: str, project_id: int | None, row_id: int, fields: Row) -> Row:
        """Merge `fields` into a row, or create it; `updated_at` moves unless given.

        Raises KeyError for an unknown place, ValueError for a time that is none.
        """
        if collection == "project_vendors":
            return self._add_vendor(project_id, row_id)
        stamped = {"updated_at": self._stamp()} if collection in _WITH_TIMES else {}
        datetime.fromisoformat(fields.get("updated_at") or self._stamp())
        rows = self._editable(collection, project_id)
        row = rows.setdefault(row_id, {})
        row.update({**stamped, **fields, "id": row_id})
        if collection == "contract_payments":
            self._follow_the_money(row)
            self._index_payments()
        return row

    def delete(self, collection: str, project_id: int | None, row_id: int) -> None:
        """Mark a row deleted, as Procore does; lists leave it out from now on. Raises KeyError."""
        if collection == "project_vendors":
            self._half["project_vendors"][str(project_id)].remove(row_id)
            return
        row = self._editable(collection, project_id)[row_id]
        row["deleted_at"] = row["updated_at"] = self._stamp()

    def dump(self) -> dict[str, Any]:
        """Everything in the seed's own shape."""
        company = {name: list(rows.values()) for name, rows in self._company.items()}
        projects = {
            name: {str(project_id): list(rows.values()) for project_id, rows in by_project.items()}
            for name, by_project in self._projects.items()
        }
        return deepcopy({**self._half, **company, **projects})

    def _add_vendor(self, project_id: int | None, vendor_id: int) -> Row:
        if project_id not in self._company["projects"]:
            raise KeyError(f"there is no project {project_id}")
        ids = self._half["project_vendors"].setdefault(str(project_id), [])
        if vendor_id not in ids:
            ids.append(vendor_id)
        return {"id": vendor_id}

    def _editable(self, collection: str, project_id: int | None) -> Rows:
        if project_id is None:
            return self._company[collection]
        if project_id not in self._company["projects"]:
            raise KeyError(f"there is no project {project_id}")
        return self._projects[collection].setdefault(project_id, {})

    def _all(self, collection: str) -> Iterator[Row]:
        if collection in self._company:
            yield from self._company[collection].values()
            return
        for rows in self._projects[collection].values():
            yield from rows.values()

    def _follow_the_money(self, payment: Row) -> None:
        """Procore Pay writes down when the money leaves and when it has arrived; other payments never move by it.

        Its states are unpaid, in_review, approved, processing, paid, rejected, failed (contract_payments in the REST
        reference): approved is the end of the approval only.
        """
        moved = {"processing": ("initiated",), "paid": ("initiated", "settled")}.get(payment.get("status", ""), ())
        for step in moved if payment.get("external_payment_id") else ():
            payment[f"date_payment_{step}"] = payment.get(f"date_payment_{step}") or self._stamp()

    def _index_payments(self) -> None:
        self._payments: dict[tuple[int, int], list[Row]] = {}
        for project_id, rows in self._projects["contract_payments"].items():
            for row in rows.values():
                self._payments.setdefault((project_id, row.get("contract_id", 0)), []).append(row)

    def _stamp(self) -> str:
        """Procore's times have whole seconds."""
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _by_id(rows: list[Row]) -> Rows:
    return {row["id"]: row for row in rows}


def _amount(payment: Row) -> Decimal:
    """A seed may hold unreadable amounts on purpose; they add nothing."""
    try:
        return Decimal(str(payment.get("amount")))
    except InvalidOperation:
        return Decimal()
