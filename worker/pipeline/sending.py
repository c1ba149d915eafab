"""Drafts to Xero: checked against the organisation's settings, planned, sent, proved, confirmed.

No transaction is open while a request is on its way (promise 6), and each answer is compared with what was sent
(promise 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker import stopping
from worker.errors import DocumentRejected, NotThere, RequestRefused
from worker.facts import MARKS, NUMBER_REFUSED
from worker.holds import HoldCode, Outcome
from worker.ledger.holds import Verdict
from worker.ledger.requests import Planned, Request, Result
from worker.pipeline import (
    contact_tax,
    due,
    left_out,
    merged,
    moving,
    no_abn,
    outstanding,
    present,
    stated_zero,
    vendors,
)
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.draft import Draft
from worker.pipeline.existing import expected_tax
from worker.pipeline.lookup import coded, landed, look_up, not_anothers
from worker.pipeline.stage import Stage
from worker.pipeline.transmit import write
from worker.pipeline.values import Reason, because, why
from worker.pipeline.verdicts import held
from worker.pipeline.work import Work
from worker.xero import answers, batches, proof
from worker.xero.answers import Element
from worker.xero.documents import Bill, Contact, Endpoint, Item, Option


class Sender:
    """Gathers one stage's drafts and sends them when a request is full."""

    def __init__(self, work: Work, stage: Stage) -> None:
        self._work = work
        self._stage = stage
        self._waiting: list[Draft] = []
        self._busy = False

    def add(self, drafts: Sequence[Draft]) -> None:
        due.fill_in(self._work, drafts)
        self._waiting += [draft for draft in drafts if self._is_allowed(draft)]
        for group in self._groups():
            most = group[0].document.endpoint.most
            if len(group) >= most:
                self._send(group[: len(group) // most * most])

    def flush(self) -> bool:
        """Send the rest; True when another job is sending some of these documents."""
        while self._waiting:
            for group in self._groups():
                self._send(group)
        return self._busy

    def _groups(self) -> list[list[Draft]]:
        """What can share a request: same endpoint, creates apart from updates."""
        groups: dict[tuple[Endpoint, bool], list[Draft]] = {}
        for draft in self._waiting:
            groups.setdefault((draft.document.endpoint, _is_update(draft)), []).append(draft)
        return list(groups.values())

    def _is_allowed(self, draft: Draft) -> bool:
        """Hold what the organisation's settings forbid, before it costs a call."""
        moving.to_open_day(self._work, draft)
        chart = self._work.chart()
        try:
            taxes = chart.check(draft.document)
            if isinstance(draft.document, Bill) and taxes is not None:
                stated_zero.check(self._work, draft.record, draft.document, taxes.total)
            draft.send = chart.completed(draft.send, draft.document)
        except DocumentRejected as reason:
            self._work.settle([held(self._work, draft.record, why(reason))])
            return False
        draft.facts["wrapper"] = draft.document.endpoint.wrapper
        if isinstance(draft.document, Bill) and taxes is not None:
            draft.send = chart.with_taxes(draft.send, draft.document, taxes)
            draft.tax = taxes.total
            draft.facts["tax"] = str(draft.tax)
            draft.facts["status"] = draft.document.status
        if isinstance(draft.document, Option):
            draft.facts |= {"name": draft.document.name, "named_by": self._work.project.id}
        if isinstance(draft.document, Item):
            draft.facts |= {"name": draft.document.name, "code": draft.document.code}
            draft.facts["named_by"] = self._work.project.id
        if isinstance(draft.document, Contact):
            draft.facts[MARKS] = vendors.marks(draft.document)
        return True

    def _send(self, drafts: list[Draft]) -> None:
        sent = {id(draft) for draft in drafts}
        self._waiting = [draft for draft in self._waiting if id(draft) not in sent]
        endpoint = drafts[0].document.endpoint
        if not _is_update(drafts[0]):
            drafts, found = present.settle(self._work, self._stage, endpoint, drafts)
            self._work.settle(found)
        pairs = [(draft, draft.send) for draft in drafts]
        for batch in batches.split(endpoint, pairs):
            self._send_one(endpoint, batch)

    def _send_one(self, endpoint: Endpoint, drafts: list[Draft]) -> None:
        stopping.check()
        target = batches.update(endpoint, str(drafts[0].xero_id)) if _is_update(drafts[0]) else batches.create(endpoint)
        items = [_planned(draft) for draft in drafts]
        render: Callable[[list[Planned]], str] = lambda ours: batches.render(endpoint, [i.body for i in ours])  # noqa: E731
        request, busy = self._work.entries.plan(self._stage.name, target.method, target.path, items, render)
        self._busy = self._busy or bool(busy)
        if request is None:
            return
        by_id = {draft.record.procore_id: draft for draft in drafts}
        mine = [by_id[member.procore_id] for member in request.members]
        try:
            elements = write(self._work, endpoint, request)
        except RequestRefused as refused:
            self._refused(request, mine, refused)
            return
        self._confirm(endpoint, request, mine, elements)

    def _confirm(
        self, endpoint: Endpoint, request: Request, drafts: Sequence[Draft], elements: Sequence[Element]
    ) -> None:
        elements = coded(self._work, endpoint, elements)
        results, reasons = judge(endpoint, request, [draft.send for draft in drafts], elements)
        results = self._tied_here(drafts, results, reasons)
        self._work.entries.confirm(request, results, done=len(results) == len(drafts))
        if not _is_update(drafts[0]):
            self._work.created |= {result.xero_id for result in results if result.xero_id}
        reasons = outstanding.explained(self._work, drafts, reasons)
        again = self._to_merged_contacts(drafts, reasons)
        kept = [draft for draft in drafts if draft.record.procore_id not in again]
        self._work.settle([self._verdict(endpoint, draft, results, reasons) for draft in kept])
        self.add([self._to_new_contact(draft) for draft in drafts if draft.record.procore_id in again])

    def _tied_here(
        self, drafts: Sequence[Draft], results: Sequence[Result], reasons: dict[str, Reason]
    ) -> list[Result]:
        """A contact that is there is the vendor's, though Xero refused to write the vendor's number on it."""
        tied: dict[str, str] = {}
        for draft in drafts:
            procore_id = draft.record.procore_id
            if vendors.is_refused_number(draft, reasons.get(procore_id)):
                draft.facts[NUMBER_REFUSED] = reasons.pop(procore_id).sentence
                self._work.entries.note(self._stage.name, procore_id, {NUMBER_REFUSED: draft.facts[NUMBER_REFUSED]})
                tied[procore_id] = str(draft.send["ContactID"])
        return [Result(one.procore_id, tied[one.procore_id]) if one.procore_id in tied else one for one in results]

    def _to_merged_contacts(self, drafts: Sequence[Draft], reasons: Mapping[str, Reason]) -> set[str]:
        """The bills that Xero refused for an archived contact which a person has merged into another one."""
        refused = {
            draft.record.procore_id: draft.document.contact_id
            for draft in drafts
            if isinstance(draft.document, Bill) and merged.is_archived(reasons.get(draft.record.procore_id))
        }
        moved = {old for old in sorted(set(refused.values())) if merged.follow(self._work, old)}
        return {procore_id for procore_id, contact_id in refused.items() if contact_id in moved}

    def _to_new_contact(self, draft: Draft) -> Draft:
        """The same bill for the contact that is left, whose own tax type may be another one."""
        document = self._stage.to_document(draft.record, self._work.known)
        body = document.body()
        kept = [{key: line[key] for key in ("LineItemID",) if key in line} for line in draft.send["LineItems"]]
        lines = [{**ids, **line} for ids, line in zip(kept, body["LineItems"], strict=True)]
        send = {**draft.send, "Contact": body["Contact"], "LineItems": lines}
        again = replace(draft, document=document, fingerprint=fingerprint(document), send=send)
        contact_tax.fill_in(self._work, [again])
        return again

    def _verdict(
        self,
        endpoint: Endpoint,
        draft: Draft,
        results: Sequence[Result],
        reasons: Mapping[str, Reason],
    ) -> Verdict:
        procore_id = draft.record.procore_id
        xero_id = next((result.xero_id for result in results if result.procore_id == procore_id), None)
        page = self._work.xero_page(endpoint.wrapper, xero_id)
        if procore_id not in reasons:
            left_out.tell(self._work, draft.record, draft.document, xero_id, {**draft.noted, **draft.facts})
            if isinstance(draft.document, Bill):
                no_abn.tell(self._work, draft.record, draft.document)
            return Verdict(draft.record.kind, procore_id, draft.record.title, Outcome.SENT, xero_url=page)
        return held(self._work, draft.record, reasons[procore_id], page=page)

    def _refused(self, request: Request, drafts: list[Draft], refused: RequestRefused) -> None:
        """A whole request was refused. Alone, a document is held with Xero's words; several go again one by one.

        Whether a refused request may have stored some of its documents is not documented, so Xero is asked first.
        """
        endpoint = drafts[0].document.endpoint
        found = look_up(self._work, endpoint, [draft.send for draft in drafts]) if len(drafts) > 1 else [[]]
        results = []
        for member, draft, like in zip(request.members, drafts, found, strict=True):
            rows = not_anothers(self._work, endpoint, request.kind, member.procore_id, like)
            xero_id = landed(endpoint, member, draft.send, rows[0]) if rows else None
            results.append(Result(member.procore_id, xero_id))
        refusal, reasons = because(HoldCode.REJECTED, messages=str(refused)), dict[str, Reason]()
        if len(drafts) == 1 and not isinstance(refused, NotThere):
            reasons = {drafts[0].record.procore_id: refusal}
            results = self._tied_here(drafts, results, reasons)
        self._work.entries.confirm(request, results)
        rest = [draft for draft, result in zip(drafts, results, strict=True) if result.xero_id is None]
        if len(drafts) > 1:
            for draft in rest:
                self._send_one(endpoint, [draft])
        elif rest:
            self._work.settle([held(self._work, rest[0].record, refusal)])
        else:
            self._work.settle([self._verdict(endpoint, drafts[0], results, reasons)])


def judge(
    endpoint: Endpoint, request: Request, bodies: Sequence[Mapping[str, Any]], elements: Sequence[Element]
) -> tuple[list[Result], dict[str, Reason]]:
    """What became of each member, and why for those that are to be held. A member without an answer is left out."""
    results: list[Result] = []
    reasons: dict[str, Reason] = {}
    for member, body, element in zip(request.members, bodies, proof.match(endpoint, bodies, elements), strict=True):
        if element is None:
            difference = "the answer does not mention it"
            reasons[member.procore_id] = because(HoldCode.PROOF_FAILED, difference=difference)
            continue
        if refusals := answers.problems(element, endpoint.id_field):
            messages = "; ".join(refusals).rstrip(".")
            reasons[member.procore_id] = because(HoldCode.REJECTED, messages=messages)
            results.append(Result(member.procore_id, None))
            continue
        found = proof.differences(endpoint, body, element, expected_tax(member.facts))
        if found:
            reasons[member.procore_id] = because(HoldCode.PROOF_FAILED, difference="; ".join(found))
        results.append(Result(member.procore_id, str(element[endpoint.id_field]), proved=not found))
    return results, reasons


def _is_update(draft: Draft) -> bool:
    """By id: a document of ours that changed, or a contact to be adopted."""
    return draft.xero_id is not None or draft.document.endpoint.id_field in draft.send


def _planned(draft: Draft) -> Planned:
    return Planned(draft.record.procore_id, draft.fingerprint, draft.send, draft.xero_id, draft.facts)
