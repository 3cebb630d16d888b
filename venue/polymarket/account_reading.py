"""The account read back over REST: every page of its orders and its trades, and what of a row cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from messages.account import AccountRead, AccountReadFailed, Leg, OpenOrder, ReadAccount
from messages.orders import OrderFound, OrderRead, OrderReadFailed, ReadOrder, VenueMode
from messages.values import SECOND, MarketId, Money, OrderId, RealNs, Size, TokenId
from venue.polymarket.account import Us, legs, matched_of, open_order, order_found
from venue.polymarket.answers import mode_of
from venue.polymarket.client import Client, Reply, one_line
from venue.wire.numbers import WireError
from venue.wire.orders import FIRST_PAGE, LAST_PAGE, TradeRow
from venue.wire.orders import OpenOrder as OpenOrderRow

ORDERS, ORDER, TRADES = "/data/orders", "/data/order", "/data/trades"
UNKNOWN_TOKEN = (400, 404)
"""Statuses by which a token has no balance to be told."""
MAX_PAGES = 500
"""Of one list; a longer one is not believed."""
OVERLAP_S = 1
"""Trades are asked for from so much earlier: the venue counts in whole seconds."""
MAX_SKIPPED = 10
"""Reasons that are told."""
MAX_NAME = 100
Row = TypeVar("Row")


class Unanswered(WireError):
    """A page or a balance that did not come."""

    def __init__(self, path: str, reply: Reply) -> None:
        super().__init__(f"{path}: {reply.reason}")
        self.wait_ms = reply.wait_ms
        self.mode = mode_of(reply)


class Doubts:
    """Rows of trades that could not be read: why, and which orders they name."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        self.named: dict[OrderId, None] = {}
        self.unnamed = False
        """Some row does not say which orders it is about."""

    def note(self, row: object, error: WireError) -> None:
        """One row less. What it says of its orders is unknown, so nothing is concluded about these."""
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(one_line(str(error)))
        trade = row if isinstance(row, dict) else {}
        found = trade.get("maker_orders")
        makers = found if isinstance(found, list) and found else [None]
        names = [maker.get("order_id") if isinstance(maker, dict) else None for maker in makers]
        self.unnamed |= not all(map(_is_name, names))
        names = [trade.get("taker_order_id"), *names]
        self.named |= {OrderId(str(name)): None for name in names if _is_name(name)}


def _is_name(said: object) -> bool:
    return isinstance(said, str) and 0 < len(said) <= MAX_NAME


def read_account(
    client: Client, us: Us, wanted: ReadAccount, now: Callable[[], RealNs]
) -> AccountRead | AccountReadFailed:
    """Open orders first, trades second, balances last: an order that is in neither list was gone before. Blocks."""
    begun_at = now()
    doubts = Doubts()
    since_s = max(0, int(wanted.since) // SECOND - OVERLAP_S)
    try:
        orders = {order.order: order for order in map(_listed, _rows(client, ORDERS, {}))}
        trades = _rows(client, TRADES, {"after": since_s} if since_s else {})
        found = {(leg.trade, leg.order): leg for leg in _legs(trades, us, doubts)}
        for token in wanted.tokens if wanted.refresh else ():
            client.refresh(token)  # where that fails the balance may be an old one, as without it
        collateral = Money(_balance(client.balance(None)))
        balances = tuple(_balances(client, wanted.tokens))
    except WireError as error:
        return AccountReadFailed(
            reason=one_line(str(error)),
            mode=getattr(error, "mode", VenueMode.OPEN),
            wait_ms=getattr(error, "wait_ms", 0),
        )
    return AccountRead(
        begun_at=begun_at,
        orders=tuple(orders.values()),
        legs=tuple(found.values()),
        collateral=collateral,
        balances=balances,
        tokens=wanted.tokens,
        doubtful=tuple(doubts.named),
        unnamed=doubts.unnamed,
        skipped=tuple(doubts.skipped),
    )


def read_order(client: Client, wanted: ReadOrder, now: Callable[[], RealNs]) -> OrderRead | OrderReadFailed:
    """One order by its name; none where the venue says null, or 404: only active orders are served. Blocks."""
    begun_at = now()
    reply = client.page(f"{ORDER}/{wanted.order}", {})
    if reply.status == 404 or (reply.status == 200 and reply.body in (None, "", {})):
        return OrderRead(order=wanted.order, begun_at=begun_at, found=OrderFound.NONE)
    if reply.status != 200:
        return OrderReadFailed(
            order=wanted.order, reason=reply.reason, mode=mode_of(reply), wait_ms=reply.wait_ms
        )
    try:
        row = _shaped(reply.body, OpenOrderRow)
        found, matched = order_found(row), matched_of(row)
    except WireError as error:
        return OrderReadFailed(order=wanted.order, reason=one_line(str(error)))
    if row.id != wanted.order:
        return OrderReadFailed(order=wanted.order, reason="the answer is about another order")
    return OrderRead(order=wanted.order, begun_at=begun_at, found=found, matched=matched)


def _listed(row: object) -> OpenOrder:
    """A row of the open orders. One that cannot be read but says which order it is counts: it is there."""
    try:
        return open_order(_shaped(row, OpenOrderRow))
    except WireError:
        name = row.get("id") if isinstance(row, dict) else None
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            raise
        return OpenOrder(order=OrderId(name), market=MarketId(""), token=TokenId(""), matched=Size(0))


def _legs(rows: Iterator[object], us: Us, doubts: Doubts) -> Iterator[Leg]:
    """Our legs of every trade that can be read."""
    for row in rows:
        try:
            yield from legs(_shaped(row, TradeRow), us)
        except WireError as error:
            doubts.note(row, error)


def _rows(client: Client, path: str, query: dict[str, Any]) -> Iterator[object]:
    """The rows of all pages. Ends on the last cursor, on none and on an empty one; a cursor that comes twice is an
    endless list. Raises WireError."""
    cursor, seen = FIRST_PAGE, set[str]()
    while cursor not in ("", LAST_PAGE):
        if cursor in seen or len(seen) >= MAX_PAGES:
            raise WireError(f"{path} does not end")
        seen.add(cursor)
        reply = client.page(path, {**query, "next_cursor": cursor})
        if reply.status != 200:
            raise Unanswered(path, reply)
        page = reply.body if isinstance(reply.body, dict) else {}
        rows, following = page.get("data", ""), page.get("next_cursor") or ""
        if not isinstance(rows, list | None) or not isinstance(following, str):
            raise WireError(f"{path}: an answer of another shape")
        yield from rows or ()
        cursor = following


def _balances(client: Client, tokens: Iterable[TokenId]) -> Iterator[tuple[TokenId, Size]]:
    """One after the other. A token that the venue does not know by now is left out; anything else is no read."""
    for token in tokens:
        reply = client.balance(token)
        if reply.status not in UNKNOWN_TOKEN:
            yield token, Size(_balance(reply))


def _balance(reply: Reply) -> int:
    if reply.status != 200:
        raise Unanswered("/balance-allowance", reply)
    balance = reply.body.get("balance") if isinstance(reply.body, dict) else None
    if not isinstance(balance, str | int) or not str(balance).isdecimal() or len(str(balance)) > 30:
        raise WireError("/balance-allowance: an answer of another shape")
    return int(balance)


def _shaped(row: object, shape: type[Row]) -> Row:
    try:
        return msgspec.convert(row, shape)
    except msgspec.ValidationError as error:
        raise WireError(f"a row of another shape: {error}") from None
