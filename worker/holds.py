"""Why a record is not in Xero: every code with its sentence and its remedy, on one page.

A record that is not sent ends in one of three outcomes: *held* (a person is needed), *waiting* (it goes by itself
later) or *ignored* (it is not meant to go). Each says why in a sentence that a bookkeeper can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from worker.stated import stated


class Outcome(StrEnum):
    """What became of a record in this job."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    HELD = "held"
    IGNORED = "ignored"


def title(kind: str, procore_id: str) -> str:
    """How a person would call a record: "claim 58820"."""
    return f"{kind.removesuffix('s').replace('_', ' ')} {procore_id}"


@dataclass(frozen=True, slots=True)
class _Text:
    sentence: str
    remedy: str
    outcome: Outcome = Outcome.HELD
    #: Ignored, and yet something that a person may want to see to in Xero.
    left_out: bool = False
    #: After its colon stand another program's own words.
    quotes: bool = False


class HoldCode(Enum):
    """The codes; `HoldCode.X.value` holds sentence and remedy, `code` is the name operators see."""

    # what Procore says
    RECORD_UNREADABLE = _Text(
        "Procore's answer cannot be read: {detail}.",
        "Correct the field in Procore; if it looks right there, report this sentence.",
        quotes=True,
    )
    VALUE_UNKNOWN = _Text(
        "{field} is '{value}', which is not a value we know.",
        "Correct the field in Procore; if the value is new in Procore, update this program.",
    )
    DATE_MISSING = _Text("{field} is blank.", "Enter the date in Procore.")
    VENDOR_MISSING = _Text(
        "It names {vendor}.",
        "Choose an existing vendor in Procore, or ask for the project to be permitted to this app.",
    )
    OF_EMPLOYEE = _Text(
        "It is of the employee {employee} and names no vendor.",
        "Choose a vendor in Procore; or say with employees under [invoices] in the mapping file that such costs go to "
        "one contact, or do not go.",
    )
    EMPLOYEE_CONTACT_MISSING = _Text(
        "It is of the employee {employee}, and Xero has no active contact named '{contact}', to whom such costs go.",
        "Create that contact in Xero, or correct employee_contact under [invoices] in the mapping file.",
    )
    COST_CODE_MISSING = _Text(
        "Line {line} names no cost code that the project has.",
        "Give the line a cost code of this project in Procore.",
    )
    NO_LINES = _Text("It has no line with an amount.", "Enter the amounts on the lines in Procore.")
    TOTALS_DIFFER = _Text(
        "Its lines add up to {lines}, but Procore says {total}.",
        "Open it in Procore and save it again, or correct the line that is wrong.",
    )
    RETENTION_DIFFERS = _Text(
        "Its retention does not add up: {before} held back before it{by}, {withheld} withheld and {released} released "
        "in it come to {computed}, but it states {stated}.",
        "Correct the retention of this claim in Procore, or that of the claim before it. If Procore does not show that "
        "one, give this app's service account the right to see it.",
    )
    DUE_UNCLEAR = _Text(
        "Procore says that {due} is due and that the tax is {tax}: its bill comes to {without} before tax if the tax "
        "goes on top, and to {inside} if it is in it, and {why}.",
        'Set due = "without_tax" or "with_tax" under [claims] in the mapping file, for all claims of the company; '
        "`procore-xero doctor` shows what they say.",
    )
    PART_OF_A_CENT = _Text(
        "{what} is {amount}, and a bill in Xero has whole cents.",
        "Correct this amount in Procore, to whole cents.",
    )
    TAX_DIFFERS = _Text(
        "Xero's tax on its lines is {computed}, but Procore says {stated}.",
        "Correct the tax code in Procore, or the tax types in the mapping file.",
    )
    ZERO_TAX_STATED = _Text(
        "Procore says that its tax is {stated}, but with Xero's tax types it would be {computed}; {why}.",
        "If its vendor charges no tax, give the vendor a tax type without tax under [tax.vendors] in the mapping file. "
        "If the tax is missing in Procore, give the lines their tax code there. If Procore computes no tax on such "
        'records, claims = "xero", or invoices = "xero", under [tax] leaves it to Xero.',
    )
    TAX_RATE_DIFFERS = _Text(
        "Procore's tax code {tax_code} is {stated} %, but Xero's tax type {tax_type} is {rate} %.",
        "Correct the rate in Procore or in Xero, or give the code another tax type under [tax.codes].",
    )
    VENDOR_TAXED = _Text(
        "By Procore's tax code its lines are taxed at {rate} % ({tax_type}), but its vendor has {own} under "
        "[tax.vendors] in the mapping file, which is without tax.",
        "Correct the tax code in Procore, or the vendor under [tax.vendors] in the mapping file.",
    )
    TOOL_CLOSED = _Text(
        "Procore does not show its tool {tool} to this app in project {job_number} ({said}). So these do not arrive, "
        "and stay in Xero as they are: {what}.",
        "Switch the tool on in this project, and give this app's service account the right to read it; or leave the "
        "kind out, with leave_out under [records] in the mapping file. If it is so in every project, update this "
        "program: the address may be gone.",
    )
    ADDRESS_GONE = _Text(
        "Procore says that the address of this list is gone for good ({said}). So these do not arrive, and stay in "
        "Xero as they are: {what}.",
        "Update this program; until then leave the kind out, with leave_out under [records] in the mapping file.",
    )
    # what the mapping file says
    ACCOUNT_MISSING = _Text(
        "Cost code {cost_code} (cost type {cost_type}) has no account.",
        "Add the cost code, its cost type or a default to [accounts] in the mapping file.",
    )
    RETENTION_ACCOUNT_MISSING = _Text(
        "It withholds or releases retention of {amount}, but no retention account is set.",
        "Set account, or withheld_account and released_account, under [retention] in the mapping file.",
    )
    BANK_ACCOUNT_MISSING = _Text(
        "No bank account is set for payments by '{method}'.",
        "Add the method or a default to [bank_accounts] in the mapping file.",
    )
    TAX_TYPE_MISSING = _Text(
        "Procore's tax code '{tax_code}' has no Xero tax type.",
        "Add it to [tax.codes] in the mapping file.",
    )
    REFERENCE_UNUSABLE = _Text(
        "{what} is not usable in Xero: {why}.",
        "Correct it in the mapping file, or on the contact in Xero; or activate it in Xero.",
    )
    CURRENCY_NOT_ENABLED = _Text(
        "It is in {currency}, which is not enabled in Xero, whose own currency is {base}.",
        "In Xero: Settings, Currencies, Add currency (a plan with several currencies has it); then retry.",
    )
    # what it depends on
    PROJECT_REFUSED = _Text("{job_number} is not synced: {reason}", "Change what the sentence names, then retry.")
    PROJECT_MOVED = _Text(
        "It goes to {to} now, but {count} of its documents stand in {where} (first {document}), so nothing is sent.",
        "Let it go to the old organisation again, by [[organisations]] in the mapping file; or, to move it, delete its "
        "payments and void its bills and credit notes there.",
    )
    PROJECT_HELD = _Text("Project {job_number} has no option in Xero yet.", "Clear the project's own hold first.")
    VENDOR_HELD = _Text("Its vendor {vendor} is held.", "Clear the vendor's own hold first.")
    COST_CODE_HELD = _Text("Its cost code {cost_code} is held.", "Clear the cost code's own hold first.")
    REFERENCE_UNSEEN = _Text(
        "It names {what}, and Procore does not show this app the list in which that stands.",
        "Clear the tool's own hold first: it says which right is missing.",
    )
    CLAIM_NOT_SENT = _Text(
        "Its {claim} is not in Xero as a bill.",
        "Clear the hold of that one first, or approve it in Procore.",
    )
    BILL_DIFFERS = _Text(
        "The document of its {claim} in Xero is not as it was sent: {difference}.",
        "Bring that document into line with Procore, by its own hold if it has one; what is held then follows.",
    )
    PAYMENT_UNMATCHED = _Text(
        "It names no claim, and invoice number '{number}' fits {count} claims of the contract.",
        "Choose the claim on the payment in Procore.",
    )
    # what Xero says
    REJECTED = _Text("Xero refused it: {messages}.", "Correct what Xero names, in Procore or in Xero.", quotes=True)
    PROOF_FAILED = _Text(
        "Xero stored something else than was sent: {difference}.",
        "Compare the document in Xero with Procore and correct it by hand; then retry.",
    )
    NAME_DOUBLED = _Text(
        "Its name '{name}' is also that of vendor {other}, which is paid as Xero's contact '{contact}'; Xero takes a "
        "name once.",
        "Rename one of the two in Procore. If they are one supplier, say with `procore-xero tie` that this one is paid "
        "as the same contact.",
    )
    TAX_NUMBER_DOUBLED = _Text(
        "Its tax number {number} is also that of vendor {other}, which is paid as Xero's contact '{contact}': they are "
        "one legal entity.",
        "If they are one supplier, say with `procore-xero tie` that this one is paid as the same contact. If they are "
        "to be apart in Xero, enter a contact of this vendor's name there.",
    )
    NAME_TAKEN = _Text(
        "The contact name '{name}' belongs to another Xero contact ({why}).",
        "Rename or merge one of the two, in Procore or in Xero; or say with `procore-xero tie` which contact is the "
        "vendor's.",
    )
    CONTACT_ARCHIVED = _Text(
        "The contact '{contact}', as which its vendor is paid, is archived in Xero.",
        "In Xero: Contacts, Archived, open it and restore it; it then goes by itself. Or say with `procore-xero tie` "
        "which contact is the vendor's now.",
    )
    CALLED_ALIKE = _Text(
        "In Xero it would be called '{name}', which is what {other} is called.",
        "Rename one of the two in Procore, so that they can be told apart.",
    )
    TAX_NUMBERS_DIFFER = _Text(
        "Xero's contact '{contact}' has the tax number {xero}, but this vendor has {procore}: they are not the same.",
        "Correct the number that is wrong, in Procore or in Xero. If both are right, give one of the two another name, "
        "or say with `procore-xero tie` which contact is the vendor's.",
    )
    TAX_NUMBER_CHANGED = _Text(
        "Its tax number in Procore was {before} and is {now} now, which is another legal entity. In Xero it is paid as "
        "'{contact}'.",
        "If one of the numbers was mistyped, correct it in Procore. Else say with `procore-xero tie` which contact is "
        "the vendor's now.",
    )
    UNTIED = _Text(
        "A person untied it from Xero's contact '{contact}', and no other contact is called so or has its tax number.",
        "Enter the right contact in Xero, or say with `procore-xero tie` which one it is.",
    )
    AMBIGUOUS_CONTACT = _Text(
        "{count} contacts in Xero have its {what}.",
        "Merge those contacts in Xero, or say with `procore-xero tie` which one is the vendor's.",
    )
    OPTION_ARCHIVED = _Text(
        "Its tracking option '{option}' of '{category}' is archived in Xero.",
        "In Xero: Accounting, Advanced, Tracking categories, show the archived options, Restore; it then goes by "
        "itself.",
    )
    AMBIGUOUS = _Text(
        "{count} documents in Xero match it ({what}).",
        "Void or renumber the extra documents in Xero, then retry.",
    )
    ALREADY_IN_XERO = _Text(
        "Its supplier and number are in Xero already, in a document that this worker did not send: {document}, dated "
        "{date}, {status}.",
        "Compare the two. If it is the same, say so with `procore-xero match`, the job number, its kind and number: "
        'it is taken over as it stands (already_in_xero = "adopt" under [documents] in the mapping file does it where '
        "all agrees). If it is another one, the same with --another sends it.",
    )
    MAY_BE_IN_XERO = _Text(
        "It may be in Xero already: {document}, dated {date}, was not sent by this worker, and {why}. It would be sent "
        "as {number}, {total}.",
        "Open both. If it is the same, say so with `procore-xero match`, the job number, its kind and number: it is "
        "taken over as it stands. If it is another one, the same with --another sends it.",
    )
    NUMBER_TWICE = _Text(
        "Its supplier and number are also those of {other}, and {why}. In Xero stands {document}.",
        "If the other one has a hold of its own, clear that first. If the two are one, delete the wrong one in "
        'Procore; if not, give one another number, or set same_number = "send" under [documents] in the mapping file.',
    )
    EXPORTED_ELSEWHERE = _Text(
        "Another integration has exported it from Procore (its origin id is '{origin}'), so it may be in the books "
        "already.",
        "See in Xero whether it is there, and switch off one of the two integrations for such records; then set "
        'exported_elsewhere = "send" under [documents] in the mapping file, or delete it in Procore.',
    )
    MAY_BE_PAID = _Text(
        "In Xero its document has {what}, not sent by this worker: {how}.",
        'Compare the two. If it is paid by that, say so with `procore-xero match`, the job number, "payment" and its '
        "number: then nothing is sent. If it is another payment, the same with --another sends it.",
    )
    PAID_BEFORE_START = _Text(
        "It is dated {date}, which is before {start}, but its claim {claim} is not.",
        "Correct its date, or that of its claim, in Procore; or set not_before under [documents] in the mapping file "
        "to an earlier day, for this project alone if need be.",
    )
    PAYMENT_TOO_LARGE = _Text(
        "It pays {amount}, but only {due} is due on the document in Xero.",
        "Look in Xero at what the document was paid or credited with, and correct the amount where it is wrong. If a "
        "credit note was set against it, and Procore has that one refunded by a payment of its own, take it off the "
        "bill in Xero: then both payments fit. Only what was truly paid twice is entered there as an overpayment, by "
        "hand.",
    )
    CREDIT_TOUCHED = _Text(
        "A person was at this credit note in Xero: {difference}. Of it {left} is open.",
        "Set the rest against bills, or refund it, in Xero by hand: when nothing of it is open, this goes by itself.",
    )
    LOCKED_PERIOD = _Text(
        "Its date {date} lies in a period that Xero has locked until {locked_until}.",
        "Move the lock date in Xero, or change the date in Procore.",
    )
    CHANGED_AFTER_SENDING = _Text(
        "Since it was sent, it or the mapping file was changed, and the document in Xero cannot follow: {why}.",
        "Make the change in Xero by hand, or undo it where it was made.",
    )
    OUT_OF_SIGHT = _Text(
        "Procore no longer shows it, and nothing proves that it was deleted: {why}. In Xero stands {document}.",
        "If this app lost access in Procore, give it back: the hold then goes by itself. If the record was deleted, "
        "`procore-xero gone` with the job number says so.",
    )
    SENT_BACK_TOO_LATE = _Text(
        "{why} But in Xero its document is {status}, with {net} before tax and {total} in all; Procore says {procore}.",
        "Approve it in Procore as it was, or void the document in Xero by hand.",
    )
    EDITED_IN_XERO = _Text(
        "It was changed on both sides: in Procore, and by a person in Xero ({difference}).",
        "Bring the document in Xero into line with Procore by hand.",
    )
    GONE_IN_XERO = _Text(
        "The document was {status} in Xero by a person{document}.",
        "Withdraw it in Procore; or, if it belongs in Xero, send it once more with `procore-xero resend`: what a "
        "person has entered there instead is found by that, and asked about first.",
    )
    ATTACHMENT_NOT_GIVEN = _Text(
        "Procore does not give its file: {why}.",
        "Open it in Procore: if it opens there, let this app read the tool it stands in; if not, replace or remove it.",
        quotes=True,
    )
    ATTACHMENT_DAMAGED = _Text(
        "It is called a PDF, and its file in Procore is none.",
        "Replace it in Procore by a readable PDF, or remove it there.",
    )
    # waiting: goes by itself later
    BILL_AWAITING_APPROVAL = _Text(
        "The bill of {claim} is {status} in Xero.",
        "Approve the bill in Xero; the payment follows by itself.",
        Outcome.WAITING,
    )
    CREDIT_AWAITING_APPROVAL = _Text(
        "It is not set against a bill yet: the document of claim {claim} is {status} in Xero.",
        "Approve that document in Xero; the rest goes by itself.",
        Outcome.WAITING,
    )
    PAYMENT_UNDER_WAY = _Text(
        "Procore is still making it: its status is '{status}'.",
        "Nothing to do: it goes when Procore says that it is paid; until then what is in Xero stays.",
        Outcome.WAITING,
    )
    SENT_BACK = _Text(
        "{why} Its document in Xero is {status} and follows when it is approved again.",
        "Approve it again in Procore, or delete the document in Xero by hand.",
        Outcome.WAITING,
    )
    RESEND_ASKED = _Text(
        "A person asked for it to be sent once more.",
        "Nothing to do: the next job sends it.",
        Outcome.WAITING,
    )
    ATTACHMENT_UNAVAILABLE = _Text(
        "Procore does not give its file just now: {why}",
        "Nothing to do: a later job sends it.",
        Outcome.WAITING,
    )
    # ignored: not meant to go
    NOT_APPROVED = _Text("Its status is '{status}'.", "Approve it in Procore when it is ready.", Outcome.IGNORED)
    NOTHING_DUE = _Text("Nothing is due in this period.", "Nothing to do.", Outcome.IGNORED)
    OTHER_TYPE = _Text(
        "It is of type '{type}', which is not carried.",
        "Nothing to do; types under [invoices] in the mapping file says which are carried.",
        Outcome.IGNORED,
    )
    HEADER_CODE = _Text("It is a heading, not a chargeable code.", "Nothing to do.", Outcome.IGNORED)
    BEFORE_START = _Text(
        "It is dated {date}, and nothing from before {start} is carried.",
        "Nothing to do: it belongs to the opening balance, which `procore-xero plan` shows; not_before under "
        "[documents] in the mapping file gives the date.",
        Outcome.IGNORED,
    )
    CLAIM_BEFORE_START = _Text(
        "Its claim {claim} is from before {start}, and is not carried.",
        "Nothing to do: it belongs to the opening balance, which `procore-xero plan` shows.",
        Outcome.IGNORED,
    )
    NOT_PAID = _Text(
        "Procore has no payment date for it any more, or one that is still to come.",
        "Nothing to do: it goes when the day is there.",
        Outcome.IGNORED,
    )
    EMPLOYEE_LEFT_OUT = _Text(
        "It is of the employee {employee} and names no vendor, and such costs are not carried.",
        "Nothing to do; employees under [invoices] in the mapping file says so.",
        Outcome.IGNORED,
    )
    DELETED = _Text("It was deleted in Procore.", "Nothing to do.", Outcome.IGNORED)
    PAID_BY_HAND = _Text(
        "A person said that it is what they entered in Xero.",
        "Nothing to do; if it changes in Procore, it is looked at again.",
        Outcome.IGNORED,
    )
    EMAIL_LEFT_OUT = _Text(
        "Its contact in Xero does not have the e-mail address {email}, which Xero refuses.",
        "Correct the address in Procore, or enter one that Xero takes on the contact in Xero.",
        Outcome.IGNORED,
        left_out=True,
    )
    SENT_TWICE = _Text(
        "It went with the supplier, number and amount of {other}, {number} for {amount} before tax: it may be one "
        "invoice that Procore has twice.",
        'Compare the two. If they are one, delete the wrong one in Procore. same_number = "hold" under [documents] in '
        "the mapping file holds such records before they go.",
        Outcome.IGNORED,
        left_out=True,
    )
    TRACKING_LEFT_OUT = _Text(
        "Its document in Xero was entered by a person, and none of its lines is tracked to '{option}'.",
        "Give the lines that option in Xero, for the project's costs to be complete; this line stays as a note.",
        Outcome.IGNORED,
        left_out=True,
    )
    NO_ABN = _Text(
        "It has no valid ABN, neither in Procore nor on its contact '{contact}' in Xero{written}.",
        "Ask for the ABN, and enter it in Procore. Whoever pays a supplier that quotes none must withhold tax from the "
        "payment, unless an exception applies; this worker withholds nothing.",
        Outcome.IGNORED,
        left_out=True,
    )
    CHANGED_IN_XERO = _Text(
        "A person changed {document} in Xero since it was sent: {difference}.",
        "If Procore is right, change it back in Xero: this line goes with the next pass. If Xero is right, make the "
        "same change in Procore, or accept it with `procore-xero acknowledge`, once `procore-xero audit` has found it.",
        Outcome.IGNORED,
        left_out=True,
    )
    PAID_IN_XERO = _Text(
        "In Xero its bill has a payment that this worker did not send: {payment}.",
        "If Procore has it, too, that one is held until you say with `procore-xero match` that the two are one. If "
        "Procore lacks it, enter it there; if it is wrong, delete it in Xero. This line goes then.",
        Outcome.IGNORED,
        left_out=True,
    )
    CONTACT_NUMBER_LEFT_OUT = _Text(
        "It is paid as Xero's contact '{contact}', which does not carry its number: only the ledger here ties the two. "
        "{why}",
        "Nothing to do; if Xero names a field of the contact, correct it there, since its bills may be refused for it.",
        Outcome.IGNORED,
        left_out=True,
    )
    EXPORTED_TOO = _Text(
        "Another integration has exported it from Procore, too (its origin id is '{origin}'): it may be twice in the "
        "books.",
        'See in Xero whether it is there twice; exported_elsewhere = "hold" under [documents] in the mapping file '
        "holds such records before they go.",
        Outcome.IGNORED,
        left_out=True,
    )
    VENDOR_NOT_NEEDED = _Text(
        "No claim or invoice of this project names it, so nothing waits for it. {why}",
        "Nothing to do until one does; `procore-xero vendors` lists such vendors.",
        Outcome.IGNORED,
    )
    ATTACHMENT_OTHER_TYPE = _Text(
        "It is not a PDF.", "Nothing to do; attach it in Xero by hand if it belongs there.", Outcome.IGNORED
    )
    ATTACHMENT_TOO_LARGE = _Text(
        "It is larger than {most} MB.",
        "Nothing to do; attach it in Xero by hand, or put a smaller one into Procore, if it belongs there.",
        Outcome.IGNORED,
        left_out=True,
    )
    ATTACHMENT_LOCKED = _Text(
        "Its document lies in a period that Xero has locked until {locked_until}.",
        "Nothing to do; attach it in Xero by hand, or move the lock date in Xero, if it belongs there.",
        Outcome.IGNORED,
        left_out=True,
    )
    ATTACHMENT_TOO_MANY = _Text(
        "Its document in Xero has {most} others from this worker, and no more are carried.",
        "Nothing to do; most_per_document under [attachments] in the mapping file says how many are carried.",
        Outcome.IGNORED,
        left_out=True,
    )

    @property
    def code(self) -> str:
        """The name that stands in the ledger, in reports and in docs/holds.md: `account_missing`."""
        return self.name.lower()

    @property
    def outcome(self) -> Outcome:
        return self.value.outcome

    @property
    def is_left_out(self) -> bool:
        """Whether `procore-xero problems` names it, though nothing is held for it."""
        return self.value.left_out

    @property
    def remedy(self) -> str:
        return self.value.remedy

    def sentence(self, **facts: object) -> str:
        """The sentence with its facts; a missing fact is a programming error (KeyError)."""
        return self.value.sentence.format(**facts)

    def states(self, sentence: str) -> str:
        """The values of such a sentence, by which it is known whatever its wording; a quotation is one, word for
        word."""
        own, _, quoted = sentence.partition(": ") if self.value.quotes else (sentence, "", "")
        return f"{stated(own)} {quoted}".strip()
