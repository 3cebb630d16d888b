"""The price grid: rounding to a market's tick, in integer millionths."""

from __future__ import annotations

from messages.values import MICRO, Price

SIZE_STEP = 10_000
"""Millionths of a share: the venue takes sizes in hundredths."""


def is_tick(step: int) -> bool:
    """Whether this step (millionths of a dollar) can be a market's grid: it divides one dollar evenly."""
    return 0 < step <= MICRO // 2 and MICRO % step == 0


def on_grid(price: int, tick: Price) -> bool:
    """Whether an order may carry this price: a multiple of the tick inside [tick, 1 - tick]."""
    return price % tick == 0 and tick <= price <= MICRO - tick


def clamp(price: int, tick: Price) -> Price:
    """The nearest price inside [tick, 1 - tick]; a price inside stays as it is, on the grid or not."""
    return Price(max(int(tick), min(MICRO - tick, price)))


def round_bid(price: int, tick: Price) -> Price:
    """The grid price at or below, so that a bid never pays more than was meant; clamped."""
    return clamp(price // tick * tick, tick)


def round_ask(price: int, tick: Price) -> Price:
    """The grid price at or above, so that an ask never takes less than was meant; clamped."""
    return clamp(-(-price // tick) * tick, tick)


def mirror(price: Price) -> Price:
    """The same bet priced in the other token: p in YES is 1 - p in NO, and back."""
    return Price(MICRO - price)
