"""Whether Procore computes tax on claims and on direct invoices, so that a tax of 0.00 is a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from worker.assembly import Parts
from worker.doctor.finding import Finding, ok, warn
from worker.errors import SyncError
from worker.ledger.projects import Seen, of_any_project
from worker.mapping.rules import Rules
from worker.mapping.stated_zero import Evidence, computes, in_words
from worker.pipeline.read.stated_zero import CURSORS, look
from worker.procore.client import Procore

ABOUT = "Tax of 0.00"
_COUNTS = "what Procore states counts, 0.00 too, and a bill to which Xero's tax types would add a tax is held."


def noted(parts: Parts) -> dict[str, str]:
    """Kind to a record that stated a tax, as far as the ledger knows one."""
    with suppress(SyncError):
        found = {kind: of_any_project(parts.engine, cursor) for kind, cursor in CURSORS.items()}
        return {kind: taxed for kind, taxed in found.items() if taxed}
    return {}


def check(procore: Procore, projects: Sequence[Seen], rules: Rules, taxed: Mapping[str, str]) -> Iterator[Finding]:
    """A line for each kind, by what the mapping file says, the ledger knows, or these projects show."""
    pairs = [(project.procore_id, project.job_number) for project in projects]
    for kind in CURSORS:
        if rules.records.leaves_out(kind):
            continue
        said = rules.tax.computes(kind)
        seen = Evidence(taxed=taxed.get(kind, ""))
        if said is None and not seen.taxed:
            seen = look(procore, kind, pairs, rules)
        who, why = computes(kind, said, seen), in_words(kind, said, seen)
        why = f"{why[0].upper()}{why[1:]}"
        if who is None and not seen.silent:
            yield ok(ABOUT, f"No {kind} show yet whether Procore computes tax on them. Till then {_COUNTS}")
        elif who is None:
            click = (
                f'Set {kind} = "procore" or "xero" under [tax] in the mapping file; it is found out with more {kind}.'
            )
            yield warn(ABOUT, f"{why}. Till then {_COUNTS}", click)
        else:
            then = _COUNTS if who == "procore" else "0.00 says nothing, and the tax of such lines is left to Xero."
            yield ok(ABOUT, f"{why}: {then}")
