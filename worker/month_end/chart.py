"""Cost per month on both sides as bars to be drawn; amounts stay exact, only the drawing is measured in floats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from worker.month_end.cost import ProjectCost, Sides

#: Months shown, and the drawing's own units.
MONTHS, WIDTH, HEIGHT, GAP, WIDEST = 12, 600, 140, 6, 40


@dataclass(frozen=True, slots=True)
class Rect:
    """One side's bar of a month, up or down from zero."""

    month: date
    side: str
    amount: Decimal
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """One project in one currency."""

    job_number: str
    name: str
    currency: str
    first: date
    last: date
    rects: Sequence[Rect]
    #: Where zero lies.
    zero_y: float
    #: The month with the most, on either side.
    most: Decimal
    #: Of the months that are shown.
    total: Sides

    @property
    def differs(self) -> bool:
        return any(one.amount != other.amount for one, other in zip(self.rects[::2], self.rects[1::2], strict=True))


def charts(costs: Iterable[ProjectCost], last: date) -> Iterator[Chart]:
    """The months up to this day, at most twelve, from the first one that has a cost."""
    for project in costs:
        for currency in sorted({bar.currency for bar in project.bars}):
            by_month = {bar.month: bar.sides for bar in project.bars if bar.currency == currency}
            months = _months(min(by_month), last.replace(day=1))
            yield _chart(project, currency, [(month, by_month.get(month, Sides())) for month in months])


def _months(first: date, last: date) -> list[date]:
    found = [last]
    while found[-1] > first and len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]


def _chart(project: ProjectCost, currency: str, months: Sequence[tuple[date, Sides]]) -> Chart:
    amounts = [amount for _, sides in months for amount in (sides.procore, sides.xero)]
    top, bottom = max(*amounts, Decimal(0)), min(*amounts, Decimal(0))
    scale = HEIGHT / float(top - bottom or 1)
    zero, step = float(top) * scale, WIDTH / len(months)
    width = min((step - GAP) / 2, WIDEST)
    rects = []
    for place, (month, sides) in enumerate(months):
        for side, amount in (("procore", sides.procore), ("xero", sides.xero)):
            x = (place + 0.5) * step + (0 if side == "xero" else -width)
            height = abs(float(amount)) * scale
            rects.append(Rect(month, side, amount, x, zero - height if amount > 0 else zero, width, height))
    total = sum((sides for _, sides in months), Sides())
    whose = (project.job_number, project.name, currency, months[0][0], months[-1][0])
    return Chart(*whose, rects, zero, max(amounts, key=abs), total)
