"""The whole of the worker but for Celery, against a sandbox in this process: real clients, real ledger, real HTTP.

One clock turns for the sandbox and the worker together. Nothing is mocked; what goes wrong is the sandbox's scripted
faults, or a `Crash` on the wire, which is what a kill -9 looks like from outside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import simplejson
from sqlalchemy import Engine, event

from tasks import discovery, policy, project, resting
from tasks.eligibility import parts_for
from tasks.policy import Report
from tests.clocks import RunningClock, Turned
from tests.integration.seeds import PROJECT_ID
from tests.integration.wire import Act, Wire
from tests.ledgers import make_tables
from worker.assembly import Parts
from worker.errors import HandedOver, Retriable
from worker.holds import Outcome
from worker.http import exact_json
from worker.ledger.holds import open_holds
from worker.ledger.tables import Job
from worker.owner import owner_name
from worker.procore import client as procore_client
from worker.procore import files
from worker.sandbox import Clock, Limits, Sandbox
from worker.sandbox.seed import read_seed
from worker.settings import Settings
from worker.xero import client as xero_client

PROCORE, XERO = "http://procore.sandbox", "http://xero.sandbox"
#: A morning in the middle of a week and of a month, whenever this runs. After all that seeds are dated.
STARTS_AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
UNLIMITED = Limits(xero_per_minute=0, xero_concurrent=0, xero_per_day=0, procore_per_hour=0, procore_spike=0)
CLIENTS = {
    "procore_client_id": "sandbox-procore-client",
    "procore_client_secret": "sandbox-procore-secret",
    "xero_client_id": "sandbox-xero-client",
    "xero_client_secret": "sandbox-xero-secret",
    "xero_calls_per_minute": 0,
    "xero_calls_per_day": 0,
    "xero_calls_at_once": 0,
    "xero_app_calls_per_minute": 0,
    "procore_calls_at_once": 0,
    "lists_every_hours": 0,
    "read_lists": "every_pass",
    "watch_xero": False,
}
MAPPING = """
[accounts.cost_types]
L = "335"
M = "325"
S = "320"
E = "330"

[tax]
default = "BASEXCLUDED"

[tax.codes]
"GST@10%" = "INPUT"

[retention]
account = "830"

[bank_accounts]
default = "090"
check = "091"
"""
WRITING = ("PUT", "POST")
_WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)

Entry = dict[str, Any]


class World:
    """A Procore, a Xero, a ledger, a mapping file and a clock."""

    def __init__(
        self,
        seed: Mapping[str, Any] | None,
        database_url: str,
        directory: Path,
        *,
        engine: Engine | None = None,
        clock: Clock | None = None,
        ledger: bytes = b"",
        **settings: Any,
    ) -> None:
        """`engine` is a ledger that is there already, and stays; else there is one at the address, to be closed: an
        empty one, or one that has what SQLite's file `ledger` has."""
        self.clock = clock or RunningClock(STARTS_AT)
        self.machine = Turned(self.clock)
        self.sandbox = Sandbox(seed, limits=UNLIMITED, clock=self.clock)
        self.wire = Wire(self.sandbox)
        self._procore = httpx.Client(base_url=PROCORE, transport=httpx.WSGITransport(app=self.sandbox.procore))
        self._xero = httpx.Client(base_url=XERO, transport=httpx.WSGITransport(app=self.sandbox.xero))
        self.mapping_file = directory / "mapping.toml"
        self.mapping_file.write_text(MAPPING)
        values: dict[str, Any] = {
            "procore_api_url": PROCORE,
            "procore_token_url": f"{PROCORE}/oauth/token",
            "procore_company_id": (seed or read_seed())["procore"]["companies"][0]["id"],
            "xero_api_url": f"{XERO}/api.xro/2.0",
            "xero_token_url": f"{XERO}/connect/token",
            "database_url": database_url,
            "mapping_file": self.mapping_file,
        }
        self.settings = Settings(**{**CLIENTS, **values, **settings})
        self._made: list[Parts] = []
        self._given = engine
        self.parts = self.more_parts()
        if engine is None:
            make_tables(self.parts.engine, ledger)

    def more_parts(self) -> Parts:
        """What another process would have: its own clients and database connections."""
        parts = Parts(self.settings, clock=self.shared_clock(), machine=self.machine)
        if self._given is not None:
            parts.engine = self._given
        parts.procore = procore_client.connect(self.settings, None, self.wire, machine=self.machine)
        parts.fetch = files.connect(self.settings, self.wire).fetch
        parts.xero = xero_client.connect(self.settings, None, self.wire, machine=self.machine)
        for api in (parts.procore.api, parts.xero.api):
            api._sleep = self.clock.advance
        self._made.append(parts)
        return parts

    def shared_clock(self) -> Callable[[], datetime]:
        """What a process goes by, whatever its machine's own clock says."""
        return self.clock.now

    def close(self) -> None:
        for parts in self._made if self._given is None else ():
            parts.engine.dispose()

    # --- what the worker does ----------------------------------------------------------------------------------

    def discover(self) -> str:
        return discovery.discover_projects(self.parts)

    def run(self, job_number: str, parts: Parts | None = None) -> Report:
        """The job that is queued for this number, or a manual one. What stops it is raised, as Celery would see it.

        After a Crash the job stays running, as after a kill -9; call `bury` before it runs again.
        """
        parts = parts or self.parts
        waiting = parts.jobs.latest(job_number).get(job_number)
        if waiting is None or waiting.state != "queued":
            waiting = parts.jobs.hurry(job_number, "")
        assert waiting is not None, f"{job_number} runs already"
        if (line := resting.ended(parts, waiting.task_id)) is not None:
            return Report({}, line, 0)
        owner = owner_name()
        job = parts.jobs.claim(waiting.task_id, owner)
        assert job is not None
        return self.carry_out(job, owner, parts)

    def carry_out(self, job: Job, owner: str, parts: Parts) -> Report:
        """Do a job that was claimed, and write down how it ended."""
        try:
            report = project.sync(parts_for(parts, job), job, owner)
        except Retriable as error:
            parts.jobs.put_back(job.id, owner, error.retry_in_s, str(error))
            raise
        except Exception as error:
            parts.jobs.end(job.id, owner, "failed", str(error), {})
            raise
        policy.end(parts, job, owner, report)
        return report

    def run_through(self, job_number: str, parts: Parts | None = None, most: int = 12) -> Report:
        """The same, coming back after each passing error as long as it asks."""
        for attempt in range(most):
            try:
                return self.run(job_number, parts)
            except Retriable as error:
                self.clock.advance(max(error.retry_in_s, 2.0**attempt))
        raise AssertionError(f"{job_number} did not come to an end in {most} attempts")

    def run_all(self) -> dict[str, Report]:
        """Every job that is queued, by job number; those that hand something over come back when all have begun."""
        numbers = [number for number, job in self.parts.jobs.latest().items() if job.state == "queued"]
        found: dict[str, Report] = {}
        coming = sorted(numbers)
        while coming:
            waiting: list[str] = []
            for number in coming:
                try:
                    found[number] = self.run(number)
                except HandedOver as handed:
                    waiting.append(number)
                    in_s = handed.retry_in_s
            if waiting:
                self.clock.advance(in_s)
            coming = waiting
        return found

    def whole_pass(self) -> dict[str, Report]:
        self.discover()
        return self.run_all()

    def bury(self) -> None:
        """The lease of a killed worker runs out, and discovery hands its job on."""
        self.clock.advance(self.settings.lease_s + 1)
        self.parts.jobs.strand(3600)

    def job(self, job_number: str) -> Job:
        return self.parts.jobs.latest(job_number)[job_number]

    def holds(self, outcome: Outcome = Outcome.HELD) -> dict[str, str]:
        """Open holds: what is held, and under which code."""
        return {hold.title: hold.code for hold in open_holds(self.parts.engine, outcome)}

    def sentences(self, outcome: Outcome = Outcome.HELD) -> dict[str, str]:
        return {hold.title: hold.sentence for hold in open_holds(self.parts.engine, outcome)}

    @contextmanager
    def sql_writes(self) -> Iterator[Counter[str]]:
        """Writes to the ledger inside the block, by table."""
        seen: Counter[str] = Counter()

        def count(_c: object, _cu: object, statement: str, _p: object, _x: object, _m: object) -> None:
            if found := _WRITES.match(statement):
                seen[found.group(2)] += 1

        event.listen(self.parts.engine, "before_cursor_execute", count)
        try:
            yield seen
        finally:
            event.remove(self.parts.engine, "before_cursor_execute", count)

    # --- what people and the network do ------------------------------------------------------------------------

    def procore_edit(self, collection: str, id: int, project_id: int | None = None, /, **fields: Any) -> None:
        """A person changes (or enters) a record in Procore; a moment passes, so that it counts as changed."""
        self.clock.advance(1)
        place = "-" if project_id is None else project_id
        self._sent(self._procore, "PUT", f"/_sandbox/records/{collection}/{place}/{id}", fields)

    def enter(self, collection: str, row: Mapping[str, Any], project_id: int = PROJECT_ID) -> None:
        """A person enters this record in Procore, or changes it into this one."""
        fields = {name: value for name, value in row.items() if name != "id"}
        self.procore_edit(collection, row["id"], project_id, **fields)

    def procore_delete(self, collection: str, id: int, project_id: int) -> None:
        self.clock.advance(1)
        self._sent(self._procore, "DELETE", f"/_sandbox/records/{collection}/{project_id}/{id}", None)

    def xero_edit(self, collection: str, xero_id: str, tenant_id: str = "", **fields: Any) -> None:
        """A person changes a document in Xero by hand, in the first organisation unless it is named."""
        self._sent(self._xero, "PATCH", f"/_sandbox/documents/{collection}/{xero_id}", fields, tenant_id)

    def type_in_xero(self, collection: str, document: Mapping[str, Any]) -> None:
        """A person enters a document in Xero: it comes through the same door as ours, from somebody else."""
        api = self.parts.xero.api
        api.write("PUT", f"/{collection}", exact_json.dumps({collection: [document]}), f"person-{self.last()}")

    def spoil(self, wrapper: str, position: int = 0, **fields: Any) -> Act:
        """For `wire.before`: one document of the request says something else than we wrote."""

        def spoilt(request: httpx.Request) -> httpx.Request:
            body = exact_json.loads(request.content)
            body[wrapper][position] |= fields
            headers = {name: value for name, value in request.headers.items() if name != "content-length"}
            return httpx.Request(request.method, request.url, headers=headers, content=exact_json.dumps(body).encode())

        return spoilt

    def fault(self, kind: str, method: str | None = None, path: str | None = None, **more: Any) -> None:
        """Script a fault of Xero."""
        self._sent(self._xero, "POST", "/_sandbox/faults", {"kind": kind, "method": method, "path": path, **more})

    def procore_fault(self, kind: str, path: str | None = None, **more: Any) -> None:
        self._sent(self._procore, "POST", "/_sandbox/faults", {"kind": kind, "path": path, **more})

    def clear_faults(self) -> None:
        """Of both: they answer again."""
        for api in (self._xero, self._procore):
            self._sent(api, "DELETE", "/_sandbox/faults", {})

    def procore_switch(self, **switches: Any) -> None:
        """From now on this customer's Procore is another one (worker/sandbox/switches.py)."""
        self._sent(self._procore, "POST", "/_sandbox/switches", switches)

    def xero_switch(self, **switches: Any) -> None:
        """The same for Xero."""
        self._sent(self._xero, "POST", "/_sandbox/switches", switches)

    def limit(self, **limits: float) -> None:
        """Change what the two APIs allow from now on."""
        self._sent(self._xero, "POST", "/_sandbox/limits", limits)

    def _sent(
        self, client: httpx.Client, method: str, path: str, fields: Mapping[str, Any] | None, tenant_id: str = ""
    ) -> None:
        content = None if fields is None else simplejson.dumps(fields, use_decimal=True).encode()
        headers = {"Content-Type": "application/json", **({"xero-tenant-id": tenant_id} if tenant_id else {})}
        answer = client.request(method, path, content=content, headers=headers)
        assert answer.is_success, answer.text

    # --- what can be seen afterwards ---------------------------------------------------------------------------

    def journal(self, since: int = 0) -> list[Entry]:
        """Calls to Xero, tokens left out."""
        entries: list[Entry] = self._xero.get("/_sandbox/journal", params={"since": since}).json()["entries"]
        return [entry for entry in entries if "/api.xro/" in entry["path"]]

    def last(self) -> int:
        """A mark in the journal of Xero, for `journal(since)`."""
        return int(self._xero.get("/_sandbox/journal", params={"since": 1 << 30}).json()["last"])

    def writes(self, since: int = 0, path: str = "") -> list[Entry]:
        return [e for e in self.journal(since) if e["method"] in WRITING and re.search(path, e["path"])]

    def procore_calls(self, path: str = "") -> list[Entry]:
        entries: list[Entry] = self._procore.get("/_sandbox/journal").json()["entries"]
        return [entry for entry in entries if re.search(path, entry["path"])]

    def documents(self, collection: str) -> list[dict[str, Any]]:
        """A collection of Xero's books: contacts, invoices, credit_notes, payments."""
        rows: list[dict[str, Any]] = simplejson.loads(self._xero.get("/_sandbox/dump").text, parse_float=str)[
            collection
        ]
        return rows

    def bill(self, number: str) -> dict[str, Any]:
        """The one bill that is called so."""
        (found,) = [row for row in self.documents("invoices") if row.get("InvoiceNumber") == number]
        return found

    def books(self, tenant_id: str = "") -> dict[str, Any]:
        """What Xero holds, in people's words and without ids, so that two runs can be compared document by document.

        Of the first organisation unless another one is named.
        """
        first = self.sandbox.dump()["xero"]
        dump = next((one for one in first["more_organisations"] if one["tenant_id"] == tenant_id), first)
        names = {row["ContactID"]: row["Name"] for row in dump["contacts"]}
        options = {
            option["TrackingOptionID"]: option["Name"]
            for category in dump["tracking_categories"]
            for option in category["Options"]
        }
        numbers = {row.get("InvoiceID"): row.get("InvoiceNumber") for row in dump["invoices"]}
        credits = [(row["CreditNoteNumber"], one) for row in dump["credit_notes"] for one in row.get("Allocations", ())]
        return {
            "contacts": sorted((row["Name"], str(row.get("ContactNumber"))) for row in dump["contacts"]),
            "options": sorted(options.values()),
            "bills": sorted(_bill(row, names, options) for row in [*dump["invoices"], *dump["credit_notes"]]),
            "payments": sorted(
                (str(numbers.get(row.get("Invoice", {}).get("InvoiceID"))), str(row["Amount"]), row["Reference"])
                for row in dump["payments"]
            ),
            "allocations": sorted(
                (number, str(numbers[one["Invoice"]["InvoiceID"]]), str(one["Amount"])) for number, one in credits
            ),
        }

    def owed(self, job_number: str) -> Decimal:
        """Bills less credit notes, before tax, over the lines that are tracked to this project in Xero."""
        dump = self.sandbox.dump()["xero"]
        ids = {
            option["TrackingOptionID"]
            for category in dump["tracking_categories"]
            for option in category["Options"]
            if option["Name"].startswith(f"{job_number} ")
        }
        total = Decimal(0)
        for sign, rows in ((1, dump["invoices"]), (-1, dump["credit_notes"])):
            for row in rows:
                for line in row["LineItems"] if row["Status"] not in ("VOIDED", "DELETED") else ():
                    if any(tracked.get("TrackingOptionID") in ids for tracked in line["Tracking"]):
                        total += sign * Decimal(line["LineAmount"])
        return total


def _bill(row: Mapping[str, Any], names: Mapping[str, str], options: Mapping[str, str]) -> tuple[Any, ...]:
    lines = sorted(
        (
            line["Description"],
            str(line["LineAmount"]),
            line["AccountCode"],
            line["TaxType"],
            tuple(sorted(options[tracked["TrackingOptionID"]] for tracked in line["Tracking"])),
        )
        for line in row["LineItems"]
    )
    number = str(row.get("InvoiceNumber") or row.get("CreditNoteNumber"))
    contact = names[row["Contact"]["ContactID"]]
    return (contact, number, row["Type"], row["Status"], str(row["Date"]), str(row["Total"]), tuple(lines))
