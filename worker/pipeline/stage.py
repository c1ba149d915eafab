"""What a stage is: data. The five stand on one page in `tasks/stages.py`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from worker.facts import CALLED, CODED_BY
from worker.http import exact_json
from worker.mapping.references import Known
from worker.mapping.rules import Rules
from worker.procore.client import Procore
from worker.procore.records import Record, Unreadable
from worker.xero.documents import Bill, Document, Payment

if TYPE_CHECKING:
    from worker.pipeline.work import Work

Row = Record | Unreadable
Rows = Iterator[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One kind of record's way through.

    `read` yields the records to look at, `find` those of given ids (held and waiting ones are judged anew in each
    job), `show` asks for one of any project by its id and the facts of its entry (None: Procore does not show it),
    `prepare` loads what mapping must know about a batch, `settle` runs when the whole stage went well. A list that
    Procore cannot filter is read `whole`, in few jobs, and its records are small: they are looked up all at once.
    """

    name: str
    needs: tuple[str, ...]
    read: Callable[[Work], Rows]
    to_document: Callable[[Any, Known], Document]
    find: Callable[[Work, Sequence[str]], Rows] | None = None
    show: Callable[[Procore, int, str, Mapping[str, Any]], Row | None] | None = None
    prepare: Callable[[Work, Sequence[Any]], None] | None = None
    facts: Callable[[Any], Mapping[str, Any]] | None = None
    settle: Callable[[Work], None] | None = None
    whole: bool = False
    #: The lists of Procore that `read` asks for: where one is not shown, what it lacks is not missing.
    lists: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """A record's document on its way to Xero. `send` may differ from it: of an adopted contact only the number goes."""

    record: Record
    document: Document
    fingerprint: str
    send: Mapping[str, Any]
    xero_id: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    #: What the ledger has noted of the record before.
    noted: Mapping[str, Any] = field(default_factory=dict)
    #: What a bill's tax must come to.
    tax: Decimal | None = None
    #: The rules that coded it, where these are not the mapping file's of now.
    rules: Rules | None = None
    #: Where it is to be recoded: what it is by the rules of before.
    kept: Document | None = None

    def is_changed(self, before: str | None) -> bool:
        """Whether there is more to do than to recode it; `before` is the fingerprint of what stands."""
        return self.kept is None or mark_of(self.kept, before) != before

    def keep(self) -> None:
        """It is not recoded: only what changed in Procore goes."""
        if self.kept is not None:
            self.document, self.fingerprint = called(self.kept, self.noted), fingerprint(self.kept)
            self.send, self.kept = self.document.body(), None
            self.facts = {name: value for name, value in self.facts.items() if name != CODED_BY}


def fingerprint(document: Document) -> str:
    """Of what would be sent, and the tax that Procore states: the same record under the same rules gives the same,
    whatever its options are called, and whatever a bill calls its record.

    Of a payment the method counts, not its account, and its amount in Procore, not what tax comes on top: the mapping
    file is for payments to come, and must not take those that were made out of Xero and make them again.
    """
    body = document.plain_body() if isinstance(document, Bill) else document.body()
    if isinstance(document, Payment):
        body["Account"] = document.method
        body["Amount"] = document.amount if document.before_tax is None else document.before_tax
    for line, own in zip(body.get("LineItems", ()), getattr(document, "lines", ()), strict=True):
        if own.item_first:
            line["ItemCode"] = own.item_first
        line["Tracking"] = [item["TrackingOptionID"] for item in line["Tracking"]]
    stated = document.stated_tax if isinstance(document, Bill) else None
    text = f"{document.endpoint.path}\n{exact_json.dumps(body)}{'' if stated is None else stated}"
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(document: Document, before: str | None) -> str:
    """Its fingerprint; of one that is as it was, that of before, which may count a direct cost's 0.00 as a figure: an
    earlier version did, of those on which Procore showed it."""
    if isinstance(document, Bill) and document.stated_zero is not None:
        earlier = fingerprint(replace(document, stated_tax=document.stated_zero))
        if earlier == before:
            return earlier
    return fingerprint(document)


def called(bill: Document, facts: Mapping[str, Any]) -> Document:
    """A bill under the number, and with or without the sources, that the document of these facts was given: it keeps
    them, whatever has become of the commitment since. An earlier version wrote neither."""
    if not isinstance(bill, Bill):
        return bill
    if CALLED not in facts:
        return bill.plain()
    return replace(bill, number=facts[CALLED]) if facts[CALLED] and bill.plain_number else bill


def in_order(*stages: Stage, given: Sequence[str] = ()) -> tuple[Stage, ...]:
    """The stages, if each one's needs come before it. Raises ValueError, at import, when they do not."""
    done = set(given)
    for stage in stages:
        missing = [need for need in stage.needs if need not in done]
        if missing:
            raise ValueError(f"Stage {stage.name} stands before what it needs: {', '.join(missing)}.")
        done.add(stage.name)
    return stages
