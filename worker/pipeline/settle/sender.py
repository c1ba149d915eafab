"""Drafts to Xero: completed by the organisation's settings, looked up, planned, sent, proved, confirmed.

No transaction is open while a request is on its way (promise 6), and each answer is compared with what was sent
(promise 4).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import partial

from worker import stopping
from worker.holds import HoldCode, Outcome
from worker.ledger.holds import Verdict
from worker.ledger.requests import Planned
from worker.pipeline.check import contacts
from worker.pipeline.check.payments import explained, may_be_too_large
from worker.pipeline.draft import Draft
from worker.pipeline.look.paid import documents as paid_documents
from worker.pipeline.send import several_options
from worker.pipeline.send.request import exchange
from worker.pipeline.settle import already_in_xero, by_settings, notices, shared_requests
from worker.pipeline.settle.judge import judge
from worker.pipeline.settle.shared_requests import Rider
from worker.pipeline.values import Proof, Reason, Standing, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.xero import batches
from worker.xero.documents import Bill, Endpoint, Payment

#: A document, and what became of it.
Pair = tuple[Draft, Proof]


def send(work: Work, stage: Stage, coming: Iterable[Sequence[Draft]]) -> bool:
    """Send a stage's drafts as they come: when a request is full, and the rest at the end. True when another job is
    sending some of these documents."""
    sender = _Sender(work, stage)
    for drafts in coming:
        sender.add(drafts)
    return sender.flush()


class _Sender:
    """Gathers one stage's drafts and sends them when a request is full."""

    def __init__(self, work: Work, stage: Stage) -> None:
        self._work = work
        self._stage = stage
        self._waiting: list[Draft] = []
        self._busy = False

    def add(self, drafts: Sequence[Draft]) -> None:
        self._waiting += by_settings.ready(self._work, self._stage, drafts)
        for group in (group for group in self._groups() if group[0].goes_with is None):
            while group and len(group) >= (most := self._most(group[0])):
                is_option = group[0].document.endpoint.is_option
                full = most if is_option else len(group) // most * most
                self._send(group[:full])
                group = group[full:]

    def flush(self) -> bool:
        while self._waiting:
            for group in self._groups():
                self._flush(group)
        return self._busy

    def _flush(self, group: list[Draft]) -> None:
        """What fills no request: it waits for those of other projects, or takes along what waits."""
        self._forget(group)
        own, riders, is_taken = shared_requests.parted(self._work, self._stage, group)
        self._busy = self._busy or is_taken
        if not own:
            return
        try:
            self._send(own, riders)
        finally:
            if riders:
                self._work.handed_over.let_go(self._stage.name, [rider.procore_id for rider in riders])

    def _forget(self, drafts: list[Draft]) -> None:
        sent = {id(draft) for draft in drafts}
        self._waiting = [draft for draft in self._waiting if id(draft) not in sent]

    def _groups(self) -> list[list[Draft]]:
        """What can share a request: same endpoint, creates apart from updates; last what stopped a request before."""
        groups: dict[tuple[Endpoint, bool, int | None], list[Draft]] = {}
        for draft in self._waiting:
            groups.setdefault((draft.document.endpoint, _is_update(draft), draft.goes_with), []).append(draft)
        return sorted(groups.values(), key=lambda group: -(group[0].goes_with or sys.maxsize))

    def _send(self, drafts: list[Draft], riders: Sequence[Rider] = ()) -> None:
        self._forget(drafts)
        endpoint = drafts[0].document.endpoint
        if not _is_update(drafts[0]):
            drafts, riders, found = already_in_xero.settle(self._work, self._stage, endpoint, drafts, riders)
            self._work.settle(found)
        going: list[Draft | Rider] = [*drafts, *riders]
        pairs = [(one, one.send) for one in going]
        while pairs:  # what the first request shows may say how many go in the next one
            batch = next(batches.split(endpoint, pairs, self._most(pairs[0][0])))
            if endpoint.is_option:
                batch = several_options.told_apart(batch)
            pairs = pairs[len(batch) :]
            self._send_one(endpoint, batch)

    def _most(self, draft: Draft | Rider) -> int:
        """How many documents like this one go in a request."""
        endpoint = draft.document.endpoint
        may_be_several = endpoint.is_option and not _is_update(draft)
        most = several_options.most(self._work) if may_be_several else endpoint.most
        return min(most, draft.goes_with or most)

    def _send_one(self, endpoint: Endpoint, drafts: Sequence[Draft | Rider]) -> None:
        stopping.check()
        target = batches.update(endpoint, str(drafts[0].xero_id)) if _is_update(drafts[0]) else batches.create(endpoint)
        unsure: list[Sequence[Proof]] = []
        judged, planned = partial(judge, self._work, endpoint, drafts, unsure), [_planned(draft) for draft in drafts]
        done = exchange(self._work, self._stage.name, target, endpoint, planned, judged)
        by_id = {proof.procore_id: proof for proof in done or ()}
        own = [draft for draft in drafts if isinstance(draft, Draft)]
        self._busy = self._busy or any(draft.procore_id not in by_id for draft in own)
        if done is None:
            return
        if target.method == "PUT":
            self._work.created |= {proof.xero_id for proof in done if proof.xero_id}
        # of what was taken along its own job says what there is to say
        pairs = [(draft, by_id[draft.procore_id]) for draft in own if draft.procore_id in by_id]
        alone = [draft for draft, proof in pairs if proof.xero_id is None and proof.reason is None]
        pairs = self._explained([(draft, proof) for draft, proof in pairs if proof.xero_id or proof.reason])
        refused = [pair for pair in pairs if pair[1].reason and pair[1].reason.code is HoldCode.REJECTED]
        again = by_settings.again(self._work, self._stage, refused) if refused else {}
        self._say(endpoint, [pair for pair in pairs if pair[0].procore_id not in again])
        if again:
            self.add(list(again.values()))
        for draft in alone:
            self._send_one(endpoint, [draft])
        if endpoint.is_option and unsure:
            several_options.learn(self._work, self._stage.name, unsure[0], done)

    def _explained(self, pairs: Sequence[Pair]) -> list[Pair]:
        """What became of these, where payments that Xero found too large say how much is due."""
        documents = [(draft.document, proof) for draft, proof in pairs]
        large = [paid for paid, one in documents if isinstance(paid, Payment) and may_be_too_large(one)]
        there = paid_documents(self._work, large) if large else {}
        return [
            (draft, explained(proof, draft.document, there.get(draft.document.bill_id, {})))
            if isinstance(draft.document, Payment) and may_be_too_large(proof)
            else (draft, proof)
            for draft, proof in pairs
        ]

    def _say(self, endpoint: Endpoint, pairs: Sequence[Pair]) -> None:
        """What became of these, and beside it what a person may want to see to."""
        verdicts: list[Verdict] = []
        sent: list[Standing] = []
        for draft, proof in pairs:
            record, page = draft.record, self._work.xero_page(endpoint.wrapper, proof.xero_id)
            if proof.reason is not None:
                verdicts.append(held(self._work, record, self._why(draft, proof.reason), page=page))
                continue
            sent.append(Standing(record, draft.document, proof.xero_id, {**draft.noted, **draft.facts}, is_new=True))
            verdicts.append(Verdict(record.kind, record.procore_id, record.title, Outcome.SENT, xero_url=page))
        notices.tell(self._work, sent)
        self._work.settle(verdicts)

    def _why(self, draft: Draft, refused: Reason) -> Reason:
        """The same, with the name of a contact that nobody merged and that is archived."""
        if not isinstance(draft.document, Bill) or not contacts.is_archived(refused):
            return refused
        name = self._work.known.contact_name(draft.document.contact_id)
        return because(HoldCode.CONTACT_ARCHIVED, contact=name) if name else refused


def _is_update(draft: Draft | Rider) -> bool:
    """By id: a document of ours that changed, or a contact to be adopted."""
    return draft.xero_id is not None or draft.document.endpoint.id_field in draft.send


def _planned(draft: Draft | Rider) -> Planned:
    what = (draft.procore_id, draft.fingerprint, draft.send, draft.xero_id, draft.facts)
    return Planned(*what, project_id=draft.project_id)
