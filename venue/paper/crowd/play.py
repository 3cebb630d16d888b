"""The crowd by itself: one market played on a bare book, without accounts, ledger or clock, as the tape it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from messages.values import MICRO, SECOND, MarketId, MarketNs, Price, Side, Size, TokenId
from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import Character
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import HOUR_S
from venue.paper.crowd.latent import Alone, Latent, Swing
from venue.paper.crowd.market import CrowdMarket, Span
from venue.paper.crowd.odds import WindowOdds
from venue.paper.crowd.reference import COINS, EPOCH_S, Reference
from venue.paper.engine.book import Fill
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Participants
from venue.paper.engine.tape import BookSet, LevelSet, Printed, TapeEvent, TickSet
from venue.paper.engine.terms import Market, TokenSide

LOWEST, HIGHEST = 0.25, 0.75
"""Between these a market starts that nothing else is said of (TRADING §7.1)."""
WINDOW_S = 24_300
"""A window whose log-odds have the volatility of §7.2 over its first three hours."""


class Stage:
    """A `Pit` on a book of its own; remembers what can be seen."""

    def __init__(self, participants: Participants, book: OrderBook | None = None) -> None:
        self.book = book or OrderBook()
        self.market = participants.market
        self.events = list[TapeEvent]()
        self.at = 0
        self._participants = participants
        self.best = self.book.best
        self.visible = self.book.visible
        self.accounts_best = self.book.accounts_best
        self.place = self.book.place
        self.pull = self.book.pull

    @property
    def now(self) -> MarketNs:
        """Nanoseconds after market second 0."""
        return MarketNs(self.at)

    def take(self, side: Side, limit: Price, size: int) -> int:
        """Buy or sell at once; one print for each price."""
        return self._tell(side, self.book.take(side, limit, size))

    def accounts_take(self, side: Side, limit: Price, size: int) -> int:
        """As `take`, from accounts' orders that no lot rests ahead of."""
        return self._tell(side, self.book.take_accounts(side, limit, size))

    def set_tick(self, tick: Price) -> None:
        """Change the price grid."""
        self.market.tick = tick
        self.events.append(TickSet(at=self.at, tick=tick))

    def stop_orders(self) -> None:
        """Nothing rests any more."""
        self.book.pull_all()

    def resolve(self, yes_wins: bool | None) -> None:
        """It is over."""
        self.book.pull_all()

    def open(self, since: int) -> None:
        """Let them fill the book; the whole of it is one event."""
        self.at = since
        self._participants.open(self, since)
        self.book.forget_changes()
        self.events.append(
            BookSet(at=since, bids=tuple(self.book.levels(Side.BID)), asks=tuple(self.book.levels(Side.ASK)))
        )

    def act(self, at: int) -> None:
        """Let them do what is due."""
        self.at = at
        self._participants.act(self)
        for side, price, size in self.book.changes():
            self.events.append(LevelSet(at=self.at, side=side, price=price, size=size))

    def met(self, fill: Fill) -> None:
        """An order of no participant was hit; here there are none."""
        raise TypeError(f"{fill} on a stage for participants alone")

    def _tell(self, side: Side, fills: list[Fill]) -> int:
        taker = TokenSide.BUY if side is Side.BID else TokenSide.SELL
        for price, group in groupby(fills, key=lambda fill: fill.price):
            met = list(group)
            size = sum(fill.size for fill in met)
            self.events.append(Printed(at=self.at, taker=taker, price=price, size=Size(size)))
            for fill in met:
                if fill.lot is None:
                    self.met(fill)
                else:
                    self._participants.filled(fill.lot, fill.size, False)
        return sum(fill.size for fill in fills)


def a_market(character: Character, seed: int, start: float | None = None) -> CrowdMarket:
    """A market of a character by itself, without an end; `start` is its first probability."""
    draws = Draws(seed, character.name)
    activity = Activity(draws, character.hot)
    begins = draws.stream("start").uniform(LOWEST, HIGHEST) if start is None else start
    latent: Latent
    if character.name == "window":
        latent = WindowOdds(Reference(seed), COINS["btc"], EPOCH_S, EPOCH_S, EPOCH_S + WINDOW_S)
    else:
        swing = Swing(sigma=character.sigma, jumps=character.jumps, jump=character.jump)
        latent = Alone(draws, activity, swing, float(begins))
    market = Market(
        id=MarketId(f"0x{seed:064x}"),
        slug=character.name,
        question=character.name,
        yes=TokenId("1"),
        no=TokenId("2"),
        tick=Price(10_000),
        min_size=Size(5 * MICRO),
        fee_rate=character.fee_rate,
    )
    return CrowdMarket(market, character, latent, activity, draws, Span())


def play(character: Character, seed: int, hours: float, start: float | None = None) -> Iterator[TapeEvent]:
    """What a market of the crowd shows in its first hours: its book, then every changed level and print."""
    participants = a_market(character, seed, start)
    stage = Stage(participants)
    stage.open(0)
    ends = round(hours * HOUR_S * SECOND)
    while (at := participants.next_at()) is not None and at < ends:
        stage.act(at)
        if stage.events:
            yield from stage.events
            stage.events.clear()
