"""What the app gets to see of this Procore: all rows, but those of tools that are off and of records hidden from it.

Silence and refusal may both mean missing rights (troubleshooting.md of Procore's documentation, in own words): which
of them comes is a switch. A private contract is visible to admins and "whitelisted accessors" only (REST reference,
work_order_contracts), and nobody documents what becomes of its claims and payments: here they go with it. That the list
of its payments is empty, and no refusal, is the least that a client can be told.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import request

from worker.sandbox.procore import refusals
from worker.sandbox.procore.state import Row, Rows, State
from worker.sandbox.switches import Answer, Collection, InForce, ProcoreSwitches

#: The kinds of contract that claims and payments belong to.
CONTRACTS: tuple[Collection, ...] = ("work_order_contracts", "purchase_order_contracts")
_COMPANY = "-"


class Sight:
    """The state through the eyes of the app. Every method raises Refusal where nothing is shown."""

    def __init__(self, state: State, switches: InForce[ProcoreSwitches]) -> None:
        self._state = state
        self._switches = switches

    def company_rows(self, collection: Collection) -> Rows:
        """A company-level collection by id."""
        return {} if self._is_off(_COMPANY, collection) else self._shown(collection, self._state.rows(collection))

    def project(self, project_id: int) -> Row:
        """The project, if it is there, in the header's company, and open to this app."""
        project = self.company_rows("projects").get(project_id)
        if project is None or project.get("deleted_at") or not in_header_company(project):
            raise refusals.project_unknown()
        if self._state.is_forbidden(project_id):
            raise refusals.project_forbidden()
        return project

    def rows(self, collection: Collection, project_id: int) -> Rows:
        """A project-level collection by id."""
        self.project(project_id)
        if self._is_off(str(project_id), collection):
            return {}
        rows = self._shown(collection, self._state.project_rows(collection, project_id))
        if collection in CONTRACTS:
            return {row_id: row for row_id, row in rows.items() if not row.get("private")}
        if collection == "requisitions" and (unseen := self._unseen_contracts(project_id)):
            return {row_id: row for row_id, row in rows.items() if row.get("commitment_id") not in unseen}
        return rows

    def vendors(self, project_id: int) -> Iterable[Row]:
        """The vendors in a project's directory."""
        self.project(project_id)
        if self._is_off(str(project_id), "project_vendors"):
            return ()
        hidden = {*self._hidden("project_vendors"), *self._hidden("vendors")}
        return (row for row in self._state.vendors_of(project_id) if row["id"] not in hidden)

    def payments(self, project_id: int, contract_id: int) -> list[Row]:
        """The payments issued on a contract; none where the contract may not be seen."""
        self.project(project_id)
        if not any(contract_id in self._state.project_rows(kind, project_id) for kind in CONTRACTS):
            raise refusals.record_unknown()
        if self._is_off(str(project_id), "contract_payments"):
            return []
        if contract_id in self._unseen_contracts(project_id) and _is_silent(self._switches.now.payments_of_hidden):
            return []
        hidden = self._hidden("contract_payments")
        return [row for row in self._state.payments_of(project_id, contract_id) if row["id"] not in hidden]

    def _unseen_contracts(self, project_id: int) -> set[int]:
        rows = [row for kind in CONTRACTS for row in self._state.project_rows(kind, project_id).values()]
        hidden = {row_id for kind in CONTRACTS for row_id in self._hidden(kind)}
        return {row["id"] for row in rows if row.get("private") or row["id"] in hidden}

    def _shown(self, collection: Collection, rows: Rows) -> Rows:
        hidden = self._hidden(collection)
        return {row_id: row for row_id, row in rows.items() if row_id not in hidden} if hidden else rows

    def _hidden(self, collection: Collection) -> frozenset[int]:
        return frozenset(self._switches.now.hidden.get(collection, ()))

    def _is_off(self, place: str, collection: Collection) -> bool:
        """Whether the tool is off without a word; raises Refusal where it says so."""
        how = self._switches.now.tools_off.get(place, {}).get(collection)
        return how is not None and _is_silent(how)


def _is_silent(how: Answer) -> bool:
    """Raises Refusal where rights are missing aloud."""
    if how == 403:
        raise refusals.tool_off()
    if how == 404:
        raise refusals.record_unknown()
    return True


def header_company() -> int:
    """The guard has let only known companies in."""
    return int(request.headers["Procore-Company-Id"])


def in_header_company(project: Row) -> bool:
    """Whether the project belongs to the company of the header."""
    return bool((project.get("company") or {}).get("id", header_company()) == header_company())
