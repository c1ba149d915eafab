"""`doctor` against the sandbox: each broken set-up has its sentence and its click; --fix makes only what is missing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.audited import category
from tests.integration.conftest import MakeWorld
from tests.integration.mapping_files import ruled
from tests.integration.persons import BY_PERSONS
from tests.integration.seeds import PROJECT_ID, a_claim, a_payment, a_project, a_seed, an_item
from tests.integration.synced import a_synced_world
from tests.integration.world import MAPPING, World
from worker.assembly import Parts
from worker.cli import doctor, workers
from worker.doctor.finding import Finding, State
from worker.doctor.machine import check_broker
from worker.errors import ConfigError
from worker.procore import client as procore_client
from worker.settings import Settings
from worker.xero import client as xero_client

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker and a worker that answer, unless a test says otherwise."""
    monkeypatch.setattr(doctor, "_broker", lambda parts: "redis-server 7.0")
    monkeypatch.setattr(workers, "answering", lambda: ["celery@here"])


def untaxed(id: int) -> dict[str, Any]:
    """A claim of which Procore says that its tax is 0.00, and on which no line has a tax code."""
    summary = {"current_payment_due": "100.00", "tax_applicable_to_this_payment": "0.00"}
    return a_claim(id, items=[an_item("100.00", taxes=[])], summary=summary)


def findings(world: World, state: State, *, fix: bool = False) -> list[Finding]:
    return [finding for finding in doctor.examine(world.parts, fix) if finding.state is state]


def test_a_sound_installation_has_nothing_wrong(a_world: MakeWorld) -> None:
    """Everything is looked at, nothing is written, and no line is wrong."""
    world = a_world(a_seed(claims=[a_claim(11)], payments=[a_payment(21, 11, "10.00")]))
    world.discover()
    before = world.last()
    found = list(doctor.examine(world.parts))
    assert [f for f in found if f.state is State.WRONG] == []
    assert {f.about for f in found} == {
        "Mapping file", "Database", "Ledger", "Beat", "Broker", "Worker", "Login", "Procore", "Stage", "Job numbers",
        "Tools", "Payments", "Tax of 0.00", "Tax codes", "Xero", "Scopes", "Lock dates", "Plan limits", "Tracking",
        "Accounts", "Bank accounts", "Tax types", "Reports", "Clock", "Claims",
    }  # fmt: skip
    assert [f.sentence for f in found if "WET@29%" in f.sentence] == []  # archived in Procore
    assert world.writes(before) == []


def test_nothing_is_said_twice(tmp_path: Path) -> None:
    """Before `init`, `migrate` and the first login: each remedy stands where it is missed first."""
    bare = Settings(
        _env_file=None, mapping_file=tmp_path / "mapping.toml", database_url=f"sqlite:///{tmp_path}/none.db"
    )
    found = list(doctor.examine(Parts(bare)))
    text = " ".join(f"{one.sentence} {one.remedy}" for one in found)
    assert [text.count(one) for one in ("procore-xero init", "procore-xero migrate", "PROCORE_CLIENT_ID")] == [1, 1, 1]


def test_of_a_missing_login_no_organisation_is_asked(a_world: MakeWorld) -> None:
    """The line of the login says it once."""
    world = a_world(a_seed())
    world.parts = Parts(Settings(**world.settings.model_dump() | BY_PERSONS), machine=world.machine)
    said = [
        one
        for one in doctor.examine(world.parts)
        if "Xero: nobody has logged in" in one.sentence or one.about == "Xero"
    ]
    assert [one.about for one in said] == ["Login"]


@pytest.mark.parametrize(
    ("off_s", "says"),
    [(-480, "480 s behind Procore's and 480 s behind Xero's."), (480, "480 s ahead of Procore's and 480 s ahead of")],
)
def test_a_clock_that_is_off_is_a_warning(a_world: MakeWorld, off_s: float, says: str) -> None:
    """Nothing goes wrong by it, and yet it is to be set; one that is right is said to be."""
    world = a_world(a_seed())
    assert [f.sentence for f in findings(world, State.OK) if f.about == "Clock"] == [
        "This machine's clock agrees with Procore's and Xero's."
    ]
    world.machine.off = timedelta(seconds=off_s)
    (finding,) = [f for f in findings(world, State.WARN) if f.about == "Clock"]
    assert says in finding.sentence
    assert "NTP" in finding.remedy


def test_a_mistyped_setting_is_named(a_world: MakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be left at its default without a word; what belongs to other programs is none, and no value is shown."""
    world = a_world(a_seed())
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(
        "XERO_CLIENTID=hidden\nSYNC_EVERY_MINUTE=5\nREDIS_URL=redis://h\nTZ=UTC\nPOSTGRES_PASSWORD=hidden\n"
    )
    found = [(f.sentence, f.remedy) for f in findings(world, State.WARN) if f.about == "Settings"]
    assert found == [
        (".env sets XERO_CLIENTID, which is not a setting.", "Did you mean XERO_CLIENT_ID?"),
        (".env sets SYNC_EVERY_MINUTE, which is not a setting.", "Did you mean SYNC_EVERY_MINUTES?"),
    ]


@pytest.mark.parametrize("path", ["oauth/token", "/companies", "/purchase_order_contracts", "/requisitions"])
def test_an_outage_is_not_blamed_on_settings(a_world: MakeWorld, path: str) -> None:
    """Who reads "check the secret" while Procore answers 503 changes what was right."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.procore_fault("status", path, status=503, times=100)
    found = [f for f in findings(world, State.WRONG) if "503" in f.sentence]
    assert found
    assert {f.remedy for f in found} == {"Nothing here has to be changed for it: look again in a few minutes."}


BROAD = "accounting.transactions accounting.contacts accounting.settings"


@dataclass(frozen=True)
class Case:
    """One broken set-up, and what the doctor must say of it."""

    name: str
    about: str
    says: str
    remedy: str
    seed: Callable[[Row], None] = lambda seed: None
    mapping: str = ""
    settings: Row = field(default_factory=dict)
    state: State = State.WRONG


def _account(code: str, **fields: Any) -> Callable[[Row], None]:
    def change(seed: Row) -> None:
        next(row for row in seed["xero"]["accounts"] if row.get("Code") == code).update(fields)

    return change


def _tax_rate(tax_type: str, **fields: Any) -> Callable[[Row], None]:
    def change(seed: Row) -> None:
        next(row for row in seed["xero"]["tax_rates"] if row["TaxType"] == tax_type).update(fields)

    return change


def _category(name: str, **fields: Any) -> Callable[[Row], None]:
    def change(seed: Row) -> None:
        next(row for row in seed["xero"]["tracking_categories"] if row["Name"] == name).update(fields)

    return change


def _no_category(name: str) -> Callable[[Row], None]:
    def change(seed: Row) -> None:
        rows = seed["xero"]["tracking_categories"]
        rows[:] = [row for row in rows if row["Name"] != name]

    return change


def _forbids(action: str) -> Callable[[Row], None]:
    return lambda seed: seed["xero"].update(organisation_actions=[{"Name": action, "Status": "NOT-ALLOWED"}])


def _projects(*projects: Row) -> Callable[[Row], None]:
    def change(seed: Row) -> None:
        company = seed["procore"]["companies"][0]["id"]
        seed["procore"]["projects"] = [{**row, "company": {"id": company, "name": "Redgum"}} for row in projects]

    return change


def _locked(until: str) -> Callable[[Row], None]:
    return lambda seed: seed["xero"]["organisation"].update(PeriodLockDate=until)


CASES = (
    Case("secret", "Procore", "gives no token", "PROCORE_CLIENT_SECRET", settings={"procore_client_secret": "x"}),
    Case("unset", "Procore", "Not set: PROCORE_CLIENT_ID", "", settings={"procore_client_id": ""}),
    Case(
        "stage", "Stage", "no project stage 'Ready for Xero'", "Project stages > Create, type Ready for Xero",
        settings={"eligible_stages": "Send to Xero,Ready for Xero"},
    ),
    Case(
        "blank number", "Job numbers", "Tower 9: It has no job number.", "Enter it as Project Number",
        seed=_projects(a_project(PROJECT_ID), a_project(9, "")), state=State.WARN,
    ),
    Case(
        "duplicate", "Job numbers", "also belongs to Tower 9", "another number",
        seed=_projects(a_project(PROJECT_ID), a_project(9)), state=State.WARN,
    ),
    Case(
        "forbidden project", "Tools", "24-017, Direct Costs", "permit the project",
        seed=lambda seed: seed["procore"].update(forbidden_projects=[PROJECT_ID]),
    ),
    Case(
        "nobody eligible", "Job numbers", "None of 1 project is eligible", "choose the stage",
        seed=_projects(a_project(PROJECT_ID, project_stage={"id": 501, "name": "Tendering"})), state=State.WARN,
    ),
    Case("xero secret", "Xero", "gives no token", "XERO_CLIENT_SECRET", settings={"xero_client_secret": "x"}),
    Case(
        "scope not asked for", "Scopes", "Payments: Xero refuses", "tick accounting.payments",
        settings={"xero_scopes": "accounting.invoices accounting.contacts accounting.settings"},
    ),
    Case(
        "settings scope", "Xero", "has not the scope accounting.settings", "tick accounting.settings",
        settings={"xero_scopes": "accounting.invoices accounting.contacts"},
    ),
    Case(
        "broad scope", "Scopes", "until 2027-09-12", "tick accounting.invoices and accounting.payments",
        settings={"xero_scopes": BROAD}, state=State.WARN,
        seed=lambda seed: seed["xero"]["credentials"].update(scopes=BROAD),
    ),
    Case(
        "scope not ticked", "Xero", "invalid_scope", "XERO_SCOPES",
        seed=lambda seed: seed["xero"]["credentials"].update(scopes="accounting.contacts"),
    ),
    Case("no category", "Tracking", "no tracking category named 'Project'", "--fix", seed=_no_category("Project")),
    Case(
        "archived category", "Tracking", "'Project' is archived", "restore it",
        seed=_category("Project", Status="ARCHIVED"),
    ),
    Case(
        "many options", "Tracking", "'Cost Codes' is active and has 90 active options", "archive options",
        seed=_category("Cost Codes", Options=[{"Name": f"{n:02}-000 Code"} for n in range(90)]), state=State.WARN,
    ),
    Case(
        "no account", "Accounts", 'accounts.cost_types."Z": Account 777', "Chart of accounts",
        mapping='[projects."24-017".accounts.cost_types]\nZ = "777"\n',
    ),
    Case(
        "archived account", "Accounts", 'accounts.cost_types."L": Account 335 in the mapping file is not usable',
        "restore it", seed=_account("335", Status="ARCHIVED"),
    ),
    Case(
        "system account", "Accounts", "a bill's line may not use it", "Chart of accounts",
        seed=_account("335", SystemAccount="CREDITORS"),
    ),
    Case("retention", "Accounts", "retention.account", "add or restore", seed=_account("830", Status="ARCHIVED")),
    Case(
        "bank account", "Bank accounts", "bank_accounts.savings: Account 320", "Enable payments",
        mapping='[projects."24-017".bank_accounts]\nsavings = "320"\n',
    ),
    Case(
        "tax type", "Tax types", 'tax.codes."GST@10%": Tax type INPUT', "Tax rates",
        seed=_tax_rate("INPUT", Status="DELETED"),
    ),
    Case(
        "tax type unknown", "Tax types", 'tax.codes."VAT": Tax type NOSUCH', "Tax rates",
        mapping='[projects."24-017".tax.codes]\nVAT = "NOSUCH"\n',
    ),
    Case("locked", "Lock dates", "That is today or later", "earlier", seed=_locked("2199-12-31"), state=State.WARN),
    Case("approvals", "Plan limits", "may not approve bills", 'status = "DRAFT"', seed=_forbids("CreateApprovedBill")),
    Case(
        "approvals of one project", "Plan limits", "may not approve bills", "",
        mapping='[documents]\nstatus = "DRAFT"\n[projects."24-017".documents]\ninvoices_status = "AUTHORISED"\n',
        seed=_forbids("CreateApprovedBill"),
    ),
    Case(
        "drafts do not need approval", "Plan limits", "are allowed", "", mapping='[documents]\nstatus = "DRAFT"\n',
        seed=_forbids("CreateRepeatingBill"), state=State.OK,
    ),
    Case("drafts", "Plan limits", "may not enter bills", "role", seed=_forbids("CreateDraftBill")),
    Case("currency", "Plan limits", "one currency only", "", seed=_forbids("UseMulticurrency"), state=State.WARN),
    Case(
        "attachments scope", "Attachments", "has not the scope accounting.attachments", "tick accounting.attachments",
        mapping="[attachments]\nclaims = true\n",
    ),
    Case(
        "attachments", "Attachments", "may be attached", "", mapping="[attachments]\ninvoices = true\n",
        settings={"xero_scopes": ""}, state=State.OK,
    ),
    Case(
        "attachments forbidden", "Plan limits", "may not attach files", "role",
        mapping="[attachments]\nclaims = true\n", seed=_forbids("AttachFilesIntoInvoice"), state=State.WARN,
    ),
    Case("mapping file", "Mapping file", "acounts is not a name we know", "Correct it there.", mapping="[acounts]\n"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_broken_set_up_is_named_with_its_remedy(a_world: MakeWorld, case: Case) -> None:
    """What is wrong stands in a line of its own, which says what to click or type."""
    seed = deepcopy(a_seed(claims=[a_claim(11)]))
    case.seed(seed)
    world = a_world(seed)
    world.mapping_file.write_text(MAPPING + case.mapping)
    found = list(doctor.examine(_parts(world, case.settings)))
    assert [
        one
        for one in found
        if (one.about, one.state) == (case.about, case.state)
        and case.says in one.sentence
        and case.remedy in one.remedy
    ], found


def _parts(world: World, settings: Row) -> Parts:
    """The world's parts under other settings; a client that cannot be made is made when it is asked for."""
    parts = Parts(Settings(**{**world.settings.model_dump(), **settings}), clock=world.clock.now, machine=world.machine)
    parts.engine = world.parts.engine
    for name, connect in (
        ("procore", lambda: procore_client.connect(parts.settings, None, world.wire, machine=world.machine)),
        ("xero", lambda: xero_client.connect(parts.settings, None, world.wire, machine=world.machine)),
    ):
        with suppress(ConfigError):
            setattr(parts, name, connect())
    return parts


def test_the_ledger_broker_and_worker_are_looked_at(a_world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are missing and a broker that is down are wrong; a worker that does not answer is a warning."""
    world = a_world(a_seed())
    empty = _parts(world, {"database_url": "sqlite://"})
    del empty.engine
    monkeypatch.setattr(workers, "answering", list)
    found = {one.about: one for one in doctor.examine(empty)}
    assert (found["Database"].state, found["Worker"].state) == (State.WRONG, State.WARN)
    assert "procore-xero migrate" in found["Database"].sentence
    monkeypatch.undo()
    down = _parts(world, {"redis_url": "redis://127.0.0.1:1/0"})
    found = {one.about: one for one in doctor.examine(down)}
    assert found["Broker"].state is State.WRONG
    assert "REDIS_URL" in found["Broker"].sentence
    assert "Worker" not in found


@pytest.mark.parametrize(("count", "said"), [(0, []), (1, ["1 entry set aside"]), (3, ["3 entries set aside"])])
def test_entries_of_the_queues_that_are_no_messages_are_told(count: int, said: list[str]) -> None:
    """With the command that shows them, and the one that forgets them."""
    found = [
        one for one in check_broker(Parts(Settings()), lambda _: "Redis", list, lambda: count) if one.about == "Queues"
    ]
    assert [one.sentence.partition(",")[0] for one in found] == said
    assert all(one.state is State.WARN and "LRANGE" in one.remedy and "DEL" in one.remedy for one in found)


def test_fix_makes_the_missing_categories_once(a_world: MakeWorld) -> None:
    """Each missing category is made by one write; a second --fix writes nothing."""
    seed = deepcopy(a_seed())
    seed["xero"]["tracking_categories"] = []
    world = a_world(seed)
    assert len(findings(world, State.WRONG)) == 2
    assert world.writes() == []
    assert findings(world, State.WRONG, fix=True) == []
    first = world.writes()
    assert [entry["body"] for entry in first] == [{"Name": "Project"}, {"Name": "Cost Codes"}]
    assert all(entry["idempotency_key"] for entry in first)
    assert findings(world, State.WRONG, fix=True) == []
    assert world.writes() == first


def test_a_category_that_a_person_renamed_is_there(a_world: MakeWorld) -> None:
    """Its jobs know it by its id, so it is not to be made beside it, nor another one archived for it."""
    world = a_synced_world(a_world, a_seed(claims=[a_claim(11)]))
    category("Project", "Jobs")(world)
    mark = world.last()
    assert findings(world, State.WRONG, fix=True) == []
    assert world.writes(mark) == []
    said = [one.sentence for one in findings(world, State.OK) if one.about == "Tracking"]
    assert "'Project' (called 'Jobs' in Xero now) is active and has 2 active options." in said


@pytest.mark.parametrize("fault", ["lost_answer", "status"])
def test_fix_with_an_unknown_outcome_never_makes_two(a_world: MakeWorld, fault: str) -> None:
    """After an answer that never came Xero is looked at again, and what is there counts."""
    seed = deepcopy(a_seed())
    seed["xero"]["tracking_categories"] = []
    world = a_world(seed)
    world.fault(fault, "PUT", "TrackingCategories$", status=500)
    findings(world, State.OK, fix=True)
    assert findings(world, State.WRONG, fix=True) == []
    names = [row["Name"] for row in world.documents("tracking_categories")]
    assert sorted(names) == ["Cost Codes", "Project"]


def test_fix_says_why_xero_makes_no_more(a_world: MakeWorld) -> None:
    """With two other active categories Xero refuses a third, and its words and the click are said."""
    seed = deepcopy(a_seed())
    seed["xero"]["tracking_categories"] = [{"Name": "Region"}, {"Name": "Branch"}]
    found = findings(a_world(seed), State.WRONG, fix=True)
    assert any("at most 2 active" in one.sentence for one in found)
    assert any("archive one of the two active ones first" in one.remedy for one in found)


def test_only_the_categories_in_use_are_asked_for(a_world: MakeWorld) -> None:
    """Where cost codes are not options, their category may be missing."""
    seed = deepcopy(a_seed())
    _no_category("Cost Codes")(seed)
    world = a_world(seed)
    assert findings(world, State.WRONG) != []
    world.mapping_file.write_text(MAPPING + '[cost_codes]\ntarget = "account"\n')
    assert findings(world, State.WRONG) == []


@pytest.mark.parametrize(
    ("codes", "claims", "said", "state", "words"),
    [
        (
            True,
            [a_claim(11)],
            "",
            State.OK,
            "Procore computes tax on claims, as on claim 11 of 24-017: what Procore st",
        ),
        (
            True,
            [untaxed(11)],
            "",
            State.WARN,
            "Nothing tells yet whether Procore computes tax on claims: the company h",
        ),
        (True, [], "", State.OK, "No claims show yet whether Procore computes tax on them."),
        (False, [untaxed(11)], "", State.OK, "Procore has no tax codes, and no tax on the claims seen: 0.00 says noth"),
        (True, [a_claim(11)], "xero", State.OK, 'The mapping file says claims = "xero" under [tax]: 0.00 says nothing'),
        (
            False,
            [untaxed(11)],
            "procore",
            State.OK,
            'The mapping file says claims = "procore" under [tax]: what Procor',
        ),
    ],
)
def test_what_a_tax_of_nought_says(
    a_world: MakeWorld, codes: bool, claims: list[dict[str, Any]], said: str, state: State, words: str
) -> None:
    """The engineer reads who computes the tax, and by what that is known, before the first bill goes."""
    seed = a_seed(claims=claims)
    if not codes:
        seed["procore"]["tax_codes"] = []
    world = ruled(a_world(seed), tax=f'default = "INPUT"\nclaims = "{said}"' if said else 'default = "INPUT"')
    of_claims = [one for one in doctor.examine(world.parts) if one.about == "Tax of 0.00" and "claims" in one.sentence]
    assert [(one.state, one.sentence[: len(words)]) for one in of_claims] == [(state, words)]
    if state is State.WARN:
        assert 'Set claims = "procore" or "xero" under [tax]' in of_claims[0].remedy


def test_what_the_ledger_saw_of_tax(a_world: MakeWorld) -> None:
    """A claim that stated a tax once counts, though the newest ones do not."""
    world = a_world(a_seed(claims=[a_claim(11)]))
    world.whole_pass()
    world.enter("requisitions", untaxed(11))
    said = [one.sentence for one in doctor.examine(world.parts) if one.about == "Tax of 0.00"]
    assert any("as on claim 11 of 24-017" in one for one in said)
