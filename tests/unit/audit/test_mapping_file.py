"""What the mapping file says of a project, found by the audit apart from the code that maps."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.audit.mapping_file import MappingFile
from worker.mapping.file import load
from worker.mapping.rules import Rules

FILE = """
[accounts]
default = "300"
[accounts.cost_codes]
"03-300 M" = "325"
"03-*" = "310"
[accounts.cost_types]
L = "335"
[tax]
default = "INPUT"
[tax.codes]
"GST@10%" = "INPUT"
[tax.vendors]
"Smith & Sons" = "EXEMPTEXPENSES"
"4711" = "BASEXCLUDED"
[retention]
account = "830"
[bank_accounts]
default = "090"
check = "091"
[documents]
due_days = 14
claims_status = "SUBMITTED"
[[organisations]]
name = "North"
tenant_id = "00000000-0000-4000-8000-000000000001"
job_numbers = ["24-*"]
[organisations.accounts.cost_types]
L = "435"
[organisations.tax]
default = "INPUT2"
[organisations.tracking]
project = "Job"
[organisations.bank_accounts]
default = "190"
[[organisations]]
name = "South"
tenant_id = "00000000-0000-4000-8000-000000000002"
default = true
[projects."24-017".accounts.cost_codes]
"03-300" = "399"
[projects."24-017".retention]
released_account = "831"
tax = "on_invoice"
[projects."24-017".documents]
invoices_status = "DRAFT"
"""


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    path = tmp_path / "mapping.toml"
    path.write_text(FILE)
    return load(path)


PLACES = pytest.mark.parametrize(("organisation", "job"), [("North", "24-017"), ("North", "24-018"), ("South", "9")])


@PLACES
def test_it_says_what_bills_are_sent_by(rules: Rules, organisation: str, job: str) -> None:
    """Of each rule, read twice: a project's own before its organisation's, and that one before the general one."""
    file, sent = MappingFile(rules, organisation, job), rules.for_organisation(organisation).for_project(job)
    for code in ("03-300", "03-310", "05-100"):
        for kind in ("M", "L", ""):
            assert file.account(code, kind) == sent.accounts.find(code, kind)
    assert (file.tax_type(""), file.tax_type("GST@10%")) == (sent.tax.default, sent.tax.codes["GST@10%"])
    assert file.tax_type("PST") == ""
    banks = sent.bank_accounts
    assert [file.bank_account(one) for one in ("check", "electronic")] == [banks["check"], banks["default"]]
    retention, documents = sent.retention, sent.documents
    assert file.released_account == (retention.released_account or retention.account)
    assert file.withheld_account == "830"
    assert file.untaxed_type == (retention.untaxed_type if retention.tax == "on_invoice" else "")
    assert [file.status(kind) for kind in ("claims", "invoices")] == [
        documents.claims_status or documents.status,
        documents.invoices_status or documents.status,
    ]
    assert (file.due_days, file.project_category) == (documents.due_days, sent.tracking.project)


def test_a_vendor_has_its_own_tax_type(rules: Rules) -> None:
    """By its number or its name, however that is written."""
    file = MappingFile(rules, "South", "9")
    assert file.own_tax_type("4711", "", "Somebody") == "BASEXCLUDED"
    assert file.own_tax_type("1", "", "", "SMITH and Sons") == "EXEMPTEXPENSES"
    assert file.own_tax_type("1", "ABN 51824753556", "Somebody") == ""
