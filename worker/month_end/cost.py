"""What a project cost by cost code, before tax, on both sides: in the month, and to date; and what makes them differ.

Cost is the work: what is withheld as retention is owed all the same, and is no part of it. In Xero counts what is
tracked to the project, whoever entered it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from worker.audit.books import Books
from worker.audit.codings import Coded, Coding, Named
from worker.audit.options import fits
from worker.audit.procore_side import Due, ProcoreSide
from worker.audit.xero_side import Posted
from worker.counting import money
from worker.month_end.period import Period
from worker.month_end.records import called

ZERO, CENT = Decimal(0), Decimal("0.01")
#: Sentences about one cost code.
MOST = 5
#: In place of a cost code: what no rule of the mapping file codes.
UNCODED = "(not coded)"
#: Live documents by id, with the claim or invoice that each is of.
Matched = Mapping[str, tuple[Posted, Due]]


@dataclass(frozen=True, slots=True)
class Sides:
    """An amount by Procore and by Xero."""

    procore: Decimal = ZERO
    xero: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        return self.xero - self.procore

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.procore + other.procore, self.xero + other.xero)


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost code of a project in one currency."""

    cost_code: str
    currency: str
    month: Sides
    to_date: Sides
    #: What of Xero's to date stands on drafts, which no report of Xero's counts yet.
    unapproved: Decimal = ZERO
    #: What differs, a sentence each.
    reasons: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A project's cost of one month in one currency, for a chart."""

    month: date
    currency: str
    sides: Sides


@dataclass(frozen=True)
class ProjectCost:
    """One project."""

    organisation: str
    job_number: str
    name: str
    costs: Sequence[Cost]
    #: By month and currency, the oldest first.
    bars: Sequence[Bar]

    @property
    def currencies(self) -> Sequence[str]:
        return sorted({one.currency for one in self.costs})

    @property
    def totals(self) -> Mapping[str, tuple[Sides, Sides]]:
        """Month and to date by currency."""
        return total(self.costs)


@dataclass(slots=True)
class _Moved:
    """What one record, or one document that is of none, brings to a cost code."""

    title: str
    month: Sides = field(default_factory=Sides)
    to_date: Sides = field(default_factory=Sides)
    on: dict[str, date] = field(default_factory=dict)
    #: Why it is not coded, in a sentence.
    why: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.month.difference or self.to_date.difference)


#: Cost code and currency.
_Place = tuple[str, str]


class Tracked:
    """What stands in an organisation's books by the option of its project: made once for all its projects."""

    def __init__(self, books: Books) -> None:
        self._by_option: dict[str, list[tuple[Posted, Coding, Decimal]]] = defaultdict(list)
        for document in books.side.documents:
            for coding, amount in document.lines.items() if document.is_live else ():
                self._by_option[coding.project].append((document, coding, document.sign * amount))

    def to(self, options: Iterable[str]) -> Iterator[tuple[Posted, Coding, Decimal]]:
        for option in options:
            yield from self._by_option[option]

    def options(self, job_number: str) -> set[str]:
        """The options that are this project's by their names."""
        return {option for option in self._by_option if option and fits(option, job_number)}


def of_project(
    procore: ProcoreSide, books: Books, tracked: Tracked, matched: Matched, period: Period, organisation: str, name: str
) -> ProjectCost:
    """`matched` are the documents of its records, as the audit found them."""
    return _Project(procore, books, matched, period).cost(tracked, organisation, name)


class _Project:
    """One project being added up."""

    def __init__(self, procore: ProcoreSide, books: Books, matched: Matched, period: Period) -> None:
        self._procore, self._books, self._matched, self._period = procore, books, matched, period
        self._named = Named({coding: ZERO for due in procore.due for coding in due.lines}, procore.job_number)
        self._found: dict[_Place, dict[str, _Moved]] = defaultdict(dict)
        self._unapproved: dict[_Place, Decimal] = defaultdict(Decimal)
        self._bars: dict[tuple[date, str], Sides] = defaultdict(Sides)

    def cost(self, tracked: Tracked, organisation: str, name: str) -> ProjectCost:
        in_books = {(due.kind, due.id) for _, due in self._matched.values()}
        for due in self._procore.due:
            if not due.is_opening or (due.kind, due.id) in in_books:
                self._due(due)
        for document, coding, amount in tracked.to(self._options(tracked)):
            if coding.account not in self._procore.retention_accounts:
                self._posted(document, coding, amount)
        costs = [self._cost(place, its) for place, its in sorted(self._found.items())]
        bars = [Bar(month, currency, sides) for (month, currency), sides in sorted(self._bars.items())]
        shown = [one for one in costs if one.month != Sides() or one.to_date != Sides() or one.reasons]
        return ProjectCost(organisation, self._procore.job_number, name, shown, bars)

    def _options(self, tracked: Tracked) -> set[str]:
        """A person may have renamed the option: then it is the one that its records' documents have."""
        job_number = self._procore.job_number
        named = tracked.options(job_number)
        if named or any(fits(option, job_number) for option in self._books.side.project_options):
            return named
        return {coding.project for document, _ in self._matched.values() for coding in document.lines} - {""}

    def _due(self, due: Due) -> None:
        currency, key, title = due.currency or self._books.side.currency, f"{due.kind} {due.id}", self._called(due)
        for coding, amount in self._before_tax(due).items():
            if coding.account not in self._procore.retention_accounts or not coding.account:
                code = self._code(coding)
                self._add((code, currency), key, title, "procore", due.on, amount)
                self._found[code, currency][key].why = due.uncoded

    def _before_tax(self, due: Due) -> Coded:
        """Its work by coding, negative for a credit."""
        sign = -1 if due.is_credit else 1
        if not due.lines:
            held = due.retained.net if due.retained else ZERO
            return {Coding("", ""): due.readings[0] + held} if due.readings else {}
        if not due.gross:
            return {coding: sign * amount for coding, amount in due.lines.items()}
        rates, lines = self._books.side.rates(), due.lines.items()
        return {coding: sign * _without_tax(amount, rates.get(coding.tax_type, ZERO)) for coding, amount in lines}

    def _posted(self, document: Posted, coding: Coding, amount: Decimal) -> None:
        due = self._matched[document.id][1] if document.id in self._matched else None
        currency = document.currency or self._books.side.currency
        key = f"{due.kind} {due.id}" if due else document.id
        title = self._called(due) if due else self._books.in_words(document)
        place = (self._code(self._named.coding(coding)), currency)
        self._add(place, key, title, "xero", document.on, amount)
        if document.on is not None and document.on <= self._period.as_of and not document.is_posted:
            self._unapproved[place] += amount

    def _add(self, place: _Place, key: str, title: str, side: str, on: date | None, amount: Decimal) -> None:
        its = self._found[place].setdefault(key, _Moved(title))
        if on is None:
            return
        its.on[side] = on
        added = Sides(**{side: amount})
        if on <= self._period.as_of:
            its.to_date += added
            self._bars[on.replace(day=1), place[1]] += added
        if self._period.has(on):
            its.month += added

    def _called(self, due: Due) -> str:
        return called(due, self._procore)

    @staticmethod
    def _code(coding: Coding) -> str:
        """Where cost codes are neither options nor items, the account stands for them."""
        return coding.cost_code or coding.item or (f"account {coding.account}" if coding.account else UNCODED)

    def _cost(self, place: _Place, its: Mapping[str, _Moved]) -> Cost:
        month, to_date = Sides(), Sides()
        for one in its.values():
            month, to_date = month + one.month, to_date + one.to_date
        reasons = [_reason(one, place[1], self._period) for one in its.values() if one.differs]
        if len(reasons) > MOST:
            reasons = [*reasons[:MOST], f"And {len(reasons) - MOST} more of this kind."]
        return Cost(*place, month, to_date, self._unapproved.get(place, ZERO), reasons)


def _without_tax(amount: Decimal, rate: Decimal) -> Decimal:
    return (amount * 100 / (100 + rate)).quantize(CENT, ROUND_HALF_UP)


def _reason(one: _Moved, currency: str, period: Period) -> str:
    """Why a record's cost differs between the sides, in a sentence with both figures or both dates."""
    if one.why:
        return f"{one.title}: {money(one.to_date.procore, currency)} in Procore. {one.why}"
    there, here = one.on.get("xero"), one.on.get("procore")
    if here and there and here != there:
        return f"{one.title} is dated {here} in Procore and {there} in Xero."
    if there is None:
        return f"{one.title}: {money(one.to_date.procore, currency)} in Procore, not in Xero under this cost code."
    if here is None:
        return f"{one.title}: {money(one.to_date.xero, currency)} in Xero, not in Procore under this cost code."
    return (
        f"{one.title}: {money(one.to_date.procore, currency)} in Procore, {money(one.to_date.xero, currency)} in Xero."
    )


def total(costs: Iterable[Cost]) -> Mapping[str, tuple[Sides, Sides]]:
    """Month and to date by currency: two currencies are never added."""
    sums: dict[str, tuple[Sides, Sides]] = {}
    for one in costs:
        month, to_date = sums.get(one.currency, (Sides(), Sides()))
        sums[one.currency] = (month + one.month, to_date + one.to_date)
    return sums
