"""What people are told without asking: after a pass, when something is wrong, and both sides on one page.

It reads the ledger and, for the page alone, both systems; it never writes to either of them and never judges a record.
"""
