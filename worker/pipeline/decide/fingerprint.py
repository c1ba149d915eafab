"""What makes two documents the same: a record goes again when it would be another one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worker.facts import CALLED
from worker.http import exact_json
from worker.xero.documents import Bill, Document, Payment


def fingerprint(document: Document) -> str:
    """Of what would be sent, and the tax that Procore states: the same record under the same rules gives the same,
    whatever its options are called, and whatever a bill calls its record.

    Of a payment the method counts, not its account, and its amount in Procore, not what tax comes on top: the mapping
    file is for payments to come, and must not take those that were made out of Xero and make them again.
    """
    body = document.compared() if isinstance(document, Bill) else document.body()
    if isinstance(document, Payment):
        body["Account"] = document.method
        body["Amount"] = document.amount if document.before_tax is None else document.before_tax
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


def has_moved_alone(document: Document, before: str | None, last: Mapping[str, Any] | None) -> bool:
    """Whether nothing of a bill but its record's address in Procore is another one than in the `last` body, since the
    claim is of another commitment now. `before`: the mark of what stands."""
    if not isinstance(document, Bill) or last is None or "Url" not in last:
        return False
    return mark_of(replace(document, url=last["Url"]), before) == before


def called(bill: Document, facts: Mapping[str, Any]) -> Document:
    """A bill under the number, and with or without the sources, that the document of these facts was given: it keeps
    them, whatever has become of the commitment since. An earlier version wrote neither."""
    if not isinstance(bill, Bill):
        return bill
    if CALLED not in facts:
        return bill.plain()
    return replace(bill, number=facts[CALLED]) if facts[CALLED] and bill.plain_number else bill
