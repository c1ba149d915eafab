"""Credit notes of negative claims, set against open bills of their commitment where the mapping file says so.

It comes after the payments, so that what Procore has paid or had refunded by then is reckoned with, and only while no
claim or payment of the commitment is held or waits. Xero is asked when something of the commitment has changed, and
once a day. Nothing is set against anything where a person was at the credit note, the bill, or what was set against it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from worker import stopping
from worker.counting import money
from worker.errors import ProjectBusy, RequestRefused
from worker.facts import TOLD
from worker.holds import HoldCode, Outcome, title
from worker.http import exact_json
from worker.ledger.entries import Known as Entry
from worker.ledger.holds import Verdict
from worker.ledger.requests import Planned, Request
from worker.mapping.allocations import Open, Share, pair, spread
from worker.pipeline.check import hands_off
from worker.pipeline.check.found import VOID
from worker.pipeline.check.payments import due
from worker.pipeline.decide.fingerprint import fingerprint
from worker.pipeline.look.documents import last_sent, stored
from worker.pipeline.read import daily, lists
from worker.pipeline.send.prove import Sent, prove
from worker.pipeline.send.request import exchange
from worker.pipeline.values import Proof, Reason, because, expected_tax
from worker.pipeline.verdicts import said
from worker.pipeline.work import Work
from worker.xero import batches, proof
from worker.xero.answers import Element, amount, currency_code, day
from worker.xero.documents import BILLS, CREDIT_NOTES, Allocation, Endpoint, allocated, allocations

KIND, CLAIMS, PAYMENTS = "allocations", "claims", "payments"
_AWAITING = ("DRAFT", "SUBMITTED")
Entries = Mapping[str, Entry]


def run(work: Work) -> None:
    """All commitments of the project that have a credit note."""
    if work.known.rules.claims.credit_notes == "leave":
        work.holds.forget(KIND, work.holds.ids(KIND))
        return
    claims = work.entries.live_in_project(CLAIMS)
    notes = {id_: entry for id_, entry in claims.items() if _is_at(entry, CREDIT_NOTES)}
    work.holds.forget(KIND, [id_ for id_ in work.holds.ids(KIND) if id_.partition("/")[0] not in notes])
    contract_ids = set(map(_contract, notes.values())) - {""}
    if not contract_ids:
        return
    payments, made = work.entries.live_in_project(PAYMENTS), work.entries.live_in_project(KIND)
    for contract_id in sorted(contract_ids):
        of_claims, of_payments = _of(contract_id, claims), _of(contract_id, payments)
        standing = _standing(work, of_claims, _of(contract_id, made))
        _Commitment(work, contract_id, of_claims, of_payments, standing).settle()


@dataclass
class _Commitment:
    """One commitment: its claims and payments as the ledger has them, and what this worker set against what."""

    work: Work
    contract_id: str
    claims: Entries
    payments: Entries
    made: Entries

    def settle(self) -> None:
        cursor = f"credits:{self.contract_id}"
        if self._waits_for_others():
            self._say({})  # what they are held for comes first
            return
        if not self._is_due(self.work.cursors.get(cursor) or ""):
            return
        self.work.heartbeat()
        shares, reasons = self._look()
        refused = self._send(shares) if shares else {}
        left: Sequence[Share] = ()
        if shares:  # is it as Xero answered, and is there something left?
            self.made = _of(self.contract_id, self.work.entries.live_in_project(KIND))
            left, reasons = self._look()
        self._say({**reasons, **refused})
        is_done = not {share.note.claim_id for share in left} - refused.keys()
        self.work.cursors.set({cursor: f"{self._state()} {self.work.now().isoformat()}" if is_done else ""})

    def _waits_for_others(self) -> bool:
        """Whether a claim or a payment of it is held or waits: what is open may be another amount soon."""
        held = {id_ for id_ in self.work.holds.to_look_at(CLAIMS) if id_ in self.claims}
        listed = self.work.from_procore.payments_read.get(int(self.contract_id))
        ids = {*self.payments, *(listed.ids if listed else ())}
        return bool(held) or not ids.isdisjoint(self.work.holds.to_look_at(PAYMENTS))

    def _is_due(self, kept: str) -> bool:
        """What only waits for an approval is looked at when a pass was told of one (`tasks.watching`)."""
        state, _, looked_at = kept.partition(" ")
        waits = HoldCode.CREDIT_AWAITING_APPROVAL
        is_held = not all(self.work.holds.is_open(KIND, id_, waits) for id_ in self._own_holds())
        if state != self._state() or self.work.by_hand or is_held:
            return True
        return daily.is_due(datetime.fromisoformat(looked_at), self.work.now(), lists.compare_every(self.work))

    def _state(self) -> str:
        """Changes with whatever the ledger knows of the commitment."""
        kinds = ((CLAIMS, self.claims), (PAYMENTS, self.payments), (KIND, self.made))
        known = [
            [kind, id_, one.xero_id, one.fingerprint, one.facts.get("status")]
            for kind, some in kinds
            for id_, one in sorted(some.items())
        ]
        return hashlib.sha256(exact_json.dumps(known).encode()).hexdigest()

    def _look(self) -> tuple[list[Share], dict[str, Reason]]:
        """What is to be set against what, and by claim why a credit note stays open."""
        rows = self._rows(CREDIT_NOTES)
        reasons = {id_: _awaiting(id_, row) for id_, row in rows.items() if row["Status"] in _AWAITING}
        notes = {id_: _open(id_, CREDIT_NOTES, row) for id_, row in rows.items() if due(row) > 0}
        for id_ in notes:
            if reason := self._touched(id_, rows[id_]) or self._differs(id_, CREDIT_NOTES, rows[id_]):
                reasons[id_] = reason
        fit = [note for id_, note in notes.items() if id_ not in reasons]
        if not fit:
            return [], reasons
        bills = self._rows(BILLS)
        shares = self._spread(fit, rows, bills)
        for share in shares:
            bill_id = share.bill.claim_id
            if reason := self._differs(bill_id, BILLS, bills[bill_id]) or hands_off.locked(
                share.on, self.work.settings.chart(to_write=True).locked_until
            ):
                reasons[share.note.claim_id] = reason
        waits = next((_awaiting(id_, row) for id_, row in sorted(bills.items()) if row["Status"] in _AWAITING), None)
        for note in fit:
            used = sum((share.amount for share in shares if share.note == note), Decimal(0))
            if waits and used < note.amount:
                reasons.setdefault(note.claim_id, waits)
        stay = {id_ for id_, reason in reasons.items() if reason.code.outcome is Outcome.HELD}
        return [share for share in shares if share.note.claim_id not in stay], reasons

    def _rows(self, endpoint: Endpoint) -> dict[str, Element]:
        """The commitment's bills or credit notes as they are in Xero now, by claim; none that was taken out."""
        ids = {str(one.xero_id): id_ for id_, one in self.claims.items() if _is_at(one, endpoint)}
        found = stored(self.work, endpoint, ids)
        return {ids[xero_id]: row for xero_id, row in found.items() if row["Status"] not in VOID}

    def _spread(
        self, notes: Sequence[Open], rows: Mapping[str, Element], bills: Mapping[str, Element]
    ) -> Sequence[Share]:
        """Xero takes both only of one contact and one currency (xero-api.md §4.7)."""
        shares: list[Share] = []
        for key in sorted({_key(rows[note.claim_id]) for note in notes}):
            some = [note for note in notes if _key(rows[note.claim_id]) == key]
            fitting = {id_: row for id_, row in bills.items() if _key(row) == key and due(row) > 0}
            shares += spread(some, [_open(id_, BILLS, row) for id_, row in fitting.items()], self.made)
        return shares

    def _touched(self, claim_id: str, note: Element) -> Reason | None:
        """Whether a person was at what a credit note is set against, or has had it refunded: the rest is theirs."""
        mine = {id_: one for id_, one in self.made.items() if id_.startswith(pair(claim_id, ""))}
        ours = Counter((str(one.xero_id), Decimal(one.facts["amount"])) for one in mine.values())
        there = Counter((str(row["InvoiceID"]), amount(row, "Amount")) for row in allocated(note))
        currency = currency_code(note)
        undone, by_hand = ([money(figure, currency) for _, figure in some] for some in (ours - there, there - ours))
        said = [f"{figure} was set against a bill by this worker and is not any more" for figure in undone]
        said += [f"{figure} was set against a bill there" for figure in by_hand]
        refunds = [str(row["PaymentID"]) for row in note.get("Payments") or ()]
        if any(self.work.entries.record_of([PAYMENTS], id_) is None for id_ in refunds):
            said.append("a part was refunded there")
        if not said:
            return None
        return because(HoldCode.CREDIT_TOUCHED, difference="; ".join(said), left=money(due(note), currency))

    def _differs(self, claim_id: str, endpoint: Endpoint, row: Element) -> Reason | None:
        """Whether a document is not as it was sent; of one that a person entered nothing was sent."""
        last = last_sent(self.work, CLAIMS, endpoint, claim_id)
        tax = expected_tax(self.claims[claim_id].facts)
        found = proof.differences(endpoint, last, row, tax) if last else []
        if not found:
            return None
        return because(HoldCode.BILL_DIFFERS, claim=title(CLAIMS, claim_id), difference="; ".join(found))

    def _send(self, shares: Sequence[Share]) -> dict[str, Reason]:
        """One request for each credit note. Returns by claim why Xero did not take it."""
        refused: dict[str, Reason] = {}
        for note in dict.fromkeys(share.note for share in shares):
            endpoint = allocations(note.xero_id)
            some = [share for share in shares if share.note == note]
            for batch in batches.split(endpoint, [(share, _document(share).body()) for share in some]):
                if reason := self._send_one(endpoint, batch):
                    refused[note.claim_id] = reason
        return refused

    def _send_one(self, endpoint: Endpoint, shares: Sequence[Share]) -> Reason | None:
        stopping.check()
        work, planned = self.work, [self._planned(share) for share in shares]

        def judge(request: Request, answer: Sequence[Element] | RequestRefused) -> list[Proof]:
            if isinstance(answer, RequestRefused):
                refusal = because(HoldCode.REJECTED, messages=str(answer))
                return [Proof(one.procore_id, None, refusal) for one in request.members]
            return prove(endpoint, [Sent(one.procore_id, one.body) for one in request.members], answer)

        proofs = exchange(work, KIND, batches.create(endpoint), endpoint, planned, judge)
        if proofs is None:
            raise ProjectBusy(f"Another job is sending some of these {KIND} just now.", 2.0)
        sent = [one.procore_id for one in proofs if one.reason is None]
        work.settle([Verdict(KIND, id_, title(KIND, id_), Outcome.SENT) for id_ in sent])
        return next((one.reason for one in proofs if one.reason), None)

    def _planned(self, share: Share) -> Planned:
        document = _document(share)
        facts = {
            "contract_id": int(self.contract_id),
            "wrapper": document.endpoint.wrapper,
            "note_id": share.note.xero_id,
            "amount": str(share.amount),
            TOLD: f"{money(share.amount, share.note.currency)} of the credit note of claim {share.note.claim_id}",
        }
        return Planned(share.id, fingerprint(document), document.body(), facts=facts)

    def _say(self, reasons: Mapping[str, Reason]) -> None:
        """Hold what is held, and forget what was said of the commitment's other credit notes."""
        own = self._own_holds()
        self.work.holds.forget(KIND, [id_ for id_ in own if id_ not in reasons])
        self.work.settle([self._verdict(id_, reason) for id_, reason in sorted(reasons.items())])

    def _own_holds(self) -> list[str]:
        return [id_ for id_ in self.work.holds.ids(KIND) if id_.partition("/")[0] in self.claims]

    def _verdict(self, claim_id: str, reason: Reason) -> Verdict:
        entry = self.claims[claim_id]
        name, page = f"credit note of claim {claim_id}", f"commitments/{self.contract_id}/requisitions/{claim_id}"
        links = self.work.known.procore_url(page), self.work.xero_page(CREDIT_NOTES.wrapper, entry.xero_id)
        return said(KIND, claim_id, name, reason, *links)


def _standing(work: Work, claims: Entries, made: Entries) -> Entries:
    """Without what was set against another document than the claim has now: its note or its bill was made anew."""
    gone = set()
    for id_, one in made.items():
        note, bill = (claims.get(claim_id) for claim_id in id_.split("/"))
        if (note and note.xero_id != one.facts["note_id"]) or (bill and bill.xero_id != one.xero_id):
            work.entries.untie(KIND, id_, str(one.xero_id))
            gone.add(id_)
    return {id_: one for id_, one in made.items() if id_ not in gone}


def _contract(entry: Entry) -> str:
    return str(entry.facts.get("contract_id") or "")


def _of(contract_id: str, entries: Entries) -> Entries:
    return {id_: one for id_, one in entries.items() if _contract(one) == contract_id}


def _is_at(entry: Entry, endpoint: Endpoint) -> bool:
    return entry.facts.get("wrapper") == endpoint.wrapper


def _open(claim_id: str, endpoint: Endpoint, row: Element) -> Open:
    return Open(claim_id, str(row[endpoint.id_field]), day(row, "Date") or date.min, due(row), currency_code(row))


def _key(row: Element) -> tuple[str, str]:
    return str((row.get("Contact") or {}).get("ContactID")), str(row.get("CurrencyCode"))


def _document(share: Share) -> Allocation:
    return Allocation(share.note.xero_id, share.bill.xero_id, share.amount, share.on)


def _awaiting(claim_id: str, row: Element) -> Reason:
    return because(HoldCode.CREDIT_AWAITING_APPROVAL, claim=claim_id, status=row["Status"])
