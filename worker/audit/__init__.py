"""The audit: what should be in the books by Procore, against what Xero holds, both read again.

Independent of the ledger and of mapping's arithmetic: records and documents find each other by their natural keys, and
the amounts are the foot of each record and the totals of each document. It never writes.
"""
