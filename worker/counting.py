"""How many of something, how much, and how long, in words."""

from collections.abc import Mapping
from decimal import Decimal


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 project", "3 projects", "2,400 projects"; `many` where an s is not enough ("entries")."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def money(amount: Decimal, currency: str) -> str:
    """ "8,123.40 AUD"; a part of a cent stays. A blank currency is one that nobody knows, as before the first pass."""
    is_cents = amount == round(amount, 2)
    return f"{amount:,.2f} {currency}".rstrip() if is_cents else f"{amount.normalize():,f} {currency}".rstrip()


def each(sums: Mapping[str, Decimal]) -> str:
    """ "8,123.40 AUD and 20.00 USD": sums by currency, as far as they are not nothing; "nothing" where all are."""
    said = (money(amount, currency) for currency, amount in sorted(sums.items()) if amount)
    return " and ".join(said) or "nothing"


def lasting(seconds: float) -> str:
    """ "48 s", "4 min", "1 h 20 min" """
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
