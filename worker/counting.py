"""How many of something, in words."""


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 project", "3 projects", "2,400 projects"; `many` where an s is not enough ("entries")."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
