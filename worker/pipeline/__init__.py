"""read → map → plan → send → confirm: the only place where Procore, mapping, Xero and the ledger meet.

stage    what a stage declares              work     everything one job works with
carry    records through their stage        prepare  what mapping must know beforehand
sending  drafts to Xero, proved             existing documents already there: adopt, update, hands off
recovery requests whose outcome is unknown  directory the organisation's contacts, to be adopted
"""
