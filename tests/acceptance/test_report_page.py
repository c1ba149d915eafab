"""The bookkeeper's page as it is opened: a file in a real browser, on a desk and on a telephone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from tests.acceptance.browser import Browser, chromium
from worker.audit.result import Difference, Result
from worker.holds import HoldCode
from worker.ledger.tables import Hold
from worker.reports import page
from worker.reports.chart import chart
from worker.reports.page import Page

pytestmark = pytest.mark.acceptance

NOW = datetime(2026, 7, 31, 6, 0, tzinfo=UTC)
#: A name as nobody should write it, longer than any line.
NASTY = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> & Söhne " + "x" * 90


def a_hold(code: HoldCode, title: str, **facts: object) -> Hold:
    hold = Hold(title=title, code=code.code, outcome=code.outcome, sentence=code.sentence(**facts), remedy=code.remedy)
    hold.procore_url, hold.xero_url = "https://app.procore.com/310417/project/home", ""
    return hold


def a_page() -> Page:
    """Three projects: one agrees, one differs and has held records, one only waits."""
    agreeing = Result("24-017", totals={("claims", "AUD"): (Decimal("12345678.90"), Decimal("12345678.90"))})
    amounts = (Decimal("1239967.50"), Decimal("106882.64"))
    missing = Difference("24/021 <b>", "bills", "claim 58853", f"It is not {NASTY}.", *amounts)
    totals = {("claims", "AUD"): amounts, ("retention", "AUD"): (Decimal("5.00"), Decimal("5.00"))}
    differing = Result("24/021 <b>", [missing], totals=totals)
    waits = Difference("25-003", "payments", "payment 7", "It is not in Xero.", Decimal("60.00"), outcome="waiting")
    paid = {("payments", "AUD"): (Decimal("60.00"), Decimal("0.00"))}
    waiting = Result("25-003", [replace(waits, hold="bill_awaiting_approval")], totals=paid)
    held = [a_hold(HoldCode.VENDOR_MISSING, "claim 58853", vendor=NASTY), a_hold(HoldCode.NO_LINES, "claim 58854")]
    parked = [a_hold(HoldCode.BILL_AWAITING_APPROVAL, "payment 7", claim="58801", status="DRAFT")]
    projects = [
        page.project(agreeing, "Northbank Apartments", {}),
        page.project(differing, NASTY, {"held": held}),
        page.project(waiting, "Fairfield Medical Centre Fitout", {"waiting": parked}),
    ]
    by_day = {date(2026, 7, 31) - timedelta(days=n): 40 * n % 930 for n in range(30)}
    return Page("Redgum & Rowe Constructions Pty Ltd", NOW, projects, chart(by_day, NOW.date(), 1000), 1000)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """On the page's file, without a network."""
    directory = tmp_path_factory.mktemp("report")
    file = directory / "books.html"
    file.write_text(page.html(a_page()), encoding="utf-8")
    pictures = Path(os.environ.get("TEST_PICTURES") or directory / "pictures")
    with chromium(file.as_uri(), None, directory / "chromium", pictures) as browser:
        yield browser


@pytest.fixture
def browser(opened: Browser) -> Browser:
    """The page as it is when it was just opened."""
    opened.open("")
    return opened


def test_the_page_shows_both_sides_of_each_project(browser: Browser) -> None:
    """Totals to the cent, the differing line marked with its difference, and remedies with their links."""
    text = browser.find("body").text
    assert "12,345,678.90" in text
    assert "−1,133,084.86" in browser.find("section:nth-of-type(3) tr.differs").text
    assert "−60.00" in browser.find("section:nth-of-type(4) tr.explained").text  # by what waits: nothing is wrong
    assert HoldCode.VENDOR_MISSING.remedy in text
    assert browser.find(".links a").get_attribute("href") == "https://app.procore.com/310417/project/home"
    assert "2026-07-31 at 06:00 UTC" in text
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, "svg rect")) > 20
    browser.picture("report")


def test_what_waits_opens(browser: Browser) -> None:
    """Waiting records are there, and so is what differs by them alone, folded until somebody asks."""
    waiting = browser.find("section:nth-of-type(4)").text
    assert ("1 differs by what is held or waits" in waiting, "It is not in Xero." in waiting) == (True, False)
    assert "The bill of 58801 is DRAFT in Xero" not in browser.find("body").text
    browser.press("details:last-of-type summary")
    assert "The bill of 58801 is DRAFT in Xero" in browser.find("body").text


def test_names_run_nothing_and_stay_in_the_page(browser: Browser) -> None:
    """A name with HTML in it is text, and a long one makes no telephone scroll sideways."""
    assert browser.driver.title == "Procore and Xero: Redgum & Rowe Constructions Pty Ltd"
    assert "<script>document.title='owned'</script> & Söhne" in browser.find("section:nth-of-type(3) h2").text
    assert browser.wider_than_screen(390) <= 0


def test_the_page_asks_nobody_for_anything(browser: Browser) -> None:
    """A file that is mailed on tells nobody that it was opened."""
    assert browser.driver.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert browser.driver.find_elements(By.CSS_SELECTOR, "script, img, iframe, link[rel=stylesheet]") == []


def test_a_job_number_leads_to_its_project(browser: Browser) -> None:
    """Whatever stands in the job number."""
    link = browser.driver.find_elements(By.CSS_SELECTOR, ".list .jobs a")[1]
    target = str(link.get_attribute("href")).split("#")[1]
    assert "24/021 <b>" in browser.driver.find_element(By.ID, target).text
