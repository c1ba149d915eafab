"""When each list of each project was read, and when it is due: what a pass plans its calls by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, and_, delete, select

from worker.ledger.database import insert_or_update, slices, transaction
from worker.ledger.tables import ListRow


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of one project as it was read last, under the rules of then."""

    project_id: int
    name: str
    read_at: datetime
    changed_at: datetime | None
    due_at: datetime
    #: When its next reading is one of everything; None where that is not known.
    compare_at: datetime | None
    rules: str
    #: Of the last reading of everything.
    calls: int


_COLUMNS = tuple(getattr(ListRow, name) for name in Listed.__slots__)
#: The list of a project's claims.
CLAIMS = "claims"


class Lists:
    """The lists of one project."""

    def __init__(self, engine: Engine, project_id: int) -> None:
        self._engine = engine
        self._project_id = project_id
        self._known: Mapping[str, tuple[datetime | None, int]] | None = None

    def changed_at(self, name: str) -> datetime | None:
        """When something moved last in this list."""
        return self._rows()[name][0] if name in self._rows() else None

    def calls(self, name: str) -> int | None:
        """The calls that its last reading of everything took; None where it was never read."""
        return self._rows()[name][1] if name in self._rows() else None

    def moved_at(self, name: str = "") -> datetime | None:
        """When something moved last in this list, or in any of them."""
        if name:
            return self.changed_at(name)
        return max((at for at, _ in self._rows().values() if at is not None), default=None)

    def note(self, listed: Listed, now: datetime) -> None:
        """Remember a reading. What came due while it was read stays due: a message may have said what it missed."""
        row = {name: getattr(listed, name) for name in Listed.__slots__}
        mine = select(ListRow.due_at).where(ListRow.project_id == self._project_id, ListRow.name == listed.name)
        with transaction(self._engine) as session:
            due_at = session.scalar(mine)
            if due_at is not None and listed.read_at < due_at <= now:
                row["due_at"] = due_at
            insert_or_update(session, ListRow, [row])
        self._known = None

    def forget(self) -> None:
        """The next pass reads all of them."""
        with transaction(self._engine) as session:
            session.execute(delete(ListRow).where(ListRow.project_id == self._project_id))
        self._known = None

    def _rows(self) -> Mapping[str, tuple[datetime | None, int]]:
        if self._known is None:
            columns = (ListRow.name, ListRow.changed_at, ListRow.calls)
            with transaction(self._engine) as session:
                mine = select(*columns).where(ListRow.project_id == self._project_id)
                self._known = {name: (changed_at, calls) for name, changed_at, calls in session.execute(mine)}
        return self._known


@dataclass(frozen=True, slots=True)
class Planned:
    """Which lists of its project one job reads; `names` is None where it reads all of them."""

    lists: Lists
    names: frozenset[str] | None
    #: Between two passes.
    every: timedelta


def lists_of(engine: Engine, project_id: int) -> list[Listed]:
    """Those of one project, in the order in which they come due; none where every pass reads all of them."""
    mine = select(*_COLUMNS).where(ListRow.project_id == project_id).order_by(ListRow.due_at, ListRow.name)
    with transaction(engine) as session:
        return [Listed(*row) for row in session.execute(mine)]


@dataclass(frozen=True, slots=True)
class ToPlan:
    """The lists of the projects that a pass is for."""

    #: Those that come due in time, and all of a project's that were read under other rules than are its own now.
    due: Sequence[Listed]
    #: Name to how many others there are, which are not due.
    others: Mapping[str, int]
    #: The projects in which a claim moved since the moment that was asked about.
    claimed: AbstractSet[int]
    #: The projects of which some list was read, and the calls of all their last readings of everything.
    project_ids: AbstractSet[int]
    calls: int


def lists_to_plan(engine: Engine, rules: Mapping[int, str], before: datetime, claimed_since: datetime) -> ToPlan:
    """Of projects, given with their rules of now, what comes due before this moment. Ten thousand projects have fifty
    thousand lists: times are read of those that may be due, and of the others only that they are there."""
    names, ids, claimed, calls, changed = Counter[str](), set[int](), set[int](), 0, False
    has_moved = and_(ListRow.name == CLAIMS, ListRow.changed_at >= claimed_since)
    known = select(ListRow.project_id, ListRow.name, ListRow.rules, ListRow.calls, has_moved)
    with transaction(engine) as session:
        for id_, name, under, takes, moved in session.execute(known).tuples():
            if (own := rules.get(id_)) is not None:
                names[name] += 1
                ids.add(id_)
                calls += max(1, takes)
                changed = changed or under != own
                if moved:
                    claimed.add(id_)
        some = select(*_COLUMNS) if changed else select(*_COLUMNS).where(ListRow.due_at < before)
        listed = [Listed(*row) for row in session.execute(some) if row.project_id in rules]
    due = [one for one in listed if one.due_at < before or one.rules != rules[one.project_id]]
    return ToPlan(due, names - Counter(one.name for one in due), claimed, ids, calls)


def lists_of_each(engine: Engine, project_ids: Collection[int]) -> dict[int, list[Listed]]:
    """Those of these projects; of one that was never read there is nothing."""
    found: dict[int, list[Listed]] = {}
    with transaction(engine) as session:
        for some in slices(sorted(project_ids)):
            for row in session.execute(select(*_COLUMNS).where(ListRow.project_id.in_(some))):
                found.setdefault(row.project_id, []).append(Listed(*row))
    return found
