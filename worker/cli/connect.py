"""`procore-xero connect`: a person lets the app into Xero or Procore, and the ledger keeps the login, encrypted."""

from __future__ import annotations

import secrets
import webbrowser
from collections.abc import Iterable, Sequence
from contextlib import closing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from worker.cli.exits import RefusedError
from worker.cli.screen import address, paragraph

if TYPE_CHECKING:
    from worker.assembly import Parts
    from worker.http.consent import Consent
    from worker.mapping.routing import Route
    from worker.settings import Settings
    from worker.xero.answers import Element

#: Seconds that a person has to log in and to press Allow.
WAIT_S = 300.0
#: Xero gives a refresh token for this scope only.
_OFFLINE = "offline_access"


class System(StrEnum):
    """The two systems, as they are typed."""

    XERO = "xero"
    PROCORE = "procore"

    @property
    def where(self) -> str:
        return self.capitalize()


def command(
    system: Annotated[System, typer.Argument(help="Which system to log in to.")],
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address to open.")] = False,
) -> None:
    """Log in to Xero or Procore as a person, once, for the grant authorization_code."""
    from worker.assembly import parts
    from worker.settings import settings

    _refuse_needless(system, settings())
    ours = parts()
    _store(ours, system, no_browser)
    _go_on(ours, system)
    reached = _reached_in_xero(ours) if system is System.XERO else _reached_in_procore(ours)
    paragraph(f"{system.where} is connected: {reached}.")
    paragraph("The next pass goes on by itself; `procore-xero send --all` starts one now.")


def _refuse_needless(system: System, own: Settings) -> None:
    grant = own.xero_grant if system is System.XERO else own.procore_grant
    if grant == "client_credentials":
        raise RefusedError(
            f"{system.where} is logged in to as the app itself, so there is nothing to connect. To log in as a person, "
            f"set {system.upper()}_GRANT=authorization_code first."
        )


def _store(ours: Parts, system: System, no_browser: bool) -> None:
    """Wait for the person's consent and keep the login. Everything that could be missing is looked at before."""
    from worker.cli.callback import Callback
    from worker.http.consent import exchange
    from worker.ledger.database import require_migrated
    from worker.procore import client as procore
    from worker.xero import client as xero

    own = ours.settings
    own.require(f"{system}_client_id", f"{system}_client_secret")
    tokens = ours.tokens(system.value)
    require_migrated(ours.engine)
    consent = consent_for(system, own)
    with closing(Callback(own.connect_port, consent.is_answered_by)) as callback:
        _ask(consent, no_browser)
        answer = callback.answer(WAIT_S)
    if answer is None:
        raise RefusedError(
            f"Nobody came back from {system.where} within {WAIT_S / 60:.0f} minutes, and nothing was stored. Run the "
            f"command again; the app must have {consent.redirect_uri} as a redirect address."
        )
    token_address = (xero if system is System.XERO else procore).token_address(own)
    issued = exchange(token_address, consent, consent.code(answer))
    tokens.connect(issued.access, issued.refresh, issued.life_s)


def consent_for(system: System, own: Settings) -> Consent:
    from worker.cli.callback import PATH
    from worker.http.consent import Consent

    to = f"http://localhost:{own.connect_port}{PATH}"
    if system is System.PROCORE:
        return Consent(system.where, own.procore_authorize_url, own.procore_client_id, to)
    scopes = " ".join(dict.fromkeys([_OFFLINE, *own.xero_scopes.split()]))
    # 64 characters; Xero documents 43 to 128. Procore documents no such proof.
    return Consent(system.where, own.xero_authorize_url, own.xero_client_id, to, scopes, secrets.token_urlsafe(48))


def _ask(consent: Consent, no_browser: bool) -> None:
    paragraph(f"Open this address in a browser on this machine, log in to {consent.where}, and allow the app in:")
    typer.echo()
    address(consent.url)
    typer.echo()
    if not no_browser and webbrowser.open(consent.url):
        paragraph("A browser was told to open it.")
    paragraph(f"Waiting {WAIT_S / 60:.0f} minutes for it to come back to {consent.redirect_uri} …")


def _reached_in_procore(ours: Parts) -> str:
    """The company's name. Raises RefusedError when the login does not see it."""
    from worker.procore import client as procore
    from worker.procore.records import Named

    own = ours.settings
    client = procore.connect(_uncounted(own), None, login=ours.login("procore"))
    companies = [row for row in client.companies() if isinstance(row, Named)]
    mine = next((one for one in companies if one.id == own.procore_company_id), None)
    if mine is None:
        raise RefusedError(
            f"The login is stored, but it does not see company {own.procore_company_id}; it sees "
            f"{_listed(f'{one.id} ({one.name})' for one in companies)}. Correct PROCORE_COMPANY_ID, or have the app "
            "installed in the company."
        )
    return f"company {mine.name}"


def _reached_in_xero(ours: Parts) -> str:
    """The names of the organisations that are written to, noted with the login. Raises RefusedError otherwise."""
    from worker.xero import client as xero

    own, tokens = ours.settings, ours.tokens("xero")
    rows = xero.connections(xero.connect(_uncounted(own), None, login=ours.login("xero")), own)
    if routes := ours.routes():
        _refuse_unreached(rows, routes)
        return f"organisations {_listed(_noted(ours, route.tenant_id) for route in routes)}"
    standing = tokens.standing()
    before = standing.tenant_id if standing else ""
    chosen = _chosen(rows, own.xero_tenant_id or before, bool(own.xero_tenant_id))
    tokens.choose(str(chosen["tenantId"]))
    return f"organisation {_noted(ours, str(chosen['tenantId']))}"


def _noted(ours: Parts, tenant_id: str) -> str:
    """What Xero calls this organisation; the ledger knows it from now on."""
    from worker.xero import client as xero

    settled = _uncounted(ours.settings, xero_tenant_id=tenant_id)
    said = xero.connect(settled, None, login=ours.login("xero")).organisation()
    name, short_code = str(said.get("Name")), str(said.get("ShortCode", ""))
    ours.organisations.record(tenant_id, ours.settings.xero_client_id, name, short_code)
    return name


def _refuse_unreached(rows: Sequence[Element], routes: Sequence[Route]) -> None:
    """Raise RefusedError unless the login reaches every organisation that the mapping file names."""
    reached = {str(row["tenantId"]).lower() for row in rows}
    missing = [route for route in routes if route.tenant_id not in reached]
    if missing:
        raise RefusedError(
            f"The login is stored; it reaches {_reached(rows)}, but not "
            f"{_listed(f'{route.name} ({route.tenant_id})' for route in missing)} of the mapping file. Run the command "
            "again for each of them, and choose it in Xero; or correct its tenant_id."
        )


def _chosen(rows: Sequence[Element], tenant_id: str, is_set: bool) -> Element:
    """The organisation to write to: the one that was set or used before, else the only one there is. Never a guess."""
    fitting = [row for row in rows if not tenant_id or str(row["tenantId"]).lower() == tenant_id.lower()]
    if len(fitting) == 1:
        return fitting[0]
    if not rows:
        remedy = "Run the command again, and choose the organisation in Xero."
    elif is_set:
        remedy = "Correct XERO_TENANT_ID; or run the command again, and choose the organisation in Xero."
    elif tenant_id:
        remedy = f"It was {tenant_id} before. If it shall be another one, set XERO_TENANT_ID and restart the workers."
    else:
        remedy = (
            "Set XERO_TENANT_ID to the one to write to, and restart the workers; or, to write to several, name them "
            "under [[organisations]] in the mapping file."
        )
    raise RefusedError(f"The login is stored; it reaches {_reached(rows)}. {remedy}")


def _reached(rows: Sequence[Element]) -> str:
    return _listed(f"{row['tenantId']} ({row.get('tenantName')})" for row in rows)


def _go_on(ours: Parts, system: System) -> None:
    """What was parked because this login had lapsed is parked no more."""
    from worker.errors import ConfigError, LoginLapsed

    for one in ours.each():
        try:
            known = one.known_organisation()
        except ConfigError:  # no organisation was written to yet, so none was parked
            continue
        if known is not None:
            ours.organisations.unpark(known.tenant_id, str(LoginLapsed(system.where)))


def _uncounted(own: Settings, **more: object) -> Settings:
    """A person waits, and the broker may not be there yet: two or three calls beside the budget do no harm."""
    from worker.settings import Settings

    names = [name for name in Settings.model_fields if "_calls_" in name]
    return own.model_copy(update={**dict.fromkeys(names, 0), **more})


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
