"""The pack as one page, a file of its own that needs nothing else to be shown or printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from worker.month_end import aged, chart, contractors, cost, held
from worker.month_end.pack import Pack
from worker.reports import rendering

ZERO = Decimal(0)


@dataclass(frozen=True)
class Page:
    """What the page adds up and puts in groups."""

    pack: Pack

    @property
    def title(self) -> str:
        return ", ".join(dict.fromkeys(one.title for one in self.pack.organisations if one.title)) or "No organisation"

    @cached_property
    def cost_totals(self) -> Mapping[str, tuple[cost.Sides, cost.Sides]]:
        return cost.total(one for project in self.pack.costs for one in project.costs)

    @cached_property
    def charts(self) -> Sequence[chart.Chart]:
        return list(chart.charts(self.pack.costs, self.pack.period.as_of))

    @cached_property
    def suppliers(self) -> Sequence[aged.Aged]:
        return aged.by_supplier(self.pack.bills)

    @cached_property
    def aged_totals(self) -> Sequence[aged.Aged]:
        return aged.totals(self.pack.bills)

    @cached_property
    def causes(self) -> Sequence[held.Cause]:
        return held.causes(self.pack.held)

    @cached_property
    def paid(self) -> tuple[contractors.Sum, contractors.Sum]:
        """In the year and in the month."""
        return contractors.total(self.pack.contractors)

    @property
    def by_hand(self) -> Decimal:
        return sum((one.by_hand for one in self.pack.contractors), ZERO)


def html(pack: Pack) -> str:
    """The file's content."""
    drawn = {"width": chart.WIDTH, "height": chart.HEIGHT, "months": chart.MONTHS}
    return rendering.render("month_end.html", pack=pack, page=Page(pack), buckets=aged.BUCKETS, **drawn)
