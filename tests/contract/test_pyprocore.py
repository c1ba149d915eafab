"""pyprocore, a client of Procore that others wrote, reads the sandbox: its login, pages, errors and models are its own.

It needs Python 3.12, so it lives in an environment of its own. What it does otherwise than Procore documents: its
lists of companies leave the header Procore-Company-Id out, and its lists of contracts, invoices and payments ask below
`/rest/v1.0/projects/{id}/`, where the reference has them below `/rest/v1.0/` with the project in the query. The lists
are read by its client and models from the documented addresses.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.services import PATIENCE_S, missing
from worker.sandbox import Limits, Sandbox, Served

PINNED = "pyprocore==2.4.0"
PROJECT = 310417
OF_PROJECT = {"project_id": PROJECT, "per_page": 2}
READER = Path(__file__).with_name("pyprocore_reader.py")
pytestmark = pytest.mark.deep


def a_newer_python() -> str | None:
    """One from 3.12 on: this one, one on the PATH, or pyenv's."""
    if sys.version_info >= (3, 12):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = (found for minor in (12, 13, 14) if (found := shutil.which(f"python3.{minor}")))
    for candidate in (*sorted(map(str, pyenv.glob("3.1[2-9].*/bin/python"))), *on_path):
        asked = [candidate, "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))"]
        if subprocess.run(asked, capture_output=True).returncode == 0:
            return candidate
    return None


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that has the client."""
    newer = a_newer_python()
    if newer is None:
        pytest.skip("pyprocore needs Python 3.12 or newer, and none is here")
    place = tmp_path_factory.mktemp("pyprocore")
    subprocess.run([newer, "-m", "venv", place], check=True, capture_output=True)
    found = str(place / "bin" / "python")
    pip = [found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PINNED]
    if subprocess.run(pip, capture_output=True, timeout=200).returncode != 0:
        missing(f"{PINNED}, which pip could not install,")
    return found


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, Served]]:
    sandbox = Sandbox(limits=Limits(procore_per_hour=0, procore_spike=0))
    with sandbox.serve() as both:
        yield sandbox, both


def read(python: str, url: str, directory: Path, *calls: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    login = {
        "PROCORE_CLIENT_ID": "sandbox-procore-client",
        "PROCORE_CLIENT_SECRET": "sandbox-procore-secret",
        "PROCORE_LOGIN_URL": url,
        "PROCORE_API_BASE": url,
        "PROCORE_COMPANY_ID": "8014",
        "PROCORE_AUTH_MODE": "client_credentials",
        "PROCORE_TOKEN_STORE_BACKEND": "memory",
    }
    done = subprocess.run(
        [python, str(READER), json.dumps(calls)],
        env=login,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_reads_the_lists_that_we_use(python: str, served: tuple[Sandbox, Served], tmp_path: Path) -> None:
    """All pages of each, with the ids, numbers and amounts of the seed."""
    sandbox, both = served
    seed = sandbox.dump()["procore"]
    company = {"company_id": 8014, "per_page": 2}
    contract = seed["contract_payments"][str(PROJECT)][0]["contract_id"]
    found = read(
        python,
        both.procore_url,
        tmp_path,
        ("companies", "/rest/v1.0/companies", {}),
        ("projects", "/rest/v1.1/projects", {**company, "filters[by_status]": "All"}),
        ("vendors", "/rest/v1.0/vendors", company),
        ("tax codes", "/rest/v1.0/tax_codes", company),
        ("cost_codes", "/rest/v1.0/cost_codes", OF_PROJECT),
        ("work_order_contracts", "/rest/v1.0/work_order_contracts", OF_PROJECT),
        ("requisitions", "/rest/v1.1/requisitions", OF_PROJECT),
        ("contract_payments", "/rest/v1.0/contract_payments", {**OF_PROJECT, "contract_id": contract}),
        ("direct_costs", f"/rest/v1.1/projects/{PROJECT}/direct_costs", {"per_page": 2}),
        ("undocumented", f"/rest/v1.0/projects/{PROJECT}/requisitions", {}),
    )
    for name in ("cost_codes", "work_order_contracts", "requisitions", "direct_costs"):
        rows = [row for row in seed[name][str(PROJECT)] if not row.get("deleted_at")]
        assert [row["id"] for row in found[name]] == [row["id"] for row in rows], name
    assert {row["project_number"] for row in found["projects"]} == {row["project_number"] for row in seed["projects"]}
    assert len(found["vendors"]) == sum(row.get("is_active", True) for row in seed["vendors"]) > 2
    assert [row["code"] for row in found["tax codes"]] == [row["code"] for row in seed["tax_codes"]]
    payments = [row for row in seed["contract_payments"][str(PROJECT)] if row["contract_id"] == contract]
    assert [row["amount"] for row in found["contract_payments"]] == [row["amount"] for row in payments]
    assert found["companies"][0]["id"] == 8014
    assert (found["undocumented"], found["without the header"]) == ("ResourceNotFoundError", "ProcoreAPIError")


def test_it_meets_missing_rights_and_expired_tokens(
    python: str, served: tuple[Sandbox, Served], tmp_path: Path
) -> None:
    """403, 404 and silence are its errors and its empty list; a token that has expired is renewed by it."""
    _, both = served
    off = {str(PROJECT): {"requisitions": 403, "cost_codes": 404, "work_order_contracts": "empty"}}
    httpx.post(f"{both.procore_url}/_sandbox/switches", json={"tools_off": off})
    httpx.post(f"{both.procore_url}/_sandbox/faults", json={"kind": "expired_token", "path": "projects"})
    found = read(
        python,
        both.procore_url,
        tmp_path,
        ("projects", "/rest/v1.1/projects", {"company_id": 8014}),
        ("403", "/rest/v1.1/requisitions", OF_PROJECT),
        ("404", "/rest/v1.0/cost_codes", OF_PROJECT),
        ("silence", "/rest/v1.0/work_order_contracts", OF_PROJECT),
    )
    assert len(found["projects"]) > 2
    assert (found["403"], found["404"], found["silence"]) == ("AuthorizationError", "ResourceNotFoundError", [])
