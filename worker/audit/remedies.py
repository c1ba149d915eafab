"""What to do about each kind of difference, on one page: a sentence for a bookkeeper, and what can be typed.

A command stands here only where it is safe whoever edited what: it asks Xero or the ledger before it writes, or writes
nothing but what a person accepts. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from worker.holds import HoldCode

#: Commands with what they need filled in: {job} the job number, {record} kind and number, {id} the difference's own.
SEND, RESEND = "procore-xero send {job}", "procore-xero resend {job} {record}"
RECODE = "procore-xero recode {job}"
ACKNOWLEDGE = 'procore-xero acknowledge {job} {id} --why "REASON"'
#: What a person reads instead of all of these where a hold explains the difference.
PROBLEMS = "procore-xero problems --project {job}"

_OPTION = "In Xero (Accounting, Advanced, Tracking categories)"
_REMOVE = "remove it there (open it, Options, Remove & Redo)"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do, and the commands that do it or accept the difference."""

    sentence: str
    commands: tuple[str, ...] = ()
    #: Whether what is held beside it explains it: its vendor, its claim. Else only a hold of the record itself does.
    follows: bool = False


class What(Enum):
    """Each kind of difference that an audit can say."""

    # what bills refer to
    OPTION_MISSING = Remedy(
        f"{_OPTION} let the option's name begin with the job number again, or restore it. If there is none, sending "
        "the project makes it.",
        (SEND,),
    )
    OPTIONS_SEVERAL = Remedy(
        f"{_OPTION} rename or archive the options that are not this project's, so that one begins with the job number."
    )
    COST_CODE_MISSING = Remedy(
        f"{_OPTION} let the option's name begin with the cost code again, or restore it. If there is none, sending the "
        "project makes it.",
        (SEND,),
    )
    UNREADABLE = Remedy(HoldCode.RECORD_UNREADABLE.remedy)
    NOT_SHOWN = Remedy(HoldCode.TOOL_CLOSED.remedy)
    CONTACT_MISSING = Remedy(
        "Sending the project makes the contact where a bill needs it. If the supplier is in Xero under another name, "
        "say with `procore-xero tie` which contact it is.",
        (SEND,),
    )
    CONTACT_ARCHIVED = Remedy("In Xero (Contacts, Archived) restore the contact.")
    TAX_NUMBER = Remedy(
        "Correct the number that is wrong, in Procore or in Xero. If both are right, it is another supplier: say with "
        "`procore-xero tie` which contact is the vendor's."
    )
    CONTACT_RENAMED = Remedy(
        "Give the contact its name back in Xero, or the vendor the new one in Procore; if both names are right, accept "
        "it.",
        (ACKNOWLEDGE,),
    )
    # bills and credit notes
    DUE_UNSAID = Remedy("In Procore, see that the amounts of the record are filled in, and save it again.")
    NOT_IN_XERO = Remedy(
        "Sending the project sends it, or says in `procore-xero problems` why it does not go.", (SEND,), follows=True
    )
    VOIDED = Remedy(
        "If it belongs in the books, send it once more; if not, withdraw or delete it in Procore. If Xero refuses the "
        "number of a deleted one, give the record another number in Procore.",
        (RESEND,),
    )
    NO_ADDRESS = Remedy(
        "Open both. If it is the record's bill, accept it. If not, void it in Xero where it is too much; sending the "
        "project sends the record, or says in `procore-xero problems` why it does not go.",
        (SEND, ACKNOWLEDGE),
        follows=True,
    )
    SEVERAL_TIMES = Remedy("In Xero, void those that are too many, and keep the one that is paid.")
    PAYEE = Remedy(
        "In Xero, choose the supplier that Procore names on the document. If the supplier is paid under that contact "
        "from now on, say so with `procore-xero tie`.",
        follows=True,
    )
    CURRENCY = Remedy("Xero keeps a document's currency: void it there, then send it once more.", (RESEND,))
    TAX = Remedy("In Xero, correct the tax on its lines; or, if Procore is wrong, the tax in Procore.")
    AMOUNT = Remedy("In Xero, correct the amounts of its lines; or, if Procore is wrong, those in Procore.")
    ROUNDING = Remedy("Void it in Xero, then send it once more.", (RESEND,))
    UNCODED = Remedy(
        "Give the lines in Procore their cost code and amounts, or the mapping file what it does not name."
    )
    CODING = Remedy(
        "In Xero, correct account, tax rate and tracking of its lines. If the mapping file was changed since, "
        "`procore-xero recode` shows what would change."
    )
    EARLIER_FILE = Remedy(
        "If the mapping file was changed after these and they are to stay so, accept it. Else this shows line by line "
        "what it would recode, and asks; what is paid, locked or edited stays. If the file was not changed, report it.",
        (RECODE, ACKNOWLEDGE),
    )
    NUMBER = Remedy("In Xero, correct its number; or, if Procore is wrong, the number in Procore.")
    DATE = Remedy("In Xero, correct its date; or, if Procore is wrong, the date in Procore.")
    DUE_DATE = Remedy("In Xero, correct its due date; if it is to be paid then, accept it.", (ACKNOWLEDGE,))
    STATUS = Remedy("Approve it in Xero.")
    NOT_DUE = Remedy(
        "If it is to be paid, approve the record again in Procore; if not, take its payments off and void it in Xero."
    )
    SAME_RECORD_TWICE = Remedy(
        "Compare the two in Procore. If they are one, delete the wrong one there, and void its document in Xero; if "
        "both are right, accept it.",
        (ACKNOWLEDGE,),
    )
    # what stands in Xero and is not from Procore
    STRAY = Remedy(
        "If it is a record of Procore, or not of this project, void it in Xero or take the tracking off its lines; if "
        "it is right as it is, accept it.",
        (ACKNOWLEDGE,),
    )
    DOUBLE = Remedy(
        "Compare the two. If they are one, void this one in Xero; if both are right, accept it.", (ACKNOWLEDGE,)
    )
    RETENTION_BY_HAND = Remedy(
        "Enter the release as a claim in Procore and void this one in Xero; or accept it.", (ACKNOWLEDGE,)
    )
    CREDIT_BY_HAND = Remedy(
        "If the supplier gave this credit for the project, enter it in Procore as a negative claim and take this one "
        "off the bill in Xero; if it is right as it is, accept it.",
        (ACKNOWLEDGE,),
    )
    # payments
    NOT_PAID = Remedy(
        "Sending the project pays it in Xero, or says in `procore-xero problems` why it does not go.",
        (SEND,),
        follows=True,
    )
    PAYMENT_DELETED = Remedy("If it was paid, send it once more; if not, withdraw the payment in Procore.", (RESEND,))
    PAID_TWICE = Remedy(f"In Xero, see which one is wrong, and {_REMOVE}.")
    PAYMENT_EDITED = Remedy(
        f"Xero keeps a payment as it is: {_REMOVE}, then send it once more; or, if Procore is wrong, correct it there, "
        "too.",
        (RESEND,),
    )
    PAYMENT_ACCOUNT = Remedy(
        f"If it was paid from the account that the mapping file names, {_REMOVE}, and send it once more. If it has "
        "another code now, correct the mapping file; if payments of before went from another account, accept it.",
        (RESEND, ACKNOWLEDGE),
    )
    EARLIER_ACCOUNT = Remedy(
        "If the mapping file was changed after these, accept it: another account is for payments to come. If it was "
        "not changed, see in Xero from which account they were paid.",
        (ACKNOWLEDGE,),
    )
    BANK_ACCOUNT_MISSING = Remedy(HoldCode.BANK_ACCOUNT_MISSING.remedy)
    PAID_IN_PART = Remedy(
        f"In Xero, see which payment of the bill is short, and {_REMOVE}; `procore-xero resend` with its number then "
        "sends it once more, so that nothing is left open."
    )
    PAID_BY_HAND = Remedy(
        "If it is Procore's, enter it there: `procore-xero match` then says that it is this one. If it was never paid, "
        f"{_REMOVE}. If it is right as it is, accept it.",
        (ACKNOWLEDGE,),
    )
    PAYMENT_WITHDRAWN = Remedy(
        "Sending the project takes it out of Xero where Procore shows that it was deleted or failed; else see in "
        f"Procore what became of it, and {_REMOVE} if it was never paid.",
        (SEND,),
    )
    # retention
    RETENTION = Remedy(
        "Compare the retention of the commitment's claims in Procore with the lines of their bills on the retention "
        "account, and correct the one that is wrong; if it was settled outside the two, accept it.",
        (ACKNOWLEDGE,),
        follows=True,
    )

    @property
    def remedy(self) -> Remedy:
        return self.value


class Found(NamedTuple):
    """One thing that differs: its kind, and the sentence with both values."""

    what: What
    sentence: str
