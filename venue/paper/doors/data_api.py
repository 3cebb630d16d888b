"""The Data API, under /data-api: what an address holds and what it traded (VENUE §6.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from messages.values import MICRO, SECOND, Price, TokenId
from venue.paper.doors.keys import Keys
from venue.paper.doors.request import Answer, Request, Routes, whole
from venue.paper.doors.spelling import outcome, token_price
from venue.paper.doors.wallets import Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused, TokenSide, Trade
from venue.wire import markets as wire
from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.markets import DataTrade, PositionRow, encode
from venue.wire.numbers import WireError, exact, micro

Row = TypeVar("Row")

MAX_LIMIT = 500
DEFAULT_LIMIT = 100
BAD_USER = "required query param 'user' not provided or not an address"


class DataDoor:
    """Public: whoever knows an address may read what it does. Only our accounts' trades are known here."""

    def __init__(self, exchange: Exchange, keys: Keys, wallets: Wallets) -> None:
        self._exchange = exchange
        self._keys = keys
        self._wallets = wallets

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/data-api/"): lambda _: Answer(b'{"data":"OK"}'),
            ("GET", "/data-api/positions"): self.positions,
            ("GET", "/data-api/trades"): self.trades,
        }

    def positions(self, request: Request) -> Answer:
        """GET /positions?user=: sizes above `sizeThreshold` shares (default 1)."""
        asked = request.query()
        user = _user(asked)
        least = _micro(asked.get("sizeThreshold") or "1")
        markets = set(request.queries("market"))
        rows = [
            _position(user, market, token, held.size, held.average_cost)
            for token, held in self._exchange.positions(user).items()
            if (market := self._exchange.market_of(token)) is not None
            and held.size >= least
            and (not markets or market.id in markets)
        ]
        rows.sort(key=lambda row: row.currentValue, reverse=True)
        return Answer(encode(_part(rows, asked)))

    def trades(self, request: Request) -> Answer:
        """GET /trades?user=, newest first; with `takerOnly=false` also what rested."""
        asked = request.query()
        user = _user(asked)
        markets = set(request.queries("market"))
        taker_only = asked.get("takerOnly", "true").lower() != "false"
        rows = list[DataTrade]()
        for key in self._keys.of(self._wallets.owner_of(user)):
            for trade in self._exchange.trades(key):
                if not markets or trade.market in markets:
                    rows += _rows(user, trade, self._exchange.market(trade.market), taker_only)
        rows.sort(key=lambda row: row.timestamp, reverse=True)
        return Answer(encode(_part(rows, asked)))


def _position(user: str, market: Market, token: TokenId, size: int, cost: Price) -> PositionRow:
    yes = Price(MICRO // 2) if market.last_trade is None else market.last_trade
    price = token_price(market, token, yes)
    paid, worth = exact(cost * size // MICRO), exact(price * size // MICRO)
    other = market.other(token)
    return PositionRow(
        proxyWallet=user,
        asset=token,
        conditionId=market.id,
        size=exact(size),
        avgPrice=exact(cost),
        initialValue=paid,
        currentValue=worth,
        cashPnl=worth - paid,
        percentPnl=((worth - paid) * 100 / paid).quantize(Decimal("0.0001")) if paid else Decimal(0),
        curPrice=exact(price),
        title=market.question,
        slug=market.slug,
        eventSlug=market.slug,
        outcome=outcome(market, token),
        outcomeIndex=0 if token == market.yes else 1,
        oppositeOutcome=outcome(market, other),
        oppositeAsset=other,
        endDate=wire.spell_date(market.ends_at)[:10] if market.ends_at is not None else "",
        negativeRisk=market.neg_risk,
    )


def _rows(user: str, trade: Trade, market: Market | None, taker_only: bool) -> list[DataTrade]:
    """A user's parts in a match."""
    parts = list[tuple[TokenSide, TokenId, int, int]]()
    if trade.taker_maker == user:
        parts.append((trade.side, trade.token, trade.size, trade.price))
    if not taker_only:
        parts += [(leg.side, leg.token, leg.size, leg.price) for leg in trade.legs if leg.maker == user]
    return [
        DataTrade(
            proxyWallet=user,
            side=str(side),
            asset=token,
            conditionId=trade.market,
            size=exact(size),
            price=exact(price),
            timestamp=int(trade.matched_at) // SECOND,
            title=market.question if market else "",
            slug=market.slug if market else "",
            eventSlug=market.slug if market else "",
            outcome=outcome(market, token),
            outcomeIndex=0 if market is None or token == market.yes else 1,
            transactionHash=trade.transaction_hash,
        )
        for side, token, size, price in parts
    ]


def _part(rows: list[Row], asked: dict[str, str]) -> list[Row]:
    limit = min(whole(asked.get("limit") or str(DEFAULT_LIMIT), "Invalid limit"), MAX_LIMIT)
    offset = whole(asked.get("offset") or "0", "Invalid offset")
    return rows[offset : offset + limit]


def _user(asked: dict[str, str]) -> str:
    try:
        return checksummed(address_bytes(asked.get("user", "")))
    except WireError as error:
        raise Refused(BAD_USER) from error


def _micro(text: str) -> int:
    try:
        return micro(text)
    except WireError as error:
        raise Refused("Invalid sizeThreshold") from error
