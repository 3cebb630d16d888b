"""The embedded exchange in virtual time: its markets, our account, its dead-man switch, and who listens to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from random import Random

import msgspec

from messages.market import Level
from messages.system import ClockAnchor
from messages.values import MICRO, MS, SECOND, MarketId, MarketNs, Money, OrderId, Price, Side, Size, TokenId
from simulation.exchange.lies import Lies
from simulation.exchange.records import Records
from simulation.exchange.street import CENT, Mood, Street, a_market
from simulation.exchange.switchboard import Switchboard
from simulation.exchange.timing import Timing
from venue.paper.doors.heartbeat import Heartbeats
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import digest, yes_terms
from venue.paper.engine.terms import Market, NewOrder, OrderType, Placement, Refused, TokenSide
from venue.paper.ledger.ledger import Ledger

OWNER = "00000000-0000-4000-8000-000000000001"
"""Our API key."""
WALLET = "0x00000000000000000000000000000000000000f1"
ADDRESS = "0x00000000000000000000000000000000000000a1"
STRANGER = "00000000-0000-4000-8000-000000000002"
STRANGERS_WALLET = "0x00000000000000000000000000000000000000f2"
STRANGERS_FUNDS = Money(10**9 * MICRO)
EPOCH = MarketNs(1_780_000_000 * SECOND)
"""Market time at the beginning of every simulated world."""


class Kind(StrEnum):
    """What a request is about; each has a door of its own."""

    ORDER = "order"
    CANCEL = "cancel"
    READ = "read"
    BEAT = "beat"
    OPEN = "open"
    PUBLIC = "public"


class Scenery(msgspec.Struct, frozen=True, kw_only=True):
    """The world that is played."""

    markets: int = 5
    funds: Money = Money(2_000 * MICRO)


class SimulatedVenue:
    """Everything on the venue's side of the network. What happens here needs no trader of ours to live."""

    def __init__(self, timing: Timing, lies: Lies, scenery: Scenery = Scenery()) -> None:  # noqa: B008
        self.timing = timing
        self.lies = lies
        self.scenery = scenery
        self.clock = VenueClock(timing.now)
        self.clock.resume(None, EPOCH)
        self.exchange = Exchange(self.clock, Ledger(":memory:"), first_funds=scenery.funds)
        self.records = Records(OWNER, timing.now, self.clock.now)
        self.ears = Switchboard()
        self.exchange.listen(self.records)
        self.exchange.listen(self.ears)
        self.beats = Heartbeats(timing.now)
        self.mood = Mood()
        self.is_up = False
        self.is_hushed = False
        """The user stream says nothing of what happens."""
        self.streets: dict[MarketId, Street] = {}
        self.signed = 0
        """Orders ever signed for this account: what tells the names of like orders apart."""
        self.on_request: Callable[[Kind, int], None] = lambda kind, tokens: None
        """Told of every request that leaves, and how many orders or cancels it is."""
        self.on_grid: Callable[[MarketId, Price], None] = lambda market, old: None
        """Told that a market's grid was this one up to now."""
        self._listed = 0
        self._due: int | None = None
        self.exchange.fund(WALLET)
        self.exchange.fund(STRANGERS_WALLET, STRANGERS_FUNDS)
        for _ in range(scenery.markets):
            self.list_market()

    # Its process, as the supervisor has it (see `simulation.world.machine.Exchange`).

    def opened(self) -> None:
        """It is there, with an empty book and the accounts, trades and markets of before."""
        self.is_up = True
        self.play()

    def closed(self) -> None:
        """It is gone: no order rests any more, no connection stands, no chain of beats is remembered."""
        self.is_up = False
        self.exchange.cancel_all(OWNER)
        self.beats = Heartbeats(self.timing.now)

    def market_at(self) -> MarketNs:
        """Where its market clock stands."""
        return self.clock.now()

    def start_clock(self, anchor: ClockAnchor) -> None:
        """Its market clock runs from here."""
        self.clock.start(anchor)
        self.play()

    def list_market(self) -> Market:
        """One more market, with its crowd."""
        self._listed += 1
        market = a_market(self._listed)
        street = Street(market, Random(self.timing.rng.getrandbits(64)), self.mood)
        self.streets[market.id] = street
        self.exchange.add_participants(street)
        self.plan()
        return market

    def book(self, market: MarketId) -> tuple[Market, tuple[Level, ...], tuple[Level, ...]] | None:
        """A market's bids and asks in YES terms, best first; None for one that is not on the floor."""
        known = self.exchange.market(market)
        view = None if known is None else self.exchange.book(known.yes)
        if known is None or view is None:
            return None
        return known, tuple(reversed(view.bids)), tuple(reversed(view.asks))

    def set_tick(self, market: Market, tick: Price) -> None:
        """Another price grid."""
        self.on_grid(market.id, market.tick)
        self.exchange.set_tick(market.id, tick)
        self.plan()

    # Time.

    @property
    def stamp(self) -> int:
        """The venue's clock, milliseconds."""
        return int(self.clock.now()) // MS

    def play(self) -> None:
        """Everything that is due happens; the next of it is planned."""
        self.exchange.advance()
        self.plan()

    def plan(self) -> None:
        """Be woken when something happens next by itself."""
        due = self.exchange.next_due()
        wait = None if due is None else self.clock.real_until(due)
        if wait is None:
            return
        at = self.timing.now() + wait
        if self._due is None or int(at) < self._due:
            self._due = int(at)
            self.timing.call_at(at, self._wake)

    def _wake(self) -> None:
        if self._due is not None and int(self.timing.now()) >= self._due:
            self._due = None
        self.play()

    @property
    def speed(self) -> int:
        """Market seconds in a real one."""
        return self.clock.anchor.speed if self.clock.anchor else 0

    # The account.

    def name(self, *parts: object) -> OrderId:
        """A hash for an order that is signed now; no two are alike."""
        self.signed += 1
        return OrderId(digest("order", self.signed, *parts))

    def place(self, new: NewOrder) -> Placement:
        """Raises Refused with the venue's words."""
        self.exchange.modes.check_place(new.post_only)
        try:
            return self.exchange.place(new)
        finally:
            self.plan()

    def cancel(self, orders: tuple[OrderId, ...]) -> tuple[list[OrderId], dict[OrderId, str]]:
        """Raises Refused with the venue's words."""
        self.exchange.modes.check_cancel()
        return self.exchange.cancel(OWNER, orders)

    def beat(self, heartbeat: str) -> str:
        """The next id of the chain. Raises WrongHeartbeat."""
        given = self.beats.beat(OWNER, heartbeat)
        self.timing.call_at(self.timing.now() + 10 * SECOND, self._look_for_silence)
        return given

    def _look_for_silence(self) -> None:
        for owner in self.beats.lapsed():
            self.exchange.cancel_all(owner)

    # What others do to us.

    def fill_a_bit(self, order: OrderId) -> bool:
        """Somebody takes a part of a resting order of ours, just now, and the user stream does not say so."""
        known = self.records.live.get(order)
        if known is None or known.order.leaves < 4 * MICRO:
            return False
        market = self.exchange.market(known.order.market)
        if market is None or not market.accepting_orders:
            return False
        new = known.order.new
        side, price = yes_terms(market, new.token, new.side, new.price)
        is_bid = side is Side.BID
        bit = self.timing.rng.randrange(1, known.order.leaves // MICRO) * MICRO
        size = self._ahead(market.id, side, price) - known.order.leaves + bit
        self.is_hushed = True
        self._strange(
            market, market.no if is_bid else market.yes, Price(MICRO - price) if is_bid else price, Size(size)
        )
        self.is_hushed = False
        return True

    def _ahead(self, market: MarketId, side: Side, price: Price) -> int:
        """All that a taker meets up to a price, that included."""
        found = self.book(market)
        levels = () if found is None else found[1] if side is Side.BID else found[2]
        return sum(size for at, size in levels if (at - price) * side.sign >= 0)

    def _strange(self, market: Market, token: TokenId, price: Price, size: Size) -> None:
        """Somebody else's taker order; that nothing is left to take is not our business."""
        new = self._new(STRANGER, STRANGERS_WALLET, token, price, size, OrderType.FAK)
        with suppress(Refused):
            self.exchange.place(new)
        self.plan()

    def _new(
        self, owner: str, wallet: str, token: TokenId, price: Price, size: Size, type_: OrderType
    ) -> NewOrder:
        return NewOrder(
            id=self.name(owner, token, price, size),
            owner=owner,
            maker=wallet,
            token=token,
            side=TokenSide.BUY,
            price=price,
            size=size,
            type=type_,
        )

    def order_of_ours(self, deep: bool) -> None:
        """Somebody places an order on our account by other means: at the market, or resting deep in the book."""
        rng = self.timing.rng
        market = rng.choice([m for m in self.exchange.markets if m.accepting_orders])
        bid, ask = self.exchange.top(market.id)
        if bid is None or ask is None:
            return
        price = Price(max(market.tick, bid - 5 * CENT)) if deep else ask
        new = self._new(OWNER, WALLET, market.yes, price, Size(5 * MICRO), OrderType.GTC)
        self.records.foreign.add(new.id)
        with suppress(Refused):
            self.exchange.place(new)
        self.plan()
