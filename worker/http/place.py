"""Where the reading of a list stands, and how it goes on from there with fewer rows at a time.

Both APIs count rows off in pages. An answer that is larger than one may be is asked for in smaller pages, which begin
where it began; so rows are neither skipped nor read twice, as far as a list stands still while it is read.
"""

from __future__ import annotations

#: Into so many parts a page is taken apart, if it can be: each try costs a call.
_PARTS = 5


class Place:
    """Which page comes next, and how many rows it is asked to have."""

    def __init__(self, size: int) -> None:
        self._first_size = size
        self._rows = 0
        self.size = size
        self.page = 1

    @property
    def parts(self) -> int:
        """How many of these pages make one of the first size."""
        return self._first_size // self.size

    def turn(self, rows: int, size: int) -> None:
        """A page was read that had so many rows; full pages of the list have `size`, if that is less than was asked."""
        self._rows += rows
        self.size = size
        self.page += 1

    def narrow(self) -> bool:
        """Go on with smaller pages; False where that cannot be: a page is one row, or pages came that were not full."""
        if self.size == 1 or self._rows != (self.page - 1) * self.size:
            return False
        parts = (n for n in (_PARTS, *range(2, self.size + 1)) if self.size % n == 0)
        self.size //= next(parts)
        self.page = self._rows // self.size + 1
        return True
