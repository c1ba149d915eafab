"""Remember: which record is which document, what was sent and is not answered yet, and who runs what.

The only SQLAlchemy. No transaction is open while anything is sent over HTTP: plan (commit) → send → confirm (commit).
"""
