"""What a bookkeeper chooses from when the mapping file is filled in: read on both sides, asked, and written down.

Nothing is written to either system, and no choice is made for anybody: what nobody answered stays open in the file.
"""
