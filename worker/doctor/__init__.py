"""Whether an installation can work: each thing is looked at, and for what is wrong there is a click or a word to type.

Only reads, but for `tracking.create`, which makes the tracking categories when it is asked to.
"""
