"""`procore-xero tie` and `untie`: a person says which contact in Xero a vendor is paid as, or that it is not that one.

Nothing is written to Xero: bills and payments that stand there stay where they are, and what comes goes as was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from worker.cli import which
from worker.cli.arguments import AsJson, Organisation
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.person import user
from worker.cli.programs import say_json
from worker.cli.progress import working
from worker.cli.retry import ask

if TYPE_CHECKING:
    from worker.assembly import Parts

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
Vendor = Annotated[str, typer.Argument(help="The vendor's number in Procore, its name, or the address of its page.")]
NEXT = "The next pass goes by it, or at once: procore-xero send JOB_NUMBER"


@dataclass(frozen=True, slots=True)
class Choice:
    """A vendor and a contact, as both systems show them now."""

    contact_id: str
    shown: dict[str, Any]

    @property
    def question(self) -> str:
        from worker.mapping.payees import in_words

        return f"Vendor '{self.shown['vendor']}' is {in_words(self.shown)}. Is that right?"


def command(
    vendor: Vendor,
    contact: Annotated[str, typer.Argument(help="The contact's address in Xero, or the id in it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    organisation: Organisation = "",
    as_json: AsJson = False,
) -> None:
    """Say which contact in Xero a vendor is paid as, before or after it was sent; nothing in Xero changes."""
    from worker.ledger import tying

    ours = opened().at(organisation)
    vendor_id, contact_id = which.vendor(ours, vendor), which.contact(ours, contact.strip())
    with working("Asking Procore and Xero"):
        choice = choose(ours, vendor_id, contact_id)
    if not yes:
        ask(choice.question)
    tenant_id = ours.organisation.tenant_id
    project_id, said = _some_project(ours), {"by": user(), "at": ours.now().isoformat()}
    if not tying.tie_vendor(ours.engine, tenant_id, vendor_id, choice.contact_id, choice.shown, project_id, said):
        raise RefusedError(f"A job is at vendor {vendor_id} just now. Try again when it has ended.")
    make_due(ours, vendor_id)
    if as_json:
        say_json("tie", [{"vendor": vendor_id, "xero_id": choice.contact_id, **choice.shown}])
    else:
        typer.echo(f"Vendor '{choice.shown['vendor']}' is paid as '{choice.shown['contact']}' from now on. {NEXT}")


def choose(parts: Parts, vendor_id: str, contact: str) -> Choice:
    """Both as they are now. Raises RefusedError when one of them is not there, or cannot be paid."""
    from worker.errors import NotThere
    from worker.mapping.payees import By, payee
    from worker.mapping.vendors import to_contact
    from worker.procore.records import Vendor

    named = _ID.search(contact)
    if named is None:
        raise RefusedError(f"'{contact}' is no address of a contact in Xero. Open the contact there and copy it.")
    rows = list(parts.procore.vendors_by_id([vendor_id])) if vendor_id.isdigit() else []
    found = next((row for row in rows if isinstance(row, Vendor)), None)
    if found is None:
        raise RefusedError(f"Procore shows no vendor {vendor_id}. `procore-xero vendors` lists what it has shown.")
    try:
        row = parts.xero.contact(named[0])
    except NotThere:
        raise RefusedError(f"Xero has no contact {named[0]} in this organisation.") from None
    if row.get("ContactStatus") != "ACTIVE":
        raise RefusedError(f"Xero's contact '{row.get('Name')}' is not active. Restore it there first.")
    country = str(parts.xero.organisation().get("CountryCode") or "")
    return Choice(str(row["ContactID"]), payee(to_contact(found, country), row, By.PERSON))


def make_due(parts: Parts, vendor_id: str) -> None:
    """The next pass reads what may name this vendor, where it was sent, is held or waits."""
    from worker.ledger import hints

    projects = hints.projects_of_vendor(parts.engine, int(vendor_id)) if vendor_id.isdigit() else ()
    hints.make_due(parts.engine, dict.fromkeys(projects, ("vendors", "claims", "invoices")), parts.now())


def _some_project(parts: Parts) -> int:
    """The project with which a vendor stands that was never sent."""
    for row in parts.projects.all():
        if row.state == "eligible" and row.organisation == parts.name:
            return row.procore_id
    raise RefusedError("No project is known yet. Let a pass run first, or send one: procore-xero send JOB_NUMBER")
