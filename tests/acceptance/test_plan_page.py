"""The plan as a page, in a real browser: on a desk and on a telephone."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.browser import chromium
from tests.acceptance.test_report_page import NASTY
from worker.called import Called
from worker.plan.values import Action, Plan, Step
from worker.reports import plan

pytestmark = pytest.mark.acceptance


def a_step(action: Action, id: int, *details: str, code: str = "") -> Step:
    called = Called(NASTY, "SC-001 claim 3", f"INV-{id}", date(2026, 9, 30), Decimal("12345678.90"), "AUD")
    return Step("claims", str(id), f"claim {id}", action, details, code, called)


def test_names_stay_in_the_page_and_run_nothing(tmp_path: Path) -> None:
    """Amounts are added up; a long name makes no telephone scroll sideways, and HTML in it is text."""
    steps = [
        a_step(Action.CREATE, 1, NASTY),
        a_step(Action.CREATE, 2),
        a_step(Action.HELD, 3, NASTY, "Do it", code="x"),
    ]
    steps += [Step("vendors", "7", f"vendor {NASTY}", Action.CREATE, (NASTY,))]
    file = tmp_path / "plan.html"
    plans = [Plan("24-017", NASTY, steps), Plan("24-018", "Done"), Plan("24-019", "Closed", stopped=NASTY)]
    file.write_text(plan.html(plans, NASTY, datetime(2026, 9, 30, tzinfo=UTC)), encoding="utf-8")
    pictures = Path(os.environ.get("TEST_PICTURES") or tmp_path / "pictures")
    with chromium(file.as_uri(), None, tmp_path / "chromium", pictures) as browser:
        browser.open("")
        text = browser.find("body").text
        assert "24,691,357.80" in text
        assert "To do: Do it" in text
        assert "<script>document.title='owned'</script>" in text
        assert browser.driver.title.startswith("Plan: ")
        assert browser.wider_than_screen(390) <= 0
        browser.picture("plan")
