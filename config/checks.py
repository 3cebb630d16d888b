"""Settings that are fine one by one and make no sense together: an error, or a line of warning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from config.settings import Settings
from config.units import ConfigError
from messages.values import MICRO
from trading.units import money_text, size_text

USUAL_MIN_SIZE = 5 * MICRO
"""Shares below which practically no market takes an order."""
FINEST_TICK, USUAL_TICK = 100, 10_000
"""Dollars per share in millionths: no market has a finer grid, most have this one."""
NOISE_TICKS = 3

SIZE, SPREAD, REQUOTE = (f"maker.strategy.{name}" for name in ("size", "spread", "requote_threshold"))
POSITION, LOSS, GAPPED = (
    "limits.position_limit.max_net",
    "limits.daily_loss.max_loss",
    "limits.gapped_book.max_spread",
)
FLAT, RANKED, FUND = "liquidator.neutral_threshold", "feed.ranking.max_spread", "sim.fund"

Blamed = Callable[[tuple[str, ...]], tuple[str, str]]
"""Of some keys the one to be named, and the source that set it: source, key."""


class Trouble(NamedTuple):
    """Keys that do not fit together, and why."""

    keys: tuple[str, ...]
    reason: str


Found = Iterator[Trouble]


def check(settings: Settings, blamed: Blamed) -> list[str]:
    """Lines of warning. Raises ConfigError for the first thing that cannot work."""
    for keys, reason in errors(settings):
        raise ConfigError(*blamed(keys), reason)
    return [str(ConfigError(*blamed(keys), reason)) for keys, reason in warnings(settings)]


def errors(settings: Settings) -> Found:
    """What can never lead to a quote, or to none that is what was asked for."""
    size, limit = settings.maker.strategy.size, settings.limits.position_limit.max_net
    if limit < size:
        yield Trouble(
            (POSITION, SIZE),
            f"a position limit of {size_text(limit)} shares is less than one order of {size_text(size)}: "
            "the first fill would pass it",
        )
    spread = settings.maker.strategy.spread
    if spread < FINEST_TICK:
        yield Trouble(
            (SPREAD,),
            f"{_exact(spread)} is less than the finest tick of any market, {_exact(FINEST_TICK)}",
        )
    flat = settings.liquidator.neutral_threshold
    if flat >= limit:
        yield Trouble(
            (FLAT, POSITION),
            f"{size_text(flat)} shares count as flat and a market is left at {size_text(limit)}: "
            "nothing would ever be worked off",
        )


def warnings(settings: Settings) -> Found:
    """What works, and probably not as it was meant."""
    yield from _of_the_quote(settings)
    yield from _of_the_money(settings)


def _of_the_quote(settings: Settings) -> Found:
    quote = settings.maker.strategy
    if quote.size < USUAL_MIN_SIZE:
        yield Trouble(
            (SIZE,),
            f"{size_text(quote.size)} shares are under the minimum of {size_text(USUAL_MIN_SIZE)} that "
            "practically every market has: such markets are not quoted",
        )
    if FINEST_TICK <= quote.spread < USUAL_TICK:
        yield Trouble(
            (SPREAD,),
            f"{_exact(quote.spread)} is less than the usual tick of {_exact(USUAL_TICK)}: "
            "such markets are quoted a tick wide at least",
        )
    if quote.requote_threshold > quote.spread - quote.spread // 2:
        yield Trouble(
            (REQUOTE, SPREAD),
            f"a threshold of {_exact(quote.requote_threshold)} is more than half the spread, "
            f"{_exact(quote.spread)} / 2: the mid can pass an order before it is moved",
        )
    ranked, quoted = settings.feed.ranking.max_spread, settings.limits.gapped_book.max_spread
    if ranked > quoted:
        yield Trouble(
            (RANKED, GAPPED),
            f"markets are ranked up to a spread of {_exact(ranked)} and quoted up to {_exact(quoted)}: "
            "one may be taken that is not quoted then",
        )


def _of_the_money(settings: Settings) -> Found:
    size, limit = settings.maker.strategy.size, settings.limits.position_limit.max_net
    loss, noise = settings.limits.daily_loss.max_loss, NOISE_TICKS * USUAL_TICK * limit // MICRO
    if loss < noise:
        yield Trouble(
            (LOSS, POSITION),
            f"a daily loss of {money_text(loss)} is less than {NOISE_TICKS} ticks on a full position, "
            f"{NOISE_TICKS} x {_exact(USUAL_TICK)} x {size_text(limit)} shares = {money_text(noise)}: "
            "noise will reach it",
        )
    if settings.sim.fund < limit + size:
        yield Trouble(
            (FUND, POSITION),
            f"{money_text(settings.sim.fund)} cannot pay a position at the limit and one order more, "
            f"up to {size_text(limit)} + {size_text(size)} shares at $1 = {money_text(limit + size)}",
        )


def _exact(price: int) -> str:
    """Dollars per share, every digit that counts and at least two."""
    whole, part = divmod(price, MICRO)
    return f"{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"
