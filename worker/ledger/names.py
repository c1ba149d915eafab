"""What the records are called by people, so that a page that asks nobody else can say which bill is meant.

Amounts stand here to be read, to the last digit; nothing is ever decided from them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, bindparam, select

from worker.called import UNNAMED, Called
from worker.holds import title
from worker.ledger.database import insert_or_update, on_rows, slices
from worker.ledger.tables import NameRow, ProjectRow
from worker.sought import Sought

PROJECTS = "projects"
#: Kind and id.
Key = tuple[str, str]
_COLUMNS = (
    *(NameRow.procore_id, NameRow.supplier, NameRow.document, NameRow.number),
    *(NameRow.date, NameRow.amount, NameRow.currency),
)
_OF_IDS = select(*_COLUMNS).where(
    NameRow.kind == bindparam("kind"), NameRow.procore_id.in_(bindparam("ids", expanding=True))
)


class Names:
    """The names of one project's records."""

    def __init__(self, engine: Engine, project_id: int) -> None:
        self._engine = engine
        self._project_id = project_id

    def note(self, found: Mapping[Key, Called], may_be_known: Collection[Key]) -> None:
        """Remember these. `may_be_known` are those of which nothing is written where they are known so already."""
        if not found:
            return
        with on_rows(self._engine) as connection:
            known = _read(connection, may_be_known)
            new = [_row(self._project_id, key, called) for key, called in found.items() if known.get(key) != called]
            for some in slices(new):
                insert_or_update(connection, NameRow, some)

    def of(self, keys: Collection[Key]) -> dict[Key, Called]:
        """What these are called, of those that are known."""
        return names(self._engine, keys) if keys else {}


def names(engine: Engine, keys: Iterable[Key]) -> dict[Key, Called]:
    """The same, of any project's records."""
    with on_rows(engine) as connection:
        return _read(connection, list(keys))


def in_words(engine: Engine, kind: str, procore_id: str) -> str:
    """What people call a record, and its number in Procore; that alone where no name is known."""
    key = (kind, procore_id)
    return names(engine, [key]).get(key, UNNAMED).with_id(title(kind, procore_id))


def projects_with(engine: Engine, wanted: Sought) -> list[int]:
    """The projects of which a record is called so; all names are looked at."""
    query = select(NameRow.project_id, *_COLUMNS).execution_options(yield_per=1000)
    with on_rows(engine) as connection:
        rows = connection.execute(query)
        return sorted({project_id for project_id, procore_id, *said in rows if wanted.fits(Called(*said), procore_id)})


def _read(connection: Connection, keys: Collection[Key]) -> dict[Key, Called]:
    by_kind: dict[str, list[str]] = {}
    for kind, procore_id in keys:
        by_kind.setdefault(kind, []).append(procore_id)
    read: dict[Key, Called] = {}
    read |= _of_projects(connection, by_kind.pop(PROJECTS, ()))
    for kind, ids in by_kind.items():
        for some in slices(ids):
            rows = connection.execute(_OF_IDS, {"kind": kind, "ids": some})
            read |= {(kind, procore_id): Called(*said) for procore_id, *said in rows}
    return read


def _of_projects(connection: Connection, ids: Sequence[str]) -> dict[Key, Called]:
    """A project is called by its number and name, as its option in Xero is."""
    columns = (ProjectRow.procore_id, ProjectRow.job_number, ProjectRow.name)
    read: dict[Key, Called] = {}
    for some in slices(ids):
        rows = connection.execute(select(*columns).where(ProjectRow.procore_id.in_(map(int, some))))
        read |= {(PROJECTS, str(id_)): Called(document=f"{number} {name}".strip()) for id_, number, name in rows}
    return read


def _row(project_id: int, key: Key, called: Called) -> dict[str, object]:
    return {
        "kind": key[0],
        "procore_id": key[1],
        "project_id": project_id,
        "supplier": called.supplier[:255],
        "document": called.document[:255],
        "number": called.number[:255],
        "date": called.date,
        "amount": called.amount,
        "currency": called.currency[:3],
    }
