"""Orders on their way in: heard, judged, being signed. What they would do counts before they exist."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.market import BookSnapshot, MarketInfo
from messages.orders import DenyRule, OrderDenied, OrderIntended, OrderPrepared, PlaceOrder, PrepareOrder
from messages.risk import TradingPermit
from messages.values import (
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    Outcome,
    RealNs,
    RoleName,
    Shares,
    Side,
    Size,
    TokenId,
)
from trading.account import Account
from trading.budget import Budget
from trading.gtd import Lifetime
from trading.newest import Newest
from trading.orders import Status
from trading.ownership import Ownership
from trading.pauses import Pauses
from trading.permits import NO_PERMIT
from trading.risk.gate import PLACE_TTL_NS, GateLimits, Situation, is_liquidator, judge
from trading.tokens import TokenOrder, token_order

MAX_MARKETS = 1_024
"""Markets whose constants and books are known."""
MAX_COMMANDS = 4_096
"""Commands that are recognised when they come again."""


class Preparing(msgspec.Struct, frozen=True):
    """A wanted order that is being signed."""

    place: PlaceOrder
    token: TokenId
    order: TokenOrder
    expires_at: MarketNs


class Health(msgspec.Struct, frozen=True):
    """How the gateway is as an order comes in."""

    now: RealNs
    ready: str
    """Why nothing can be sent; empty when it can."""
    journal_lag_ns: int
    unacknowledged: int
    market_now: MarketNs


class Intake:
    """Judges what traders want by everything the gateway knows. Volatile, all of it."""

    def __init__(
        self, account: Account, ownership: Ownership, limits: GateLimits, budget: Budget, order_life_s: int
    ) -> None:
        self.account = account
        self._budget = budget
        self.lifetime = Lifetime(order_life_s)
        self.ownership = ownership
        self.limits = limits
        self.infos = Newest[MarketId, MarketInfo](MAX_MARKETS)
        self.books = Newest[MarketId, BookSnapshot](MAX_MARKETS)
        self.permit: TradingPermit = NO_PERMIT
        self.killed = ""
        self.pauses = Pauses()
        self.preparing: dict[CommandId, Preparing] = {}
        self._heard: dict[CommandId, None] = {}
        self._unwanted: set[CommandId] = set()

    # In.

    def take(self, place: PlaceOrder, health: Health, dry_run: bool) -> OrderDenied | PrepareOrder | None:
        """What follows from a wanted order: our own no, or its signing.

        None for one that is on its way already: its name would be denied although it lives.
        """
        if place.command in self.preparing or self.account.table.by_command(place.command) is not None:
            return None
        chosen = self._token_order(place)
        no = judge(place, self._situation(place, chosen, health), self.limits)
        self.hear(place.command)
        if no is None and dry_run:
            no = DenyRule.DRY_RUN, f"would {chosen.action.value} {chosen.outcome.value}, nothing is sent"
        if no is not None:
            return denied(place, *no)
        info = self.infos[place.market]
        token = info.yes if chosen.outcome is Outcome.YES else info.no
        expires_at = self.lifetime.ends_at(health.market_now)
        self.preparing[place.command] = Preparing(place, token, chosen, expires_at)
        self._budget.places.take(1, health.now)
        return PrepareOrder(
            command=place.command,
            token=token,
            action=chosen.action,
            price=chosen.price,
            size=chosen.size,
            tick=info.tick,
            neg_risk=info.neg_risk,
            expires_at=expires_at,
        )

    def prepared(self, done: OrderPrepared, now: MarketNs) -> OrderIntended | OrderDenied | None:
        """It is signed: intended, or taken back meanwhile; None when nobody wants it."""
        waiting = self.preparing.pop(done.command, None)
        if waiting is None:
            return None
        place = waiting.place
        if done.command in self._unwanted:
            self._unwanted.discard(done.command)
            return denied(place, DenyRule.TAKEN_BACK, "taken back before it was sent")
        if self.ownership.owners.get(place.market) != place.owner:
            return denied(place, DenyRule.NOT_OWNER, "handed over before it was sent")
        return OrderIntended(
            order=done.order,
            command=place.command,
            market=place.market,
            owner=place.owner,
            side=place.side,
            price=place.price,
            size=place.size,
            token=waiting.token,
            outcome=waiting.order.outcome,
            action=waiting.order.action,
            decided_at=place.decided_at,
            frame_at=place.frame_at,
            moved_at=place.moved_at,
            why=place.why,
            mid=place.mid,
            send_before=min(place.decided_at + PLACE_TTL_NS, self.permit.expires_at, key=int),
            intended_at=now,
            expires_at=waiting.expires_at,
        )

    def failed(self, command: CommandId, reason: str) -> OrderDenied | None:
        """It could not be signed."""
        waiting = self.preparing.pop(command, None)
        self._unwanted.discard(command)
        return None if waiting is None else denied(waiting.place, DenyRule.NOT_READY, reason)

    def hear(self, command: CommandId) -> None:
        """Remember a command, so that it counts once."""
        self._heard[command] = None
        if len(self._heard) > MAX_COMMANDS:
            del self._heard[next(iter(self._heard))]

    def take_back(self, wanted: Callable[[PlaceOrder], bool]) -> None:
        """What is being signed and is meant by this is not to be sent."""
        self._unwanted.update(c for c, waiting in self.preparing.items() if wanted(waiting.place))

    # What it is judged by.

    def _token_order(self, place: PlaceOrder) -> TokenOrder:
        info = self.infos.get(place.market)
        return token_order(
            place.side,
            place.price,
            place.size,
            yes_free=self._free(place.market, Outcome.YES, info.yes if info else None),
            no_free=self._free(place.market, Outcome.NO, info.no if info else None),
        )

    def _free(self, market: MarketId, outcome: Outcome, token: TokenId | None) -> Size:
        """Settled shares of a token that no order of ours offers."""
        if token is None:
            return Size(0)
        offered = self.account.table.offered(token) + sum(
            w.order.size
            for w in self.preparing.values()
            if w.token == token and w.order.action is Action.SELL
        )
        return Size(max(0, self.account.inventories[market].confirmed(outcome) - offered))

    def _situation(self, place: PlaceOrder, chosen: TokenOrder, health: Health) -> Situation:
        market, table = place.market, self.account.table
        held = self.account.inventories[market]
        unknown = any(o.status is Status.UNKNOWN for o in table.of(market))
        tied = table.tied() + sum(w.order.collateral for w in self.preparing.values())
        return Situation(
            now=health.now,
            ready=health.ready or ("an order of this market is unresolved" if unknown else ""),
            killed=self.killed,
            paused=self.pauses.why(market),
            permit=self.permit,
            known=place.command in self._heard,
            owner=self.ownership.owners.get(market),
            info=self.infos.get(market),
            book=self.books.get(market),
            net=held.net,
            worst=self._worst(market, held.net),
            unsettled=(Shares(held.net - held.nets[0]), Shares(held.nets[1] - held.net)),
            confirmed_net=held.sellable,
            open_orders=len(table) + len(self.preparing),
            collateral=Money(self.account.collateral - tied),
            cost=chosen.collateral,
            crosses_own=self._crosses_own(place),
            like_at=self._like_at(place),
            budget=self._budget.why_not_place(is_liquidator(place.owner), health.now),
            journal_lag_ns=health.journal_lag_ns,
            unacknowledged=health.unacknowledged,
        )

    def _worst(self, market: MarketId, net: Shares) -> tuple[Shares, Shares]:
        low, high = self.account.table.worst(market, net)
        wanted = [w.place for w in self.preparing.values() if w.place.market == market]
        return (
            Shares(low - sum(p.size for p in wanted if p.side is Side.ASK)),
            Shares(high + sum(p.size for p in wanted if p.side is Side.BID)),
        )

    def _crosses_own(self, place: PlaceOrder) -> bool:
        ours = [(o.intended.side, o.intended.price) for o in self.account.table.of(place.market)]
        ours += [
            (w.place.side, w.place.price) for w in self.preparing.values() if w.place.market == place.market
        ]
        return any(
            side is not place.side and (place.price - price) * place.side.sign >= 0 for side, price in ours
        )

    def _like_at(self, place: PlaceOrder) -> RealNs | None:
        theirs: list[OrderIntended | PlaceOrder] = [o.intended for o in self.account.table.of(place.market)]
        theirs += [w.place for w in self.preparing.values() if w.place.market == place.market]
        wanted = (place.owner, place.side, place.price, place.size)
        like = [o.decided_at for o in theirs if (o.owner, o.side, o.price, o.size) == wanted]
        return max(like, key=int, default=None)


def denied(place: PlaceOrder, rule: DenyRule, reason: str) -> OrderDenied:
    """Our own no to one order."""
    return OrderDenied(
        command=place.command,
        market=place.market,
        owner=place.owner,
        side=place.side,
        price=place.price,
        size=place.size,
        rule=rule,
        reason=reason,
    )


def of_owner(owner: RoleName) -> Callable[[PlaceOrder], bool]:
    """Everything one owner wants."""
    return lambda place: place.owner == owner
