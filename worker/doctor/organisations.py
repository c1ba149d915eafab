"""Several organisations of Xero: each is looked at by itself, with what the mapping file says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from worker.assembly import Parts
from worker.doctor.finding import Finding
from worker.errors import SyncError
from worker.mapping.rules import Rules

#: What to do when the login does not reach one of them.
UNREACHED = (
    "procore-xero connect xero, and choose the organisation there; or correct its tenant_id under [[organisations]] in "
    "the mapping file."
)


def of_organisation(one: Parts, rules: Rules) -> Rules:
    """What the mapping file says of this organisation: of the projects' own sections those of projects that go there.

    Which those are the ledger knows, from the last pass; a section whose project was not seen is not looked at.
    """
    if not one.name:
        return rules
    numbers: set[str] = set()
    with suppress(SyncError):
        numbers = {row.job_number for row in one.projects.all() if row.organisation == one.name}
    own = {number: section for number, section in rules.projects.items() if number in numbers}
    return rules.for_organisation(one.name).model_copy(update={"projects": own})


def named(one: Parts, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, each with the organisation that it is about."""
    for finding in findings:
        yield replace(finding, sentence=f"{one.name}: {finding.sentence}") if one.name else finding
