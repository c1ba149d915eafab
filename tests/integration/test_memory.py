"""What one answer may take of a worker's memory, at the limits of what is taken in; in fresh processes, over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests import compose
from tests.dripping import head_of, serving
from tests.services import PATIENCE_S
from worker.http import exact_json
from worker.http.bounded import MOST_BYTES
from worker.settings import Settings

#: What one answer may add to a process.
MOST_MB = 140.0

#: A worker's process, and the answers that it reads one after the other: what it had before, and the most it ever had.
_READER = """
import json, sys
from tests.integration.test_deadlines import an_api
from worker.celery import app
from worker.errors import ContractBroken

def megabytes(name):
    line = next(line for line in open("/proc/self/status") if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6

app.loader.import_default_modules()
port, *paths = sys.argv[1:]
before, taken = megabytes("VmRSS"), []
api = an_api(int(port), longest_s=60.0)
for path in paths:
    try:
        taken.append(len(api.get(path).body))
    except ContractBroken as refused:
        taken.append(str(refused))
print(json.dumps([before, megabytes("VmHWM"), taken]))
"""


def many(one: Callable[[int], str], count: int) -> bytes:
    """A list of so many."""
    return f"[{','.join(map(one, range(count)))}]".encode()


def at_the_limit(one: Callable[[int], str], needs: Callable[[bytes], int] = exact_json._memory) -> bytes:
    """A list of as many as are still taken in; all are of one length."""
    some = many(one, 1000)
    return many(one, int(999 * min(exact_json.MOST_MEMORY / needs(some), MOST_BYTES / len(some))))


def as_object(pairs: bytes) -> bytes:
    return b"{" + pairs[1:-1] + b"}"


def with_care(text: bytes) -> int:
    return exact_json._memory(text) + exact_json._memory_of_care(text)


_LONG = "x" * 1_900_000
WORST: dict[str, Callable[[], bytes]] = {
    "one large object": lambda: as_object(at_the_limit('"👍{:07x}":1.5'.format)),
    "long texts beside": lambda: many(lambda n: f'"{_LONG}{n}👍"' if n < 5 else f'{{"{n:07x}":1.5}}', 90_000),
}
OTHERS: dict[str, Callable[[], bytes]] = {
    "small objects": lambda: at_the_limit('{{"{:07x}":1.5}}'.format),
    "to be read with care": lambda: as_object(at_the_limit('"\\":{:07x}":1.5'.format, with_care)),
    "numbers": lambda: at_the_limit(lambda _: "1.5"),
    "whole numbers": lambda: at_the_limit("1{:07d}1234567".format),
    "texts": lambda: at_the_limit('"–{:06x}"'.format),
    "lists": lambda: at_the_limit(lambda _: "[" * 50 + "]" * 50),
    "escapes": lambda: at_the_limit(lambda _: '"' + r"\u0041\b" * 1000 + '"'),
    "marks": lambda: at_the_limit(lambda _: '"' + "👍aa\u200b\u0085" * 1000 + '"'),
    "spaces": lambda: at_the_limit(lambda _: '{"a" : 1.5}'),
    "exponents": lambda: at_the_limit(lambda _: "1e99999999999999999999"),
    "too many commas": lambda: b"[" + b"," * (MOST_BYTES - 10) + b"]",
    "too many bytes": lambda: b'["' + b"x" * MOST_BYTES + b'"]',
}


def _peak(makes: dict[str, Callable[[], bytes]]) -> tuple[float, float, list[int | str]]:
    answers = [make() for make in makes.values()]

    def serve(connection: socket.socket, _: threading.Event) -> None:
        while True:
            content = answers[int(head_of(connection).split()[1].removeprefix(b"/"))]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
            connection.sendall(content)

    with serving(serve) as port:
        command = [sys.executable, "-c", _READER, str(port), *(f"/{number}" for number in range(len(answers)))]
        said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True, cwd=compose.ROOT)
    before, peak, taken = json.loads(said.stdout.splitlines()[-1])
    return before, peak, taken


def test_an_answer_at_its_limits_takes_no_more_than_it_may() -> None:
    """And two at once, in two of the four processes, stay within what docker-compose.yml gives to the worker."""
    before, peak, taken = _peak(WORST)
    assert all(isinstance(one, int) and one for one in taken), taken
    assert peak - before < MOST_MB
    limit = compose.read()["services"]["worker"]["deploy"]["resources"]["limits"]["memory"]
    idle = 1 + Settings.model_fields["worker_processes"].default - 2
    assert 2 * peak + idle * before < int(limit.removesuffix("G")) * 1024**3 / 1e6


@pytest.mark.deep
@pytest.mark.parametrize("kind", OTHERS)
def test_so_does_every_other(kind: str) -> None:
    """Whatever its values are, and what is refused, too: each alone, since what a dozen leave behind adds up."""
    before, peak, taken = _peak({kind: OTHERS[kind]})
    assert [isinstance(one, int) for one in taken] == [not kind.startswith("too many")]
    assert peak - before < MOST_MB
