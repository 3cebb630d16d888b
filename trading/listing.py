"""Which markets there are, by the venue's list and by the stream: the newest word on each one's constants."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from messages.market import MarketInfo
from messages.values import MarketId, Price

GONE_AFTER = 2
"""Readings of the list in a row that no longer name a market before it is believed to be gone."""


class Listing:
    """The venue's markets. A price grid heard on the stream is newer than the list's."""

    def __init__(self) -> None:
        self._infos: dict[MarketId, MarketInfo] = {}
        self._missing: dict[MarketId, int] = {}
        self._ticks: dict[MarketId, Price] = {}

    def get(self, market: MarketId) -> MarketInfo | None:
        """The market's constants as they are known now."""
        return self._infos.get(market)

    def busiest(self, count: int) -> list[MarketInfo]:
        """The markets that accept orders, most volume first, at most so many."""
        accepting = [info for info in self._infos.values() if info.accepting_orders]
        accepting.sort(key=lambda info: (-info.volume_24h, info.slug, info.market))
        return accepting[:count]

    def set_tick(self, market: MarketId, tick: Price) -> None:
        """The stream said so."""
        self._ticks[market] = tick
        self._infos[market] = msgspec.structs.replace(self._infos[market], tick=tick)

    def learn(self, read: Iterable[MarketInfo], is_kept: Callable[[MarketId], bool]) -> None:
        """Take a reading of the list over.

        A market it does not name stands for one reading more; then it takes no orders, and is forgotten unless
        it is kept. A market whose tokens are suddenly others keeps what was first known of it.
        """
        before, self._infos = self._infos, {}
        for info in read:
            old = before.pop(info.market, None)
            is_same = old is None or (old.yes, old.no) == (info.yes, info.no)
            self._infos[info.market] = self._with_tick(info) if is_same or old is None else old
            self._missing.pop(info.market, None)
        for market, info in before.items():
            self._miss(info, is_kept(market))

    def _miss(self, info: MarketInfo, is_kept: bool) -> None:
        readings = self._missing[info.market] = self._missing.get(info.market, 0) + 1
        if readings < GONE_AFTER:
            self._infos[info.market] = info
        elif is_kept:
            self._infos[info.market] = msgspec.structs.replace(info, accepting_orders=False)
        else:
            del self._missing[info.market]
            self._ticks.pop(info.market, None)

    def _with_tick(self, info: MarketInfo) -> MarketInfo:
        tick = self._ticks.get(info.market, info.tick)
        return info if tick == info.tick else msgspec.structs.replace(info, tick=tick)
