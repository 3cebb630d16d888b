"""The account as REST shows it: open orders, trades, balances, each at its own moment and with its own lies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from messages.account import AccountRead, AccountReadFailed, Leg, OpenOrder, ReadAccount, Settlement
from messages.orders import OrderRead, OrderReadFailed, ReadOrder
from messages.values import MS, SECOND, Money, OrderId, RealNs, Size, TokenId, TradeId
from simulation.exchange.requests import Kind, Wire, ok
from simulation.exchange.venue import OWNER, WALLET, SimulatedVenue
from venue.paper.doors.spelling import open_order as open_order_row
from venue.paper.doors.spelling import trade_row
from venue.paper.engine.terms import Order, Trade, TradeStatus
from venue.polymarket.account import Us, legs, open_order
from venue.polymarket.account_reading import OVERLAP_S, read_order
from venue.polymarket.answers import mode_of
from venue.polymarket.client import Client, Reply

STALE_NS = 3 * SECOND
LATEST_NS = 4_500 * MS
"""By which trades are listed at the latest; what is believed waits for half a second longer."""
KEPT = 400
"""Ends of orders that a stale list may still show as resting."""
SMALL_PAGE = 3
_FIRST = {Settlement.MINED: Settlement.MATCHED, Settlement.CONFIRMED: Settlement.MATCHED}
"""What a row said that comes again from a slower copy of the venue's data."""
Body = TypeVar("Body")


class AccountDoor:
    """The venue's side: lists as of a moment. Legs are read with the production reader, once for each status."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._read: dict[TradeId, tuple[TradeStatus, tuple[Leg, ...]]] = {}
        self._ids: list[TradeId] = []
        self._times: list[int] = []

    def orders(self) -> list[OpenOrder]:
        """The list of open orders, with what is wrong with it."""
        venue, lies = self._venue, self._venue.lies
        is_stale = lies.strikes("F69a")
        found = self._stale() if is_stale else [known.order for known in venue.records.live.values()]
        if found and lies.strikes("F69b"):
            del found[lies.rng.randrange(len(found))]
        return [self._listed(order) for order in found]

    def order(self, order: OrderId) -> object:
        """A row of one order while it is active, else null."""
        records = self._venue.records
        if self._venue.lies.strikes("F69d"):
            known = records.orders.get(order)
            found = None if known is None else known.as_of(self._earlier)
        else:
            found = records.live[order].order if order in records.live else None
        if found is None:
            return None
        return msgspec.to_builtins(open_order_row(found, self._venue.exchange.market(found.market)))

    @property
    def _earlier(self) -> RealNs:
        return self._venue.timing.now() + -STALE_NS

    def _stale(self) -> list[Order]:
        """Orders that rested a while ago, as they were."""
        recent = list(self._venue.records.orders.values())[-KEPT:]
        return [order for known in recent if (order := known.as_of(self._earlier)) is not None]

    def _listed(self, order: Order) -> OpenOrder:
        return open_order(open_order_row(order, self._venue.exchange.market(order.market)))

    def legs(self, after_s: int) -> tuple[list[Leg], list[OrderId]]:
        """Our legs of the trades since a second, and orders named by rows that could not be read."""
        self._note_new()
        lies = self._venue.lies
        ids = self._ids[bisect_left(self._times, (after_s + 1) * SECOND) :]
        skipped = self._venue.records.live if lies.strikes("F70b") else {}
        if lies.strikes("F70e"):
            ids = self._listed_by_now(ids)
        found, doubtful = list[Leg](), list[OrderId]()
        for id_ in ids:
            ours = self._legs_of(self._venue.records.trades[id_])
            if skipped and all(leg.order in skipped for leg in ours):
                continue
            if lies.strikes("F70d") and len(ids) - len(doubtful) > 1:
                doubtful += [leg.order for leg in ours]
            else:
                found += ours
        if lies.strikes("F70a"):
            found += [
                msgspec.structs.replace(leg, status=_FIRST.get(leg.status, leg.status)) for leg in found[-3:]
            ]
        if lies.strikes("F70c"):
            lies.rng.shuffle(found)
        return found, doubtful

    def _listed_by_now(self, ids: list[TradeId]) -> list[TradeId]:
        """Without what was matched within the last seconds."""
        late_ns = self._venue.lies.rng.randrange(LATEST_NS)
        until, matched_at = self._venue.timing.now() + -late_ns, self._venue.records.matched_at
        return [id_ for id_ in ids if matched_at[id_] <= until]

    def _note_new(self) -> None:
        trades = self._venue.records.trades
        if len(trades) > len(self._ids):
            new = list(trades)[len(self._ids) :]
            self._ids += new
            self._times += [int(trades[id_].matched_at) for id_ in new]

    def _legs_of(self, trade: Trade) -> tuple[Leg, ...]:
        known = self._read.get(trade.id)
        if known is None or known[0] is not trade.status:
            row = trade_row(trade, OWNER, self._venue.exchange.market(trade.market))
            known = self._read[trade.id] = (trade.status, tuple(legs(row, Us(OWNER, WALLET))))
        return known[1]

    def balance(self, token: TokenId | None) -> int:
        """Collateral (None) or tokens; nothing at all while the venue has forgotten them."""
        if self._venue.lies.on("F75"):
            return 0
        return self._venue.exchange.bank.shown(WALLET, token)


class _Failed(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.reason)
        self.reply = reply


class AccountReader:
    """The client's side: one read after the other, each list a request or several."""

    def __init__(self, venue: SimulatedVenue, wire: Wire) -> None:
        self._venue = venue
        self._wire = wire
        self._door = AccountDoor(venue)

    async def read(self, wanted: ReadAccount) -> AccountRead | AccountReadFailed:
        """Orders first, trades second, balances last; nothing is believed of a read that lacks one of them."""
        begun_at = self._venue.timing.now()
        since_s = max(0, int(wanted.since) // SECOND - OVERLAP_S)
        try:
            orders = await self._orders()
            found, doubtful = await self._get(lambda: self._door.legs(since_s), tuple)
            collateral = await self._balance(None)
            balances = [(token, Size(await self._balance(token))) for token in wanted.tokens]
        except _Failed as failed:
            reply = failed.reply
            return AccountReadFailed(reason=str(failed), mode=mode_of(reply), wait_ms=reply.wait_ms)
        distinct = {(leg.trade, leg.order): leg for leg in found}
        return AccountRead(
            begun_at=begun_at,
            orders=tuple({order.order: order for order in orders}.values()),
            legs=tuple(distinct.values()),
            collateral=Money(collateral),
            balances=tuple(balances),
            tokens=wanted.tokens,
            doubtful=tuple(dict.fromkeys(doubtful)),
            skipped=tuple("a row of another shape" for _ in doubtful[:1]),
        )

    async def look_up(self, wanted: ReadOrder) -> OrderRead | OrderReadFailed:
        """One order by its name, read with the production reader."""
        begun_at = self._venue.timing.now()
        reply = await self._ask(lambda: self._door.order(wanted.order))
        answer = _Answered(reply)
        return read_order(cast("Client", answer), wanted, lambda: begun_at)

    async def _orders(self) -> list[OpenOrder]:
        """In one page, or in two of different moments, as lists by offset are."""
        found = await self._get(self._door.orders, list)
        if len(found) > SMALL_PAGE and self._venue.lies.strikes("F69c"):
            following = await self._get(self._door.orders, list)
            return [*found[:SMALL_PAGE], *following[SMALL_PAGE:]]
        return found

    async def _balance(self, token: TokenId | None) -> int:
        return await self._get(lambda: self._door.balance(token), int)

    async def _get(self, make: Callable[[], Body], shape: type) -> Body:
        """One page; what is no page is no answer."""
        reply = await self._ask(make)
        if reply.status != 200 or not isinstance(reply.body, shape):
            raise _Failed(reply)
        return cast("Body", reply.body)

    async def _ask(self, make: Callable[[], object]) -> Reply:
        def do() -> Reply:
            self._venue.exchange.modes.check_cancel()
            return ok(make())

        return await self._wire.ask(Kind.READ, do)


class _Answered:
    """A client whose one request was answered already."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def page(self, path: str, query: dict[str, object]) -> Reply:
        """The answer."""
        return self._reply
