"""Random faults for hours: `make soak` plays 20,000 examples from seeds of its own on all cores.

    python -m tests.integration.soak [EXAMPLES] [FIRST_SEED]

Prints how far it is, each failure with the steps that lead to it, and a summary. Ends with 1 when anything failed.
"""

from __future__ import annotations

import secrets
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from traceback import format_exception_only

from tests.integration.exploring import explore
from tests.integration.machine import Troubled
from tests.integration.sharing import Sharing
from tests.integration.touched import Touched

EXAMPLES = 20_000
#: Examples of one seed.
CHUNK = 50
MACHINES = {machine.__name__: machine for machine in (Troubled, Touched, Sharing)}

Outcome = tuple[str, int, Counter[str], str]


def play(name: str, number: int) -> Outcome:
    """One seed of one machine, in a process of its own: what happened, and how it failed, blank when it did not."""
    machine, failure = MACHINES[name], ""
    machine.seen.clear()
    try:
        explore(machine, number, CHUNK)
    except Exception as error:
        failure = "".join(format_exception_only(error))
    return name, number, Counter(machine.seen), failure


def main(examples: int, first: int) -> int:
    chunks = [(list(MACHINES)[n % len(MACHINES)], first + n) for n in range(max(1, examples // CHUNK))]
    seen: Counter[str] = Counter()
    failed: list[str] = []
    began = time.monotonic()
    # begun anew each, not forked: a worker's ledger is its process's own
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        for done in as_completed([processes.submit(play, *chunk) for chunk in chunks]):
            name, number, happened, failure = done.result()
            seen.update(happened)
            if failure:
                failed.append(f"{name}, seed {number}")
                print(f"\n{failed[-1]} failed:\n{failure}")
            rate = seen["examples"] / (time.monotonic() - began)
            print(
                f"{seen['examples']:,} of {examples:,} examples, {rate:.1f} a second, {len(failed)} failed", flush=True
            )
    print(f"\nFrom seed {first} on, in {(time.monotonic() - began) / 60:.0f} minutes:")
    for what, count in sorted(seen.items()):
        print(f"  {count:>9,}  {what}")
    print(f"Failed: {'; '.join(failed) or 'none'}.")
    return 1 if failed else 0


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:3]]
    sys.exit(main(*wanted, *(EXAMPLES, secrets.randbelow(1_000_000_000))[len(wanted) :]))
