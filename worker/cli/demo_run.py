"""The main job from end to end on this machine: broker, sandboxes, ledger, worker, beat and Flower as real processes.

Beat starts the first pass by itself and, an interval later, the second one, which must write nothing. Leaves no process
behind, whatever ends it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from worker.assembly import Parts
from worker.cli import broker, demo_screen, demo_shell
from worker.cli.processes import Processes
from worker.cli.reconcile import Line, compare, strays
from worker.cli.sandbox import page
from worker.cli.system import System
from worker.errors import ConfigError, SyncError
from worker.holds import Outcome
from worker.http import exact_json
from worker.ledger.database import migrate
from worker.ledger.holds import open_holds
from worker.ledger.jobs import ACTIVE
from worker.ledger.standing import live_documents
from worker.ledger.tables import Hold, Job, Pass
from worker.sandbox.seed import read_seed, read_seed_file
from worker.settings import Settings

#: Seconds between two passes of the demo, and how long it waits for anything before it gives up.
INTERVAL_S = 15
#: Seconds between two passes when both are over and it stays: time to look at what failed, and to press Retry.
CALM_S = 600
PATIENCE_S = 180
JOBS_AT_ONCE = 2
MAPPING = Path(__file__).with_name("demo_mapping.toml")


class DemoFailed(SyncError):
    """The demo did not come to its end, or its books are not right."""


@dataclass
class Watch:
    """What the demo sees of the running system: the ledger, and each sandbox's own journal and books."""

    parts: Parts
    processes: Processes
    addresses: Mapping[str, str]
    system: System
    read: dict[str, int] = field(default_factory=lambda: {"procore": 0, "xero": 0})

    def pass_after(self, before: int) -> tuple[Pass, list[Job]]:
        """The next pass that started after pass number `before`, when all of its jobs have ended."""
        deadline = time.monotonic() + PATIENCE_S
        with demo_screen.progress(INTERVAL_S) as show:
            while time.monotonic() < deadline:
                self.processes.check()
                found = next((one for one in self.parts.passes.all() if one.id > before), None)
                jobs = self.parts.jobs.of_pass(found.id) if found else []
                show(found, jobs)
                if found and found.discovered_at and all(job.state not in ACTIVE for job in jobs):
                    return found, jobs
                time.sleep(0.1)
        raise DemoFailed(f"No pass came to an end within {PATIENCE_S} seconds.")

    def calls(self) -> dict[str, Counter[str]]:
        """Calls per API since the last time this was asked: reads and writes, tokens left out."""
        counted = {}
        for name, address in self.addresses.items():
            answer = exact_json.loads(httpx.get(f"{address}/_sandbox/journal?since={self.read[name]}").content)
            self.read[name] = answer["last"]
            entries = [entry for entry in answer["entries"] if "token" not in entry["path"]]
            counted[name] = Counter(reads=0, writes=0)
            counted[name].update("reads" if entry["method"] == "GET" else "writes" for entry in entries)
        return counted

    def books(self) -> tuple[list[Line], list[str]]:
        """Both sides compared, to the cent; and what is in Xero although no record asks for it."""
        dumps = {
            name: exact_json.loads(httpx.get(f"{address}/_sandbox/dump").content)
            for name, address in self.addresses.items()
        }
        eligible = {row.procore_id: row.job_number for row in self.parts.projects.all() if row.state == "eligible"}
        held = {(hold.kind, hold.procore_id) for hold in self.holds()}
        documents = live_documents(self.parts.engine)
        lines = compare(eligible, dumps["procore"], dumps["xero"], documents, held)
        return lines, strays(dumps["xero"], documents)

    def holds(self) -> list[Hold]:
        return [
            *open_holds(self.parts.engine, Outcome.HELD),
            *open_holds(self.parts.engine, Outcome.WAITING),
        ]


def run_demo(stay: bool, json_file: Path | None, seed: Path | None) -> int:
    """Run the demo; returns the exit code. Raises SyncError when it cannot start."""
    books = read_seed_file(seed) if seed else read_seed()
    if not books["procore"]["companies"]:
        raise ConfigError(f"The seed file {seed} has no company under procore.companies.")
    given = os.environ.get("REDIS_URL")  # asked for on this command line, not by a .env that means another system
    with (
        _directory() as directory,
        broker.start(given, directory / "broker") as running,  # goes last: a worker without its broker does not end
        Processes(directory) as processes,
        demo_screen.until_stopping(),
    ):
        watch, flower = _start(processes, directory, running, books, seed, CALM_S if stay else INTERVAL_S)
        demo_screen.started(running.description, flower)
        problems = _two_passes(watch, json_file)
        if stay:
            _calm_down(watch)
            demo_shell.write(directory, as_fields(watch.system.env))
            demo_screen.stay(
                flower, page(watch.addresses["procore"]), demo_shell.enter(directory), _to_mend(watch), CALM_S // 60
            )
            _wait_for_ctrl_c(processes)
        if problems:
            raise DemoFailed(" ".join(problems))
    return 0


def _start(
    processes: Processes,
    directory: Path,
    running: broker.Broker,
    books: Mapping[str, Any],
    seed: Path | None,
    interval_s: int,
) -> tuple[Watch, str]:
    system = System(processes, directory, _environment_without_settings())
    system.env |= {
        "TMPDIR": str(directory),  # what a killed worker leaves goes with the rest
        "REDIS_URL": running.url,
        "INSTALLATION": f"demo-{secrets.token_hex(4)}",  # a Redis that is there already may serve another one
        "DATABASE_URL": f"sqlite:///{directory / 'ledger.db'}",
        "MAPPING_FILE": str(directory / "mapping.toml"),  # a copy: people may change it
        "SYNC_EVERY_MINUTES": str(interval_s / 60),
        "READ_LISTS": "every_pass",  # the second pass reads all again, and finds nothing to send
        "ELIGIBLE_STAGES": "Send to Xero",
        "FLOWER_LOGIN": "demo:demo",
    }
    shutil.copy(MAPPING, directory / "mapping.toml")
    addresses = system.sandbox(books["procore"]["companies"][0]["id"], seed)
    for name in ("procore", "xero"):
        credentials = books[name]["credentials"].items()
        system.env |= {f"{name}_{field}".upper(): value for field, value in credentials}
    parts = Parts(Settings(_env_file=None, **as_fields(system.env)))
    migrate(parts.engine)
    system.worker(JOBS_AT_ONCE)
    flower = system.flower()
    system.env["SYNC_EVERY_MINUTES"] = str(INTERVAL_S / 60)
    system.beat()
    return Watch(parts, processes, addresses, system), flower


def _calm_down(watch: Watch) -> None:
    """From now on beat starts a pass as seldom as the other processes were told; it begins with one."""
    before = watch.parts.passes.all()[-1].id
    watch.processes.end("beat")
    watch.system.env["SYNC_EVERY_MINUTES"] = str(CALM_S / 60)
    watch.system.beat()
    watch.pass_after(before)


def _environment_without_settings() -> dict[str, str]:
    """What was set for real systems is not for the sandboxes."""
    return {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}


def as_fields(env: Mapping[str, str]) -> dict[str, Any]:
    """What of an environment are settings, as a process that has it would read them."""
    return {name: env[name.upper()] for name in Settings.model_fields if name.upper() in env}


def _two_passes(watch: Watch, json_file: Path | None) -> list[str]:
    """Both passes, shown as they go; returns what is wrong with them, in sentences."""
    watch.calls()
    first, jobs = watch.pass_after(0)
    calls = [watch.calls()]
    books, unasked = watch.books()
    demo_screen.first_pass(first, jobs, watch.parts.projects.all(), books, watch.holds(), calls[0])
    last = watch.parts.passes.all()[-1].id
    if last > first.id:  # it began while jobs of the first still ran: the quiet pass that is to be shown comes after it
        watch.pass_after(last - 1)
        watch.calls()
    second, _ = watch.pass_after(last)
    calls.append(watch.calls())
    demo_screen.second_pass(second, calls[1])
    if json_file is not None:
        json_file.write_text(exact_json.dumps(_summary(watch, books, calls)) + "\n", encoding="utf-8")
    return list(_wrong(books, unasked, calls[1]))


def _wrong(books: list[Line], unasked: list[str], second: Mapping[str, Counter[str]]) -> Iterator[str]:
    for line in books:
        if line.difference or line.missing:
            yield f"{line.job_number} {line.kind}: {line.missing} records, {line.difference} missing in Xero."
    if unasked:
        yield f"In Xero, but for no record: {', '.join(unasked)}."
    if second["xero"]["writes"]:
        yield f"The second pass made {second['xero']['writes']} writes to Xero."


def _summary(watch: Watch, books: list[Line], calls: list[dict[str, Counter[str]]]) -> dict[str, Any]:
    projects = watch.parts.projects.all()
    refused = Counter(row.code for row in projects if row.state != "eligible")
    return {
        "projects": {"eligible": sum(row.state == "eligible" for row in projects), "refused": dict(refused)},
        "documents": dict(Counter(kind for kind, *_ in live_documents(watch.parts.engine))),
        "holds": dict(Counter(hold.code for hold in watch.holds())),
        "totals": [
            {
                "job_number": line.job_number,
                "kind": line.kind,
                "procore": {"count": line.procore[0], "amount": line.procore[1]},
                "held": {"count": line.held[0], "amount": line.held[1]},
                "xero": {"count": line.xero[0], "amount": line.xero[1]},
            }
            for line in books
        ],
        "calls": [{name: dict(counts) for name, counts in one.items()} for one in calls],
        "second_pass_writes": calls[1]["xero"]["writes"],
    }


def _to_mend(watch: Watch) -> list[str]:
    """Job numbers of the jobs that a person has to do something about."""
    return [number for number, job in watch.parts.jobs.latest().items() if job.state in ("failed", "held")]


def _wait_for_ctrl_c(processes: Processes) -> None:
    try:
        while True:
            processes.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        return


@contextmanager
def _directory() -> Iterator[Path]:
    """The demo's files; kept when it fails, so that its logs can be read."""
    directory = Path(tempfile.mkdtemp(prefix="procore-xero-demo-"))
    try:
        yield directory
    except ConfigError:  # nothing was started
        shutil.rmtree(directory, ignore_errors=True)
        raise
    except SyncError as error:
        raise DemoFailed(f"{error} The logs are in {directory}.") from error
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    shutil.rmtree(directory, ignore_errors=True)
