"""How many examples are drawn of what can be anything: some in `make test`, all in `make test-deep`."""

from __future__ import annotations

from hypothesis import settings

DEEP = "deep"
#: `make test` draws one in so many.
SHARE = 12


def register() -> None:
    """Some unless pytest is told otherwise (`--hypothesis-profile deep`). A loaded machine's seconds fail nobody."""
    for name in (DEEP, "some"):
        settings.register_profile(name, settings(), deadline=None)
    settings.load_profile("some")


def examples(all_of_them: int) -> int:
    """As many as are drawn now of so many; for what takes long, since the profile alone changes no number."""
    return all_of_them if settings.get_current_profile_name() == DEEP else max(1, all_of_them // SHARE)
