"""Windows as the world goes on: each is listed ahead, closed at its end, resolved a minute later, and forgotten.

Assumed: that tokens nobody redeemed for an hour are redeemed then, as the venue's site does it for who wants it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from messages.values import SECOND, MarketId
from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import WINDOW, toxic
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.market import CrowdMarket, Span
from venue.paper.crowd.odds import WindowOdds
from venue.paper.crowd.reference import Reference
from venue.paper.crowd.rotation import redeem_for_all
from venue.paper.crowd.windows import SERIES, Series, Window
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.participants import Lot, Participants, Pit
from venue.paper.engine.terms import Market

VERSION = "windows 1"
PACE_S = 300
"""Windows begin, end and are listed at multiples of this only."""
KEPT_S = 3_600
"""Market seconds for which a resolved window stays listed."""

Crowd = Callable[[Window, WindowOdds], Participants]
"""Who trades in a window; to them its listing is market second 0, as it is to its odds, and there is no end."""


def crowd_of(seed: int, toxicity: float = 1.0) -> Crowd:
    """The crowd of character D, with chance of its own in every window, and so many times its informed flow."""
    character = toxic(WINDOW, toxicity)

    def crowd(window: Window, odds: WindowOdds) -> Participants:
        draws = Draws(seed, window.slug)
        activity = Activity(draws, character.hot)
        return CrowdMarket(window.market(), character, odds, activity, draws, Span())

    return crowd


class Windows:
    """Keeps an exchange supplied with windows. What is listed follows from market time alone."""

    def __init__(
        self, exchange: Exchange, reference: Reference, crowd: Crowd, series: Sequence[Series] = SERIES
    ) -> None:
        self._exchange = exchange
        self._reference = reference
        self._crowd = crowd
        self._series = series
        self._listed: dict[MarketId, Window] = {}

    def begin(self) -> None:
        """From now on; with a market clock that was never started, from its start on."""
        exchange = self._exchange
        if exchange.clock.is_started or exchange.ledger.origin is not None:
            exchange.advance()
            self._list_all(max(self._paced_s() - KEPT_S, int(exchange.clock.origin) // SECOND))
            self._roll()
        else:
            exchange.schedule(1, self._roll)

    def _roll(self) -> None:
        """List what is to be listed by now, forget what has been resolved long enough."""
        exchange, paced_s = self._exchange, self._paced_s()
        self._list_all(int(exchange.now) // SECOND)
        for market, window in list(self._listed.items()):
            if window.resolved_s + KEPT_S <= paced_s:
                terms = exchange.market(market)
                assert terms is not None, "a window is retired once"
                redeem_for_all(exchange, terms)
                if exchange.retire(market):
                    del self._listed[market]
        exchange.schedule((paced_s + PACE_S) * SECOND - int(exchange.clock.origin), self._roll)

    def _paced_s(self) -> int:
        return int(self._exchange.now) // (PACE_S * SECOND) * PACE_S

    def _list_all(self, unresolved_at_s: int) -> None:
        """Those that are due by now and were not resolved at a second, in the order in which they came."""
        now_s = int(self._exchange.now) // SECOND
        windows = [window for series in self._series for window in series.between(unresolved_at_s, now_s)]
        self._list(sorted(windows, key=lambda window: (window.listed_s, window.series.place)))

    def _list(self, windows: Sequence[Window]) -> None:
        for window in windows:
            if window.id not in self._listed:
                self._listed[window.id] = window
                odds = window.odds(self._reference)
                self._exchange.add_participants(Session(window, odds, self._crowd(window, odds)))


class Session:
    """The participants of one window until its end: then it takes no more orders, a minute later it is resolved."""

    def __init__(self, window: Window, odds: WindowOdds, crowd: Participants) -> None:
        self._window = window
        self._odds = odds
        self._crowd = crowd
        self._begins = 0
        """When it is listed, nanoseconds after market second 0; may be before that."""
        self._is_over = self._is_resolved = False

    @property
    def market(self) -> Market:
        """As it is when it is listed."""
        return self._window.market()

    def next_at(self) -> int | None:
        """When the crowd or the end is due."""
        if self._is_resolved:
            return None
        if self._is_over:
            return self._begins + self._after_listing(self._window.resolved_s)
        end, moves_at = self._after_listing(self._window.end_s), self._crowd.next_at()
        return self._begins + (end if moves_at is None else min(end, moves_at))

    def open(self, pit: Pit, since: int) -> None:
        """Begin, or go on where this window is by now."""
        passed = int(pit.now) - self._window.listed_s * SECOND
        self._begins = since - passed
        if not self._end(pit):
            self._crowd.open(pit, passed)

    def act(self, pit: Pit) -> None:
        """The end, or else what the crowd does."""
        if not self._end(pit):
            self._crowd.act(pit)

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """To whoever placed it."""
        self._crowd.filled(lot, size, by_account)

    def _end(self, pit: Pit) -> bool:
        """Whether it is over; what that entails is done."""
        now_s = int(pit.now) // SECOND
        if now_s >= self._window.end_s and not self._is_over:
            self._is_over = True
            pit.stop_orders()
        if now_s >= self._window.resolved_s and not self._is_resolved:
            self._is_resolved = True
            pit.resolve(self._odds.yes_wins)
        return self._is_over

    def _after_listing(self, second: int) -> int:
        return (second - self._window.listed_s) * SECOND
