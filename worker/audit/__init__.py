"""Proof afterwards: what Procore says is to be in the books, against what Xero holds, read from both anew.

Independent of the ledger and of mapping's arithmetic: records and documents find each other by their natural keys, and
the amounts are the foot of each record and the totals of each document. It never writes.
"""
