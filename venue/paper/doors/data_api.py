"""The Data API, version 1, under /data-api: what an address holds and what it traded (VENUE §6.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from messages.values import SECOND, TokenId
from venue.paper.doors.activities import activities
from venue.paper.doors.data_book import DataBook, Holding, Part, Wanted
from venue.paper.doors.request import Answer, Request, Routes, whole
from venue.paper.doors.spelling import outcome_index
from venue.paper.engine.terms import Market, Refused
from venue.wire.data_api import (
    DataTrade,
    Holder,
    LeaderRow,
    LiveVolume,
    OpenInterest,
    PositionRow,
    TokenHolders,
    Traded,
    Value,
)
from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.markets import encode, spell_date
from venue.wire.numbers import WireError, exact, micro

Row = TypeVar("Row")

MAX_LIMIT, DEFAULT_LIMIT = 500, 100
MAX_TRADES_OFFSET = 1_000
MAX_HOLDERS = 20
NO_USER = "required query param 'user' not provided"
NO_MARKET = "required query param 'market' not provided"
BAD_USER = "invalid user address"
TOO_FAR = "max historical trades offset of {most} exceeded"
_SORTS: dict[str, Callable[[PositionRow], Decimal | str]] = {
    "TOKENS": lambda row: row.size,
    "CURRENT": lambda row: row.currentValue,
    "INITIAL": lambda row: row.initialValue,
    "CASHPNL": lambda row: row.cashPnl,
    "PERCENTPNL": lambda row: row.percentPnl,
    "TITLE": lambda row: row.title,
    "RESOLVING": lambda row: row.endDate,
    "PRICE": lambda row: row.curPrice,
    "AVGPRICE": lambda row: row.avgPrice,
}


class DataDoor:
    """Public: whoever knows an address may read what it does. Only this venue's accounts are known."""

    def __init__(self, book: DataBook) -> None:
        self._book = book

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/data-api/"): lambda _: Answer(b'{"data":"OK"}'),
            ("GET", "/data-api/positions"): self.positions,
            ("GET", "/data-api/trades"): self.trades,
            ("GET", "/data-api/activity"): self.activity,
            ("GET", "/data-api/value"): self.value,
            ("GET", "/data-api/holders"): self.holders,
            ("GET", "/data-api/traded"): self.traded,
            ("GET", "/data-api/oi"): self.open_interest,
            ("GET", "/data-api/live-volume"): self.live_volume,
            ("GET", "/data-api/v1/leaderboard"): self.leaderboard,
            ("GET", "/data-api/closed-positions"): _none,
            ("GET", "/data-api/v1/builders/leaderboard"): _none,
            ("GET", "/data-api/v1/builders/volume"): _none,
        }

    def positions(self, request: Request) -> Answer:
        """GET /positions?user=: sizes from `sizeThreshold` shares on (default 1)."""
        asked = request.query()
        user, least = required_user(asked), _micro(asked.get("sizeThreshold") or "1")
        markets = set(request.queries("market"))
        rows = [
            self._position(holding)
            for holding in self._book.holdings(user)
            if holding.size >= least and (not markets or holding.market.id in markets)
        ]
        for flag in ("redeemable", "mergeable"):
            if asked.get(flag, "").lower() == "true":
                rows = [row for row in rows if getattr(row, flag)]
        key = _SORTS.get(asked.get("sortBy", "TOKENS").upper())
        if key is None:
            raise Refused("invalid sortBy")
        rows.sort(key=key, reverse=asked.get("sortDirection", "DESC").upper() != "ASC")
        return Answer(encode(_part(rows, asked)))

    def trades(self, request: Request) -> Answer:
        """GET /trades, newest first; of a user, of markets, of everybody; `takerOnly=false`: also what rested."""
        asked = request.query()
        offset = whole(asked.get("offset") or "0", "Invalid offset")
        if offset > MAX_TRADES_OFFSET:
            raise Refused(TOO_FAR.format(most=MAX_TRADES_OFFSET))
        wanted = Wanted(
            maker=required_user(asked) if asked.get("user") else "",
            markets=tuple(request.queries("market")),
            side=_side(asked),
            taker_only=asked.get("takerOnly", "true").lower() != "false",
            limit=_limit(asked),
            offset=offset,
        )
        return Answer(encode([self._trade(part) for part in self._book.parts(wanted)]))

    def activity(self, request: Request) -> Answer:
        """GET /activity?user=: trades, splits, merges, redemptions, conversions, programs' money; newest first."""
        asked, kinds = request.query(), request.queries("type")
        user = required_user(asked)
        wanted = Wanted(
            maker=user,
            markets=tuple(request.queries("market")),
            side=_side(asked),
            since=whole(asked.get("start") or "0", "Invalid start"),
            until=whole(asked["end"], "Invalid end") if asked.get("end") else None,
            taker_only=False,
            limit=MAX_LIMIT,
        )
        rows = activities(self._book, wanted, kinds)
        if asked.get("sortDirection", "DESC").upper() == "ASC":
            rows.reverse()
        return Answer(encode(_part(rows, asked)))

    def value(self, request: Request) -> Answer:
        """GET /value?user=: what its positions are worth, in dollars."""
        user = required_user(request.query())
        markets = set(request.queries("market"))
        worth = sum(
            held.value for held in self._book.holdings(user) if not markets or held.market.id in markets
        )
        return Answer(encode([Value(user=user, value=exact(worth))]))

    def holders(self, request: Request) -> Answer:
        """GET /holders?market=: who holds most of each of a market's tokens."""
        asked, named = request.query(), request.queries("market")
        if not named:
            raise Refused(NO_MARKET)
        limit = min(whole(asked.get("limit") or str(MAX_HOLDERS), "Invalid limit"), MAX_HOLDERS)
        least = _micro(asked.get("minBalance") or "1")
        found = [market for market in map(self._book.market, named) if market is not None]
        rows = [
            TokenHolders(token=token, holders=self._holders(market, token, least)[:limit])
            for market in found
            for token in (market.yes, market.no)
        ]
        return Answer(encode(rows))

    def traded(self, request: Request) -> Answer:
        """GET /traded?user=: in how many markets."""
        user = required_user(request.query())
        return Answer(encode(Traded(user=user, traded=sum(one.markets for one in self._book.traders(user)))))

    def open_interest(self, request: Request) -> Answer:
        """GET /oi: of markets; without any, of all of them together."""
        named = request.queries("market")
        entries = [entry.market for entry in self._book.registry.entries]
        if not named:
            total = sum(map(self._book.open_interest, entries))
            return Answer(encode([OpenInterest(market="GLOBAL", value=exact(total))]))
        found = [market for market in map(self._book.market, named) if market is not None]
        return Answer(
            encode([OpenInterest(market=one.id, value=exact(self._book.open_interest(one))) for one in found])
        )

    def live_volume(self, request: Request) -> Answer:
        """GET /live-volume?id=: what was traded in an event's markets."""
        number, volumes = request.query().get("id", ""), self._book.volumes()
        markets = [
            one.market
            for event in self._book.registry.events
            if str(event.number) == number
            for one in event.entries
        ]
        rows = [OpenInterest(market=one.id, value=exact(volumes.get(one.id, 0))) for one in markets]
        return Answer(encode([LiveVolume(total=sum((row.value for row in rows), Decimal(0)), markets=rows)]))

    def leaderboard(self, request: Request) -> Answer:
        """GET /v1/leaderboard: who traded here, by profit or volume, since the beginning whatever the period."""
        asked = request.query()
        wanted = required_user(asked) if asked.get("user") else ""
        rows = [
            LeaderRow(
                rank="",
                proxyWallet=one.maker,
                vol=exact(one.dollars),
                pnl=exact(self._book.profit(one.maker)),
            )
            for one in self._book.traders()
        ]
        by_volume = asked.get("orderBy", "PNL").upper() == "VOL"
        rows.sort(key=lambda row: row.vol if by_volume else row.pnl, reverse=True)
        for place, row in enumerate(rows, 1):
            row.rank = str(place)
        return Answer(encode(_part([row for row in rows if not wanted or row.proxyWallet == wanted], asked)))

    def _holders(self, market: Market, token: TokenId, least: int) -> list[Holder]:
        return [
            Holder(
                proxyWallet=maker,
                asset=token,
                amount=exact(size),
                outcomeIndex=outcome_index(market, token),
            )
            for maker, size in self._book.holders(token)
            if size >= least
        ]

    def _position(self, held: Holding) -> PositionRow:
        market, index = held.market, outcome_index(held.market, held.token)
        paid, worth = exact(held.cost), exact(held.value)
        gain = worth - paid
        entry = self._book.registry.of(market)
        return PositionRow(
            proxyWallet=held.maker,
            asset=held.token,
            conditionId=market.id,
            size=exact(held.size),
            avgPrice=exact(held.average_cost),
            initialValue=paid,
            grossInitialValue=paid,
            currentValue=worth,
            cashPnl=gain,
            percentPnl=percent(gain, paid),
            totalBought=exact(held.size),
            curPrice=exact(held.price),
            redeemable=market.resolved,
            mergeable=held.is_mergeable,
            title=market.question,
            slug=market.slug,
            eventId=str(entry.event.number),
            eventSlug=entry.event.slug,
            outcome=market.outcomes[index],
            outcomeIndex=index,
            oppositeOutcome=market.outcomes[1 - index],
            oppositeAsset=market.other(held.token),
            endDate=end_date(market),
            negativeRisk=market.neg_risk,
        )

    def _trade(self, part: Part) -> DataTrade:
        market, index = part.market, outcome_index(part.market, part.token)
        return DataTrade(
            proxyWallet=part.maker,
            side=str(part.side),
            asset=part.token,
            conditionId=market.id,
            size=exact(part.size),
            price=exact(part.price),
            timestamp=int(part.at) // SECOND,
            title=market.question,
            slug=market.slug,
            eventSlug=self._book.registry.of(market).event.slug,
            outcome=market.outcomes[index],
            outcomeIndex=index,
            transactionHash=part.transaction,
        )


def _none(request: Request) -> Answer:
    """There are none here."""
    return Answer(b"[]")


def percent(gain: Decimal, paid: Decimal) -> Decimal:
    """Four decimals; 0 of nothing."""
    return (gain * 100 / paid).quantize(Decimal("0.0001")) if paid else Decimal(0)


def end_date(market: Market) -> str:
    """The day a market ends, "" where none is stated."""
    return "" if market.ends_at is None else spell_date(market.ends_at)[:10]


def required_user(asked: dict[str, str]) -> str:
    """The address asked about, checksummed. Raises Refused."""
    if not asked.get("user"):
        raise Refused(NO_USER)
    try:
        return checksummed(address_bytes(asked["user"]))
    except WireError as error:
        raise Refused(BAD_USER) from error


def _part(rows: Sequence[Row], asked: dict[str, str]) -> Sequence[Row]:
    offset = whole(asked.get("offset") or "0", "Invalid offset")
    return rows[offset : offset + _limit(asked)]


def _limit(asked: dict[str, str]) -> int:
    return min(whole(asked.get("limit") or str(DEFAULT_LIMIT), "Invalid limit"), MAX_LIMIT)


def _side(asked: dict[str, str]) -> str:
    side = asked.get("side", "").upper()
    if side not in ("", "BUY", "SELL"):
        raise Refused("side must be BUY or SELL")
    return side


def _micro(text: str) -> int:
    try:
        return micro(text)
    except WireError as error:
        raise Refused("Invalid sizeThreshold") from error
