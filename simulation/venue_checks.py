"""What must hold between a journal and the embedded exchange's own ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from messages.account import GatewayStarted
from messages.orders import FillReversed, OrderFilled, OrderIntended
from messages.values import (
    MICRO,
    Action,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    Price,
    RealNs,
    Size,
    TokenId,
    TradeId,
)
from simulation.story import Check, Entry
from venue.paper.engine.terms import MakerLeg, TokenSide, Trade, TradeStatus
from venue.paper.ledger.history import Balance, History, PastOrder


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One order's part in a trade, in its own token's terms; both sides' words for the same thing."""

    trade: TradeId
    order: OrderId
    token: TokenId
    action: Action
    price: Price
    size: Size
    fee: Money


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What the exchange's file says, all of it."""

    orders: list[PastOrder]
    trades: list[Trade]
    balances: list[Balance]
    floats: int
    """Columns of rows that hold a float."""


def read_ledger(path: Path) -> Ledger:
    """Read it from outside. Raises OSError."""
    history = History(path)
    try:
        return Ledger(
            orders=history.orders(),
            trades=history.trades(),
            balances=history.balances(),
            floats=_floats(path),
        )
    except sqlite3.Error as error:
        raise OSError(f"{path}: cannot be read as an exchange's ledger: {error}") from error
    finally:
        history.close()


def _floats(path: Path) -> int:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        found = 0
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            sums = ", ".join(f"total(typeof({column}) = 'real')" for column in columns)
            found += sum(int(n) for n in db.execute(f"SELECT {sums} FROM {table}").fetchone())
        return found


class VenueCheck(Check):
    """Knows the ledger, and which address is ours."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        self.ledger = ledger
        self.ours: set[str] = set()
        self.outcomes: dict[TokenId, Outcome] = {}

    def note(self, entry: Entry) -> None:
        """Whose money it is, and which token is which."""
        if isinstance(entry.message, GatewayStarted):
            self.ours.add(entry.message.funder.lower())
        elif isinstance(entry.message, OrderIntended):
            self.outcomes[entry.message.token] = entry.message.outcome

    def is_ours(self, maker: str) -> bool:
        """Whether an address trades for this journal."""
        return maker.lower() in self.ours

    def orders(self) -> list[PastOrder]:
        """Our orders as the exchange accepted them."""
        return [order for order in self.ledger.orders if self.is_ours(order.maker)]

    def legs(self) -> Iterator[tuple[Trade, Leg]]:
        """Our part in each trade whose settlement did not fail, in the order of matching."""
        for trade in self.ledger.trades:
            if trade.status is not TradeStatus.FAILED:
                yield from ((trade, leg) for leg in self._legs(trade))

    def _legs(self, trade: Trade) -> Iterator[Leg]:
        if self.is_ours(trade.taker_maker):
            yield _leg(
                trade.id,
                MakerLeg(
                    order=trade.taker_order,
                    owner=trade.taker_owner,
                    maker=trade.taker_maker,
                    token=trade.token,
                    side=trade.side,
                    price=trade.price,
                    size=trade.size,
                    fee=trade.fee,
                ),
            )
        yield from (_leg(trade.id, leg) for leg in trade.legs if self.is_ours(leg.maker))


def _leg(trade: TradeId, leg: MakerLeg) -> Leg:
    return Leg(
        trade=trade,
        order=leg.order,
        token=leg.token,
        action=Action.BUY if leg.side is TokenSide.BUY else Action.SELL,
        price=leg.price,
        size=leg.size,
        fee=leg.fee,
    )


class WorstCase(VenueCheck):
    """I2: position plus everything resting at the exchange never passes the position limit plus one order."""

    invariant = "I2"

    def __init__(self, ledger: Ledger, cap: Size) -> None:
        super().__init__(ledger)
        self._cap = cap
        self._net: dict[MarketId, int] = {}
        self._known: dict[OrderId, tuple[MarketId, int]] = {}
        """Market and sign on the YES axis."""
        self._left: dict[OrderId, int] = {}
        """Shares of each order that rests."""

    def end(self) -> None:
        """Play our side of the exchange again, in its own time order."""
        for _, _, _, what in sorted(self._happenings(), key=lambda happening: happening[:3]):
            if isinstance(what, Leg):
                self._fill(what)
            elif isinstance(what, PastOrder):
                self._known[what.id] = (what.market, self._sign(what.token, _action(what.side)))
                self._left[what.id] = what.size
                self._judge(what.market, what.id)
            else:
                self._left.pop(what, None)

    def _happenings(self) -> Iterator[tuple[int, int, int, PastOrder | Leg | OrderId]]:
        """Market time; while that stands still, real time; within one moment order, fills, end."""
        accepted = {
            order.id: (int(order.accepted_at), int(order.accepted_real_at)) for order in self.orders()
        }
        for order in self.orders():
            yield *accepted[order.id], 0, order
            if order.ended_at is not None:
                yield int(order.ended_at), int(order.ended_real_at or 0), 2, order.id
        for trade, leg in self.legs():
            market_at, real_at = accepted.get(leg.order, (0, 0))
            yield max(int(trade.matched_at), market_at), real_at, 1, leg

    def _fill(self, leg: Leg) -> None:
        known = self._known.get(leg.order)
        if known is None:
            self.violated(f"trade {leg.trade} filled order {leg.order}, which was never accepted")
            return
        market, sign = known
        self._net[market] = self._net.get(market, 0) + sign * leg.size
        if leg.order in self._left:
            self._left[leg.order] -= leg.size

    def _judge(self, market: MarketId, order: OrderId) -> None:
        net = self._net.get(market, 0)
        for sign in (1, -1):
            resting = sum(left for id_, left in self._left.items() if self._known[id_] == (market, sign))
            if sign * net + resting > self._cap and resting:
                self.violated(
                    f"order {order} made {sign * net} + {resting} possible in {market}, cap {self._cap}"
                )

    def _sign(self, token: TokenId, action: Action) -> int:
        is_yes = self.outcomes.get(token, Outcome.YES) is Outcome.YES
        return 1 if is_yes == (action is Action.BUY) else -1


class IntentFirst(VenueCheck):
    """I3: every order the exchange accepted from us since we have the account was intended in the journal before."""

    invariant = "I3"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._intended: dict[OrderId, RealNs] = {}
        self._began_at: MarketNs | None = None

    def note(self, entry: Entry) -> None:
        """When each was intended."""
        super().note(entry)
        if isinstance(entry.message, GatewayStarted) and self._began_at is None:
            self._began_at = entry.market_at
        if isinstance(entry.message, OrderIntended):
            self._intended[entry.message.order] = entry.real_at

    def end(self) -> None:
        """Look each of the exchange's orders up."""
        for order in self.orders():
            intended_at = self._intended.get(order.id)
            if self._began_at is None or order.accepted_at < self._began_at:
                continue  # an earlier system's; what it left is taken over as positions
            if intended_at is None:
                self.violated(f"order {order.id} was accepted and never intended")
            elif intended_at > order.accepted_real_at:
                self.violated(f"order {order.id} was accepted before it was intended")


class SameFills(VenueCheck):
    """I8: the journal's fills are the exchange's trades, and their sums are its balances."""

    invariant = "I8"

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._fills: dict[tuple[TradeId, OrderId], OrderFilled] = {}
        self._found: list[OrderFilled] = []
        """What was in the wallet without a trade of ours: counted in the sums, and no trade there."""
        self._tokens: dict[OrderId, TokenId] = {}

    def note(self, entry: Entry) -> None:
        """The fills that stand."""
        super().note(entry)
        message = entry.message
        if isinstance(message, OrderIntended):
            self._tokens[message.order] = message.token
        elif isinstance(message, OrderFilled) and message.worth is not None:
            self._found.append(message)
        elif isinstance(message, OrderFilled):
            self._fills[message.trade, message.order] = message
        elif isinstance(message, FillReversed):
            self._fills.pop((message.trade, message.order), None)

    def end(self) -> None:
        """Both ways, figure by figure."""
        theirs = {(leg.trade, leg.order): leg for _, leg in self.legs()}
        ours = {key: self._as_leg(fill, theirs.get(key)) for key, fill in self._fills.items()}
        before = {fill.token for fill in self._found}
        for key in sorted(theirs.keys() - ours.keys()):
            if key[1] not in self._tokens and theirs[key].token in before:
                continue  # somebody else's, and in the wallet when it was looked into
            self.violated(f"trade {key[0]} of order {key[1]} is not in the journal")
        for key in sorted(ours.keys() - theirs.keys()):
            self.violated(f"fill {key[0]} of order {key[1]} is unknown to the exchange")
        for key in sorted(ours.keys() & theirs.keys()):
            if ours[key] != theirs[key]:
                self.violated(f"fill {key[0]} of order {key[1]} is {ours[key]} here and {theirs[key]} there")
        found = [msgspec.structs.replace(self._as_leg(fill, None), token=fill.token) for fill in self._found]
        self._compare_sums([*ours.values(), *found])

    def _as_leg(self, fill: OrderFilled, there: Leg | None) -> Leg:
        """An order of somebody else on our account was never intended; its token is what the exchange says."""
        token = TokenId("?") if there is None else there.token
        return Leg(
            trade=fill.trade,
            order=fill.order,
            token=self._tokens.get(fill.order, token),
            action=fill.action,
            price=fill.price if fill.outcome is Outcome.YES else Price(MICRO - fill.price),
            size=fill.size,
            fee=fill.fee,
        )

    def _compare_sums(self, legs: list[Leg]) -> None:
        held: dict[TokenId, int] = {}
        for leg in legs:
            held[leg.token] = held.get(leg.token, 0) + (leg.size if leg.action is Action.BUY else -leg.size)
        for balance in self.ledger.balances:
            if balance.token is not None and self.is_ours(balance.maker):
                believed = held.pop(balance.token, 0)
                if believed != balance.amount:
                    self.violated(
                        f"fills of token {balance.token} sum to {believed}, its balance is {balance.amount}"
                    )
        for token, size in held.items():
            if size:
                self.violated(f"fills of token {token} sum to {size}, the exchange has no such balance")


class LedgerIsWhole(VenueCheck):
    """I15, the exchange's half: its ledger holds no float."""

    invariant = "I15"

    def end(self) -> None:
        """Counted when the file was read."""
        if self.ledger.floats:
            self.violated(f"{self.ledger.floats} floats in the exchange's ledger")


class EmptyBook(VenueCheck):
    """I21: after a stop the exchange has no order of ours on its book."""

    invariant = "I21"

    def end(self) -> None:
        """By the exchange's own word."""
        for order in self.orders():
            if order.ended_at is None:
                self.violated(f"order {order.id} still rests in {order.market}")


def venue_checks(ledger: Ledger, cap: Size) -> list[VenueCheck]:
    """One of each; without a cap the worst case is not judged."""
    found: list[VenueCheck] = [WorstCase(ledger, cap)] if cap else []
    return [*found, IntentFirst(ledger), SameFills(ledger), LedgerIsWhole(ledger), EmptyBook(ledger)]


def _action(side: TokenSide) -> Action:
    return Action.BUY if side is TokenSide.BUY else Action.SELL
