"""Webhooks, where `listen` is to take any: Procore knows the address and the secret, and its messages arrive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.counting import counted
from worker.doctor.finding import Finding, ok, warn, wrong
from worker.ledger.tables import ProjectRow
from worker.procore.hook_set_up import wanted
from worker.procore.hooks import Hook, Hooks

ABOUT = "Webhooks"
#: Projects whose hooks are looked at, a call each: those that became eligible last, after `hooks set-up` was run.
TRIED = 5
_SET_UP = "procore-xero hooks set-up {url}"


def check(hooks: Hooks, secret: str, eligible: Sequence[ProjectRow]) -> Iterator[Finding]:
    """Nothing is written. Raises what the calls raise."""
    ours = hooks.ours()
    again = _SET_UP.format(url=ours[0].url if ours else "https://HOST/procore")
    of_project = {one.resource for one in wanted(hooks.resources(eligible[0].procore_id))} if eligible else set()
    needed = of_project - {one.resource for one in wanted(hooks.resources())}
    without = []
    newest = sorted(eligible, key=lambda one: (one.judged_at is not None, one.judged_at), reverse=True)
    for project in newest[:TRIED] if needed else ():
        found = hooks.ours(project.procore_id)
        ours += found
        if not found:
            without.append(project.job_number)
    if not ours:
        yield warn(ABOUT, "LISTEN_SECRET is set, and Procore sends no messages of this installation.", again)
        return
    off = [hook for hook in ours if not hook.sends(ours[0].url, secret)]
    if off:
        said = f"{len(off)} of {counted(len(ours), 'hook')} in Procore: paused, or another address or secret."
        yield wrong(ABOUT, said, again)
    if without:
        yield warn(ABOUT, f"No hook yet in {', '.join(without)}: what moves there is found by the passes.", again)
    yield from _delivered(hooks, ours[0])
    if not off and not without:
        yield ok(ABOUT, f"Procore sends to {ours[0].url}.")


def _delivered(hooks: Hooks, hook: Hook) -> Iterator[Finding]:
    count = hooks.undelivered(hook)
    if count:
        yield wrong(
            ABOUT,
            f"Procore could not deliver {counted(count, 'message')} to {hook.url}; it sends again, for twelve hours.",
            "See that `procore-xero listen` runs, and that the proxy before it passes on the header Authorization.",
        )
