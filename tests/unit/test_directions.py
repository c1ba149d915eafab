"""Which part may import which: the way from Procore to Xero stays one way.

Read from the source with `ast`, so that an import inside a function counts as well. Imports under TYPE_CHECKING count
too: they are dependencies of the reader.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("worker", "tasks", "beat_schedule", "tests")


@dataclass(frozen=True, slots=True)
class Import:
    file: str
    line: int
    name: str

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


@dataclass(frozen=True, slots=True)
class Direction:
    """Modules in `of` import of our own only what stands in `may`."""

    of: str
    may: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Confined:
    """Only these files may import the library, or whatever is called by these names."""

    names: tuple[str, ...]
    to: tuple[str, ...]
    because: str


API_SIDE = (
    *("worker.http", "worker.clock", "worker.errors", "worker.holds", "worker.counting"),
    *("worker.settings", "worker.stopping"),
)
#: What rules may know: records, documents, and what others hand to them.
VALUES = (
    *("worker.pipeline.values", "worker.facts", "worker.errors", "worker.holds", "worker.mapping"),
    *("worker.counting", "worker.procore.records", "worker.xero.documents", "worker.http.exact_json"),
)
#: What was read in Xero, and what tells one thing from another there.
READ = tuple(
    f"worker.xero.{name}"
    for name in ("answers", "chart", "contact_fields", "lines", "naming", "proof", "renumbered", "rounding")
)
DIRECTIONS = (
    Direction("worker", ("worker", "beat_schedule"), "tasks say what runs, worker says how: tasks → worker"),
    Direction(
        "worker.mapping",
        (
            "worker.mapping",
            "worker.procore.records",
            "worker.procore.fields",
            "worker.xero.documents",
            "worker.errors",
            "worker.holds",
            "worker.nearest",
            "worker.called",
            "worker.counting",
        ),
        "mapping is pure and sees only records, documents and errors",
    ),
    Direction(
        "worker.pipeline.decide",
        ("worker.pipeline.decide", *VALUES),
        "what should happen is decided by values alone: no ledger, no client, no time",
    ),
    Direction(
        "worker.pipeline.check",
        ("worker.pipeline.check", "worker.pipeline.draft", "worker.pipeline.decide", *VALUES, *READ),
        "whether something goes is told by what was read: no ledger, no client, no time",
    ),
    Direction(
        "worker.pipeline.send.prove",
        (*VALUES, *READ),
        "an answer is compared with what was sent by values alone",
    ),
    Direction("worker.procore", ("worker.procore", *API_SIDE), "reading knows nothing of Xero or the ledger"),
    Direction("worker.xero", ("worker.xero", *API_SIDE), "sending knows nothing of Procore or the ledger"),
    Direction(
        "worker.http",
        (
            *("worker.http", "worker.clock", "worker.counting", "worker.errors", "worker.holds", "worker.overrun"),
            "worker.plain_text",
        ),
        "HTTP knows neither of the two APIs",
    ),
    Direction(
        "worker.ledger",
        (
            "worker.ledger",
            "worker.clock",
            "worker.errors",
            "worker.facts",
            "worker.holds",
            "worker.called",
            "worker.sought",
            "worker.stated",
        ),
        "the ledger remembers and asks nobody",
    ),
    Direction("worker.clock", ("worker.errors",), "everything that must know the time asks it"),
    Direction(
        "worker.errors", ("worker.counting", "worker.holds", "worker.plain_text"), "everything imports the errors"
    ),
    Direction("worker.called", ("worker.counting",), "everything may say how a record is called"),
    Direction("worker.sought", ("worker.called",), "a search knows what records are called, and not where they are"),
    Direction("worker.counting", (), "everything may count in words"),
    Direction("worker.holds", ("worker.stated",), "everything imports the holds"),
    Direction("worker.stated", (), "it reads sentences and nothing else"),
    Direction("worker.facts", (), "they are names, and everything may read them"),
    Direction(
        "worker.settings",
        ("worker.errors", "worker.broker.address", "worker.broker.own"),
        "settings are read before anything else is there",
    ),
    Direction("worker.broker.address", (), "the one reading of REDIS_URL is pure"),
    Direction("worker.broker.own", (), "where a broker lies is known without asking it"),
    Direction("worker.sandbox", ("worker.sandbox",), "the sandbox stands for the other side, reached by URL only"),
)
#: Where an operator comes in: they start what tasks declares, and nothing imports them.
ENTRY_POINTS = ("worker.cli", "worker.flower", "worker.listen")
CONFINED = (
    Confined(("worker.sandbox",), ("worker/sandbox/", "worker/cli/"), "the sandbox is reached by URL only"),
    Confined(
        ("celery", "kombu", "billiard"),
        (
            "worker/celery.py",
            "worker/broker/",
            "worker/beat.py",
            "worker/looking.py",
            "worker/broker/",
            "tasks/",
            "worker/flower/",
            "worker/cli/",
            "beat_schedule.py",
        ),
        "Celery is one way to run a job, not part of it",
    ),
    Confined(("flower",), ("worker/flower/", "worker/cli/"), "Flower is only one way to look at jobs"),
    Confined(
        ("tornado",), ("worker/flower/", "worker/listen/", "worker/cli/"), "what others can reach is in two places"
    ),
    Confined(
        ("sqlalchemy", "alembic", "psycopg"),
        ("worker/ledger/", "worker/assembly.py"),
        "the ledger alone knows SQL",
    ),
    Confined(
        ("httpx",),
        (
            "worker/http/",
            "worker/procore/client.py",
            "worker/procore/files.py",
            "worker/procore/pages.py",
            "worker/xero/client.py",
            "worker/reports/webhook.py",
            "worker/cli/demo_run.py",
            "worker/cli/system.py",
        ),
        "foreign errors are translated once, at the border",
    ),
    Confined(("httpcore",), ("worker/http/wire.py", "worker/http/deadline.py"), "one place knows the network"),
    Confined(
        ("redis",),
        (
            "worker/http/budget.py",
            "worker/xero/client.py",
            "worker/xero/limits.py",
            "worker/procore/client.py",
            "worker/procore/hour.py",
            "worker/procore/limits.py",
            "worker/assembly.py",
            "worker/broker/",
            "worker/beat.py",
            "worker/metrics.py",
            "worker/cli/broker.py",
            "worker/cli/fakebroker.py",
        ),
        "Redis is the broker, the shared call budget and beat's lease, nothing else",
    ),
    Confined(("jinja2",), ("worker/reports/rendering.py",), "one place sees to it that everything is escaped"),
    Confined(("smtplib",), ("worker/reports/mail.py",), "one place sends mail"),
    Confined(("prometheus_client",), ("worker/metrics.py",), "one place knows how a worker is watched"),
    Confined(("opentelemetry",), ("worker/tracing.py",), "a worker runs without it, and tells the same elsewhere"),
    Confined(("cryptography",), ("worker/ledger/cipher.py",), "one place knows how the ledger keeps a secret"),
    Confined(("flask", "werkzeug"), ("worker/sandbox/",), "only the sandbox serves HTTP"),
    Confined(("typer", "rich"), ("worker/cli/",), "only the command line talks to a terminal"),
    Confined(
        ("os.environ", "os.getenv", "os.environb"),
        ("worker/settings.py", "worker/cli/", "worker/flower/reach.py"),  # Flower reads an environment of its own
        "settings are the only reader of the environment",
    ),
    Confined(
        ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"),
        ("worker/clock.py", "worker/sandbox/"),
        "a machine's clock may be wrong: what time it is, the parts say (parts.now)",
    ),
)
#: Rules, which are values in and values out.
PURE = (
    *("worker.mapping", "worker.pipeline.decide", "worker.pipeline.check"),
    *("worker.pipeline.values", "worker.pipeline.draft", "worker.pipeline.send.prove"),
    *("worker.guide.questions", "worker.guide.lines"),
)
#: Of these it is told what is used of them, and not only that they are imported.
USED = ("os", "datetime", "date", "time")
#: What mapping may use beside the standard library: both only say whether a text is what it should be.
MAPPING_MAY = ("pydantic", "stdnum")


def sources() -> dict[str, str]:
    """Our code by its path from the root."""
    files = [ROOT / "beat_schedule.py", *(ROOT / "worker").rglob("*.py"), *(ROOT / "tasks").rglob("*.py")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(files)}


def imports(file: str, text: str) -> Iterator[Import]:
    """Everything the file imports, by full name, and every use of the environment and of a clock."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = ".".join(part for part in (_package(file, node.level), node.module) if part)
            yield from (Import(file, node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in USED:
            yield Import(file, node.lineno, f"{node.value.id}.{node.attr}")


def _package(file: str, level: int) -> str:
    parts = file.removesuffix(".py").split("/")
    return ".".join(parts[: len(parts) - level]) if level else ""


def module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def within(name: str, parts: Sequence[str]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def wrong(files: dict[str, str]) -> list[str]:
    """Every import that goes a wrong way, as `file:line imports X: reason`."""
    found: list[str] = []
    for file, text in files.items():
        for one in imports(file, text):
            found += [f"{one.file}:{one.line} imports {one.name}: {reason}" for reason in _against(module(file), one)]
    return found


def _against(name: str, one: Import) -> Iterator[str]:
    for direction in DIRECTIONS:
        if direction.of == "worker" and within(name, ENTRY_POINTS):
            continue
        if one.top in OURS and within(name, [direction.of]) and not within(one.name, direction.may):
            yield direction.because
    for confined in CONFINED:
        if within(one.name, confined.names) and not one.file.startswith(confined.to):
            yield confined.because
    if within(name, PURE) and one.top in ("time", "os", "socket", "subprocess", "threading"):
        yield "rules call nobody, and know no time"
    is_standard = one.top in sys.stdlib_module_names
    if within(name, ["worker.mapping"]) and not is_standard and one.top not in (*OURS, *MAPPING_MAY):
        yield "mapping is pure: nothing but the standard library, pydantic and stdnum"


def test_every_import_goes_the_right_way() -> None:
    """Each part sees only what it may see."""
    found = wrong(sources())
    assert not found, "\n".join(["imports that go a wrong way:", *found])


#: The folders of the pipeline, the lowest first: each calls those below its own line.
LAYERS = (("decide", "check"), ("look", "read"), ("map", "send"), ("settle",))
#: Where a job's client of Xero is used: `look` reads and `send` writes; one reading is shared by all jobs of a pass.
ASKS_XERO = ("worker/pipeline/look/", "worker/pipeline/send/", "worker/pipeline/work.py")


def out_of_layer(files: dict[str, str]) -> list[str]:
    """Imports of a folder that stands beside one's own, or above it."""
    found: list[str] = []
    for number, layer in enumerate(LAYERS):
        for folder in layer:
            own = f"worker.pipeline.{folder}"
            higher = [f"worker.pipeline.{name}" for names in LAYERS[number:] for name in names if name != folder]
            higher += ["worker.pipeline.carry", "worker.pipeline.one_stage", "worker.pipeline.one_record"]
            inside = {file: text for file, text in files.items() if within(module(file), [own])}
            found += [
                f"{one.file}:{one.line} imports {one.name}"
                for file, text in inside.items()
                for one in imports(file, text)
                if within(one.name, higher)
            ]
    return found


def asked_elsewhere(files: dict[str, str]) -> list[str]:
    """Uses of a job's client of Xero where neither reads nor writes belong."""
    return [
        f"{file}:{node.lineno}"
        for file, text in files.items()
        if file.startswith("worker/pipeline/") and not file.startswith(ASKS_XERO)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("work.xero")
    ]


def test_each_folder_of_the_pipeline_calls_those_below_it() -> None:
    """Rules, then what is read, then what is sent, and what puts them together on top."""
    files = sources()
    assert out_of_layer(files) == []
    folders = {Path(file).parts[2] for file in files if file.startswith("worker/pipeline/") and file.count("/") > 2}
    assert folders == {folder for layer in LAYERS for folder in layer}


def test_xero_is_asked_in_one_folder_and_written_to_in_another() -> None:
    """A newcomer finds each call where `ls` says it is."""
    assert asked_elsewhere(sources()) == []


def test_what_stands_in_a_wrong_folder_is_caught() -> None:
    """The checks themselves are checked."""
    files = {
        "worker/pipeline/look/x.py": "from worker.pipeline.send.request import write",
        "worker/pipeline/check/x.py": "from worker.pipeline.decide import record",
        "worker/pipeline/settle/x.py": "from worker.pipeline.send import request\nrows = work.xero.items()",
        "worker/pipeline/send/x.py": "rows = self._work.xero.items()",
    }
    assert len(out_of_layer(files)) == 2
    assert asked_elsewhere(files) == ["worker/pipeline/settle/x.py:2"]


def circles(files: dict[str, str], of: str) -> list[str]:
    """The modules of a part that import one another in a circle: each of them is below itself."""
    names = {module(file): file for file in files if within(module(file), [of])}
    below: dict[str, set[str]] = {}
    for name, file in names.items():
        ways = {(one.name, one.name.rpartition(".")[0]) for one in imports(file, files[file])}
        below[name] = {next((way for way in both if way in names), "") for both in ways} - {"", name, of}
    while any(deeper - below[name] for name in below for one in below[name] for deeper in [below[one]]):
        for name, found in below.items():
            below[name] = found.union(*(below[one] for one in found))
    return sorted(name for name, found in below.items() if name in found)


@pytest.mark.parametrize("of", ["worker", "tasks"])
def test_no_module_calls_back_up(of: str) -> None:
    """What a module calls never comes back to it: the way of a record goes down, and its values come up."""
    assert circles(sources(), of) == []


def test_a_circle_is_caught() -> None:
    """The check itself is checked: also one over three modules, and of packages."""
    files = {
        "worker/pipeline/a.py": "from worker.pipeline import b",
        "worker/pipeline/b.py": "if TYPE_CHECKING:\n    from worker.pipeline.send.c import f",
        "worker/pipeline/send/c.py": "import worker.pipeline.a",
        "worker/pipeline/d.py": "from worker.pipeline.a import g",
    }
    assert circles(files, "worker.pipeline") == ["worker.pipeline.a", "worker.pipeline.b", "worker.pipeline.send.c"]
    assert circles({**files, "worker/pipeline/send/c.py": ""}, "worker.pipeline") == []


def test_the_parts_that_are_spoken_of_are_there() -> None:
    """A direction for a part that was renamed would hold nothing."""
    files = sources()
    modules = {module(file) for file in files}
    assert not [direction.of for direction in DIRECTIONS if not any(within(name, [direction.of]) for name in modules)]
    places = [place for confined in CONFINED for place in confined.to if place.startswith("worker/")]
    assert not [place for place in places if not any(file.startswith(place) for file in files)]


@pytest.mark.parametrize(
    ("file", "text", "line", "because"),
    [
        ("worker/pipeline/x.py", "import tasks.stages", 1, "tasks → worker"),
        ("worker/mapping/x.py", "\nfrom worker.xero.client import Xero", 2, "mapping is pure and sees only"),
        ("worker/mapping/x.py", "from worker.settings import settings", 1, "mapping is pure and sees only"),
        ("worker/mapping/x.py", "import structlog", 1, "nothing but the standard library"),
        ("worker/mapping/x.py", "from ..ledger import entries", 1, "mapping is pure and sees only"),
        ("worker/pipeline/decide/x.py", "from worker.ledger.entries import Known", 1, "by values alone"),
        ("worker/pipeline/decide/x.py", "from worker.xero.client import Xero", 1, "by values alone"),
        ("worker/pipeline/decide/x.py", "import time", 1, "know no time"),
        ("worker/pipeline/check/x.py", "from worker.pipeline.work import Work", 1, "by what was read"),
        ("worker/pipeline/check/x.py", "from worker.ledger.requests import Result", 1, "by what was read"),
        ("worker/pipeline/send/prove.py", "from worker.xero.client import Xero", 1, "by values alone"),
        ("worker/pipeline/values.py", "import time", 1, "know no time"),
        ("worker/procore/x.py", "from worker import ledger", 1, "nothing of Xero or the ledger"),
        ("worker/xero/x.py", "def f() -> None:\n    import worker.mapping.rules", 2, "nothing of Procore"),
        ("worker/http/x.py", "from worker.settings import settings", 1, "neither of the two APIs"),
        ("worker/ledger/x.py", "from worker.mapping.file import load", 1, "asks nobody"),
        ("worker/sandbox/x.py", "from worker.errors import SyncError", 1, "the other side"),
        ("worker/pipeline/x.py", "from worker.sandbox import Sandbox", 1, "by URL only"),
        ("worker/pipeline/x.py", "import celery", 1, "one way to run a job"),
        ("worker/pipeline/x.py", "from sqlalchemy.orm import Session", 1, "the ledger alone"),
        ("worker/procore/records.py", "import httpx", 1, "translated once"),
        ("tasks/x.py", "import redis", 1, "call budget"),
        ("worker/reports/x.py", "import flask", 1, "only the sandbox"),
        ("worker/ledger/x.py", "import os\nurl = os.environ['DATABASE_URL']", 2, "only reader of the environment"),
        ("worker/ledger/x.py", "from os import getenv", 1, "only reader of the environment"),
        ("tasks/x.py", "from datetime import UTC, datetime\nat = datetime.now(UTC)", 2, "may be wrong"),
        ("worker/http/x.py", "import time\nat = time.time()", 2, "may be wrong"),
    ],
)
def test_a_wrong_import_is_caught(file: str, text: str, line: int, because: str) -> None:
    """The check itself is checked: each of these is reported, with its place and reason."""
    found = wrong({file: text})
    assert any(said.startswith(f"{file}:{line} imports ") and because in said for said in found), found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("tasks/x.py", "from worker.pipeline.work import Work"),
        ("worker/mapping/x.py", "from worker.errors import MappingError\nfrom decimal import Decimal\nimport pydantic"),
        ("worker/procore/client.py", "import httpx\nfrom worker.http.api import Api"),
        ("worker/ledger/x.py", "import os\nprint(os.path)\nfrom sqlalchemy import Engine"),
        ("worker/cli/x.py", "from worker.sandbox import Sandbox\nimport os\nos.environ.copy()"),
    ],
)
def test_a_right_import_is_let_pass(file: str, text: str) -> None:
    """What the directions allow is not reported."""
    assert wrong({file: text}) == []
