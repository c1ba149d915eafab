"""What a stage is: data. The five stand on one page in `tasks/stages.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.mapping.references import Known
from worker.procore.client import Procore
from worker.procore.records import Record, Unreadable
from worker.xero.documents import Document

if TYPE_CHECKING:
    from worker.pipeline.work import Work

Row = Record | Unreadable
Rows = Iterator[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One kind of record's way through.

    `read` yields the records to look at, `find` those of given ids (held and waiting ones are judged anew in each
    job), `show` asks for one of any project by its id and the facts of its entry (None: Procore does not show it),
    `prepare` loads what mapping must know about a batch, `settle` runs when the whole stage went well. A list that
    Procore cannot filter is read `whole`, in few jobs, and its records are small: they are looked up all at once.
    """

    name: str
    needs: tuple[str, ...]
    read: Callable[[Work], Rows]
    to_document: Callable[[Any, Known], Document]
    find: Callable[[Work, Sequence[str]], Rows] | None = None
    show: Callable[[Procore, int, str, Mapping[str, Any]], Row | None] | None = None
    prepare: Callable[[Work, Sequence[Any]], None] | None = None
    facts: Callable[[Any], Mapping[str, Any]] | None = None
    settle: Callable[[Work], None] | None = None
    whole: bool = False
    #: The lists of Procore that `read` asks for: where one is not shown, what it lacks is not missing.
    lists: tuple[str, ...] = ()


def in_order(*stages: Stage, given: Sequence[str] = ()) -> tuple[Stage, ...]:
    """The stages, if each one's needs come before it. Raises ValueError, at import, when they do not."""
    done = set(given)
    for stage in stages:
        missing = [need for need in stage.needs if need not in done]
        if missing:
            raise ValueError(f"Stage {stage.name} stands before what it needs: {', '.join(missing)}.")
        done.add(stage.name)
    return stages
