"""The composition root: clients and ledger from settings, made once per process and never before a fork.

Where the mapping file names several organisations of Xero, `at` gives the parts of each: with its own client, settings
and rules, and with everything else in common. Until one is chosen, nothing can be asked of Xero or written to it.

A client or a database connection that crosses a fork answers one process with another's data (celery.md §6), so
`parts()` is called inside tasks and commands only, and `forget_parts` after a fork.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeVar

from sqlalchemy import Engine

from worker import overrun, stopping
from worker.clock import MACHINE, Machine
from worker.errors import ConfigError
from worker.http import exact_json
from worker.ledger.database import open_engine, require_migrated, shared_clock
from worker.ledger.identity import ledger_id
from worker.ledger.jobs import Jobs
from worker.ledger.projects import Organisations, Passes, Projects
from worker.ledger.references import References
from worker.ledger.tables import Organisation
from worker.owner import is_dead, owner_name
from worker.settings import Settings, settings

if TYPE_CHECKING:
    import redis

    from worker.http.api import Api
    from worker.http.budget import Budget
    from worker.http.login import SharedLogin
    from worker.ledger.tokens import Tokens
    from worker.mapping.references import Category
    from worker.mapping.routing import Route
    from worker.mapping.rules import Rules
    from worker.procore.client import Procore
    from worker.procore.files import Fetch
    from worker.xero.client import Xero

#: Timeouts of the token address after which a renewal that is not heard of any more may be tried by another process.
TOKEN_LEASES = 2

T = TypeVar("T")
System = Literal["procore", "xero"]
SYSTEMS: tuple[System, ...] = ("procore", "xero")


def _in_common(make: Callable[[Parts], T]) -> cached_property[T]:
    """A part that all organisations have in common: the parts of the whole process make it, once."""

    def part(parts: Parts) -> T:
        found: T = make(parts) if parts.whole is None else getattr(parts.whole, make.__name__)
        return found

    return cached_property(part)


def connect(settings: Settings) -> redis.Redis:
    """To the broker of these settings."""
    from worker.broker import client

    return client.connect(settings)


@dataclass
class Parts:
    """What a process works with; each part is made when it is first asked for."""

    settings: Settings
    #: Instead of the ledger's, for whoever turns it.
    clock: Callable[[], datetime] | None = None
    machine: Machine = MACHINE
    #: Connects to the broker; a command that only asks brings one where none runs.
    broker_at: Callable[[Settings], redis.Redis] = connect
    #: The organisation that these work for, as the mapping file calls it; blank where there is but one.
    name: str = ""
    #: The parts of the whole process, of which these are those of one organisation.
    whole: Parts | None = field(default=None, repr=False)
    #: Time zones in which people are told times, by organisation, as far as they were asked for.
    zones: dict[str, tzinfo] = field(default_factory=dict, repr=False)
    _of_organisations: dict[str, Parts] = field(default_factory=dict, repr=False)

    def routes(self) -> tuple[Route, ...]:
        """The organisations of Xero where there are several; none where there is one. Raises ConfigError."""
        from worker.organisations import read_routes

        return self.whole.routes() if self.whole else read_routes(self.settings)

    def at(self, name: str) -> Parts:
        """The parts of this organisation; these themselves where there is but one. Raises ConfigError."""
        if self.whole is not None:
            return self.whole.at(name)
        routes = self.routes()
        if not routes and not name:
            return self
        from worker.organisations import named

        route = named(routes, name)
        if route.tenant_id not in self._of_organisations or self._of_organisations[route.tenant_id].name != name:
            settings = self.settings.model_copy(update={"xero_tenant_id": route.tenant_id})
            self._of_organisations[route.tenant_id] = Parts(settings, machine=self.machine, name=name, whole=self)
        return self._of_organisations[route.tenant_id]

    def each(self) -> list[Parts]:
        """The parts of every organisation that is written to."""
        return [self.at(route.name) for route in self.routes()] or [self.at("")]

    def rules(self) -> Rules:
        """The mapping file as it is now, and as this organisation has it."""
        from worker.mapping import file

        whole = file.load(self.settings.mapping_file)
        return whole.for_organisation(self.name) if self.name else whole

    @_in_common
    def engine(self) -> Engine:
        return open_engine(self.settings.database_url, self.settings.database_password.get_secret_value())

    @_in_common
    def now(self) -> Callable[[], datetime]:
        """Now, by the clock that all processes share. Raises ApiUnavailable when it cannot be asked."""
        return self.clock or shared_clock(self.engine, self.machine)

    @_in_common
    def jobs(self) -> Jobs:
        return Jobs(self.engine, self.settings.lease_s, self.now, is_dead, self.calls, overrun.holds)

    def calls(self) -> dict[str, int]:
        """The calls that this process has made so far, by API."""
        made = Counter[str]()
        for api in self.apis():
            made[api.where.lower()] += api.calls
        return dict(made)

    def apis(self) -> list[Api]:
        """Those that somebody in this process has needed so far."""
        whole = self.whole or self
        ours = map(vars, (whole, *whole._of_organisations.values()))
        made = [parts[system].api for parts in ours for system in SYSTEMS if system in parts]
        return list({id(api): api for api in made}.values())

    @cached_property
    def projects(self) -> Projects:
        return Projects(self.engine, self.now)

    @cached_property
    def passes(self) -> Passes:
        return Passes(self.engine, self.now)

    @cached_property
    def organisations(self) -> Organisations:
        return Organisations(self.engine, self.now)

    @_in_common
    def broker(self) -> redis.Redis:
        """Where the call budgets are shared; it is connected to when the first call is made."""
        return self.broker_at(self.settings)

    @_in_common
    def procore(self) -> Procore:
        from worker.procore import client

        return client.connect(
            self.settings, self.broker, login=self.login("procore"), sleep=stopping.sleep, machine=self.machine
        )

    @_in_common
    def fetch(self) -> Fetch:
        """Downloads of attachments."""
        from worker.procore import files

        return files.connect(self.settings, login=self.login("procore")).fetch

    @cached_property
    def xero(self) -> Xero:
        from worker.xero import client

        login = self.login("xero")
        return client.connect(
            self._settings_of_tenant(), self.broker, login=login, sleep=stopping.sleep, machine=self.machine
        )

    @cached_property
    def xero_budget(self) -> Budget:
        """The calls that the organisation allows, to look at what is left of them."""
        from worker.xero import limits

        return limits.organisation(self._settings_of_tenant(), self.broker)

    def _settings_of_tenant(self) -> Settings:
        return self.settings.model_copy(update={"xero_tenant_id": self.tenant_id})

    @cached_property
    def tenant_id(self) -> str:
        """The organisation's id: as set, or as `connect` noted it; blank for a custom connection, which has but one.

        Asked once, so that one process never works for two organisations unless the mapping file names them.
        """
        if not self.name and self.routes():
            raise ConfigError("The mapping file names several organisations of Xero, and none of them was chosen.")
        if self.settings.xero_tenant_id or self.settings.xero_grant == "client_credentials":
            return self.settings.xero_tenant_id
        standing = self.tokens("xero").standing()
        if standing is None:
            raise ConfigError("Nobody has logged in to Xero yet; run `procore-xero connect xero`.")
        if not standing.tenant_id:
            raise ConfigError(
                "The login reaches several organisations of Xero, or none: set XERO_TENANT_ID to the one to write to, "
                "or name several under [[organisations]] in the mapping file; `procore-xero connect xero` lists them."
            )
        return standing.tenant_id

    def login(self, system: System) -> SharedLogin | None:
        """The login that a person gave for this system; None when the app logs in as itself."""
        settings = self.settings
        grant = settings.xero_grant if system == "xero" else settings.procore_grant
        if grant == "client_credentials":
            return None
        from worker.http.login import SharedLogin
        from worker.procore import client as procore
        from worker.xero import client as xero

        address = (xero if system == "xero" else procore).token_address(settings)
        patience_s = settings.longest_wait_s
        return SharedLogin(address, self.tokens(system), now=self.now, patience_s=patience_s, sleep=stopping.sleep)

    def tokens(self, system: System) -> Tokens:
        """The login of this system, as the ledger keeps it. Raises ConfigError without a key to encrypt it with."""
        from worker.ledger.cipher import Cipher
        from worker.ledger.tokens import Tokens

        settings = self.settings
        return Tokens(
            self.engine,
            system,
            settings.xero_client_id if system == "xero" else settings.procore_client_id,
            Cipher(settings.token_key.get_secret_value(), settings.token_key_old.get_secret_value()),
            lease_s=TOKEN_LEASES * settings.http_timeout_s,
            owner_name=owner_name,
            is_dead=is_dead,
            now=self.now,
        )

    @cached_property
    def organisation(self) -> Organisation:
        """The organisation we write to: known from the ledger, else asked for once (a call to Xero)."""
        client_id, tenant_id = self.settings.xero_client_id, self.tenant_id
        if (known := self.known_organisation()) is not None:
            return known
        said = self.xero.organisation()
        return self.organisations.record(
            tenant_id or str(said["OrganisationID"]),
            client_id,
            str(said.get("Name"))[:255],
            str(said.get("ShortCode", ""))[:32],
        )

    @property
    def title(self) -> str:
        """What people call whom these work for: the organisation, or all of them; blank while it is not known."""
        if self.name or self.routes():
            return self.name or ", ".join(route.name for route in self.routes())
        try:
            known = self.known_organisation()
        except ConfigError:  # nobody has logged in
            return ""
        return known.name if known else ""

    def known_organisation(self) -> Organisation | None:
        """The same from the ledger alone; None before it was ever asked for."""
        return self.organisations.find(self.settings.xero_client_id, self.tenant_id)

    @_in_common
    def ledger_id(self) -> str:
        return ledger_id(self.engine)

    def require_own_broker(self) -> None:
        """Raise ConfigError where another installation's messages lie under our name, ApiUnavailable without Redis."""
        from worker.broker import installation

        installation.require_ours(self.broker, self.settings.key_prefix, self.ledger_id)

    def reach(self, tenant_id: str) -> Xero | None:
        """The client of an organisation by its id, unless it is parked or not one of ours any more."""
        mine = next((one for one in self.each() if one.tenant_id == tenant_id), None)
        return None if mine is None or self.organisations.parked(tenant_id) else mine.xero

    def check(self) -> None:
        """Raise ConfigError unless the tables are up to date and the mapping file is right."""
        require_migrated(self.engine)
        self.rules()
        self.routes()

    def references(self) -> References:
        return References(self.engine, self.organisation.tenant_id, owner_name(), self.now, is_dead)

    def of_procore(self) -> References:
        """What is known of Procore's company, whichever organisation its projects go to."""
        return References(self.engine, "procore", owner_name(), self.now, is_dead)

    def categories(self) -> dict[str, Category]:
        """The tracking categories by role: from the ledger, or read in Xero until they are there.

        Raises ConfigError with the clicks that create the missing ones.
        """
        from worker.pipeline.look.categories import FOUND, find_categories, missing_categories

        mapping = self.rules()
        names = mapping.tracking
        roles = {"project": names.project}
        if mapping.cost_codes.target == "tracking":
            roles["cost_code"] = names.cost_code
        references, ids = self.references(), dict[str, str]()
        text = references.get("tracking_categories")
        if text is None or missing_categories(exact_json.loads(text), roles):
            ids = exact_json.loads(references.get(FOUND) or "{}")
        if text is None or missing_categories(exact_json.loads(text), roles, ids):
            read = lambda: exact_json.dumps(self.xero.tracking_categories(archived=True))  # noqa: E731
            text = references.once("tracking_categories", self.now(), read)
        return find_categories(exact_json.loads(text), roles, ids)


_parts: Parts | None = None


def parts() -> Parts:
    """This process's parts. Raises ConfigError when a setting is wrong."""
    global _parts
    if _parts is None:
        _parts = Parts(settings())
    return _parts


def forget_parts() -> None:
    """After a fork: what the parent made is the parent's."""
    global _parts
    if _parts is not None and "engine" in _parts.__dict__:
        _parts.engine.dispose(close=False)
    _parts = None
