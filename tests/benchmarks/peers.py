"""The same bills through our worker and through two other Xero clients, against one sandbox process, in one run.

Ours is its whole claims stage: reading them in Procore, mapping, the ledger, sending, proving. The others only send, as
their documentation shows it. What reaches Xero is counted by the sandbox's journal.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import simplejson

from tests.benchmarks import peer_process
from tests.benchmarks.bounds import JOURNAL_XERO, Bound, Figure
from tests.benchmarks.generate import Size
from tests.benchmarks.peer_process import WAYS, WITH_KEYS
from tests.benchmarks.run import control, journal, printed, sandbox, settings_of, work

Bill = Mapping[str, Any]
OURS = "our worker, all the way"
OUR_CLIENT = "our client, 50 at once"
#: What a login takes; nobody is measured on it.
_LOGIN = ("/token", "/connections", "/Currencies")


@dataclass(frozen=True, slots=True)
class Sent:
    """What sending the bills cost one client; times and memory are the median of the rounds."""

    calls: int
    bills: int
    seconds: float
    cpu_s: float
    peak_mb: float


def beside(bills: int, rounds: int) -> dict[str, Sent]:
    """Every round has a sandbox of its own, and everybody's turn comes in each."""
    size = Size(vendors=20, claims=bills, payments=0, invoices=0)
    measured = [_round(size) for _ in range(rounds)]
    return {name: _typical([one[name] for one in measured]) for name in measured[0]}


def twice_after_a_lost_answer(bills: int) -> dict[str, int]:
    """Xero takes everybody's first bills and its answer never comes: how many bills are in the books twice then."""
    with (
        tempfile.TemporaryDirectory() as name,
        sandbox(Size(vendors=20, claims=bills, payments=0, invoices=0)) as reached,
    ):
        directory = Path(name)
        environment = settings_of(reached, directory)
        xero = reached["XERO_TOKEN_URL"]
        _lose_the_next_answer(xero)
        work(environment, directory)
        documents = list(_documents(xero))
        twice = {OURS: _twice(xero, documents)}
        for number, way in enumerate([*WAYS, *WITH_KEYS]):
            if way == OUR_CLIENT:
                continue
            path = directory / f"bills{number}.json"
            theirs = _numbered(documents, number)
            path.write_text(simplejson.dumps(theirs), "utf-8")
            _lose_the_next_answer(xero)
            _theirs(way, path, environment, xero)
            twice[way] = _twice(xero, theirs)
        return twice


def figures(sent: Mapping[str, Sent]) -> Iterator[Figure]:
    """Each client's figures, and as multiples of what our worker needs for the whole way."""
    ours, client = sent[OURS], sent[OUR_CLIENT]
    for name, one in sent.items():
        process = name.partition(",")[0]
        yield Figure(name, one.bills, JOURNAL_XERO, Bound(ours.bills, exactly=True))
        yield Figure("  calls to Xero", one.calls, JOURNAL_XERO)
        yield Figure("  seconds", one.seconds, process)
        yield Figure("  CPU ms a bill", 1000 * one.cpu_s / one.bills, process)
        yield Figure("  peak memory, MB", one.peak_mb, process)
        if one is ours:
            continue
        yield Figure("  calls / our worker's", one.calls / ours.calls, "both")
        yield Figure("  seconds / our worker's", one.seconds / ours.seconds, "both")
        yield Figure("  CPU / our worker's", one.cpu_s / ours.cpu_s, "both")
        yield Figure("  peak / our worker's", one.peak_mb / ours.peak_mb, "both")
        if one is not client:
            yield Figure("  CPU / our client's", one.cpu_s / client.cpu_s, "both")


def lost(twice: Mapping[str, int]) -> Iterator[Figure]:
    for name, bills in twice.items():
        yield Figure(name, bills, "Xero's books", Bound(0) if name == OURS else None)


def _round(size: Size) -> dict[str, Sent]:
    with tempfile.TemporaryDirectory() as name, sandbox(size) as reached:
        directory = Path(name)
        environment = settings_of(reached, directory)
        xero = reached["XERO_TOKEN_URL"]
        sent = {OURS: _ours(environment, directory, xero)}
        documents = list(_documents(xero))
        for number, way in enumerate(WAYS, start=1):
            bills = directory / f"bills{number}.json"
            bills.write_text(simplejson.dumps(_numbered(documents, number)), "utf-8")
            sent[way] = _theirs(way, bills, environment, xero)
        return sent


def _ours(environment: Mapping[str, str], directory: Path, xero: str) -> Sent:
    cost = work(environment, directory)
    stage = cost.stages["claims"]
    entries = [entry for entry in journal(xero)[0] if stage["began_at"] <= _at(entry) <= stage["ended_at"]]
    return Sent(len(entries), _bills(entries), stage["seconds"], stage["cpu_s"], cost.peak_mb)


def _theirs(way: str, bills: Path, environment: Mapping[str, str], xero: str) -> Sent:
    before = journal(xero)[1]
    cost = printed(peer_process.__name__, environment, bills.parent, way, str(bills))
    entries = [entry for entry in journal(xero, before)[0] if not entry["path"].endswith(_LOGIN)]
    return Sent(len(entries), _bills(entries), cost["seconds"], cost["cpu_s"], cost["peak_mb"])


def _documents(xero: str) -> Iterator[Bill]:
    """The bills as we sent them, to the last digit; each once."""
    answer = httpx.get(control(xero, "journal"), timeout=60).raise_for_status()
    entries = simplejson.loads(answer.text, use_decimal=True)["entries"]
    sent = [bill for entry in entries if _writes_bills(entry) for bill in entry["body"]["Invoices"]]
    yield from {bill["InvoiceNumber"]: bill for bill in sent}.values()


def _numbered(documents: Sequence[Bill], number: int) -> list[Bill]:
    """The same bills again, that no number is there twice."""
    return [{**one, "InvoiceNumber": f"{one['InvoiceNumber']}-{number}"} for one in documents]


def _lose_the_next_answer(xero: str) -> None:
    fault = {"kind": "lost_answer", "method": "PUT", "path": "Invoices"}
    httpx.post(control(xero, "faults"), json=fault, timeout=10).raise_for_status()


def _twice(xero: str, documents: Sequence[Bill]) -> int:
    """How many of these bills are there more than once."""
    dumped = httpx.get(control(xero, "dump"), timeout=60).json()["invoices"]
    there = Counter(bill["InvoiceNumber"] for bill in dumped)
    return sum(there[bill["InvoiceNumber"]] > 1 for bill in documents)


def _bills(entries: Sequence[Mapping[str, Any]]) -> int:
    return sum(entry["elements"] for entry in entries if _writes_bills(entry) and entry["status"] == 200)


def _writes_bills(entry: Mapping[str, Any]) -> bool:
    return bool(entry["method"] != "GET" and entry["path"].endswith("/Invoices"))


def _at(entry: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(entry["at"]).timestamp()


def _typical(rounds: Sequence[Sent]) -> Sent:
    return Sent(
        calls=rounds[0].calls,
        bills=min(one.bills for one in rounds),
        seconds=median(one.seconds for one in rounds),
        cpu_s=median(one.cpu_s for one in rounds),
        peak_mb=median(one.peak_mb for one in rounds),
    )
