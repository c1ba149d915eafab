"""The command `procore-xero`. Nothing is imported before it runs: other programs use single modules of this package."""

from __future__ import annotations


def main() -> None:
    """Run the command line of this process; leaves with one of the exit codes in `worker.cli.exits`."""
    from worker.cli.app import run

    run()
