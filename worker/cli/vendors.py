"""`procore-xero vendors`: which vendor is paid as which contact in Xero, by what, and both tax numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from worker.called import Called
from worker.cli.arguments import AsCsv, AsJson
from worker.cli.opened import opened
from worker.cli.programs import say_csv, say_json
from worker.cli.screen import address, console, paragraph
from worker.holds import title

if TYPE_CHECKING:
    from worker.ledger.vendors import VendorState

#: Of the CSV.
COLUMNS = (
    *("vendor", "name", "contact", "by", "number_in_procore", "is_valid", "number_in_xero", "code", "sentence"),
    *("note", "organisation", "xero_url"),
)
_HELP = "Only vendors whose name or number in Procore, or whose contact, has this in it."


def command(
    named: Annotated[str, typer.Argument(help=_HELP, show_default=False)] = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List every vendor with its contact in Xero, how it was found, and both tax numbers."""
    from worker.ledger.projects import short_codes
    from worker.ledger.vendors import vendors

    ours = opened()
    codes = short_codes(ours.engine)
    names = {route.tenant_id: route.name for route in ours.routes()}
    found = [one for one in vendors(ours.engine) if _is_named(one, named.strip().casefold())]
    links = {one.xero_id: _page(ours.settings.xero_web_url, one, codes) for one in found}
    rows = [_row(one, names.get(one.tenant_id), links[one.xero_id]) for one in found]
    if as_json:
        say_json("vendors", rows)
    elif as_csv:
        say_csv(COLUMNS, rows)
    else:
        for one in found:
            _show(one, names, links[one.xero_id])
        none = "No vendor like that has gone yet." if named.strip() else "No vendor has gone yet."
        paragraph("To change one: procore-xero tie VENDOR CONTACT, or procore-xero untie VENDOR" if found else none)


def _is_named(one: VendorState, wanted: str) -> bool:
    return any(wanted in text.casefold() for text in (one.procore_id, one.name, str(one.shown.get("contact", ""))))


def _page(web_url: str, one: VendorState, short_codes: Mapping[str, str]) -> str:
    from worker.xero import links

    return links.page(web_url, "Contacts", one.xero_id, short_codes.get(one.tenant_id, ""))


def _show(one: VendorState, organisations: Mapping[str, str], link: str) -> None:
    from worker.ledger.vendors import KIND
    from worker.mapping.payees import in_words

    where = f", {organisations[one.tenant_id]}" if one.tenant_id in organisations else ""
    heading = Table.grid(expand=True, padding=(0, 1))
    heading.add_column(overflow="fold", ratio=1)
    heading.add_column(justify="right")
    named = Called(one.name).with_id(title(KIND, one.procore_id) + where)
    heading.add_row(Text(named, style="bold"), Text(one.code, style="yellow"))
    console().print(heading)
    if one.xero_id:
        paragraph(in_words(one.shown) if one.shown else "paid as the contact below", indent=2)
        address(link, indent=2)
    if one.sentence:
        paragraph(one.sentence, indent=2, style="red")
    if one.note:
        paragraph(one.note, indent=2, style="yellow")
    console().print()


def _row(one: VendorState, organisation: str | None, link: str) -> dict[str, object]:
    shown = one.shown
    number = shown.get("number") or None
    return {
        "vendor": one.procore_id,
        "name": one.name or None,
        "contact": shown.get("contact") or None,
        "by": shown.get("by"),
        "number_in_procore": number,
        "is_valid": None if number is None else number == shown.get("proved"),
        "number_in_xero": shown.get("contact_number") or None,
        "code": one.code or None,
        "sentence": one.sentence or None,
        "note": one.note or None,
        "organisation": organisation,
        "xero_url": link or None,
    }
