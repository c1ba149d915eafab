"""A project that is not synced any more is named wherever people look, while anything of it is open."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tasks import audit
from tasks.policy import JobFailed
from tests.integration.conftest import MakeWorld
from tests.integration.seeds import JOB_NUMBER, PROJECT_ID, a_claim, a_payment, a_seed, an_item
from tests.integration.world import World
from worker import assembly
from worker.cli.app import app
from worker.ledger.notices import Notices
from worker.ledger.reporting import happened
from worker.reports import page
from worker.reports.books import books
from worker.reports.summary import summary
from worker.reports.wording import of_pass

MAIL = {
    "report_email_to": ["b@redgum.example"],
    "report_email_from": "w@redgum.example",
    "smtp_url": "smtp://127.0.0.1",
}
WHY = "Its stage is 'Warranty'"


def paused(a_world: MakeWorld, retained: str, *payments: dict[str, Any]) -> World:
    """Claim 11 of 100.00, less retention, is in Xero; then the job's stage moves on, and stages pause here."""
    item = an_item("100.00", work_completed_retainage_retained_this_period=retained)
    due = {"0.00": ("100.00", "10.00"), "5.00": ("95.00", "9.50")}[retained]
    foot = dict(
        zip(("current_payment_due", "tax_applicable_to_this_payment", "total_retainage"), (*due, retained), strict=True)
    )
    seed = a_seed(claims=[a_claim(11, due[0], items=[item], summary=foot)], payments=list(payments))
    world = a_world(seed, sync_after_stage_change=False, **MAIL)
    world.whole_pass()
    world.clock.advance(60)
    world.procore_edit("projects", PROJECT_ID, project_stage={"id": 509, "name": "Warranty"})
    world.discover()
    return world


def told(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What problems, audit, report and e-mail say, after the weekly audit."""
    world.clock.advance(60)
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    monkeypatch.setattr(audit, "parts", lambda: world.parts)
    with suppress(JobFailed), capture_logs():
        audit.audit.run()
    with capture_logs():
        said = {name: CliRunner().invoke(app, [name]).stdout for name in ("problems", "audit")}
        said["report"] = page.html(books(world.parts, audit.audit_books(world.parts).results))
    (over,) = Notices(world.parts.engine, world.clock.now).over()[-1:]
    found = summary(happened(world.parts.engine, over), "Redgum", world.settings, "https://app.procore.com")
    said["e-mail"] = of_pass(found).text
    if notice := Notices(world.parts.engine, world.clock.now).next():
        said["the audit's e-mail"] = notice.text
    return {name: " ".join(text.replace("&#39;", "'").split()) for name, text in said.items()}


def test_retention_held_is_named_everywhere(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bill that is open, and its amount."""
    said = told(paused(a_world, "5.00"), monkeypatch)
    assert list(said) == ["problems", "audit", "report", "e-mail", "the audit's e-mail"]
    for name, text in said.items():
        assert WHY in text, name
        assert "Still open: retention held 5.00 AUD, 1 bill open in Xero (104.50 AUD)." in text, name


def test_a_claim_that_came_since_is_named(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release that would never arrive, though all of before is paid."""
    world = paused(a_world, "5.00", a_payment(21, 11, "104.50"))
    item = an_item("0.00", work_completed_retainage_released_this_period="5.00")
    foot = {"current_payment_due": "5.00", "tax_applicable_to_this_payment": "0.50", "total_retainage": "0.00"}
    world.enter("requisitions", a_claim(12, "5.00", items=[item], summary=foot, billing_date="2026-10-31"))
    for name, text in told(world, monkeypatch).items():
        assert "Still open: 1 approved record not in Xero (5.50 AUD)." in text, name


def test_a_project_that_is_over_is_not_named(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until an audit has looked it is, without figures; then nobody needs to know of it."""
    world = paused(a_world, "0.00", a_payment(21, 11, "110.00"))
    monkeypatch.setattr(assembly, "parts", lambda: world.parts)
    before = " ".join(CliRunner().invoke(app, ["problems"]).stdout.split())
    assert f"{JOB_NUMBER} " in before
    assert WHY in before
    for name, text in told(world, monkeypatch).items():
        assert "Warranty" not in text, name
