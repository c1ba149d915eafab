"""What is signed at a month's end, from what an audit has read of both systems, and from the ledger's holds.

Each part is pure and goes by a day: what is dated later does not count, so that the figures of a month are the same
whenever they are made. Nothing is read or written here but the folder that the pack is put into.
"""
