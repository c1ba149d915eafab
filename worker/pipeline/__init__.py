"""One job's way from Procore to Xero: the only place where Procore, mapping, Xero and the ledger meet.

carry    one stage: read → map → decide → settle → send; `work` is what a stage is, and what a job works with
read     from Procore: which lists, how far, and what is asked of records that a list does not show
map      what mapping is given beside a record, and by which rules it is coded
decide   what should happen with a record, as far as the ledger knows                                     pure
look     from Xero: what stands there, as far as it is asked for
check    whether that may happen, as far as Xero shows: every rule about money that is in Xero            pure
settle   puts them together: looks, asks the rules, writes down what came of it
send     to Xero: journalled, sent under a key, proved (pure); what is unknown is recovered
values   what these hand to each other                                                                    pure
"""
