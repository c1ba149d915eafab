"""`procore-xero untie`: a person says that a vendor is not to be paid as its contact in Xero."""

from __future__ import annotations

import typer

from worker.cli import which
from worker.cli.arguments import AsJson, Organisation
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.programs import say_json
from worker.cli.tie import NEXT, Vendor, make_due


def command(vendor: Vendor, organisation: Organisation = "", as_json: AsJson = False) -> None:
    """Say that a vendor is not its contact in Xero; another one is looked for, and nothing in Xero changes."""
    from worker.ledger import tying

    ours = opened().at(organisation)
    vendor_id = which.vendor(ours, vendor)
    if not tying.untie_vendor(ours.engine, ours.organisation.tenant_id, vendor_id):
        raise RefusedError(f"Vendor {vendor_id} has no contact, or a job is at it. `procore-xero vendors` lists them.")
    make_due(ours, vendor_id)
    if as_json:
        say_json("untie", [{"vendor": vendor_id}])
    else:
        typer.echo(f"Vendor {vendor_id} has no contact now. {NEXT}")
