"""How large the ledger is, cheap enough to be asked at any time: PostgreSQL's rows are its own estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from worker.ledger.database import transaction
from worker.ledger.tables import Table

_ON_POSTGRES = """
SELECT relname, reltuples::bigint, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
"""
_ON_SQLITE = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Size:
    """Rows by table, the largest first, and what they and their indexes take on disk."""

    rows: Mapping[str, int]
    bytes: int
    #: By table, where the database says it.
    bytes_of: Mapping[str, int]

    @property
    def megabytes(self) -> float:
        return self.bytes / _MEGABYTE


def size(engine: Engine) -> Size:
    """How many rows each table has, and their bytes."""
    names = set(Table.metadata.tables)
    with transaction(engine) as session:
        if session.get_bind().dialect.name == "postgresql":
            found = {row[0]: row[1:] for row in session.execute(text(_ON_POSTGRES)) if row[0] in names}
            # a table that nobody has analysed yet is small
            rows = {name: count if count >= 0 else _counted(session, name) for name, (count, _) in found.items()}
            bytes_of = {name: int(taken) for name, (_, taken) in found.items()}
            return Size(_largest_first(rows), sum(bytes_of.values()), bytes_of)
        rows = {name: _counted(session, name) for name in names}
        return Size(_largest_first(rows), int(session.scalar(text(_ON_SQLITE)) or 0), {})


def _counted(session: Session, name: str) -> int:
    return session.scalar(select(func.count()).select_from(Table.metadata.tables[name])) or 0


def _largest_first(rows: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
