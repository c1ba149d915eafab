"""Projects as discovery saw them, passes, and how far lists were read: the ledger's small tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, bindparam, exists, func, select, update

from worker.ledger.database import insert_or_skip, insert_or_update, on_rows, slices, transaction
from worker.ledger.tables import Cursor, Entry, Organisation, Pass, ProjectRow


def folded(text: str) -> str:
    """A stage or job number as people mean it: case, outer and doubled spaces do not count."""
    return " ".join(text.split()).casefold()


@dataclass(frozen=True, slots=True)
class Seen:
    """A project and discovery's judgement of it."""

    procore_id: int
    job_number: str
    name: str
    stage: str
    state: str
    code: str = ""
    reason: str = ""
    #: The organisation that it goes to, where there are several, and a mark of the rules that said so.
    organisation: str = ""
    routed_by: str = ""


#: Why a project is not synced, where that is for a person to mend; another stage, say, is how it is meant.
FOR_A_PERSON = (
    *("no_job_number", "duplicate", "unreadable"),
    *("no_organisation", "several_organisations", "organisation_unsaid"),
)
#: Begun, refused now, and with bills in Xero that may still be open: whatever the reason, somebody is to know.
PAUSED_WITH_BILLS = (ProjectRow.state == "paused") & (
    exists().where(
        Entry.project_id == ProjectRow.procore_id, Entry.kind.in_(("claims", "invoices")), Entry.state == "live"
    )
)

#: Built once, for what jobs and passes ask or say each time.
_CURSORS = select(Cursor.name, Cursor.value).where(Cursor.project_id == bindparam("project_id"))
_PASS = update(Pass).where(Pass.id == bindparam("pass"))


class Projects:
    """What discovery knows of all projects."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def record(self, seen: Sequence[Seen]) -> None:
        """Insert or update these projects; how long each is judged so is remembered."""
        before, now = {row.procore_id: row for row in self.all()}, self._now()
        for some in slices(seen):
            rows = [
                {
                    "procore_id": project.procore_id,
                    "job_number": project.job_number,
                    "name": project.name,
                    "stage": project.stage,
                    "state": project.state,
                    "code": project.code,
                    "reason": project.reason,
                    "organisation": project.organisation,
                    "routed_by": project.routed_by,
                    "seen_at": now,
                    "judged_at": _judged_at(before.get(project.procore_id), project, now),
                }
                for project in some
            ]
            with transaction(self._engine) as session:
                insert_or_update(session, ProjectRow, rows)

    def all(self) -> list[ProjectRow]:
        with transaction(self._engine) as session:
            return list(session.scalars(select(ProjectRow).order_by(ProjectRow.job_number, ProjectRow.procore_id)))

    def numbered(self, job_number: str) -> list[ProjectRow]:
        """The projects known under this job number, however it was typed."""
        wanted = job_number.strip().lower()
        with transaction(self._engine) as session:
            return list(session.scalars(select(ProjectRow).where(func.lower(ProjectRow.job_number) == wanted)))

    def find(self, procore_id: int) -> ProjectRow | None:
        with transaction(self._engine) as session:
            return session.get(ProjectRow, procore_id)

    def with_ids(self, ids: Collection[int]) -> dict[int, ProjectRow]:
        """Those of these that a pass has seen."""
        with transaction(self._engine) as session:
            parts = (select(ProjectRow).where(ProjectRow.procore_id.in_(some)) for some in slices(sorted(ids)))
            return {row.procore_id: row for query in parts for row in session.scalars(query)}

    def job_number(self, procore_id: int) -> str:
        """The job number of this project; blank where it is not known."""
        with transaction(self._engine) as session:
            return session.scalar(select(ProjectRow.job_number).where(ProjectRow.procore_id == procore_id)) or ""

    def begun(self) -> dict[int, ProjectRow]:
        """Projects that were eligible once, by id."""
        with transaction(self._engine) as session:
            rows = session.scalars(select(ProjectRow).where(ProjectRow.state.in_(("eligible", "paused"))))
            return {row.procore_id: row for row in rows}


def _judged_at(before: ProjectRow | None, project: Seen, now: datetime) -> datetime | None:
    if before is None or (before.state, before.code) != (project.state, project.code):
        return now
    return before.judged_at


class Passes:
    """The history of passes."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        #: The pass that was asked for last, and when it was started.
        self._began: tuple[int, datetime | None] = (0, None)

    def start(self) -> Pass:
        row = Pass(started_at=self._now())
        with transaction(self._engine) as session:
            session.add(row)
        return row

    def end(self, pass_id: int, **values: object) -> None:
        with on_rows(self._engine) as connection:
            connection.execute(_PASS, {"pass": pass_id, "discovered_at": self._now(), **values})

    def note_calls(self, pass_id: int, calls: Mapping[str, int]) -> None:
        """The calls that discovery itself used, by API."""
        with on_rows(self._engine) as connection:
            connection.execute(_PASS, {"pass": pass_id, "calls": dict(calls)})

    def all(self) -> list[Pass]:
        with transaction(self._engine) as session:
            return list(session.scalars(select(Pass).order_by(Pass.id)))

    def latest(self) -> Pass | None:
        with transaction(self._engine) as session:
            return session.scalar(select(Pass).order_by(Pass.id.desc()).limit(1))

    def get(self, pass_id: int) -> Pass | None:
        with transaction(self._engine) as session:
            return session.get(Pass, pass_id)

    def began(self, pass_id: int) -> datetime | None:
        """When this pass was started, which never changes: its many jobs ask once in a process."""
        if self._began[0] != pass_id:
            with on_rows(self._engine) as connection:
                self._began = pass_id, connection.scalar(select(Pass.started_at).where(Pass.id == pass_id))
        return self._began[1]


class Organisations:
    """The Xero organisations, and until when each is parked."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def find(self, xero_client_id: str, tenant_id: str = "") -> Organisation | None:
        query = select(Organisation).where(Organisation.xero_client_id == xero_client_id)
        if tenant_id:
            query = query.where(Organisation.tenant_id == tenant_id)
        with transaction(self._engine) as session:
            return session.scalars(query).first()

    def record(self, tenant_id: str, xero_client_id: str, name: str, short_code: str) -> Organisation:
        row = {"tenant_id": tenant_id, "xero_client_id": xero_client_id, "name": name, "short_code": short_code}
        with transaction(self._engine) as session:
            insert_or_skip(session, Organisation, [row])
            session.execute(update(Organisation), [row])
            return session.get_one(Organisation, tenant_id)

    def park(self, tenant_id: str, in_s: float, why: str) -> datetime:
        """Nobody calls this organisation before the time returned."""
        until = self._now() + timedelta(seconds=in_s)
        with transaction(self._engine) as session:
            parked = update(Organisation).where(Organisation.tenant_id == tenant_id)
            session.execute(parked.values(parked_until=until, parked_why=why))
        return until

    def unpark(self, tenant_id: str, why: str) -> None:
        """It may be called again, if this is why it was parked."""
        with transaction(self._engine) as session:
            mine = update(Organisation).where(Organisation.tenant_id == tenant_id, Organisation.parked_why == why)
            session.execute(mine.values(parked_until=None, parked_why=None))

    def parked(self, tenant_id: str) -> Organisation | None:
        """The organisation when it is parked now."""
        with transaction(self._engine) as session:
            row = session.get(Organisation, tenant_id)
        return row if row and row.parked_until and row.parked_until > self._now() else None


class Cursors:
    """How far each list of one project was read; kept in memory, written when it moves."""

    def __init__(self, engine: Engine, project_id: int) -> None:
        self._engine = engine
        self._project_id = project_id
        with on_rows(engine) as connection:
            self._values = {row[0]: row[1] for row in connection.execute(_CURSORS, {"project_id": project_id})}

    def get(self, name: str) -> str | None:
        return self._values.get(name)

    def of_any_project(self, name: str) -> str | None:
        """What stands under this name of whichever project, if it does of one."""
        return of_any_project(self._engine, name)

    def set(self, values: Mapping[str, str]) -> None:
        changed = {name: value for name, value in values.items() if self._values.get(name) != value}
        if not changed:
            return
        rows = [{"project_id": self._project_id, "name": name, "value": changed[name]} for name in sorted(changed)]
        with on_rows(self._engine) as connection:
            insert_or_update(connection, Cursor, rows)
        self._values |= changed


def of_any_project(engine: Engine, name: str) -> str | None:
    """What a cursor of this name says, of whichever project has one."""
    with transaction(engine) as session:
        return session.scalar(select(Cursor.value).where(Cursor.name == name).order_by(Cursor.project_id).limit(1))


def short_codes(engine: Engine) -> dict[str, str]:
    """By the organisation's id, for links that open in it; none where there is one."""
    with transaction(engine) as session:
        found = {row[0]: row[1] for row in session.execute(select(Organisation.tenant_id, Organisation.short_code))}
    return found if len(found) > 1 else {}
