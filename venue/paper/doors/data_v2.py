"""The Data API, version 2, under /data-api/v2: what an address holds, traded and did (VENUE §6.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from messages.values import SECOND
from venue.paper.doors.activities import activities
from venue.paper.doors.data_api import end_date, percent, required_user
from venue.paper.doors.data_book import DataBook, Holding, Part, Wanted
from venue.paper.doors.data_v2_asked import (
    MAX_LIMIT,
    conditions,
    page,
    part,
    place,
    served,
    span,
    whole_answer,
)
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.spelling import outcome_index
from venue.paper.engine.terms import Refused
from venue.wire.data_api import ActivityRow
from venue.wire.data_v2 import ActivityRowV2, PositionRowV2, TradeRowV2
from venue.wire.numbers import exact

NO_ANCHOR = "required query param 'user' or 'condition' not provided"
STATUSES: dict[str, Callable[[PositionRowV2], bool]] = {
    "": lambda row: True,
    "OPEN": lambda row: not row.redeemable,
    "REDEEMABLE": lambda row: row.redeemable and row.current_price > 0,
    "REDEEMABLE_LOST": lambda row: row.redeemable and not row.current_price,
    "MERGEABLE": lambda row: row.mergeable and not row.redeemable,
    "CLOSED": lambda row: False,
}
"""By status asked for; closed positions are not kept."""
SORTS: dict[str, Callable[[PositionRowV2], Decimal | int]] = {
    "CURRENT_VALUE": lambda row: row.current_value,
    "PRICE": lambda row: row.current_price,
    "TOKENS": lambda row: row.current_size,
    "UNREALIZED_PNL": lambda row: row.unrealized_pnl,
    "REALIZED_PNL": lambda row: row.realized_pnl,
    "TOTAL_PNL": lambda row: row.total_pnl,
    "TIMESTAMP": lambda row: row.last_event_at,
}


class DataV2Door:
    """The same book as version 1."""

    def __init__(self, book: DataBook) -> None:
        self._book = book

    def routes(self) -> Routes:
        """What is served here."""
        return served(
            {
                "/positions": self.positions,
                "/trades": self.trades,
                "/activity": self.activity,
                "/value": self.value,
                "/positions/combos": _none_of_a_user,
                "/activity/combos": _none_of_a_user,
            }
        )

    def positions(self, request: Request) -> Answer:
        """GET /v2/positions of a user or of a condition, most valuable first."""
        asked, wanted = request.query(), conditions(request, self._book)
        if not asked.get("user") and not wanted:
            raise Refused(NO_ANCHOR)
        keeps = STATUSES.get(asked.get("status", "").upper())
        key = SORTS.get(asked.get("sort_by", "CURRENT_VALUE").upper())
        if keeps is None or key is None:
            raise Refused("invalid status" if keeps is None else "invalid sort_by")
        words = asked.get("title", "").lower()
        rows = [self._position(one) for one in self._holdings(asked, wanted)]
        rows = [row for row in rows if keeps(row) and words in row.title.lower()]
        rows.sort(key=lambda row: (row.token_id, row.proxy_wallet))
        rows.sort(key=key, reverse=asked.get("sort_direction", "DESC").upper() != "ASC")
        return part(rows, asked)

    def trades(self, request: Request) -> Answer:
        """GET /v2/trades, newest first."""
        asked = request.query()
        start, limit = place(asked)
        maker = required_user(asked) if asked.get("user") else ""
        taker_only = asked.get("taker_only", "true").lower() != "false"
        parts = self._book.parts(self._wanted(request, maker, limit + 1, start, taker_only))
        return page([self._trade(one) for one in parts[:limit]], start, limit, len(parts) > limit)

    def activity(self, request: Request) -> Answer:
        """GET /v2/activity of a user, newest first unless the other way is asked for (of the newest thousand)."""
        asked = request.query()
        start, limit = place(asked)
        wanted = self._wanted(request, required_user(asked), max(MAX_LIMIT, start + limit + 1))
        rows = activities(self._book, wanted, request.queries("type"))
        if asked.get("sort_direction", "DESC").upper() == "ASC":
            rows.reverse()
        return part([_renamed(row) for row in rows], asked)

    def value(self, request: Request) -> Answer:
        """GET /v2/value of a user, or of what it holds in some markets."""
        user, wanted = required_user(request.query()), conditions(request, self._book)
        held = [one for one in self._book.holdings(user) if not wanted or one.market.id in wanted]
        return whole_answer({"proxy_wallet": user.lower(), "value": exact(sum(one.value for one in held))})

    def _wanted(
        self, request: Request, maker: str, limit: int, offset: int = 0, taker_only: bool = False
    ) -> Wanted:
        asked = request.query()
        side, (since, until) = asked.get("side", "").upper(), span(asked)
        if side not in ("", "BUY", "SELL"):
            raise Refused("side must be BUY or SELL")
        markets = conditions(request, self._book)
        return Wanted(
            maker=maker,
            markets=markets,
            side=side,
            since=since,
            until=until,
            taker_only=taker_only,
            limit=limit,
            offset=offset,
        )

    def _holdings(self, asked: dict[str, str], wanted: Sequence[str]) -> list[Holding]:
        if asked.get("user"):
            makers = [required_user(asked)]
        else:
            markets = [market for market in map(self._book.market, wanted) if market is not None]
            tokens = [token for market in markets for token in (market.yes, market.no)]
            makers = list(dict.fromkeys(maker for token in tokens for maker, _ in self._book.holders(token)))
        held = [one for maker in makers for one in self._book.holdings(maker)]
        return [one for one in held if not wanted or one.market.id in wanted]

    def _position(self, held: Holding) -> PositionRowV2:
        market, index = held.market, outcome_index(held.market, held.token)
        entry = self._book.registry.of(market)
        paid, worth = exact(held.cost), exact(held.value)
        gain = worth - paid
        began, ended = self._first_and_last(held)
        return PositionRowV2(
            proxy_wallet=held.maker.lower(),
            token_id=held.token,
            condition_id=market.id,
            current_size=exact(held.size),
            avg_price=exact(held.average_cost),
            entry_cost_usdc=paid,
            entry_fees_usdc=Decimal(0),
            total_cost_usdc=paid,
            current_price=exact(held.price),
            current_value=worth,
            total_size=exact(held.size),
            realized_pnl=Decimal(0),
            unrealized_pnl=gain,
            total_pnl=gain,
            percent_pnl=percent(gain, paid),
            percent_realized_pnl=Decimal(0),
            status="REDEEMABLE" if market.resolved else "OPEN",
            redeemable=market.resolved,
            mergeable=held.is_mergeable,
            negative_risk=market.neg_risk,
            title=market.question,
            slug=market.slug,
            event_id=str(entry.event.number),
            event_slug=entry.event.slug,
            outcome=market.outcomes[index],
            outcome_index=index,
            opposite_outcome=market.outcomes[1 - index],
            opposite_token_id=market.other(held.token),
            end_date=end_date(market),
            first_entry_at=began,
            last_event_at=ended,
        )

    def _first_and_last(self, held: Holding) -> tuple[int, int]:
        """Epoch seconds of an address's first and last match in the market, 0 without any."""
        wanted = Wanted(maker=held.maker, markets=(held.market.id,), taker_only=False, limit=MAX_LIMIT)
        seconds = [int(one.at) // SECOND for one in self._book.parts(wanted)] or [0]
        return seconds[-1], seconds[0]

    def _trade(self, one: Part) -> TradeRowV2:
        market, index = one.market, outcome_index(one.market, one.token)
        return TradeRowV2(
            proxy_wallet=one.maker.lower(),
            side=str(one.side),
            token_id=one.token,
            condition_id=market.id,
            size=exact(one.size),
            price=exact(one.price),
            timestamp=int(one.at) // SECOND,
            title=market.question,
            slug=market.slug,
            event_slug=self._book.registry.of(market).event.slug,
            outcome=market.outcomes[index],
            outcome_index=index,
            transaction_hash=one.transaction,
        )


def _none_of_a_user(request: Request) -> Answer:
    """Nobody here has bets on several markets at once."""
    asked = request.query()
    required_user(asked)
    return part([], asked)


def _renamed(row: ActivityRow) -> ActivityRowV2:
    return ActivityRowV2(
        proxy_wallet=row.proxyWallet.lower(),
        timestamp=row.timestamp,
        condition_id=row.conditionId,
        type=row.type,
        size=row.size,
        usdc_size=row.usdcSize,
        transaction_hash=row.transactionHash,
        price=row.price,
        token_id=row.asset,
        side=row.side,
        outcome_index=row.outcomeIndex,
        title=row.title,
        slug=row.slug,
        event_slug=row.eventSlug,
        outcome=row.outcome,
    )
