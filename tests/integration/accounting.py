"""People act between passes, and what they and Procore do is judged as an accountant would: what was paid to whom, and
what left the books and why.

Nothing goes wrong here with the worker or the network (that is `machine.py`); people pay, edit, void, merge and delete
in Xero, enter and delete in Procore, and this app loses and regains its sight of parts of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.integration.firm import CLAIMS, CONTRACTS, NUMBERS, PAYMENTS, Settings
from tests.integration.judging import check_once
from tests.integration.people import BILLS, People
from tests.integration.scene import VOID, Key, Row, Scene, called, id_of, is_due, is_paid
from tests.integration.seeds import a_payment, an_invoice
from worker.errors import RequestRefused, SyncError
from worker.holds import Outcome
from worker.http import exact_json

#: The lists of Procore that this app may lose, with how Procore says so.
LISTS = ("requisitions", "contract_payments", "direct_costs", "work_order_contracts", "purchase_order_contracts")
ANSWERS = st.sampled_from((403, 404, "empty"))
PROJECT = st.sampled_from((310, 310, 311))
#: Amounts that nobody enters in Procore, so that what is paid by hand is nothing that Procore knows.
BY_HAND = "5.50"
HALF_AN_HOUR, DAY = 1800, 25 * 3600
#: How Procore falls silent about what is in Xero: the lists that are off and how they say so, or a private contract.
SILENCES = (({"contract_payments"}, "empty"), ({"contract_payments", "requisitions"}, 404), None)
#: Days after which both systems must have come to rest once everything is shown again.
MOST_DAYS = 5


class Accounting(People):
    """A firm whose bookkeeper works in Xero, too, and whose administrator changes rights in Procore."""

    is_untouched = False

    def __init__(self) -> None:
        super().__init__()
        #: Project id to its lists that are off, and how.
        self.off: dict[int, dict[str, Any]] = {}
        #: Projects whose contract is private, and whether a list was silent since the last pass.
        self.private: set[int] = set()
        self.is_silent = False
        #: Records that the bookkeeper entered in Xero, too, each with the id of what they entered.
        self.by_hand: list[tuple[Key, str]] = []

    @initialize(
        status=st.sampled_from(("AUTHORISED", "AUTHORISED", "SUBMITTED")),
        deleted=st.sampled_from(("hold", "void")),
        credits=st.sampled_from(("leave", "allocate")),
        lists=st.sampled_from((0, 2)),
        silence=st.sampled_from(SILENCES),
    )
    def begin(self, status: str, deleted: str, credits: str, lists: int, silence: Any) -> None:
        """Each example begins with what costs most where a rule is missing: it need not be drawn."""
        settings = Settings(status, deleted, credits)
        super().begin(settings, synced=True, twin=False, one_machine=False, lists=lists, several="nothing")
        for key in BILLS:
            self.approve(key)
        self.a_pass(DAY)
        self.pay_in_both(("claims", "11"))
        self.bill_in_both("another number", 310)
        if silence is None:
            self.contract_private(310, True)
            self.a_pass(DAY)
        else:
            self.tool_off(310, *silence)
        self.tools_on()
        self.contract_private(310, False)

    # --- passes ------------------------------------------------------------------------------------------------

    @rule(after=st.sampled_from((HALF_AN_HOUR, DAY, DAY)))
    def a_pass(self, after: int) -> None:
        """What left the books has a reason; and when everything was compared, what was paid is what Procore says."""
        self.world.clock.advance(after)
        before = self.scene()
        self.world.pass_begins()
        for number in NUMBERS.values():
            for _ in range(3):  # comes back while another project's job has what it needs
                try:
                    if self.world.deliver(number) is not None:
                        break
                except SyncError:  # nothing at all of the project is shown
                    self.seen["jobs that failed as a whole"] += 1
                    break
        scene = self.scene()
        self.seen["passes"] += 1
        check_once(scene)
        check_nothing_left_without_evidence(before, scene)
        check_nothing_beside_what_a_person_entered(scene, self.by_hand)
        if after == DAY:
            check_what_was_paid(scene, self.closed_projects(), self._blind())
        self.is_silent = False

    @rule()
    def a_day(self) -> None:
        """So that a pass is drawn as often as what people do."""
        self.a_pass(DAY)

    def _blind(self) -> set[int]:
        """Projects of which Procore kept something back without a word: what never came to Xero cannot be missed."""
        empty = {id for id, lists in self.off.items() if "empty" in lists.values()}
        return set(NUMBERS) if self.is_silent else self.private | empty

    def closed_projects(self) -> set[int]:
        """Projects of which nothing is shown: their jobs say so as a whole."""
        return {id for id in NUMBERS if self.world.job(NUMBERS[id]).state == "failed" and not self._counted(id)}

    def _counted(self, project_id: int) -> bool:
        return bool(self.world.job(NUMBERS[project_id]).counts)

    # --- the bookkeeper in Xero --------------------------------------------------------------------------------

    @rule(key=st.sampled_from(BILLS))
    def pay_by_hand(self, key: Key) -> None:
        """Something that Procore does not know of."""
        document = self.scene().live(key)
        if document is None or document["Status"] != "AUTHORISED" or Decimal(document.get("AmountDue", 0)) < 6:
            return
        self.seen["paid by hand"] += 1
        paid = {"Invoice": {"InvoiceID": id_of(document)}, "Account": {"Code": "090"}, "Date": "2026-08-20"}
        self.world.type_in_xero("Payments", {**paid, "Amount": Decimal(BY_HAND)})

    @rule(key=st.sampled_from([key for key in BILLS if key[0] == "claims"]))
    def pay_in_both(self, key: Key) -> None:
        """The bookkeeper pays from the bank feed, and then somebody enters that payment in Procore."""
        document, project_id = self.scene().live(key), CLAIMS[int(key[1])]
        if document is None or document["Status"] != "AUTHORISED" or Decimal(document.get("AmountDue", 0)) < 10:
            return
        self.seen["paid in both"] += 1
        self.entered += 1
        amount, on = f"3.{self.entered:02}", {"date": "2026-08-19", "contract_id": CONTRACTS[project_id]}
        paid = {"Invoice": {"InvoiceID": id_of(document)}, "Account": {"Code": "090"}, "Date": "2026-08-20"}
        self.world.type_in_xero("Payments", {**paid, "Amount": Decimal(amount)})
        self._enter("contract_payments", a_payment(4000 + self.entered, int(key[1]), amount, **on), project_id)
        self.by_hand.append((("payments", str(4000 + self.entered)), id_of(self.scene().payments[-1])))
        self.a_pass(DAY)

    @rule(number=st.sampled_from(("read alike", "another number")), project=PROJECT)
    def bill_in_both(self, number: str, project: int) -> None:
        """The bookkeeper has entered an invoice that comes from Procore, too, under a number of their own."""
        contact = next((row for row in self.scene().contacts.values() if row.get("ContactNumber") == "procore-1"), None)
        if contact is None or contact["ContactStatus"] != "ACTIVE":
            return
        self.seen["billed in both"] += 1
        self.entered += 1
        id_, amount = 5000 + self.entered, f"{60 + self.entered}.00"
        own = f"DC 0{id_}" if number == "read alike" else f"T{self.entered}"
        line = {"Description": "Skip", "Quantity": 1, "UnitAmount": Decimal(amount), "AccountCode": "325"}
        head = {"Type": "ACCPAY", "Contact": {"ContactID": contact["ContactID"]}, "InvoiceNumber": own}
        rest = {"Date": "2026-07-22", "DueDate": "2026-08-22", "Status": "AUTHORISED", "LineAmountTypes": "NoTax"}
        self.world.type_in_xero("Invoices", {**head, **rest, "LineItems": [line]})
        self._enter("direct_costs", an_invoice(id_, amount), project)
        (bill,) = [row for row in self.world.documents("invoices") if row["InvoiceNumber"] == own]
        self.by_hand.append((("invoices", str(id_)), id_of(bill)))
        self.a_pass(DAY)

    @rule(key=st.sampled_from(BILLS), what=st.sampled_from(("void", "lines")))
    def edit_by_hand(self, key: Key, what: str) -> None:
        document = self.scene().live(key)
        if document is None or is_paid(document):
            return
        self.seen[f"by hand: {what}"] += 1
        if what == "void":
            self.hands.took_out.add(id_of(document))
            self._edit(document, Status="VOIDED" if document["Status"] == "AUTHORISED" else "DELETED")
        else:
            (line,) = document["LineItems"]
            self._edit(document, LineItems=[{**line, "UnitAmount": "7.00"}])

    @rule(id=st.sampled_from(sorted(PAYMENTS)), what=st.sampled_from(("delete", "reconcile")))
    def payment_by_hand(self, id: int, what: str) -> None:
        document = self.scene().live(("payments", str(id)))
        if document is not None and not document["IsReconciled"]:
            self.seen[f"payment by hand: {what}"] += 1
            if what == "delete":
                self.hands.took_out.add(id_of(document))
            self._edit(document, **({"Status": "DELETED"} if what == "delete" else {"IsReconciled": True}))

    @rule(into=st.sampled_from((1, 2)))
    def merge_contacts(self, into: int) -> None:
        """Two suppliers turn out to be one, or a person thinks so."""
        numbered = {row.get("ContactNumber"): row for row in self.scene().contacts.values()}
        kept, gone = numbered.get(f"procore-{into}"), numbered.get(f"procore-{3 - into}")
        if kept and gone and kept["ContactStatus"] == gone["ContactStatus"] == "ACTIVE":
            self.seen["contacts merged"] += 1
            merged = {"ContactStatus": "ARCHIVED", "MergedToContactID": kept["ContactID"]}
            self.world.xero_edit("Contacts", gone["ContactID"], **merged)

    @rule(option=st.sampled_from(("24-017", "24-018", "03-300", "05-100")))
    def delete_option(self, option: str) -> None:
        """One that is in use Xero does not delete: then it is archived."""
        api = self.world.parts.xero.api
        for category in self.world.documents("tracking_categories"):
            for row in category["Options"]:
                if not row["Name"].startswith(option) or row["Status"] != "ACTIVE":
                    continue
                path = f"/TrackingCategories/{category['TrackingCategoryID']}/Options/{row['TrackingOptionID']}"
                try:
                    api.write("DELETE", path, "", f"person-{self.world.last()}")
                    self.seen["options deleted"] += 1
                except RequestRefused:
                    body = exact_json.dumps({"Name": row["Name"], "Status": "ARCHIVED"})
                    api.write("POST", path, body, f"person-{self.world.last()}")
                    self.seen["options archived"] += 1

    # --- the administrator in Procore --------------------------------------------------------------------------

    @rule(project=PROJECT, lists=st.sets(st.sampled_from(LISTS), min_size=1, max_size=2), answer=ANSWERS)
    def tool_off(self, project: int, lists: set[str], answer: Any) -> None:
        self.seen[f"tools off: {answer}"] += 1
        self.off.setdefault(project, {}).update(dict.fromkeys(sorted(lists), answer))
        self.world.procore_switch(tools_off=self.off)
        self.a_pass(DAY)

    @rule()
    def tools_on(self) -> None:
        self.off = {}
        self.world.procore_switch(tools_off={})

    @rule(project=PROJECT, private=st.booleans())
    def contract_private(self, project: int, private: bool) -> None:
        self.seen["contracts turned private"] += private
        self.private = self.private | {project} if private else self.private - {project}
        self.world.procore_edit("work_order_contracts", CONTRACTS[project], project, private=private)

    @rule(path=st.sampled_from(("requisitions", "contract_payments", "direct_costs", "work_order_contracts")))
    def empty_answer(self, path: str) -> None:
        """One list is silent once, just when everything is compared."""
        self.seen["empty answers"] += 1
        self.is_silent = True
        self.world.procore_fault("status", path, status=200, body="[]", times=1)
        self.a_pass(DAY)

    # --- how it ends -------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self._is_well_in_the_end()
        finally:
            self.seen["examples"] += 1
            self.world.close()

    def _is_well_in_the_end(self) -> None:
        """Everything is shown again: then no record is out of sight that is there, and nothing more is written."""
        self.world.calm()
        self.tools_on()
        self.is_silent = False
        for project in NUMBERS:
            self.contract_private(project, False)
        for _ in range(MOST_DAYS):
            since = self.world.last()
            self.a_pass(DAY)
            if not self.world.writes(since):
                break
        scene = self.scene()
        self.seen.update(hold.code for hold in scene.holds)
        blind = [hold.title for hold in scene.holds if hold.kind == "tools" or _is_shown_and_unseen(scene, hold)]
        assert not blind, f"held as unseen, though Procore shows everything: {blind}"


def _is_shown_and_unseen(scene: Scene, hold: Any) -> bool:
    found = scene.records.get((hold.kind, hold.procore_id))
    return hold.code == "out_of_sight" and found is not None and not found[1].get("deleted_at")


# --- in accounting terms ---------------------------------------------------------------------------------------


def check_nothing_left_without_evidence(before: Scene, after: Scene) -> None:
    """A document that stood before a pass and does not stand after it was taken out by that pass. Then Procore has
    deleted or undone its record, or the record has another document in its place."""
    for key, rows in before.documents.items():
        standing = {id_of(row) for row in rows if row["Status"] not in VOID}
        left = [id_of(row) for row in after.documents[key] if row["Status"] in VOID and id_of(row) in standing]
        if not left:
            continue
        found = after.records.get(key)
        undone = found is None or bool(found[1].get("deleted_at")) or not is_due(key, found[1])
        assert undone or after.live(key), f"{called(key)} left the books, and stands in Procore: {found}"


def check_nothing_beside_what_a_person_entered(scene: Scene, by_hand: list[tuple[Key, str]]) -> None:
    """A payment or a bill that the bookkeeper entered is not made from Procore while theirs stands."""
    standing = {id_of(row) for row in [*scene.payments, *scene.bills] if row["Status"] not in VOID}
    for key, id_ in by_hand:
        assert id_ not in standing or scene.live(key) is None, f"{called(key)} was entered by hand, and stands twice"


def check_what_was_paid(scene: Scene, closed: set[int], blind: set[int]) -> None:
    """Per supplier: the payments that stand in Xero are those that Procore says were made, with what somebody paid by
    hand; or a hold names each record that is otherwise."""
    names = _suppliers(scene)
    xero, procore = _paid_in_xero(scene, names), _paid_in_procore(scene, names)
    by_hand = _paid_by_hand(scene, names)
    open_ones = scene.held(Outcome.HELD, Outcome.WAITING)
    unseen = closed | {hold.project_id for hold in scene.holds if hold.kind == "tools"}
    for supplier in {*xero, *procore}:
        difference = xero[supplier] - procore[supplier] - by_hand[supplier]
        wrong = list(_otherwise(scene, supplier, names))
        unnamed = [key for key in wrong if not _is_named(scene, key, open_ones, unseen, blind)]
        assert not unnamed, f"paid otherwise than Procore says, and nothing says so: {[*map(called, unnamed)]}"
        assert wrong or not difference, f"{difference} too much paid to {supplier}"


def _suppliers(scene: Scene) -> dict[str, str]:
    """Every ContactID, and every vendor's id, to the contact that is left of it."""

    def left(contact_id: str) -> str:
        while merged := scene.contacts[contact_id].get("MergedToContactID"):
            contact_id = merged
        return contact_id

    names = {contact_id: left(contact_id) for contact_id in scene.contacts}
    numbers = {row.get("ContactNumber"): contact_id for contact_id, row in scene.contacts.items()}
    vendors = {id_: numbers.get(f"procore-{id_}") for id_ in scene.vendors}
    return names | {id_: left(contact_id) if contact_id else f"vendor {id_}" for id_, contact_id in vendors.items()}


def _paid_in_xero(scene: Scene, names: dict[str, str]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment, document in _standing_payments(scene):
        sums[names[document["Contact"]["ContactID"]]] += _signed(payment, document)
    return sums


def _paid_by_hand(scene: Scene, names: dict[str, str]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for payment, document in _standing_payments(scene):
        if not payment["Reference"]:
            sums[names[document["Contact"]["ContactID"]]] += _signed(payment, document)
    return sums


def _paid_in_procore(scene: Scene, names: dict[str, str]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for key in scene.records:
        if key[0] == "payments":
            sums[_supplier_of(scene, key, names)] += _made(scene, key)
    return sums


def _otherwise(scene: Scene, supplier: str, names: dict[str, str]) -> Iterator[Key]:
    """The payments of this supplier that stand in Xero for another amount, or on another's document."""
    there: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for payment, document in _standing_payments(scene):
        id_ = str(payment["Reference"]).rpartition("Procore payment ")[2]
        there["payments", id_][names[document["Contact"]["ContactID"]]] += _signed(payment, document)
    for key in scene.records:
        if key[0] == "payments" and supplier in {_supplier_of(scene, key, names), *there[key]}:
            made = _made(scene, key)
            if {name: amount for name, amount in there[key].items() if amount} != (
                {_supplier_of(scene, key, names): made} if made else {}
            ):
                yield key


def _is_named(scene: Scene, key: Key, open_ones: dict[Key, Any], unseen: set[int], blind: set[int]) -> bool:
    """By a hold of the payment or its claim, or of the tool, or by the job that failed as a whole. What a person took
    out is no difference of ours, and what Procore never showed nobody can name."""
    project_id, row = scene.records[key]
    if scene.is_touched(key) or (project_id in blind and scene.live(key) is None):
        return True
    return project_id in unseen or key in open_ones or ("claims", str(row["requisition_id"])) in open_ones


def _standing_payments(scene: Scene) -> Iterator[tuple[Row, Row]]:
    documents = {id_of(row): row for rows in scene.documents.values() for row in rows if "LineItems" in row}
    for payment in scene.payments:
        target = (payment.get("Invoice") or {}).get("InvoiceID") or (payment.get("CreditNote") or {})["CreditNoteID"]
        if payment["Status"] != "DELETED" and target in documents:
            yield payment, documents[target]


def _signed(payment: Row, document: Row) -> Decimal:
    return -Decimal(payment["Amount"]) if "CreditNoteID" in document else Decimal(payment["Amount"])


def _made(scene: Scene, key: Key) -> Decimal:
    """What Procore says was paid."""
    row = scene.records[key][1]
    return Decimal(row["amount"]) if is_due(key, row) and not row.get("deleted_at") else Decimal(0)


def _supplier_of(scene: Scene, key: Key, names: dict[str, str]) -> str:
    """Whose claim it pays."""
    claim = scene.records.get(("claims", str(scene.records[key][1]["requisition_id"])))
    return names[str(claim[1]["vendor_id"])] if claim else "nobody"
