"""Lists of ids and numbers in the address of a call, which must not grow too long (xero-api.md §2, Sizes)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

#: How much of the address a list may take: as much as the forty ids that are advised, of 36 signs and a comma each.
LONGEST_LIST = 40 * (36 + len(quote(",")))
#: A number that is longer is asked for otherwise, as is one that Xero would take apart at these signs.
LONGEST_LISTED = 40
SEPARATORS = (",", '"')


def fits_a_list(number: str) -> bool:
    """Whether bills can be asked for by this number, together with others."""
    return len(number) <= LONGEST_LISTED and not any(sign in number for sign in SEPARATORS)


def in_lists(texts: Iterable[str]) -> Iterator[Sequence[str]]:
    """Ids or numbers, each once, in lists that an address can take."""
    some: list[str] = []
    taken = 0
    for text in dict.fromkeys(texts):
        length = len(quote(f"{text},", safe=""))
        if some and taken + length > LONGEST_LIST:
            yield some
            some, taken = [], 0
        some.append(text)
        taken += length
    if some:
        yield some
