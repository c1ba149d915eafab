"""The retention ledger: what is held back from each subcontractor on each commitment, by Procore's claims and by what
moved the retention accounts in Xero, as of a day.

Pure: both sides were read, and documents matched with claims, by the audit. Nothing is written.
"""
