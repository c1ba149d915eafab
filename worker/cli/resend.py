"""`procore-xero resend`: sends one record again, on purpose, after a person voided or deleted its document in Xero."""

from __future__ import annotations

import typer

from worker.cli import send, which
from worker.cli.arguments import AsJson, JobNumber
from worker.cli.exits import RefusedError
from worker.cli.opened import opened
from worker.cli.progress import working
from worker.cli.send import Wait
from worker.cli.which import Record


def command(
    job_number: JobNumber,
    record: Record,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Send a record again whose document was voided or deleted in Xero."""
    from tasks import by_hand, resending

    ours = opened()
    wanted = send.one(ours, job_number.strip())
    kind, procore_id = which.record(
        ours, wanted.job_number, record, "resend {job} {record}", lambda one: bool(one.xero_id)
    )
    try:
        with working("Asking Xero"):
            resending.let_go(ours, wanted.job_number, kind, procore_id)
    except resending.NothingToResend as nothing:
        raise RefusedError(str(nothing)) from None
    raise typer.Exit(send.go_on(ours, "resend", [by_hand.send(ours, wanted)], wait, as_json))
