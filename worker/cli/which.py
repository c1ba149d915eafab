"""Which record somebody means: by its kind and number, by what people call it, or by the address of its page.

Nothing is guessed: what fits several records is answered with all of them and what to type for each, and what fits
none with what looks like it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli import typed
from worker.cli.exits import RefusedError
from worker.cli.screen import complain
from worker.cli.typed import KINDS, Typed
from worker.counting import counted
from worker.nearest import did_you_mean

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.ledger.records import RecordState
    from worker.ledger.tables import ProjectRow

#: How a record may be named.
RECORD = "'claim 58820', an invoice number, 'SC-001 claim 3', or the address of its page in Procore or Xero."
#: A record, in as many words as one likes.
Record = Annotated[list[str], typer.Argument(metavar="RECORD", help=RECORD, show_default=False)]
#: The same, or nothing for all.
MaybeRecord = Annotated[
    list[str] | None, typer.Argument(metavar="RECORD", help=f"Only one: {RECORD}", show_default=False)
]
_BILLS = ("claims", "invoices")
#: Kind and number in Procore.
Key = tuple[str, str]


def record(
    parts: Parts,
    job_number: str,
    words: Sequence[str],
    command: str,
    may_be: Callable[[RecordState], bool] = lambda one: True,
    look: Callable[[Typed], Sequence[RecordState]] = lambda meant: (),
) -> Key:
    """The one record of this project that is meant; where several fit, the one that it may be for this command, and of
    a bill and its payments with one number the bill.

    `command` is what would be typed, with {job} and {record}; `look` says where else a name may stand. A number in
    Procore that the ledger does not know is returned as it is. Raises RefusedError saying why there is none.
    """
    meant = typed.read(words, pages(parts))
    projects = parts.projects.numbered(job_number)
    _refuse_other_projects(parts, job_number, projects, meant)
    all_ = _all(parts, projects)
    found = [one for one in all_ if _fits(meant, one)]
    if not found and not meant.procore_id and not meant.is_address:
        found = list(look(meant))
    chosen = [one for one in found if may_be(one)] or found
    if meant.kinds == KINDS and all(one.procore_id != meant.text for one in chosen):  # "payment INV-2044" is the other
        chosen = [one for one in chosen if one.kind in _BILLS] or chosen
    if len(chosen) == 1:
        return chosen[0].kind, chosen[0].procore_id
    if chosen:
        for one in chosen:
            typed_as = command.format(job=shlex.quote(job_number), record=one.title)
            complain(in_words(one))
            typer.echo(f"  procore-xero {typed_as}", err=True)
        raise RefusedError(
            f"{counted(len(chosen), 'record')} of {job_number} fit '{meant.text}'. Type one of the above."
        )
    if meant.procore_id:
        return meant.kinds[0], meant.procore_id
    if meant.is_address:
        raise RefusedError(_of_nobody_here(parts, job_number, meant.xero_id))
    near = did_you_mean(meant.text, {name for one in all_ for name in _names(one)})
    rest = near or f" `procore-xero {'status' if all_ else 'plan'} {job_number}` lists its records."
    raise RefusedError(f"{job_number} has no record '{meant.text}'.{rest}")


def called(parts: Parts, job_number: str, words: Sequence[str]) -> bool:
    """Whether any record of this project is called so. Raises RefusedError for an address of others."""
    meant = typed.read(words, pages(parts))
    return any(_fits(meant, one) for one in _all(parts, parts.projects.numbered(job_number)))


def vendor(parts: Parts, word: str) -> str:
    """The number in Procore of the vendor that is meant by number, name or address. Raises RefusedError."""
    from worker.ledger.projects import folded
    from worker.ledger.vendors import vendors

    text = " ".join(word.split())
    if text.isdigit():
        return text
    meant = typed.address(text, pages(parts)) if "://" in text else Typed(text, ("vendors",))
    if meant.procore_id:
        if meant.kinds != ("vendors",):
            raise RefusedError("This address of Procore is no vendor's.")
        return meant.procore_id
    _refuse_other_organisation(parts, meant)
    ours = [one for one in vendors(parts.engine) if one.tenant_id == parts.organisation.tenant_id]
    name = folded(text)
    fitting = [one for one in ours if (one.xero_id == meant.xero_id if meant.is_address else folded(one.name) == name)]
    if len(fitting) == 1:
        return fitting[0].procore_id
    if fitting:
        numbers = " or ".join(one.procore_id for one in fitting)
        raise RefusedError(f"{counted(len(fitting), 'vendor')} fit '{text}'. Give the number of one: {numbers}.")
    rest = did_you_mean(text, [one.name for one in ours]) or " `procore-xero vendors` lists them."
    raise RefusedError(f"No vendor is called '{text}'.{rest}")


def contact(parts: Parts, word: str) -> str:
    """The id of the contact at this address, or this id. Raises RefusedError."""
    if "://" not in word:
        return word
    meant = typed.address(word, pages(parts))
    if not meant.xero_id:
        raise RefusedError("This is no address of a contact in Xero. Open the contact there and copy its address.")
    _refuse_other_organisation(parts, meant)
    return meant.xero_id


def pages(parts: Parts) -> typed.Pages:
    from worker import procore_pages

    settings = parts.settings
    procore = sorted({settings.procore_web_url, procore_pages.at(parts)})
    return typed.Pages(procore, settings.procore_company_id, settings.xero_web_url)


def in_words(one: RecordState) -> str:
    """ "Clearspan Glazing, SC-001 claim 3, INV-2044, 2026-09-30, 8,123.40 AUD (claim 58820; held)" """
    return f"{one.called.said} ({one.title}; {one.state})" if one.called.said else f"{one.title} ({one.state})"


def _all(parts: Parts, projects: Sequence[ProjectRow]) -> list[RecordState]:
    from worker.ledger.records import records

    return [one for row in projects for one in records(parts.engine, row.procore_id) if one.kind in KINDS]


def _of_nobody_here(parts: Parts, job_number: str, xero_id: str) -> str:
    from worker.holds import title
    from worker.ledger.tying import whose

    if (found := whose(parts.engine, xero_id)) is None:
        return (
            f"No record of {job_number} is the document at this address: a person entered it in Xero, or it is in "
            "another organisation."
        )
    project_id, kind, procore_id = found
    row = parts.projects.find(project_id)
    return (
        f"The document at this address is {title(kind, procore_id)} of {row.job_number if row else 'another project'}."
    )


def _fits(meant: Typed, one: RecordState) -> bool:
    from worker.ledger.projects import folded

    if meant.xero_id:
        return one.xero_id == meant.xero_id
    if meant.procore_id:
        return one.kind in meant.kinds and one.procore_id == meant.procore_id
    return one.kind in meant.kinds and folded(meant.text) in {folded(name) for name in _names(one)}


def _names(one: RecordState) -> Iterator[str]:
    called = one.called
    yield from filter(None, (one.procore_id, called.number, called.document, called.said))


def _refuse_other_projects(parts: Parts, job_number: str, projects: Sequence[ProjectRow], meant: Typed) -> None:
    ids = [row.procore_id for row in projects]
    if meant.project_id and ids and meant.project_id not in ids:
        row = parts.projects.find(meant.project_id)
        whose = f"project {row.job_number}" if row else f"project {meant.project_id}, which no pass has seen"
        raise RefusedError(f"This address of Procore is of {whose}, and not of {job_number}.")
    _refuse_other_organisation(parts.at(projects[0].organisation) if projects else parts, meant)


def _refuse_other_organisation(parts: Parts, meant: Typed) -> None:
    organisation = parts.organisation if meant.short_code else None
    if organisation and organisation.short_code and organisation.short_code != meant.short_code:
        raise RefusedError(
            f"This address is of another organisation of Xero ({meant.short_code}); ours is {organisation.name} "
            f"({organisation.short_code})."
        )
