"""What a stated tax of 0.00 says of a record on which no line has a tax code.

Where Procore computes tax on such records it is the supplier's figure. Where its tax is switched off, for the company
or for direct costs alone, Procore says 0.00 of everything, and the tax is left to Xero. Which of the two it is, is
told from all records of the kind and never from one: the mapping file says it, or evidence does.
"""

from __future__ import annotations

from dataclasses import dataclass

from worker.mapping.rules import Computes

#: Records without any tax after which Procore computes none on their kind, though the company has tax codes: tax on
#: direct costs is a switch of its own (procore-api.md §4.8). Fewer may all be of suppliers that charge none.
ENOUGH = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of one kind of record."""

    #: A record that states a tax, as people call it; blank where none was seen.
    taxed: str = ""
    #: How many were looked at that state none.
    silent: int = 0
    #: Whether the company has tax codes, as far as Procore shows them.
    has_codes: bool = True


def computes(kind: str, said: Computes | None, seen: Evidence) -> Computes | None:
    """Who computes the tax on this kind: what the mapping file says, else what was seen. None: not known yet."""
    if said is not None:
        return said
    if seen.taxed:
        return "procore"
    if not seen.has_codes or seen.silent >= ENOUGH:
        return "xero"
    return None


def in_words(kind: str, said: Computes | None, seen: Evidence) -> str:
    """Why it is so."""
    if said is not None:
        return f'the mapping file says {kind} = "{said}" under [tax]'
    if seen.taxed:
        return f"Procore computes tax on {kind}, as on {seen.taxed}"
    looked_at = f"no tax on any of {seen.silent} {kind} looked at" if seen.silent != 1 else f"no tax on the {kind} seen"
    if not seen.has_codes:
        return f"Procore has no tax codes, and {looked_at}"
    if seen.silent >= ENOUGH:
        return f"Procore has {looked_at}"
    return f"nothing tells yet whether Procore computes tax on {kind}: the company has tax codes, and {looked_at}"
