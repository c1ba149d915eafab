"""The page on which a person plays both companies: what is pressed there is what the two APIs then say."""

from __future__ import annotations

import re

import httpx
import pytest

from worker.sandbox import ADDRESS, Sandbox
from worker.sandbox.seed import read_seed


class Page:
    """The page in one hand, both books in the other."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        transport = httpx.WSGITransport(app=sandbox.procore)
        self.http = httpx.Client(transport=transport, base_url="http://procore.test", follow_redirects=True)

    def text(self) -> str:
        return self.http.get(ADDRESS).text

    def press(self, button: str, **changed: str) -> str:
        """The first form with this button, as a browser sends it; returns the page that is shown then."""
        forms = re.findall(r'<form method="post" action="([^"]+)">(.*?)</form>', self.text(), re.S)
        action, inside = next((action, inside) for action, inside in forms if f">{button}</button>" in inside)
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', inside))
        fields |= dict.fromkeys(re.findall(r'<button name="([^"]+)"', inside), "")
        answer = self.http.post(action, data=fields | changed)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def page() -> Page:
    return Page(Sandbox())


def test_a_claim_is_approved(page: Page) -> None:
    """It counts as changed, and is not offered again."""
    assert "HC-1090, 6,507.50 before tax" in page.text()
    shown = page.press("Approve")
    assert "HC-1090" not in shown
    (claim,) = [row for row in page.sandbox.dump()["procore"]["requisitions"]["310417"] if row["id"] == 58823]
    assert claim["status"] == "approved"
    assert claim["updated_at"] > "2026-11"


def test_a_supplier_is_entered_in_the_directory(page: Page) -> None:
    """The company's and the project's, with the tax number that was typed."""
    assert "vendor 161299" in page.text()
    assert "every supplier that a claim names is there" in page.press("Enter this supplier", abn=" 51824753556 ")
    procore = page.sandbox.dump()["procore"]
    (vendor,) = [row for row in procore["vendors"] if row["id"] == 161299]
    assert (vendor["name"], vendor["business_register"]["identifier"]) == ("Clearspan Glazing Pty Ltd", "51824753556")
    assert 161299 in procore["project_vendors"]["310503"]


def test_xero_goes_away_and_comes_back(page: Page) -> None:
    """Every call is a 503 until it is given back; the page's own looks are no calls of the API."""
    xero = httpx.Client(transport=httpx.WSGITransport(app=page.sandbox.xero), base_url="http://xero.test")
    credentials = read_seed()["xero"]["credentials"]
    token = xero.post(
        "/connect/token",
        data={"grant_type": "client_credentials", "scope": "accounting.settings"},
        auth=(credentials["client_id"], credentials["client_secret"]),
    ).json()["access_token"]
    xero.headers["Authorization"] = f"Bearer {token}"
    assert xero.get("/api.xro/2.0/Organisation").status_code == 200
    assert "It is away" in page.press("Take Xero away")
    assert [xero.get("/api.xro/2.0/Organisation").status_code for _ in range(3)] == [503] * 3
    assert "It answers." in page.press("Give Xero back")
    assert xero.get("/api.xro/2.0/Organisation").status_code == 200
    entries = xero.get("/_sandbox/journal").json()["entries"]
    assert len([entry for entry in entries if "Organisation" in entry["path"]]) == 5


def test_names_are_text() -> None:
    """A seed may hold bad records on purpose."""
    seed = read_seed()
    seed["procore"]["requisitions"]["310417"][3]["vendor_name"] = '"><script>alert(1)</script>'
    assert "<script>" not in Page(Sandbox(seed)).text()


def test_bad_records_do_not_stop_the_page() -> None:
    """Showing the worker such records is what a seed is for."""
    seed = read_seed()
    seed["procore"]["requisitions"]["310417"] += [{"id": 1}, {"id": 2, "summary": None, "vendor_id": 999}]
    seed["procore"]["requisitions"]["310417"] += [{"id": 3, "vendor_id": 999}]
    text = Page(Sandbox(seed)).text()
    assert text.count("vendor 999") == 1
    assert "claim 1" in text
