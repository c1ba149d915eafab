"""What the ledger keeps beside a record's document, by name: the facts of an entry. Whoever notes or reads one imports
its name from here; what the names have meant so far must go on being read, since they stand in ledgers.
"""

from __future__ import annotations

#: Begins the fingerprint of a document that Xero stored otherwise than asked.
UNPROVED = "unproved:"

#: Why the record is gone in Procore; forgotten when a list shows the record again.
WHY_GONE = "gone"
#: What was done to the document beside what every request does, for people.
TOLD = "told"

#: What was said of its document, which a person had changed, and was accepted.
ACCEPTED_EDIT = "accepted_edit"

#: With how many others it may go, after requests that came to nothing: for which document, and since when.
NOTHING_CAME = "nothing_came"

#: Of a record without a document. What it may be in Xero, as the job that held it found, and the fingerprint it had.
LIKE = "like"
#: The same, once a person has said so.
SAME = "same"
#: What it is not, by id.
OTHERS = "others"

#: Of a vendor: which contact it has and by what, in words.
PAYEE = "payee"
#: Who tied it to its contact, and when.
TIED = "tied"
#: Why its number does not stand on its contact, in words.
NUMBER_REFUSED = "number_refused"
#: Why its contact is not paid for now, in words.
DOUBT = "doubt"
#: The contact from which a person untied it, by its name.
UNTIED = "untied"
#: Contacts that a person merged into its contact, which is the one that is left.
MERGED_FROM = "merged_from"
#: A mark of each field of its contact that this worker wrote.
MARKS = "marks"

#: Of an option or item: a person gave it the name that it has, and Procore's is not followed any more.
RENAMED = "renamed"
#: The codes that an item had before, the one that it was made with first.
FORMER = "former_codes"

#: Of a bill: where its lines come from. The number that we gave it, blank where it is the supplier's.
CALLED = "called"
#: Its contact, and the tax type that this one had for purchases when the bill was coded; blank where it had none.
CONTACT_TAX = "contact_tax"
#: The mark of the rules by which it was coded, and of those by which a person wants it recoded.
CODED_BY = "coded_by"
RECODE = "recode"
#: Who wants that.
RECODE_BY = "recode_by"
#: Its document, which a person entered, does not name the project.
UNTRACKED = "untracked"
#: The record that went before it, how that is called, and the number and amount of both.
TWICE = "twice"
#: The record that is held for the same number, by kind and id.
SAME_NUMBER = "same_number"

#: Of a payment: its amount in Procore, where that is before tax and tax came on top.
BEFORE_TAX = "before_tax"
