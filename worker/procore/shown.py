"""Which of Procore's lists were shown, and which not: a tool may be off in a project, or closed to this app.

Procore answers 403 for it, or 404 as for what is not there (procore-api.md §6); which of the two means what is not
documented. One list that is not shown does not stop the others, and what it lacks is not missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from worker.errors import NotPermitted, NotThere

T = TypeVar("T")
Refusal = NotPermitted | NotThere


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list is read for."""

    #: The tool that it belongs to, as people call it in Procore.
    tool: str
    #: What does not arrive without it.
    what: str
    #: How the mapping file calls it where it may be left out; blank where it may not.
    kind: str = ""

    @property
    def tool_id(self) -> str:
        """What the tool's hold is known by."""
        return self.tool.casefold().replace(" ", "_")

    @property
    def of_company(self) -> bool:
        """Whether it is the company's, and says nothing about one project's rights."""
        return self.tool.startswith("Company")


#: By the name that the API gives the list. Rights to claims are given by the tool Commitments (support.procore.com,
#: Invoicing, permissions).
LISTS = {
    "project_vendors": Listed("Directory", "vendors, but for those that claims and invoices name", "vendors"),
    "vendors": Listed("Company Directory", "vendors that the project's own list does not have"),
    "cost_codes": Listed(
        "Admin", 'cost codes that are new or renamed (or do without: target = "account" under [cost_codes])'
    ),
    "wbs_codes": Listed("Admin", "claims and invoices whose lines name their cost code by its number alone"),
    "tax_codes": Listed("Company Admin", "invoices whose lines name their tax code by its number alone"),
    "work_order_contracts": Listed("Commitments", "subcontracts, as far as payments and terms go", "subcontracts"),
    "purchase_order_contracts": Listed(
        "Commitments", "purchase_orders, as far as payments and terms go", "purchase_orders"
    ),
    "requisitions": Listed("Commitments", "claims", "claims"),
    "contract_payments": Listed("Commitments", "payments", "payments"),
    "direct_costs": Listed("Direct Costs", "invoices", "invoices"),
}


class Shown:
    """The lists that one job, or one look, asked for."""

    def __init__(self, leaves_out: Callable[[str], bool] = lambda _: False) -> None:
        """`leaves_out` says of a kind that it is not to be read."""
        self._leaves_out = leaves_out
        self._read: set[str] = set()
        #: List to the first answer that refused it.
        self.refused: dict[str, Refusal] = {}

    def rows(self, name: str, rows: Iterable[T]) -> Iterator[T]:
        """The rows of this list as far as it is shown; one that was refused before is not asked for again."""
        if name not in self.refused:
            yield from self._rows(name, rows)

    def whole(self, name: str, rows: Iterable[T]) -> list[T] | None:
        """All rows of one of several lists of this name; None where it is not shown, whatever became of the others."""
        others = self.refused.pop(name, None)
        found = list(self._rows(name, rows))
        is_shown = name not in self.refused and not self.is_left_out(name)
        if others is not None:
            self.refused[name] = others
        return found if is_shown else None

    def _rows(self, name: str, rows: Iterable[T]) -> Iterator[T]:
        if self.is_left_out(name):
            return
        try:
            yield from rows
        except (NotPermitted, NotThere) as refused:
            self.refused[name] = refused
        else:
            self._read.add(name)

    def is_left_out(self, name: str) -> bool:
        """Whether the mapping file leaves out what this list is read for."""
        kind = LISTS[name].kind
        return kind != "" and self._leaves_out(kind)

    def any_of(self, names: Collection[str]) -> bool:
        """Whether one of these was read to its end, or there is none of them to be read."""
        return not names or not self._read.isdisjoint(names) or not self._is_lacking(names)

    def all_of(self, names: Collection[str]) -> bool:
        """Whether nothing of these was refused or left out."""
        return not self._is_lacking(names)

    def _is_lacking(self, names: Collection[str]) -> bool:
        return any(name in self.refused or self.is_left_out(name) for name in names)

    @property
    def is_nothing(self) -> bool:
        """Whether every list of the project that was asked for is refused: then it is the project that is closed."""
        own = {name for name in self._read if not LISTS[name].of_company}
        return bool(self.refused) and not own
