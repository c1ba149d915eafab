"""The audit's own reading of payment terms: it agrees with the one that bills are sent by, in every wording."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from worker.audit import terms
from worker.audit.terms import Terms
from worker.mapping import terms as sent_by

_NUMBERS = st.integers(0, 400).map(str)
_MONTHS = ("EOM", "eom", "end of month", "the end of the month", "month end", "end of", "from the end of the month")
_NEXT = ("th", "st", " of ", "following month", "the next month", "month following", "the end of")
_AT_ONCE = ("on receipt", "Due upon receipt", "C.O.D.", "COD", "cash on delivery")
_DAYS = ("net ", "NET", "days", " day", " net", "2/10 ", " ", "after ", "days ")
_WORDS = st.sampled_from([*_MONTHS, *_NEXT, *_AT_ONCE, *_DAYS])
_TEXTS = st.lists(st.one_of(_NUMBERS, _WORDS), max_size=4).map("".join)
_KINDS = st.sampled_from([terms.AFTER_BILL, terms.AFTER_MONTH, terms.FOLLOWING, terms.CURRENT, "OTHER"])


@given(_TEXTS)
def test_words_are_read_alike(text: str) -> None:
    """Two readings of one text, written apart."""
    found, sent = terms.read(text), sent_by.in_words(text)
    assert (found and {"Type": found.kind, "Day": found.days}) == sent


@given(st.dates(date(2024, 1, 1), date(2027, 12, 31)), _KINDS, st.integers(0, 370))
def test_days_are_reckoned_alike(on: date, kind: str, days: int) -> None:
    """So are two reckonings."""
    assert terms.due_on(on, Terms(kind, days)) == sent_by.due_on(on, {"Type": kind, "Day": days})
