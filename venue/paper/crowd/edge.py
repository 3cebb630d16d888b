"""What those who know a value would still pay: the taker fee and a tenth of a cent must be left (TRADING §7.1)."""

from __future__ import annotations

import math

from messages.values import MICRO, Price

EDGE = 1_000
"""A tenth of a cent."""


def fee(rate: int, price: int) -> float:
    """Of a share taken at a price, in millionths of a dollar; `rate` in millionths (VENUE §7.3)."""
    return rate * price * (MICRO - price) / MICRO**2


def buying_limit(value: float, rate: int, tick: int) -> Price:
    """The highest price on the grid that leaves the edge when YES is worth `value` millionths; may be 0."""
    price = max(0, math.floor((value - EDGE) / tick)) * tick
    while price > 0 and price + fee(rate, price) + EDGE > value:
        price -= tick
    return Price(price)


def selling_limit(value: float, rate: int, tick: int) -> Price:
    """The lowest price on the grid that leaves the edge when selling; may be a dollar."""
    return Price(MICRO - buying_limit(MICRO - value, rate, tick))
