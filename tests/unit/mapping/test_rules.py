"""The mapping file: what it decides, and that every mistake in it is named by its place."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories import rules
from worker.errors import ConfigError
from worker.mapping.file import load
from worker.mapping.rules import Rules

GOOD = """
[accounts]
default = "300"
[accounts.cost_codes]
"03-300 M" = "311"
"03-*" = "310"
"*" = "399"
[accounts.cost_types]
L = "320"
[tax]
default = "BASEXCLUDED"
tolerance = "0.02"
[tax.codes]
"GST@10%" = "INPUT"
[retention]
account = "820"
untaxed_type = "NONE"
[bank_accounts]
check = "090"
default = "091"
[documents]
status = "DRAFT"
due_days = 14
[invoices]
types = ["invoice", "expense"]
[cost_codes]
target = "item"
[tracking]
project = "Job"
[projects."24-017".accounts]
default = "500"
[projects."24-017".documents]
due_days = 7
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file(tmp_path: Path) -> None:
    """Everything that can stand in the file is read from it."""
    found = load(written(tmp_path, GOOD))
    assert found.accounts.find("03-300", "M") == "311"
    assert (found.tax.default, found.tax.codes) == ("BASEXCLUDED", {"GST@10%": "INPUT"})
    assert (found.retention.account, found.bank_accounts) == ("820", {"check": "090", "default": "091"})
    assert (found.documents.status, found.documents.due_days) == ("DRAFT", 14)
    assert found.tax.tolerance == Decimal("0.02")
    assert (found.invoices.types, found.cost_codes.target) == (("invoice", "expense"), "item")
    assert (found.tracking.project, found.tracking.cost_code) == ("Job", "Cost Codes")


def test_blanks_around_a_code_are_nobodys(tmp_path: Path) -> None:
    """Somebody copied it out of Xero."""
    assert load(written(tmp_path, "[retention]\naccount = ' 820 '")).retention.account == "820"


def test_amounts_in_the_file_are_exact(tmp_path: Path) -> None:
    """A tolerance that somebody wrote without quotes is still those cents."""
    assert load(written(tmp_path, "[tax]\ntolerance = 0.05")).tax.tolerance == Decimal("0.05")


def test_an_empty_file_maps_nothing_by_itself(tmp_path: Path) -> None:
    """No account is ever made up: without a rule there is none."""
    found = load(written(tmp_path, ""))
    assert found.accounts.find("03-300", "L") is None
    assert (found.retention.account, found.bank_accounts) == (None, {})


@pytest.mark.parametrize(
    ("code", "kind", "account"),
    [
        ("03-300", "M", "311"),
        ("03-300", "L", "310"),
        ("03-310", "M", "310"),
        ("05-100", "L", "399"),
    ],
)
def test_the_first_pattern_that_fits_decides(tmp_path: Path, code: str, kind: str, account: str) -> None:
    """Patterns are tried in the order written, before cost types and the default."""
    assert load(written(tmp_path, GOOD)).accounts.find(code, kind) == account


@pytest.mark.parametrize(
    ("code", "kind", "account"), [("03-300", "", "310"), ("05-100", "M", "320"), ("05-100", "", "300")]
)
def test_cost_type_then_default(code: str, kind: str, account: str) -> None:
    """What no pattern fits goes by its cost type, and then to the default."""
    assert rules().accounts.find(code, kind) == account


MISTAKES = [
    ("[accounts]\ndefault = 300", 'accounts.default: write the code in quotes: "300"'),
    ("[accounts]\ndefault = 300.5", "accounts.default: "),
    ("[accounts]\ndefault = ''", "accounts.default: "),
    ("[accounts]\ndefault = '12345678901'", "accounts.default: "),
    ("[accounts.cost_codes]\n'03-*' = 310", 'accounts.cost_codes.03-*: write the code in quotes: "310"'),
    ("[payments]\namounts = 'net'", "payments.amounts: Input should be 'before_tax' or 'with_tax'"),
    ("[invoices]\namounts = 'gross'", "invoices.amounts: Input should be 'exclusive' or 'inclusive'"),
    ("[invoices]\npaid = 'yes'", "invoices.paid: Input should be 'bill' or 'pay'"),
    ("[invoices]\nemployees = 'contact'", 'invoices: employees = "contact" needs employee_contact, the name of'),
    ("[projects.'24-017'.payments]\namounts = 'with_tax'", "projects.24-017.payments is not a name we know"),
    ("[acounts]\ndefault = '300'", "acounts is not a name we know"),
    ("[retention]\nacount = '820'", "retention.acount is not a name we know"),
    ("[documents]\nstatus = 'PAID'", "documents.status: "),
    ("[documents]\ndue_days = -1", "documents.due_days: "),
    ("[documents]\ndue_days = 'soon'", "documents.due_days: "),
    ("[tax.codes]\n'GST@10%' = ''", "tax.codes.GST@10%: "),
    ("[tax]\ntolerance = '0.005'", "tax.tolerance: "),
    ("[tax]\ntolerance = '-0.01'", "tax.tolerance: "),
    ("[retention]\ntax = 'never'", "retention.tax: "),
    ("[cost_codes]\ntarget = 'project'", "cost_codes.target: "),
    ("[cost_codes]\ntarget = 'item'\narchive_deleted = true", "cost_codes.archive_deleted: only with target"),
    ("[cost_codes]\ntarget = 'account'\narchive_deleted = true", "cost_codes.archive_deleted: only with target"),
    ("[documents]\ndeleted_in_procore = 'remove'", "documents.deleted_in_procore: "),
    ("[invoices]\ntypes = ['bill']", "invoices.types.0: "),
    ("[tracking]\nproject = ''", "tracking.project: "),
    ("[bank_accounts]\ncheck = 90", "bank_accounts.check: "),
    ("[projects.'24-017']\ncolour = 'red'", "projects.24-017.colour is not a name we know"),
    ("accounts = 'none'", "accounts: "),
    # whoever mistyped a name is told which one is near, at that place of the file
    ("[retention]\nacount = '820'", "retention.acount is not a name we know (did you mean account?)."),
    ("[projects.'24-017'.tax]\ncods = 1", "projects.24-017.tax.cods is not a name we know (did you mean codes?)."),
    ("[[organisations]]\njob_number = '24-*'", "job_number is not a name we know (did you mean job_numbers?)"),
    ("[zzz]", "zzz is not a name we know."),
]


def test_what_is_approved_in_procore_is_approved_in_xero(tmp_path: Path) -> None:
    """Unless the file says otherwise; and what is deleted or locked is held, not changed by itself."""
    documents = load(written(tmp_path, "")).documents
    assert (documents.status, documents.claims_status, documents.invoices_status) == ("AUTHORISED", None, None)
    assert (documents.deleted_in_procore, documents.locked_period) == ("hold", "hold")


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_a_mistake_is_named_by_its_place(tmp_path: Path, text: str, said: str) -> None:
    """The sentence says where in the file the mistake is, in the file's own words."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as wrong:
        load(path)
    assert str(path) in str(wrong.value)
    assert said in str(wrong.value)
    assert str(wrong.value).endswith(".")


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    """A file is corrected in one go, not mistake by mistake."""
    with pytest.raises(ConfigError, match=r"accounts\.default.*; documents\.due_days"):
        load(written(tmp_path, "[accounts]\ndefault = 300\n[documents]\ndue_days = -1"))


def test_a_file_that_is_not_toml(tmp_path: Path) -> None:
    """A slip of the pen is said with its line."""
    with pytest.raises(ConfigError, match=r"not valid TOML: .*line 2"):
        load(written(tmp_path, "[accounts]\ndefault = \n"))


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    """A newcomer without a mapping file is told the command that writes one, and which setting says where it is."""
    path = tmp_path / "nowhere.toml"
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value) == (
        f"The mapping file {path} cannot be read (No such file or directory). "
        "`procore-xero init` writes one to start from; MAPPING_FILE says where it is."
    )


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    """A file saved by an old editor is a sentence, not a traceback."""
    path = tmp_path / "mapping.toml"
    path.write_bytes("[accounts]\ndefault = 'Lö'".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"cannot be read \(it is not UTF-8 text\)"):
        load(path)


def test_the_digest_follows_the_file(tmp_path: Path) -> None:
    """Another file has another digest, so that every record is compared anew; the same file has the same."""
    first, again = load(written(tmp_path, GOOD)).digest, load(written(tmp_path, GOOD)).digest
    assert first == again != load(written(tmp_path, GOOD + "# a remark")).digest


OWN = {
    "accounts": {"cost_codes": {"03-300": "510"}, "cost_types": {"M": "520"}},
    "tax": {"codes": {"GST@10%": "CAPEXINPUT"}},
    "retention": {"account": "830"},
    "bank_accounts": {"check": "095"},
    "documents": {"due_days": 7},
}


@pytest.fixture
def own() -> Rules:
    retention = {"account": "820", "untaxed_type": "NONE"}
    general = rules(documents={"status": "DRAFT", "due_days": 30}, retention=retention, projects={"24-017": OWN})
    return general.for_project("24-017")


def test_a_project_decides_what_it_names(own: Rules) -> None:
    """The project's own section goes before the general one."""
    assert own.accounts.find("03-300", "L") == "510"
    assert own.accounts.find("05-100", "M") == "520"
    assert own.tax.codes["GST@10%"] == "CAPEXINPUT"
    assert (own.retention.account, own.bank_accounts["check"], own.documents.due_days) == ("830", "095", 7)


def test_a_project_keeps_what_it_does_not_name(own: Rules) -> None:
    """A project that only changes its due days still gets drafts, and the general tax types and accounts."""
    assert own.accounts.find("03-310", "L") == "310"
    assert own.accounts.find("05-100", "L") == "300"
    assert (own.tax.default, own.tax.codes["Free"]) == ("BASEXCLUDED", "EXEMPTEXPENSES")
    assert (own.retention.untaxed_type, own.bank_accounts["default"]) == ("NONE", "091")
    assert own.documents.status == "DRAFT"


def test_other_projects_are_not_touched() -> None:
    """One project's section is nobody else's business."""
    general = rules(projects={"24-017": OWN})
    assert general.for_project("24-018") == general


@pytest.mark.parametrize("of", ['projects."24-017"', "organisations"])
def test_what_is_due_is_said_once_for_the_company(tmp_path: Path, of: str) -> None:
    """A project or an organisation cannot mean it otherwise; what else is said of claims it can."""
    head = f'[[{of}]]\nname = "A"\ntenant_id = "00000000-0000-4000-8000-000000000001"\ndefault = true\n'
    own = f"{head if of == 'organisations' else ''}[{of}.claims]\n"
    with pytest.raises(ConfigError, match="said once for the company"):
        load(written(tmp_path, f'{GOOD}\n{own}due = "with_tax"\n'))
    assert (
        load(written(tmp_path, f'[claims]\ndue = "with_tax"\n{own}credit_notes = "allocate"\n')).claims.due
        == "with_tax"
    )
