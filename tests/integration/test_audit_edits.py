"""What people do to synced books, one edit at a time: what an audit must find, and what it must not speak of."""

from __future__ import annotations

import pytest

from tasks.audit import Audited, audit_books
from tests.integration.audited import BESIDE, EDITS, HARMLESS, seed
from tests.integration.conftest import MakeWorld
from tests.integration.synced import a_synced_world
from tests.integration.world import World


@pytest.fixture
def world(a_world: MakeWorld) -> World:
    return a_synced_world(a_world, seed())


def said(audited: Audited) -> list[str]:
    return [f"{one.title}: {one.sentence}" for one in audited.differences]


def test_nothing_is_said_of_books_that_agree(world: World) -> None:
    """Two credit notes of one number, payments from two banks, terms and retention: all of it agrees."""
    assert said(audit_books(world.parts)) == []


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_found_and_both_values_are_named(world: World, name: str) -> None:
    """One sentence, under what was edited, with what stands in Xero and what Procore says; beside it stands only what
    follows from the edit."""
    edit, title, values = EDITS[name]
    edit(world)
    found = said(audit_books(world.parts))
    fitting = [one for one in found if title in one and all(value in one for value in values)]
    assert fitting, found
    beside = [one for one in found if one not in fitting]
    assert (len(fitting), [one.split(":")[0] for one in beside]) == (1, BESIDE.get(name, [])), found


@pytest.mark.parametrize("name", HARMLESS)
def test_of_what_is_harmless_nothing_is_said(world: World, name: str) -> None:
    """Texts, files, notes, the order of lines, and bills that have nothing to do with Procore."""
    HARMLESS[name](world)
    assert said(audit_books(world.parts)) == []
