"""Open holds, waits and ignored records, each with its sentence; a hold closes when its record goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from worker.holds import HoldCode, Outcome, title
from worker.ledger.database import insert_or_skip, on_rows, slices, transaction
from worker.ledger.records import KINDS
from worker.ledger.tables import Hold

#: In the order in which a job looks at them: what stands first may hold what comes after it.
ORDER = ("tools", *KINDS)
#: What a later version may say of a hold in other words.
_WORDS = ("title", "sentence", "remedy", "procore_url", "xero_url")
#: Asked by each job, and built once.
_OPEN = select(Hold.kind, Hold.procore_id, Hold.code, Hold.sentence, Hold.outcome).where(
    Hold.tenant_id == bindparam("tenant_id"), Hold.project_id == bindparam("project_id"), Hold.closed_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one record in this job; `code` says why when it did not go."""

    kind: str
    procore_id: str
    title: str
    outcome: Outcome
    code: HoldCode | None = None
    sentence: str = ""
    procore_url: str = ""
    xero_url: str = ""


class Holds:
    """The holds of one project; the open ones are read once and kept, so that an unchanged pass writes nothing."""

    def __init__(self, engine: Engine, tenant_id: str, project_id: int, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._tenant_id = tenant_id
        self._project_id = project_id
        self._now = now
        with on_rows(engine) as connection:
            rows = connection.execute(_OPEN, {"tenant_id": tenant_id, "project_id": project_id})
            self._open = {(row.kind, row.procore_id): (row.code, row.sentence, row.outcome) for row in rows}

    def is_held(self, kind: str, procore_id: str) -> bool:
        found = self._open.get((kind, procore_id))
        return found is not None and found[2] == Outcome.HELD

    def held(self) -> set[tuple[str, str]]:
        return {key for key, (_, _, outcome) in self._open.items() if outcome == Outcome.HELD}

    def to_look_at(self, kind: str) -> list[str]:
        """Records that are held or wait: they are judged again in every job, changed in Procore or not."""
        outcomes = (Outcome.HELD, Outcome.WAITING)
        return [id_ for (kind_, id_), (_, _, outcome) in self._open.items() if kind_ == kind and outcome in outcomes]

    def ids(self, kind: str) -> list[str]:
        """What is not sent of a kind, ignored ones too."""
        return [id_ for kind_, id_ in self._open if kind_ == kind]

    def is_open(self, kind: str, procore_id: str, code: HoldCode) -> bool:
        """Whether just this is said of the record."""
        found = self._open.get((kind, procore_id))
        return found is not None and found[0] == code.code

    def says(self, code: HoldCode, words: str) -> bool:
        """Whether this is said of any record, with these words in the sentence."""
        return any(found[0] == code.code and words in found[1] for found in self._open.values())

    def is_open_anywhere(self, kind: str, procore_id: str, code: HoldCode) -> bool:
        """The same of a record that may be another project's."""
        this = and_(Hold.tenant_id == self._tenant_id, Hold.kind == kind, Hold.procore_id == procore_id)
        with transaction(self._engine) as session:
            open_one = select(Hold.id).where(this, Hold.closed_at.is_(None), Hold.code == code.code)
            return session.scalar(open_one.limit(1)) is not None

    def of_project(self, project_id: int) -> Holds:
        """Those of another project of the organisation, or its own."""
        return self if project_id == self._project_id else Holds(self._engine, self._tenant_id, project_id, self._now)

    def still(self, kind: str, ids: Iterable[str]) -> list[Verdict]:
        """What is said of these records, as verdicts that say it once more."""
        found = [(id_, *self._open[kind, id_]) for id_ in ids if (kind, id_) in self._open]
        return [
            Verdict(kind, id_, title(kind, id_), Outcome(outcome), HoldCode[code.upper()], sentence)
            for id_, code, sentence, outcome in found
        ]

    def settle(self, verdicts: Iterable[Verdict]) -> None:
        """Open, change and close holds so that they say what these verdicts say."""
        changed = [verdict for verdict in verdicts if self._open.get(_key(verdict)) != _said(verdict)]
        if not changed:
            return
        reworded = [verdict for verdict in changed if self._is_reworded(verdict)]
        others = [verdict for verdict in changed if not self._is_reworded(verdict)]
        with transaction(self._engine) as session:
            for verdict in reworded:
                row = self._row(verdict)
                its = (Hold.kind == verdict.kind, Hold.procore_id == verdict.procore_id)
                words = {name: row[name] for name in _WORDS}
                session.execute(update(Hold).where(*self._mine(), *its).values(words))
            self._close(session, [_key(verdict) for verdict in others if _key(verdict) in self._open])
            rows = [self._row(verdict) for verdict in others if verdict.code is not None]
            for some in slices(rows):
                insert_or_skip(session, Hold, some)
        for verdict in changed:
            self._open.pop(_key(verdict), None)
            if (said := _said(verdict)) is not None:
                self._open[_key(verdict)] = said

    def forget(self, kind: str, ids: Sequence[str]) -> None:
        """Close the holds of records that Procore no longer has."""
        keys = [(kind, id_) for id_ in ids if (kind, id_) in self._open]
        if not keys:
            return
        with transaction(self._engine) as session:
            self._close(session, keys)
        for key in keys:
            del self._open[key]

    def _is_reworded(self, verdict: Verdict) -> bool:
        """Whether this is said already, in other words: it is no new hold for that."""
        before, now = self._open.get(_key(verdict)), _said(verdict)
        if before is None or now is None or verdict.code is None or (before[0], before[2]) != (now[0], now[2]):
            return False
        return verdict.code.states(before[1]) == verdict.code.states(now[1])

    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        return Hold.tenant_id == self._tenant_id, Hold.project_id == self._project_id, Hold.closed_at.is_(None)

    def _close(self, session: Session, keys: Sequence[tuple[str, str]]) -> None:
        for some in slices(keys, 100):
            these = or_(*(and_(Hold.kind == kind, Hold.procore_id == id_) for kind, id_ in some))
            session.execute(update(Hold).where(*self._mine(), these).values(closed_at=self._now()))

    def _row(self, verdict: Verdict) -> dict[str, Any]:
        code = verdict.code
        return {
            "tenant_id": self._tenant_id,
            "project_id": self._project_id,
            "kind": verdict.kind,
            "procore_id": verdict.procore_id,
            "title": verdict.title[:400],
            "outcome": str(verdict.outcome),
            "code": code.code if code else "",
            "sentence": verdict.sentence,
            "remedy": code.remedy if code else "",
            "procore_url": verdict.procore_url,
            "xero_url": verdict.xero_url,
            "opened_at": self._now(),
        }


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.kind, verdict.procore_id


def _said(verdict: Verdict) -> tuple[str, str, str] | None:
    return (verdict.code.code, verdict.sentence, str(verdict.outcome)) if verdict.code else None


def concerns(only: str | None, kind: str, procore_id: str) -> bool:
    """Whether a job was about this record: that of one record is about it and the project alone, any other about all.

    `only` is as a job's row has it, "claims/58820".
    """
    return not only or kind == "projects" or f"{kind}/{procore_id}" == only


def open_holds(engine: Engine, outcome: Outcome = Outcome.HELD, project_id: int | None = None) -> list[Hold]:
    """Open holds of one project or of all, in the order in which the records go."""
    query = select(Hold).where(Hold.closed_at.is_(None), Hold.outcome == str(outcome))
    if project_id is not None:
        query = query.where(Hold.project_id == project_id)
    with transaction(engine) as session:
        kinds = case({kind: place for place, kind in enumerate(ORDER)}, value=Hold.kind, else_=len(ORDER))
        by_number = (func.length(Hold.procore_id), Hold.procore_id)
        return list(session.scalars(query.order_by(Hold.project_id, kinds, Hold.kind, *by_number)))


def open_counts(engine: Engine) -> dict[tuple[int, str], int]:
    """How many open holds each project has, by project and outcome."""
    query = (
        select(Hold.project_id, Hold.outcome, func.count())
        .where(Hold.closed_at.is_(None))
        .group_by(Hold.project_id, Hold.outcome)
    )
    with transaction(engine) as session:
        return {(project_id, outcome): count for project_id, outcome, count in session.execute(query)}


def projects_with(engine: Engine, kind: str) -> set[int]:
    """The projects of which something of this kind is held."""
    query = select(Hold.project_id).where(Hold.closed_at.is_(None), Hold.kind == kind).distinct()
    with transaction(engine) as session:
        return set(session.scalars(query))
