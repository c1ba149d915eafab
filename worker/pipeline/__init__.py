"""One job's way from Procore to Xero: the only place where Procore, mapping, Xero and the ledger meet.

A batch of records goes through these phases, each of which takes all of it (`carry`, and from the sixth on
`settle/sender`, request by request):

 1. read       a stage's `read`, from where `read/lists` says; without what is before the start (`settle/before_start`)
 2. prepare    `map/prepare`: what mapping must know of these records beside them
 3. map        `map/coding`: the document of each, or why it has none
 4. decide     `decide/record`: new, changed, as it was, not to go any more                                      pure
 5. ask        a stage's `before_sending`, one question after the other: look, check, note
 6. complete   `settle/by_settings`: due dates, taxes, and what lock dates and accounts forbid
 7. look       `settle/already_in_xero`: what stands there already; `settle/shared_requests`: whose goes along
 8. send       `send/request`: journalled, sent under its key, and noted once it is judged
 9. prove      `settle/judge`: the answer beside what was sent (`send/prove`, pure), and reading where it does not tell
10. note       the ledger's entries, holds, and `settle/notices`

`one_stage` and `one_record` say which records go; `work` is what a stage is and what a job works with, `so_far` what
the job has met, `values` what the phases hand to each other. Rules about money are in `decide` and `check` alone, which
call nobody.
"""
