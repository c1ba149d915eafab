"""How many of something, and how long, in words."""


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 project", "3 projects", "2,400 projects"; `many` where an s is not enough ("entries")."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def lasting(seconds: float) -> str:
    """ "48 s", "4 min", "1 h 20 min" """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
