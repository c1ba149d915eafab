"""Look before: the sync's own code, run against a copy of the ledger and a Xero whose writes are only listed.

Nothing here reaches Xero with anything but GET, and nothing reaches the real ledger at all.
"""
