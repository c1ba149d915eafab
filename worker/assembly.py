"""The composition root: clients and ledger from settings, made once per process and never before a fork.

A client or a database connection that crosses a fork answers one process with another's data (celery.md §6), so
`parts()` is called inside tasks and commands only, and `forget_parts` after a fork.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

import redis
from sqlalchemy import Engine

from worker import stopping
from worker.errors import ConfigError
from worker.http import exact_json
from worker.http.login import SharedLogin
from worker.ledger.attachments import Attachments
from worker.ledger.cipher import Cipher
from worker.ledger.database import open_engine, require_migrated, utcnow
from worker.ledger.entries import Entries
from worker.ledger.holds import Holds
from worker.ledger.jobs import Jobs
from worker.ledger.projects import Cursors, Organisations, Passes, Projects
from worker.ledger.references import References
from worker.ledger.tables import Job, Organisation
from worker.ledger.tokens import Tokens
from worker.mapping import rules
from worker.mapping.references import Category, Known
from worker.owner import is_dead, owner_name
from worker.pipeline.stage import Stage
from worker.pipeline.work import Fetch, Work, find_categories, missing_categories, with_earlier
from worker.procore import client as procore_client
from worker.procore import files
from worker.procore.client import Procore
from worker.procore.records import Project
from worker.settings import Settings, settings
from worker.xero import client as xero_client
from worker.xero.client import Xero

#: Seconds until a Redis that does not answer counts as away.
BROKER_WAIT_S = 5.0
#: Timeouts of the token address after which a renewal that is not heard of any more may be tried by another process.
TOKEN_LEASES = 2

System = Literal["procore", "xero"]
SYSTEMS: tuple[System, ...] = ("procore", "xero")


@dataclass
class Parts:
    """What a process works with; each part is made when it is first asked for."""

    settings: Settings
    now: Callable[[], datetime] = utcnow

    @cached_property
    def engine(self) -> Engine:
        return open_engine(self.settings.database_url, self.settings.database_password.get_secret_value())

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.engine, self.settings.lease_s, self.now, is_dead)

    @cached_property
    def projects(self) -> Projects:
        return Projects(self.engine, self.now)

    @cached_property
    def passes(self) -> Passes:
        return Passes(self.engine, self.now)

    @cached_property
    def organisations(self) -> Organisations:
        return Organisations(self.engine, self.now)

    @cached_property
    def broker(self) -> redis.Redis:
        """Where the call budgets are shared; it is connected to when the first call is made."""
        url, wait_s = self.settings.redis_url, BROKER_WAIT_S
        return redis.Redis.from_url(url, socket_timeout=wait_s, socket_connect_timeout=wait_s)

    @cached_property
    def procore(self) -> Procore:
        return procore_client.connect(self.settings, self.broker, login=self.login("procore"), sleep=stopping.sleep)

    @cached_property
    def fetch(self) -> Fetch:
        """Downloads of attachments."""
        return files.connect(self.settings, login=self.login("procore")).fetch

    @cached_property
    def xero(self) -> Xero:
        login = self.login("xero")
        settings = self.settings.model_copy(update={"xero_tenant_id": self.tenant_id})
        return xero_client.connect(settings, self.broker, login=login, sleep=stopping.sleep)

    @cached_property
    def tenant_id(self) -> str:
        """The organisation's id: as set, or as `connect` noted it; blank for a custom connection, which has but one.

        Asked once, so that one process never works for two organisations.
        """
        if self.settings.xero_tenant_id or self.settings.xero_grant == "client_credentials":
            return self.settings.xero_tenant_id
        standing = self.tokens("xero").standing()
        if standing is None:
            raise ConfigError("Nobody has logged in to Xero yet; run `procore-xero connect xero`.")
        if not standing.tenant_id:
            raise ConfigError(
                "The login reaches several organisations of Xero, or none: set XERO_TENANT_ID to the one to write to; "
                "`procore-xero connect xero` names them."
            )
        return standing.tenant_id

    def login(self, system: System) -> SharedLogin | None:
        """The login that a person gave for this system; None when the app logs in as itself."""
        settings = self.settings
        grant = settings.xero_grant if system == "xero" else settings.procore_grant
        if grant == "client_credentials":
            return None
        address = (xero_client if system == "xero" else procore_client).token_address(settings)
        return SharedLogin(address, self.tokens(system), now=self.now, patience_s=settings.longest_wait_s)

    def tokens(self, system: System) -> Tokens:
        """The login of this system, as the ledger keeps it. Raises ConfigError without a key to encrypt it with."""
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
        known = self.organisations.find(client_id, tenant_id)
        if known is not None:
            return known
        said = self.xero.organisation()
        return self.organisations.record(
            tenant_id or str(said["OrganisationID"]),
            client_id,
            str(said.get("Name"))[:255],
            str(said.get("ShortCode", ""))[:32],
        )

    def check(self) -> None:
        """Raise ConfigError unless the tables are up to date and the mapping file is right."""
        require_migrated(self.engine)
        rules.load(self.settings.mapping_file)

    def references(self) -> References:
        return References(self.engine, self.organisation.tenant_id, owner_name(), self.now, is_dead)

    def categories(self) -> dict[str, Category]:
        """The tracking categories by role: from the ledger, or read in Xero until they are there.

        Raises ConfigError with the clicks that create the missing ones.
        """
        mapping = rules.load(self.settings.mapping_file)
        names = mapping.tracking
        roles = {"project": names.project}
        if mapping.cost_codes.target == "tracking":
            roles["cost_code"] = names.cost_code
        references = self.references()
        text = references.get("tracking_categories")
        if text is None or missing_categories(exact_json.loads(text), roles):
            read = lambda: exact_json.dumps(self.xero.tracking_categories())  # noqa: E731
            text = references.once("tracking_categories", self.now(), read)
        return find_categories(exact_json.loads(text), roles)

    def work(self, job: Job, owner: str, project: Project, stages: Mapping[str, Stage], since: datetime) -> Work:
        """Everything that one job of this project works with."""
        tenant_id = self.organisation.tenant_id
        categories = self.categories()
        entries = Entries(self.engine, tenant_id, self.jobs, job, owner, project.id, self.now)
        holds = Holds(self.engine, tenant_id, project.id, self.now)
        counts: dict[str, Counter[str]] = {}

        def heartbeat() -> None:
            self.jobs.extend(job.id, owner, with_earlier(counts, job.counts))
            stopping.check()

        known = Known(
            rules=rules.load(self.settings.mapping_file).for_project(project.job_number),
            project_id=project.id,
            job_number=project.job_number,
            procore_web_url=self.settings.procore_web_url,
            project_category=categories["project"],
            cost_code_category=categories.get("cost_code", Category("", "")),
            held=holds.held(),
        )
        return Work(
            project=project,
            procore=self.procore,
            xero=self.xero,
            entries=entries,
            attachments=Attachments(self.engine, tenant_id, self.jobs, job, owner, project.id),
            fetch=lambda url, most_bytes: self.fetch(url, most_bytes),
            holds=holds,
            cursors=Cursors(self.engine, project.id),
            references=self.references(),
            known=known,
            stages=stages,
            heartbeat=heartbeat,
            since=since,
            now=self.now,
            full_compare_every=timedelta(hours=self.settings.full_compare_every_hours),
            xero_web_url=self.settings.xero_web_url,
            key_window_s=self.settings.key_window_s,
            counts=counts,
        )


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
