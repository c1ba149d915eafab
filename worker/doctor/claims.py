"""Whether what the company's claims state as due has their tax in it: what these claims show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.counting import counted
from worker.doctor.finding import Finding, ok, warn
from worker.ledger.projects import Seen
from worker.mapping import retention, what_is_due
from worker.mapping.claims import APPROVED
from worker.mapping.rules import Rules
from worker.mapping.what_is_due import SAID, Reading
from worker.procore.client import Procore
from worker.procore.records import Claim

ABOUT = "Claims"
_SET = 'Set due = "{}" under [claims] in the mapping file.'
_CHOOSE = (
    'Set due = "with_tax" or due = "without_tax" under [claims] in the mapping file, as most of these claims mean it.'
)


def check(procore: Procore, projects: Sequence[Seen], rules: Rules) -> Iterator[Finding]:
    """One line, by the approved claims with tax of these projects."""
    shown: dict[Reading, list[str]] = {}
    unclear, said = 0, rules.claims.due
    for project in projects:
        for claim, reading in _read(procore, project.procore_id):
            if reading is None:
                unclear += 1
            else:
                shown.setdefault(reading, []).append(f"{project.job_number} {claim.title}")
    found = [_in_words(reading, claims) for reading, claims in sorted(shown.items(), key=lambda one: -len(one[1]))]
    sentence = ", ".join(found) if found else "No claim with tax shows whether what it states as due has the tax in it"
    sentence += f", {counted(unclear, 'claim')} could mean either" if unclear else ""
    sentence += f'; the mapping file says "{said}".' if said else "."
    others = [reading for reading in shown if reading != said]
    if said is not None and len(others) == len(shown) == 1:
        yield warn(ABOUT, sentence, _SET.format(others[0]))
    elif said is None and (len(shown) > 1 or (unclear and not shown)):
        yield warn(ABOUT, sentence, _CHOOSE)
    else:
        yield ok(ABOUT, sentence)


def _in_words(reading: Reading, claims: Sequence[str]) -> str:
    states = "states" if len(claims) == 1 else "state"
    return f"{counted(len(claims), 'claim')} {states} what is due {SAID[reading]} ({claims[0]})"


def _read(procore: Procore, project_id: int) -> Iterator[tuple[Claim, Reading | None]]:
    """The project's claims by which the two can be told apart, with what each shows; None: it could mean either."""
    claims = [row for row in procore.claims(project_id) if isinstance(row, Claim)]
    retained = {claim.id: claim.summary.total_retainage for claim in claims}
    for claim in claims:
        if claim.status not in APPROVED or not what_is_due.tax(claim):
            continue
        forward = retention.rolled(claim, retained)
        rolls = forward is not None and forward.adds_up
        if (reading := what_is_due.evidence(claim, rolls_forward=rolls)) or what_is_due.fits(claim, "without_tax"):
            yield claim, reading
