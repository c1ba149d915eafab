"""Tables that fit, and figures as one says them."""

from __future__ import annotations

import pytest

from tests.simulation.tables import Table, lasting, markdown


def test_a_table_is_markdown() -> None:
    """What is printed can stand in a document as it is."""
    said = markdown(Table("Title", ("what", "s"), [["a call", "1.5"]], "Measured."))
    assert said == "**Title**\n\n| what   |   s |\n|--------|----:|\n| a call | 1.5 |\n\nMeasured."


@pytest.mark.parametrize(
    ("seconds", "said"), [(40, "40 s"), (100, "2 min"), (5000, "83 min"), (7200, "2.0 h"), (180_000, "2.1 d")]
)
def test_a_time_is_said_in_its_unit(seconds: float, said: str) -> None:
    assert lasting(seconds) == said
