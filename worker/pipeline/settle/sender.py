"""Drafts to Xero: completed by the organisation's settings, looked up, planned, sent, proved, confirmed.

No transaction is open while a request is on its way (promise 6), and each answer is compared with what was sent
(promise 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worker import stopping
from worker.errors import NotThere, RequestRefused
from worker.facts import NUMBER_REFUSED
from worker.holds import HoldCode, Outcome
from worker.ledger.holds import Verdict
from worker.ledger.requests import Planned, Request
from worker.pipeline.check import contacts
from worker.pipeline.check.found import landed
from worker.pipeline.check.payments import explained, may_be_too_large
from worker.pipeline.draft import Draft
from worker.pipeline.look.documents import coded, look_up, not_anothers
from worker.pipeline.look.paid import documents as paid_documents
from worker.pipeline.send import several_options
from worker.pipeline.send.prove import Sent, prove
from worker.pipeline.send.request import journal, note_answer, write
from worker.pipeline.settle import already_in_xero, by_settings, notices, shared_requests
from worker.pipeline.settle.notices import Standing
from worker.pipeline.settle.shared_requests import Rider
from worker.pipeline.values import Proof, because
from worker.pipeline.verdicts import held
from worker.pipeline.work import Stage, Work
from worker.xero import batches
from worker.xero.documents import Endpoint, Payment

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
        for group in self._groups():
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
        """What can share a request: same endpoint, creates apart from updates."""
        groups: dict[tuple[Endpoint, bool], list[Draft]] = {}
        for draft in self._waiting:
            groups.setdefault((draft.document.endpoint, _is_update(draft)), []).append(draft)
        return list(groups.values())

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
        return several_options.most(self._work) if may_be_several else endpoint.most

    def _send_one(self, endpoint: Endpoint, drafts: Sequence[Draft | Rider]) -> None:
        stopping.check()
        target = batches.update(endpoint, str(drafts[0].xero_id)) if _is_update(drafts[0]) else batches.create(endpoint)
        request = journal(self._work, self._stage.name, target, endpoint, [_planned(draft) for draft in drafts])
        going = {member.procore_id for member in request.members} if request is not None else set()
        self._busy = self._busy or any(isinstance(one, Draft) and one.procore_id not in going for one in drafts)
        if request is None:
            return
        by_id = {draft.procore_id: draft for draft in drafts}
        mine = [by_id[member.procore_id] for member in request.members]
        try:
            elements = coded(self._work, endpoint, write(self._work, endpoint, request))
        except RequestRefused as refused:
            self._refused(endpoint, request, mine, refused)
            return
        proofs = prove(endpoint, [_sent(draft) for draft in mine], elements)
        if endpoint.is_option and several_options.are_looked_at(self._work, proofs):
            self._one_by_one(endpoint, request, mine, proofs)
            return
        proofs = self._tied_here(mine, self._completed(endpoint, request.kind, mine, proofs))
        pairs = self._explained(self._note(request, mine, proofs))
        again = by_settings.again(self._work, self._stage, pairs)
        self._say(endpoint, [pair for pair in pairs if pair[0].procore_id not in again])
        if again:
            self.add(list(again.values()))

    def _completed(
        self, endpoint: Endpoint, kind: str, drafts: Sequence[Draft | Rider], proofs: Sequence[Proof]
    ) -> list[Proof]:
        """The same where the answer was cut short: what it leaves out is looked for. Of what is not found nobody knows
        yet: it is looked for once more, by its own job, and does not go before."""
        out = [draft for draft, proof in zip(drafts, proofs, strict=True) if not proof.is_answered]
        found = {proof.procore_id: proof for proof in self._looked_up(endpoint, kind, out)} if out else {}
        known = {id_: proof for id_, proof in found.items() if proof.xero_id or proof.reason}
        return [known.get(proof.procore_id, proof) for proof in proofs]

    def _looked_up(self, endpoint: Endpoint, kind: str, drafts: Sequence[Draft | Rider]) -> list[Proof]:
        """What reading shows of these: one that is surely there is proved like an answer; among several a person must
        choose; of what is not there nothing is said."""
        proofs: list[Proof] = []
        like = look_up(self._work, endpoint, [draft.send for draft in drafts])
        for draft, some in zip(drafts, like, strict=True):
            rows = not_anothers(self._work, endpoint, kind, draft.procore_id, some)
            there = [row for row in rows if landed(endpoint, draft.xero_id, draft.send, row)]
            if len(there) > 1:
                several = because(HoldCode.AMBIGUOUS, count=len(there), what="what was sent just now")
                proofs.append(Proof(draft.procore_id, None, several, is_answered=False))
            else:
                proofs += prove(endpoint, [_sent(draft)], there) if there else [Proof(draft.procore_id, None)]
        return proofs

    def _note(self, request: Request, going: Sequence[Draft | Rider], proofs: Sequence[Proof]) -> list[Pair]:
        """Write down what became of them. Returns those of the job's own project: of what was taken along its own job
        says what there is to say."""
        note_answer(self._work, request, proofs)
        if not _is_update(going[0]):
            self._work.created |= {proof.xero_id for proof in proofs if proof.xero_id}
        by_id = {proof.procore_id: proof for proof in proofs}
        return [(one, by_id[one.procore_id]) for one in going if isinstance(one, Draft)]

    def _tied_here(self, drafts: Sequence[Draft | Rider], proofs: Sequence[Proof]) -> list[Proof]:
        """A contact that is there is the vendor's, though Xero refused to write the vendor's number on it."""
        tied: list[Proof] = []
        for draft, proof in zip(drafts, proofs, strict=True):
            is_refused = isinstance(draft, Draft) and contacts.is_refused_number(draft, proof.reason)
            if isinstance(draft, Draft) and proof.reason is not None and is_refused:
                draft.facts[NUMBER_REFUSED] = proof.reason.sentence
                self._work.entries.note(self._stage.name, proof.procore_id, {NUMBER_REFUSED: proof.reason.sentence})
                tied.append(Proof(proof.procore_id, str(draft.send["ContactID"])))
            else:
                tied.append(proof)
        return tied

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
                verdicts.append(held(self._work, record, proof.reason, page=page))
                continue
            sent.append(Standing(record, draft.document, proof.xero_id, {**draft.noted, **draft.facts}, is_new=True))
            verdicts.append(Verdict(record.kind, record.procore_id, record.title, Outcome.SENT, xero_url=page))
        notices.tell(self._work, sent)
        self._work.settle(verdicts)

    def _refused(
        self, endpoint: Endpoint, request: Request, drafts: Sequence[Draft | Rider], refused: RequestRefused
    ) -> None:
        """A whole request was refused. Alone, a document is held with Xero's words; several go again one by one."""
        if len(drafts) > 1:
            self._one_by_one(endpoint, request, drafts)
            return
        refusal = because(HoldCode.REJECTED, messages=str(refused))
        proofs = [Proof(drafts[0].procore_id, None, refusal)]
        if not isinstance(refused, NotThere):
            proofs = self._tied_here(drafts, proofs)
        self._say(endpoint, self._note(request, drafts, proofs))

    def _one_by_one(
        self, endpoint: Endpoint, request: Request, drafts: Sequence[Draft | Rider], answered: Sequence[Proof] = ()
    ) -> None:
        """Whether a refused request may have stored some of its documents is not documented, so Xero is asked first.
        `answered`: what an answer showed that was no refusal, or not the whole truth."""
        proofs = self._looked_up(endpoint, request.kind, drafts)
        pairs = self._note(request, drafts, proofs)
        self._say(endpoint, [(draft, proof) for draft, proof in pairs if proof.xero_id or proof.reason])
        for draft, proof in pairs:
            if proof.xero_id is None and proof.reason is None:
                self._send_one(endpoint, [draft])
        if endpoint.is_option:
            several_options.learn(self._work, request.kind, answered, proofs)


def _is_update(draft: Draft | Rider) -> bool:
    """By id: a document of ours that changed, or a contact to be adopted."""
    return draft.xero_id is not None or draft.document.endpoint.id_field in draft.send


def _sent(draft: Draft | Rider) -> Sent:
    return Sent(draft.procore_id, draft.send, draft.tax)


def _planned(draft: Draft | Rider) -> Planned:
    what = (draft.procore_id, draft.fingerprint, draft.send, draft.xero_id, draft.facts)
    return Planned(*what, project_id=draft.project_id)
