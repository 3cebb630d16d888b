"""Decimal strings of the wire and the integers they mean: millionths, exactly, no float on the way."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from messages.values import MICRO, MS, SECOND, MarketNs

MAX_DIGITS = 24
"""More digits than any amount of money has; a longer text is no number to us."""


class WireError(ValueError):
    """What came over the wire is not what it should be; the text says why."""


def micro(text: str) -> int:
    """Millionths of an unsigned decimal string; "" is 0. Raises WireError, also for a seventh decimal."""
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if not text:
        return 0
    if not (digits.isascii() and digits.isdigit()) or len(digits) > MAX_DIGITS:
        raise WireError(f"{text[:40]!r} is no decimal number")
    if len(fraction) > 6 and fraction[6:].strip("0"):
        raise WireError(f"{text[:40]!r} has more than six decimals")
    return int(whole or "0") * MICRO + int(fraction[:6].ljust(6, "0"))


def micro_of(number: Decimal | int | str | None) -> int:
    """Millionths of a JSON number, which may be negative, or decimal string; None is 0. Raises WireError."""
    if number is None:
        return 0
    if isinstance(number, str):
        return micro(number)
    exactly = Decimal(number)
    if not exactly.is_finite() or abs(exactly.adjusted()) > MAX_DIGITS:
        raise WireError(f"{str(number)[:40]!r} is no amount of anything")
    count = micro(format(exactly.copy_abs(), "f"))
    return -count if exactly.is_signed() else count


@lru_cache(maxsize=65_536)
def spell(micro_units: int) -> str:
    """Millionths as the wire spells them, without needless zeros: `0.5`, `12`, `0.001`."""
    whole, part = divmod(abs(micro_units), MICRO)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".") if part else str(whole)
    return f"-{text}" if micro_units < 0 else text


def eight_decimals(micro_units: int) -> str:
    """Unsigned millionths as spot exchanges spell them: `61035.86000000`."""
    return f"{micro_units // MICRO}.{micro_units % MICRO:06d}00"


def exact(micro_units: int) -> Decimal:
    """Millionths where the wire has a JSON number: 0.01, 5."""
    return Decimal(spell(micro_units))


def ms_text(at: MarketNs) -> str:
    """An instant as 13 digits of milliseconds."""
    return str(int(at) // MS)


def s_text(at: MarketNs) -> str:
    """An instant as ten digits of seconds."""
    return str(int(at) // SECOND)
