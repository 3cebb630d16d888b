"""The reward score of resting orders at one moment, exact in whole numbers (VENUE §7.1).

Prices are those of YES, in millionths; an ask on NO is a bid on YES. A score is the formula's, times the square of the
maximal spread and times `C`, which divides out of every share. The in-game multiplier b is 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from messages.values import MICRO, Price, Side, Size
from venue.paper.engine.terms import Market

C = 3
"""What a one-sided quote is divided by while the middle is in the band."""
BAND = (Price(MICRO // 10), Price(MICRO * 9 // 10))
"""Outside of it only two-sided quotes score."""
Levels = Sequence[tuple[Price, Size]]


class Offer(NamedTuple):
    """Something that rests, old enough to score; `maker` is whoever is paid for it."""

    maker: str
    side: Side
    price: Price
    size: int


class Rules(NamedTuple):
    """A market's two cutoffs: shares and dollars, in millionths."""

    min_size: int
    max_spread: int

    @classmethod
    def of(cls, market: Market) -> Rules:
        """Those of a market."""
        return cls(market.rewards_min_size, market.rewards_max_spread)


def adjusted_mid(bids: Levels, asks: Levels, min_size: int) -> Price | None:
    """Half way between the best levels of at least `min_size`, levels given worst first; None without two sides.

    Assumed: the venue does not publish how it leaves dust out.
    """
    bid = _best(bids, min_size)
    ask = _best(asks, min_size)
    return None if bid is None or ask is None else Price((bid + ask) // 2)


def order_score(offer: Offer, mid: Price, rules: Rules) -> int:
    """S(v, s) times size: zero from the maximal spread on, and below the minimal size."""
    room = rules.max_spread - abs(offer.price - mid)
    return room * room * offer.size if room > 0 and offer.size >= rules.min_size else 0


def quote_score(bids: int, asks: int, mid: Price) -> int:
    """Q_min from the sums of both sides: the smaller one, or a third of the larger if that is more and allowed."""
    two_sided = C * min(bids, asks)
    return max(two_sided, bids, asks) if BAND[0] <= mid <= BAND[1] else two_sided


def scores(offers: Iterable[Offer], mid: Price, rules: Rules) -> dict[str, int]:
    """Every maker's Q_min, those with none left out."""
    sums = dict[str, list[int]]()
    for offer in offers:
        found = order_score(offer, mid, rules)
        if found:
            sums.setdefault(offer.maker, [0, 0])[offer.side is Side.ASK] += found
    quotes = {maker: quote_score(bids, asks, mid) for maker, (bids, asks) in sums.items()}
    return {maker: quote for maker, quote in quotes.items() if quote}


def _best(levels: Levels, min_size: int) -> Price | None:
    for price, size in reversed(levels):
        if size >= min_size:
            return price
    return None
