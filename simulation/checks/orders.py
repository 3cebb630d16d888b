"""Orders: intended before they exist, never forgotten while they rest, never without leave, late, old or halted."""

from __future__ import annotations

from messages.market import FeedStatus
from messages.orders import OrderIntended
from messages.risk import HaltCause, Level, TradingHalted, TradingPermit, TradingResumed
from messages.values import MS, SECOND, MarketId, OrderId, Price, RealNs
from messages.wallet import MarketPaused, MarketResumed
from simulation.checks.ward import Checker, Ward
from simulation.exchange.records import Accepted
from simulation.story import Entry

DECISION_NS = 1_200 * MS
HALTED_NS = 1 * SECOND
LAPSED_NS = 27 * SECOND
"""Two seconds of a permit, ten until beats stop, ten until the venue acts, and five of slack (RELIABILITY I5)."""
WORD_NS = 2 * SECOND + DECISION_NS
REGRID_NS = 3 * SECOND
"""So long an order of the old grid may still leave: that is how long the word of the new one may take."""


class IntendedFirst(Checker):
    """I3: an order leaves, and rests, only after its intent was committed."""

    def sent(self, order: OrderId, at: RealNs) -> None:
        """The intent is durable by then."""
        if self.ward.is_alien(order):
            self.ward.violated("I3", f"order {order} leaves and no intent of it is committed")

    def order_accepted(self, accepted: Accepted) -> None:
        """What nobody signed here is somebody else's; what was signed here has its intent."""
        if not accepted.is_foreign and self.ward.is_alien(accepted.id):
            self.ward.violated("I3", f"order {accepted.id} rests and no intent of it is committed")


class NeverForgotten(Checker):
    """I4: whatever rests at the venue is open in the book of a gateway that is ready."""

    def order_accepted(self, accepted: Accepted) -> None:
        """It may have been given up for lost before it came."""
        self.stepped()

    def stepped(self) -> None:
        """Every live order, by the gateway's own table."""
        live = self.ward.records.live
        account = self.ward.believed() if live else None
        if account is None:
            return
        for order in live:
            if self.ward.is_alien(order):
                continue
            known = account.table.get(order)
            if known is None or not known.is_open:
                status = "unknown" if known is None else known.status.value
                self.ward.violated("I4", f"order {order} is {status} to the gateway and rests at the venue")


class OnlyWithLeave(Checker):
    """I5: no order leaves without a permit, none rests long after the last one."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._until: RealNs | None = None
        """Expiry of the latest permit that allowed anything."""

    def permit(self, permit: TradingPermit) -> None:
        """Leave to trade, as risk says it."""
        if permit.level is not Level.FREEZE:
            self._until = (
                permit.expires_at if self._until is None else max(self._until, permit.expires_at, key=int)
            )

    def sent(self, order: OrderId, at: RealNs) -> None:
        """There is a permit as it leaves."""
        if self._until is None or at > self._until:
            since = "never" if self._until is None else f"{(at - self._until) // MS} ms ago"
            self.ward.violated("I5", f"order {order} leaves, the last permit ended {since}")

    def second(self) -> None:
        """What rests has come lately, or there was a permit lately."""
        now = self.ward.now()
        if self._until is None or now - self._until <= LAPSED_NS:
            return
        for accepted in self.ward.records.live.values():
            if now - accepted.accepted_at > LAPSED_NS and not self.ward.is_alien(accepted.id):
                late_s = (now - self._until) // SECOND
                self.ward.violated("I5", f"order {accepted.id} rests {late_s} s after the last permit")


class NewestGateway(Checker):
    """I6: no order of a gateway reaches a market in which its successor trades already."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._newest: dict[MarketId, int] = {}

    def sent(self, order: OrderId, at: RealNs) -> None:
        """Its gateway trades in this market."""
        intent = self.ward.intents.get(order)
        if intent is not None:
            market = intent.order.market
            self._newest[market] = max(self._newest.get(market, 0), intent.gateway)

    def order_accepted(self, accepted: Accepted) -> None:
        """By the incarnation that meant it."""
        intent = self.ward.intents.get(accepted.id)
        if intent is not None and intent.gateway < self._newest.get(intent.order.market, 0):
            newest = self._newest[intent.order.market]
            self.ward.violated(
                "I6", f"order {accepted.id} of gateway {intent.gateway} rests where gateway {newest} trades"
            )


class FreshDecisions(Checker):
    """I7: no quote leaves long after its decision, without the feed's word, off the grid, or against ourselves."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._vouched_at: dict[MarketId, RealNs] = {}
        self._grids: dict[MarketId, tuple[Price, RealNs]] = {}
        """The coarser of the grids in force lately is no excuse, the finer one is: when it ended."""

    def word(self, status: FeedStatus) -> None:
        """What the feed says of a market."""
        if status.live:
            self._vouched_at[status.market] = self.ward.now()

    def grid(self, market: MarketId, old: Price) -> None:
        """A market's grid was this one up to now."""
        self._grids[market] = old, self.ward.now()

    def sent(self, order: OrderId, at: RealNs) -> None:
        """By its intent."""
        intent = self.ward.intents.get(order)
        if intent is None:
            return
        meant = intent.order
        if at - meant.decided_at > DECISION_NS:
            self.ward.violated(
                "I7", f"order {order} leaves {(at - meant.decided_at) // MS} ms after its decision"
            )
        self._vouched(meant, at)
        self._gridded(meant, at)
        self._against_us(meant)

    def _vouched(self, meant: OrderIntended, at: RealNs) -> None:
        word_at = self._vouched_at.get(meant.market)
        if not meant.owner.startswith("liquidator:") and (word_at is None or at - word_at > WORD_NS):
            age = "never" if word_at is None else f"{(at - word_at) // MS} ms ago"
            self.ward.violated("I7", f"quote {meant.order} leaves, the feed vouched for {meant.market} {age}")

    def _gridded(self, meant: OrderIntended, at: RealNs) -> None:
        tick = self.ward.tick_of(meant.market)
        old, until = self._grids.get(meant.market, (tick, RealNs(0)))
        was_on = at - until < REGRID_NS and meant.price % old == 0
        if meant.price % tick and not was_on:
            self.ward.violated("I7", f"order {meant.order} at {meant.price} leaves, the grid is {tick}")

    def _against_us(self, meant: OrderIntended) -> None:
        for accepted in self.ward.records.live.values():
            other = self.ward.intents.get(accepted.id)
            if other is None or other.order.market != meant.market or other.order.side is meant.side:
                continue
            if (meant.price - other.order.price) * meant.side.sign >= 0:
                self.ward.violated("I7", f"order {meant.order} would meet our own {accepted.id}")


class HaltsHold(Checker):
    """I11: a second after a halt nothing new leaves that it forbids, until it is resumed."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._halts: dict[HaltCause, tuple[Level, RealNs]] = {}

    def fact(self, entry: Entry) -> None:
        """Halts as they are committed."""
        if isinstance(entry.message, TradingHalted):
            known = self._halts.get(entry.message.cause)
            since = self.ward.now() if known is None else known[1]
            self._halts[entry.message.cause] = entry.message.level, since
        elif isinstance(entry.message, TradingResumed):
            self._halts.pop(entry.message.cause, None)

    def sent(self, order: OrderId, at: RealNs) -> None:
        """By its owner and every halt in force."""
        intent = self.ward.intents.get(order)
        reduces = intent is not None and intent.order.owner.startswith("liquidator:")
        for cause, (level, since) in self._halts.items():
            forbids = level is Level.FREEZE or (level is Level.HALT_QUOTES and not reduces)
            if forbids and at - since > HALTED_NS:
                self.ward.violated(
                    "I11", f"order {order} leaves {(at - since) // MS} ms after the halt {cause.value}"
                )


class DirtyIsLeft(Checker):
    """I20: a second after a market is paused nothing new leaves for it, until somebody accepts it."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._paused: dict[MarketId, RealNs] = {}

    def fact(self, entry: Entry) -> None:
        """Pauses as they are committed."""
        if isinstance(entry.message, MarketPaused):
            self._paused.setdefault(entry.message.market, self.ward.now())
        elif isinstance(entry.message, MarketResumed):
            self._paused.pop(entry.message.market, None)

    def sent(self, order: OrderId, at: RealNs) -> None:
        """By its market."""
        intent = self.ward.intents.get(order)
        since = None if intent is None else self._paused.get(intent.order.market)
        if since is not None and at - since > HALTED_NS:
            self.ward.violated(
                "I20", f"order {order} leaves {(at - since) // MS} ms after its market was paused"
            )


class Budgets(Checker):
    """I16: never more requests than the venue grants, counted here by its own table (VENUE 8.2, Standard)."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._left = {"order": 60.0, "cancel": 120.0}
        self._at = {"order": ward.now(), "cancel": ward.now()}

    def asked(self, kind: str, tokens: int) -> None:
        """So many orders or cancels leave at once."""
        if kind not in self._left:
            return
        now = self.ward.now()
        per_s, burst = RATES[kind]
        since_s = (now - self._at[kind]) / SECOND
        self._at[kind] = now
        self._left[kind] = min(burst, self._left[kind] + since_s * per_s) - tokens
        if self._left[kind] < 0:
            self.ward.violated(
                "I16", f"{tokens} {kind} requests leave, {self._left[kind]:.0f} are left of {burst}"
            )


RATES = {"order": (40, 60), "cancel": (80, 120)}
"""Tokens per second and burst."""
