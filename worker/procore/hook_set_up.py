"""Brings Procore's webhooks to what they should be, and takes them down. Done twice, it does nothing the second time.

What the company's hook is not offered is asked of each project: whether a company's hook hears of what is inside its
projects is not documented, so Procore's own list of resources decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from worker.errors import NotPermitted, NotThere
from worker.procore.hooks import EVENTS, Hook, Hooks, Trigger
from worker.procore.resources import list_of

#: What became of a hook.
MADE, CHANGED, KEPT, TAKEN_DOWN, REFUSED = "made", "changed", "as it was", "taken down", "refused"


@dataclass(frozen=True, slots=True)
class Scope:
    """One hook, of the company where `project_id` is None: what became of it, and what it hears of."""

    project_id: int | None
    did: str
    url: str = ""
    triggers: tuple[Trigger, ...] = ()
    #: Why Procore refused, where it did.
    why: str = ""


def set_up(hooks: Hooks, url: str, secret: str, project_ids: Iterable[int]) -> Iterator[Scope]:
    """The company's hook, then those of its projects where they are needed; each is told of when it is done.

    A project that Procore does not open is passed over.
    """
    of_company = wanted(hooks.resources())
    yield _brought(hooks, None, url, secret, of_company)
    names = {trigger.resource for trigger in of_company}
    of_project: frozenset[Trigger] | None = None
    for id_ in project_ids:
        try:
            if of_project is None:
                of_project = frozenset(one for one in wanted(hooks.resources(id_)) if one.resource not in names)
            yield _brought(hooks, id_, url, secret, of_project)
        except (NotPermitted, NotThere) as refused:
            yield Scope(id_, REFUSED, why=str(refused))


def take_down(hooks: Hooks, project_ids: Iterable[int]) -> Iterator[Scope]:
    """Every hook of ours."""
    for id_ in (None, *project_ids):
        try:
            for hook in hooks.ours(id_):
                hooks.delete(hook)
                yield Scope(id_, TAKEN_DOWN, hook.url)
        except (NotPermitted, NotThere) as refused:
            if id_ is None:
                raise
            yield Scope(id_, REFUSED, why=str(refused))


def look(hooks: Hooks, project_ids: Iterable[int]) -> Iterator[Scope]:
    """What there is of ours."""
    for id_ in (None, *project_ids):
        try:
            for hook in hooks.ours(id_):
                yield Scope(id_, KEPT, hook.url, tuple(sorted(hooks.triggers(hook))))
        except (NotPermitted, NotThere) as refused:
            if id_ is None:
                raise
            yield Scope(id_, REFUSED, why=str(refused))


def wanted(offered: Mapping[str, Iterable[str]]) -> frozenset[Trigger]:
    """Of what Procore has messages about, what makes a list due here."""
    synced = {name: events for name, events in offered.items() if list_of(name) is not None}
    return frozenset(Trigger(name, event) for name, events in synced.items() for event in events if event in EVENTS)


def _brought(hooks: Hooks, project_id: int | None, url: str, secret: str, triggers: frozenset[Trigger]) -> Scope:
    """One hook with these triggers and no other one of ours in this scope; none where there are no triggers."""
    ours = hooks.ours(project_id)
    needless = ours[1:] if triggers else ours
    for one in needless:
        hooks.delete(one)
    if not triggers:
        return Scope(project_id, TAKEN_DOWN if needless else KEPT)
    did = CHANGED if needless else KEPT
    if not ours:
        hook, did = hooks.make(project_id, url, secret), MADE
    elif not (hook := ours[0]).sends(url, secret):
        hooks.change(hook, url, secret)
        did = CHANGED
    if _hears_only(hooks, hook, triggers) and did == KEPT:
        did = CHANGED
    return Scope(project_id, did, url, tuple(sorted(triggers)))


def _hears_only(hooks: Hooks, hook: Hook, triggers: frozenset[Trigger]) -> bool:
    """Give it these triggers and take others from it; returns whether there was anything to do."""
    there = hooks.triggers(hook)
    missing, needless = triggers - there.keys(), there.keys() - triggers
    for trigger in sorted(missing):
        hooks.add(hook, trigger)
    for trigger in sorted(needless):
        hooks.drop(hook, there[trigger])
    return bool(missing or needless)
