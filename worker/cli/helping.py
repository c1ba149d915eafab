"""How `--help` looks: `-h` as well, no type beside a flag, and below each command what one would type."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperOption

#: Of every command and of the program.
CONTEXT = {"help_option_names": ["-h", "--help"]}
#: By command: what is typed, and what it is for.
EXAMPLES: dict[str, dict[str, str]] = {
    "status": {
        "status": "every project, a line each",
        "status 24-017": "every record of one project",
        "status --find INV-2044": "which project has it",
    },
    "problems": {
        "problems --project 24-017": "what one project waits for",
        "problems --find 'clearspan 8,123.40'": "of one supplier, of this amount",
        "problems --code vendor_missing --csv > held.csv": "one reason, for a spreadsheet",
    },
    "open": {
        "open 24-017 INV-2044": "the bill of this number",
        "open 24-017 SC-001 claim 3 --no-browser": "by commitment and claim; only print the addresses",
    },
    "vendors": {"vendors concrete": "those with this in the name", "vendors --csv > vendors.csv": "for a spreadsheet"},
    "history": {"history --limit 5": "the last five passes", "history --find INV-2044": "the jobs that moved it"},
    "calls": {"calls": "what is left of today's calls"},
    "export": {
        "export > pass.csv": "the last pass",
        "export 12 > pass-12.csv": "pass 12 of `history`",
        "export --job 24-017 > job.csv": "its last job",
    },
    "send": {
        "send 24-017 --wait": "one project, and see it end",
        "send 24-017 --only INV-2044": "one bill, and what it names",
    },
    "retry": {
        "retry 24-017 --wait": "one job",
        "retry 24-017 INV-2044": "one record that was held",
        "retry --all-failed": "every job that failed",
    },
    "resend": {
        "resend 24-017 INV-2044": "a claim whose bill was voided in Xero",
        "resend 24-017 claim 58820": "the same by its number in Procore",
    },
    "recode": {"recode 24-017": "shows what would change, then asks"},
    "match": {
        "match 24-017 payment 71": "it is what a person entered in Xero",
        "match 24-017 payment 71 --another": "it is not: send it",
    },
    "gone": {"gone 24-017": "all that Procore no longer shows", "gone 24-017 claim 58820": "one claim"},
    "tie": {"tie 881 5f1c2b7e-0c7e-4a9b-9a53-6a3c1d2e4f50": "vendor 881 is this contact"},
    "untie": {"untie 881": "vendor 881 is another one"},
    "unpark": {"unpark": "what is parked goes on, if Procore and Xero answer"},
    "plan": {
        "plan 24-017": "one project",
        "plan 24-017 --only INV-2044": "one record of it",
        "plan --html plan.html --csv plan.csv": "every eligible project: a page to agree to, and a table",
    },
    "audit": {"audit": "every project that has a bill in Xero", "audit 24-017": "one project"},
    "acknowledge": {
        "acknowledge 24-017 1a2b3c4d --why 'paid by hand'": "one difference",
        "acknowledge 24-017 INV-2044 --why 'corrected next month' --until 2026-08-31": "one held record",
        "acknowledge 24-017 --all --why 'before we began'": "all",
    },
    "report": {"report --html report.html": "every project", "report 24-017 --html - > job.html": "one project"},
    "retention": {
        "retention": "every project, by supplier",
        "retention 24-017 --as-of 2026-10-31": "one project at the end of October",
        "retention --csv retention.csv --html retention.html": "for a spreadsheet, and to print",
    },
    "month-end": {"month-end 2026-10 --out october": "October, as of its last day"},
    "doctor": {"doctor": "look at every part", "doctor --fix": "and create the tracking categories"},
    "init": {
        "init": "asks what the file does not say yet; answers and comments stay",
        "init --force": "begins anew, and forgets the file that is there",
    },
    "migrate": {"migrate": "after each new version, with the workers stopped"},
    "connect": {"connect xero": "opens a browser", "connect procore --no-browser": "prints the address to open"},
    "start": {"start": "until Ctrl-C", "start --port 5556": "with Flower on another port"},
    "listen": {"listen": "beside worker and beat, behind a proxy with TLS"},
    "hooks": {
        "hooks set-up https://hooks.example.com/procore": "after each project that becomes eligible, too",
        "hooks show": "what Procore sends, and where",
        "hooks take-down": "all of this installation's",
    },
    "sandbox": {"sandbox": "on free ports", "sandbox --procore-port 8101 --xero-port 8102": "on these"},
    "demo": {"demo": "once, and end", "demo --stay": "until Ctrl-C, with Flower"},
}


def examples(command: str) -> str:
    """The foot of a command's help: a line each, as a shell takes it."""
    return "\n".join(["For example:", *(f"procore-xero {typed}  # {why}" for typed, why in EXAMPLES[command].items())])


class PlainFlags:
    """A flag is said without its type: "--wait <bool>" reads as if a value had to follow."""

    def get_params(self, ctx: Any) -> list[Any]:
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]  # beside one of the library's commands
        for parameter in parameters:
            if isinstance(parameter, TyperOption) and parameter.is_flag:
                parameter.metavar = ""
        return parameters


class Command(PlainFlags, TyperCommand):
    """One command, as this program shows it."""


class Asking(Command):
    """One that asks both systems and starts nothing: it needs no broker that runs already."""

    def invoke(self, ctx: Any) -> Any:
        from worker.assembly import parts
        from worker.cli.lent_broker import lent

        with lent() as broker_at:
            parts().broker_at = broker_at
            return super().invoke(ctx)
