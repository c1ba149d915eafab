"""`python -m worker.cli`: the command line with exactly this interpreter, for processes that start one another."""

from worker.cli import main

main()
