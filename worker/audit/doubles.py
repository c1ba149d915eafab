"""Two records of one supplier, number and amount, each with its bill: Procore may have one invoice twice."""

from __future__ import annotations

from worker import holds
from worker.audit.one_project import OneProject
from worker.audit.procore_side import Due
from worker.audit.remedies import Found, What
from worker.audit.result import BILLS
from worker.audit.xero_side import Posted


def compare(at: OneProject) -> None:
    """Each is named once, at the later one of the two, whatever project the other one is of."""
    for document, due in list(at.matched.values()):
        if not document.credit and due.numbers[:1] and not due.numbered:
            _one(at, document, due)


def _one(at: OneProject, document: Posted, due: Due) -> None:
    for key, other in at.books.like(document):
        if key != (due.kind, due.id) and _place(other) < _place(document):
            said = (
                f"It has the supplier, number and amount of {holds.title(*key)}, too ({at.books.in_words(other)}): "
                "Procore may have one invoice twice."
            )
            found, records = Found(What.SAME_RECORD_TWICE, said), [(due.kind, due.id)]
            at.differs(BILLS, due.title, found, document.total, document.total, records, called=at.called(due))
            return


def _place(document: Posted) -> tuple[str, str]:
    return str(document.on), document.id
