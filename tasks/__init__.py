"""What runs, and in which order. Thin: how each thing is done stands in `worker`.

discovery  lists projects, judges each, fans out one job per eligible project
resuming   what died with a worker, taken up again
project    one project's sync, from lock to report
by_hand    jobs that a person starts, on the command line or in Flower
stages     the five stages on one page
planning   what a sync would do: the same stages, rehearsed
audit      both sides compared, once a week
reporting  what people are told: passes that are over, alarms
history    what nobody needs any more, forgotten once a day
logins     logins that persons gave, kept alive once a day
policy     what a job does with each kind of error
"""
