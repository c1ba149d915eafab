"""Xero's side: the app gets in with every scope, and what the mapping file and the worker count on is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date

from worker.assembly import Parts
from worker.counting import counted
from worker.doctor import named, tracking
from worker.doctor.finding import Finding, looked, ok, stopped, warn, wrong
from worker.doctor.organisations import UNREACHED
from worker.errors import RequestRefused, SyncError
from worker.http import scopes
from worker.mapping.account_codes import account_codes
from worker.mapping.rules import Rules
from worker.pipeline.look import accounts
from worker.settings import Settings
from worker.xero import renumbered
from worker.xero.answers import ZERO_GUID, Element
from worker.xero.chart import Chart
from worker.xero.client import Xero
from worker.xero.documents import BILLS, CONTACTS, CREDIT_NOTES, PAYMENTS

_NEEDED = (CONTACTS, BILLS, CREDIT_NOTES, PAYMENTS)
_CREDENTIALS = "Check XERO_CLIENT_ID, XERO_CLIENT_SECRET, XERO_SCOPES and XERO_TENANT_ID."
_SETTINGS = scopes.remedy(scopes.SETTINGS)


def check(parts: Parts, rules: Rules | None, today: date, fix: bool) -> Iterator[Finding]:
    """Every finding about an organisation.

    Nothing more is asked when Xero does not let us in.
    """
    xero = parts.xero
    try:
        organisation = xero.organisation()
    except SyncError as error:
        yield stopped("Xero", error, UNREACHED if parts.name else _CREDENTIALS)
        return
    yield ok("Xero", f"The credentials work; organisation {organisation.get('Name')}.")
    yield from _scopes(xero)
    yield _locks(organisation, today)
    if rules is None:
        return
    attaches = rules.attachments.claims or rules.attachments.invoices
    yield from looked("Plan limits", lambda: plan_limits(xero.actions(), _statuses(rules), attaches), _SETTINGS)
    if attaches:
        yield from looked("Attachments", lambda: _attachments(xero), scopes.remedy(scopes.ATTACHMENTS))
    yield from looked(
        tracking.ABOUT, lambda: _tracking(parts, str(organisation["OrganisationID"]), rules, fix), _SETTINGS
    )
    yield from looked(named.ACCOUNTS, lambda: _named(parts, organisation, rules), _SETTINGS)


def _scopes(xero: Xero) -> Iterator[Finding]:
    refused = False
    for endpoint in _NEEDED:
        try:
            xero.one_of(endpoint)
        except SyncError as error:
            refused = True
            found = stopped("Scopes", error)
            yield replace(found, sentence=f"{endpoint.wrapper}: {found.sentence}")
    if not refused:
        yield ok("Scopes", "Contacts, bills, credit notes and payments answer.")


def ending_scopes(settings: Settings) -> Iterator[Finding]:
    """The broad scope of older apps goes on until a day that Xero has named."""
    if scopes.BROAD in settings.xero_scopes.split():
        said = f"XERO_SCOPES asks for {scopes.BROAD}, which Xero takes until {scopes.LAST_DAY_OF_BROAD}."
        yield warn("Scopes", said, scopes.remedy(f"{scopes.INVOICES} and {scopes.PAYMENTS}"))


def _attachments(xero: Xero) -> Iterator[Finding]:
    """Files have no list of their own: those of a bill that does not exist are answered 404 when we may see files."""
    with suppress(RequestRefused):
        xero.attachments(BILLS, ZERO_GUID)
    yield ok("Attachments", "Files may be attached.")


def _locks(organisation: Element, today: date) -> Finding:
    until = Chart.of(organisation, (), ()).locked_until
    if until is None:
        return ok("Lock dates", "None is set.")
    said = f"Xero is locked until {until}: records dated on it or before are not sent as they are."
    if until >= today:
        click = "In Xero: Accounting > Advanced > Financial settings > Lock dates: choose an earlier one."
        return warn("Lock dates", f"{said} That is today or later.", click)
    return ok("Lock dates", said)


def plan_limits(actions: list[Element], statuses: set[str], attaches: bool = False) -> Iterator[Finding]:
    """What the plan and the connected user forbid, as far as the worker needs it."""
    forbidden = {str(row.get("Name")) for row in actions if row.get("Status") != "ALLOWED"}
    about = "Plan limits"
    if "CreateApprovedBill" in forbidden and "AUTHORISED" in statuses:
        said = "The organisation may not approve bills: its plan's number is used up, or the user's role forbids it."
        click = 'In Xero: Settings > Subscription: choose a larger plan; or set status = "DRAFT" in the mapping file.'
        yield wrong(about, said, click)
    if "CreateDraftBill" in forbidden:
        said = "The connected user may not enter bills."
        yield wrong(about, said, "In Xero: Settings > Users: give the user who connected the app a role that may.")
    if "UseMulticurrency" in forbidden:
        yield warn(about, "The plan has one currency only: records in another one are held.")
    if attaches and "AttachFilesIntoInvoice" in forbidden:
        said = "The connected user may not attach files: every attachment is held."
        yield warn(about, said, "In Xero: Settings > Users: give the user a role that may.")
    if not forbidden & {"CreateApprovedBill", "CreateDraftBill", "UseMulticurrency"}:
        yield ok(about, f"{counted(len(actions), 'action')} listed; bills and their approval are allowed.")


def _statuses(rules: Rules) -> set[str]:
    """The statuses in which bills arrive, in whichever project."""
    documents = [rules.documents, *(rules.for_project(number).documents for number in rules.projects)]
    return {own or one.status for one in documents for own in (one.claims_status, one.invoices_status)}


def _tracking(parts: Parts, tenant_id: str, rules: Rules, fix: bool) -> Iterator[Finding]:
    xero, names, ids = parts.xero, tracking.wanted(rules), tracking.known(parts, rules)
    rows = xero.tracking_categories(archived=True)
    for name in tracking.missing(rows, names, ids) if fix else []:
        yield tracking.create(xero, tenant_id, rows, name)
        rows = xero.tracking_categories(archived=True)
    yield from tracking.check(rows, names, ids)


def _named(parts: Parts, organisation: Element, rules: Rules) -> Iterator[Finding]:
    codes = account_codes(rules)
    rows = renumbered.noted(parts.xero.accounts(), _accounts_before(parts), codes)
    chart = Chart.of(organisation, rows, parts.xero.tax_rates(), named=codes)
    yield from named.check(rules, chart)


def _accounts_before(parts: Parts) -> list[Element]:
    """As jobs read them last; nothing where no job has, or the ledger cannot be read."""
    with suppress(SyncError):
        if parts.known_organisation() is not None:
            return accounts.known(parts.references())
    return []
