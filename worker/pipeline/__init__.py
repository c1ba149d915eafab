"""One job's way from Procore to Xero: the only place where Procore, mapping, Xero and the ledger meet.

carry    a batch of records: map → decide → settle → send; `one_stage` and `one_record` say which records
work     what a stage is, and what a job works with; `so_far` is what the job has met
decide   what should happen with a record, as far as the ledger knows                                     pure
check    whether that may happen, as far as Xero shows: every rule about money that is in Xero            pure
read     from Procore: which lists, how far, and what is asked of records that a list does not show
look     from Xero: what stands there, as far as it is asked for
map      what mapping is given beside a record, and by which rules it is coded
send     to Xero: journalled, sent under a key, and proved (pure)
settle   puts them together: looks, asks the rules, sends, and writes down what came of it
values   what these hand to each other                                                                    pure
"""
