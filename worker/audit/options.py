"""The options of a tracking category, by the job numbers and cost codes with which their names begin.

A person may rename an option, or the category. What then says of itself no more what it is counts as what the ledger
knows by its id; a name that is another record's own stays a difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from worker.xero.answers import Element


@dataclass(frozen=True)
class Tied:
    """What categories and options are that a person may have renamed in Xero, by their ids, as the ledger knows."""

    #: Name in the mapping file to the id of the category that was found by it.
    categories: Mapping[str, str] = field(default_factory=dict)
    #: Option to the job number or the cost code that it stands for.
    options: Mapping[str, str] = field(default_factory=dict)


NOTHING_TIED = Tied()


def fits(option: str, code: str) -> bool:
    """Whether an option is that of a job number or cost code: it is called so, or begins with it and a blank."""
    name, begins = option.casefold(), code.casefold()
    return name == begins or name.startswith(f"{begins} ")


@dataclass(frozen=True)
class Category:
    """A category as it is called now, and its options."""

    #: Blank: there is none.
    name: str = ""
    rows: Iterable[Element] = ()
    #: Names of options to what they are called here.
    _called: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Element], name: str, tied: Tied = NOTHING_TIED) -> Category:
        """The active one among `rows` that is called so; else the one that once was."""
        found = [row for row in rows if str(row["Name"]).casefold() == name.casefold()]
        found += [row for row in rows if row["TrackingCategoryID"] == tied.categories.get(name)]
        if not found:
            return cls()
        options = found[0].get("Options") or []
        return cls(str(found[0]["Name"]).casefold(), options, dict(_renamed(options, tied.options)))

    def options(self, *statuses: str) -> list[str]:
        """Those of these statuses."""
        named = (str(row["Name"]) for row in self.rows if row.get("Status", "ACTIVE") in statuses)
        return [self._called.get(name, name) for name in named]

    def on(self, line: Element) -> str:
        """The option to which a line is tracked; blank for none."""
        for one in line.get("Tracking") or ():
            if str(one.get("Name") or "").casefold() == self.name:
                option = str(one.get("Option") or "")
                return self._called.get(option, option)
        return ""


def _renamed(options: Iterable[Element], tied: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Of the ledger's options those whose names begin with no code: "24-017 (called Harbour)" for each."""
    codes = {str(row["Name"]): tied.get(str(row["TrackingOptionID"]), "") for row in options}
    known = {code.casefold() for code in codes.values() if code}
    for name, code in codes.items():
        if code and not any(begin in known for begin in _begins(name.casefold())):
            yield name, f"{code} (called {name})"


def _begins(name: str) -> Iterator[str]:
    """The name up to each of its blanks, and the name itself."""
    yield from (name[: found.start()] for found in re.finditer(" ", name))
    yield name
