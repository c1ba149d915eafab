"""A project's cost codes, with their cost types, and the WBS codes by which lines name them (procore-api.md §4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from pydantic import AliasChoices, AliasPath, Field

from worker.procore.fields import Fields, Id, MaybeId, Name, Rows, Text
from worker.procore.records.reading import LONGEST_KEY, Record

_LONGEST_COST_TYPE = 40


class CostType(Fields):
    """A cost type that a cost code may be used with: "L", Labour."""

    code: Name = Field(max_length=_LONGEST_COST_TYPE)
    name: Text = None


class CostCode(Record):
    """A project's cost code. Its option in Xero is shared by all projects, so its code is the key, not its id."""

    kind: ClassVar[str] = "cost_codes"
    full_code: Name = Field(min_length=1, max_length=LONGEST_KEY)
    name: Name
    parent_id: MaybeId = Field(None, validation_alias=AliasPath("parent", "id"))
    is_header: bool = False
    #: "Project" or "SubJob": whose copy of the code it is.
    biller_type: Text = None
    cost_types: Rows[CostType] = Field((), validation_alias="line_item_types")

    @property
    def procore_id(self) -> str:
        return self.full_code

    def items(self) -> Iterator[CostItem]:
        """The code with each of its cost types; alone when it has none, or is a heading."""
        own: tuple[CostType | None, ...] = self.cost_types if self.cost_types and not self.is_header else (None,)
        for kind in own:
            fields = {name: getattr(self, name) for name in CostCode.model_fields}
            named = {"cost_type": kind.code, "cost_type_name": kind.name} if kind else {}
            yield CostItem.model_construct(**{**fields, **named})


def one_per_code(codes: Iterable[CostCode]) -> list[CostCode]:
    """Each full code once, in the order of the list, with the cost types of all its copies.

    Company codes are copied into each sub job, so one code may stand in a project's list several times and be called
    otherwise there (procore-api.md §4.4). The project's own copy counts, then the oldest.
    """
    copies: dict[str, list[CostCode]] = {}
    for code in codes:
        copies.setdefault(code.full_code, []).append(code)
    return [_merged(same) if len(same) > 1 else same[0] for same in copies.values()]


def _merged(copies: Sequence[CostCode]) -> CostCode:
    own, *others = sorted(copies, key=lambda one: (one.deleted_at is not None, one.biller_type == "SubJob", one.id))
    types = {kind.code: kind for kind in own.cost_types}
    for other in others:
        types = {kind.code: kind for kind in other.cost_types if other.deleted_at is None} | types
    return own.model_copy(update={"cost_types": tuple(types.values())})


def item_key(code: str, cost_type: str) -> str:
    """The ledger's key of a cost code's item: apart from the key of its option, if it ever was one."""
    return f"item:{code} {cost_type}".rstrip()


class CostItem(CostCode):
    """A cost code with one of its cost types, where cost codes go to Xero as items."""

    cost_type: Text = None
    cost_type_name: Text = None

    @property
    def procore_id(self) -> str:
        return item_key(self.full_code, self.cost_type or "")

    @property
    def title(self) -> str:
        return f"cost code {self.full_code} {self.cost_type or ''}".rstrip()


class Segment(Fields):
    """One part of a WBS code. Lists of codes nest its type, claim lines carry it flat."""

    code: Name
    name: Text = None
    type: Text = Field(None, validation_alias=AliasChoices(AliasPath("segment", "type"), "segment_type"))


class WbsCode(Fields):
    """A work breakdown code: read from its segments, never by splitting its flat string (procore-api.md §4.4)."""

    id: Id
    segment_items: Rows[Segment] = ()

    def segment(self, kind: str) -> Segment | None:
        for item in self.segment_items:
            if item.type == kind:
                return item
        return None
