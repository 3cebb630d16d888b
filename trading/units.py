"""Millionths in words: prices, sizes, money and signed shares as people read them. Exact, no floats."""

from __future__ import annotations

from messages.values import MICRO, MarketId, Money, OrderId, Price, Shares, Side, Size


def price_text(price: Price | int) -> str:
    """Dollars per share with two to four decimals, rounded half up: 0.63, 0.635, 0.6355."""
    return _decimals((price + 50) // 100, 4, 2)


def size_text(size: Size | int) -> str:
    """Shares as plainly as they go: 10, 10.5, 0.123456."""
    return _decimals(size, 6, 0)


def shares_text(net: Shares | int) -> str:
    """An exposure with its sign and two decimals: +10.50, -3.00."""
    return f"{'-' if net < 0 else '+'}{_decimals((abs(net) + 5_000) // 10_000, 2, 2)}"


def money_text(money: Money | int) -> str:
    """Dollars with two decimals: $1.20, -$0.05."""
    return f"{'-' if money < 0 else ''}${_decimals((abs(money) + 5_000) // 10_000, 2, 2)}"


def action_text(side: Side) -> str:
    """What an order on this side of the YES book is called: BUY or SELL."""
    return "BUY" if side is Side.BID else "SELL"


def short(name: MarketId | OrderId | str) -> str:
    """The beginning of a long hexadecimal name."""
    return name if len(name) <= 14 else f"{name[:12]}…"


def complement(price: Price | int) -> Price:
    """The same price in the other token's terms."""
    return Price(MICRO - price)


def _decimals(count: int, digits: int, least: int) -> str:
    """`count` units of 10^-digits, at least `least` decimals, no further zeros."""
    whole, rest = divmod(abs(count), 10**digits)
    decimals = f"{rest:0{digits}d}".rstrip("0").ljust(least, "0")
    return f"{'-' if count < 0 else ''}{whole}{'.' + decimals if decimals else ''}"
