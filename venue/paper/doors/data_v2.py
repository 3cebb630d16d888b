"""The Data API, version 2, under /data-api/v2: snake case, envelopes, pages by cursor (VENUE §6.4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

import msgspec

from messages.values import SECOND
from venue.paper.doors.data_api import end_date, percent, required_user
from venue.paper.doors.data_book import DataBook, Holding, Part, Wanted
from venue.paper.doors.request import Answer, Handler, Request, Routes, page_start, whole
from venue.paper.doors.spelling import outcome_index
from venue.paper.engine.terms import Refused
from venue.wire.data_api import ErrorV2, PageV2, Paging, PositionRowV2, TradeRowV2
from venue.wire.markets import encode
from venue.wire.numbers import exact
from venue.wire.orders import cursor

Row = TypeVar("Row")

MAX_LIMIT, DEFAULT_LIMIT = 1_000, 100
NO_ANCHOR = "required query param 'user' or 'condition' not provided"
NO_OFFSET = "offset is not supported, follow next_cursor"


class DataV2Door:
    """The same book as version 1. Cursors are places in the listing (assumed; the venue signs its own)."""

    def __init__(self, book: DataBook) -> None:
        self._book = book

    def routes(self) -> Routes:
        """What is served here."""
        served: dict[str, Handler] = {
            "/positions": self.positions,
            "/trades": self.trades,
            "/value": self.value,
        }
        return {("GET", f"/data-api/v2{path}"): _in_its_words(handler) for path, handler in served.items()}

    def positions(self, request: Request) -> Answer:
        """GET /v2/positions of a user or of a condition, most valuable first; closed ones are not kept."""
        asked = request.query()
        conditions = _conditions(request)
        if not asked.get("user") and not conditions:
            raise Refused(NO_ANCHOR)
        held = self._holdings(asked, conditions)
        if asked.get("status", "OPEN").upper() == "CLOSED":
            held = []
        held.sort(key=lambda one: (-one.value, one.token, one.maker))
        start, limit = _place(asked)
        rows = [self._position(one) for one in held[start : start + limit]]
        return _page(rows, start, limit, start + limit < len(held))

    def trades(self, request: Request) -> Answer:
        """GET /v2/trades, newest first."""
        asked = request.query()
        start, limit = _place(asked)
        wanted = Wanted(
            maker=required_user(asked) if asked.get("user") else "",
            markets=tuple(_conditions(request)),
            side=asked.get("side", "").upper(),
            taker_only=asked.get("taker_only", "true").lower() != "false",
            limit=limit + 1,
            offset=start,
        )
        if wanted.side not in ("", "BUY", "SELL"):
            raise Refused("side must be BUY or SELL")
        parts = self._book.parts(wanted)
        return _page([self._trade(part) for part in parts[:limit]], start, limit, len(parts) > limit)

    def value(self, request: Request) -> Answer:
        """GET /v2/value of a user."""
        user = required_user(request.query())
        worth = exact(sum(held.value for held in self._book.holdings(user)))
        return Answer(encode({"data": {"proxy_wallet": user.lower(), "value": worth}}))

    def _holdings(self, asked: dict[str, str], conditions: Sequence[str]) -> list[Holding]:
        if asked.get("user"):
            makers = [required_user(asked)]
        else:
            markets = [market for market in map(self._book.market, conditions) if market is not None]
            tokens = [token for market in markets for token in (market.yes, market.no)]
            makers = list(dict.fromkeys(maker for token in tokens for maker, _ in self._book.holders(token)))
        held = [one for maker in makers for one in self._book.holdings(maker)]
        return [one for one in held if not conditions or one.market.id in conditions]

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
        seconds = [int(part.at) // SECOND for part in self._book.parts(wanted)] or [0]
        return seconds[-1], seconds[0]

    def _trade(self, part: Part) -> TradeRowV2:
        market, index = part.market, outcome_index(part.market, part.token)
        return TradeRowV2(
            proxy_wallet=part.maker.lower(),
            side=str(part.side),
            token_id=part.token,
            condition_id=market.id,
            size=exact(part.size),
            price=exact(part.price),
            timestamp=int(part.at) // SECOND,
            title=market.question,
            slug=market.slug,
            event_slug=self._book.registry.of(market).event.slug,
            outcome=market.outcomes[index],
            outcome_index=index,
            transaction_hash=part.transaction,
        )


def _conditions(request: Request) -> list[str]:
    return [one for name in ("condition", "condition_id", "conditionId") for one in request.queries(name)]


def _place(asked: dict[str, str]) -> tuple[int, int]:
    """Where a page begins and how long it is. Raises Refused."""
    if "offset" in asked:
        raise Refused(NO_OFFSET)
    limit = whole(asked.get("limit") or str(DEFAULT_LIMIT), "invalid limit", MAX_LIMIT)
    return page_start(asked.get("cursor", "")), max(1, limit)


def _page(rows: Sequence[Row], start: int, limit: int, has_more: bool) -> Answer:
    following = cursor(start + limit) if has_more else None
    paging = Paging(limit=limit, offset=start, has_more=has_more, next_cursor=following)
    return Answer(encode(PageV2(data=list(rows), pagination=paging)))


def _in_its_words(handler: Handler) -> Handler:
    """Version 2 says of a refusal what it is about and whether to try again."""

    def answer(request: Request) -> Answer:
        try:
            return handler(request)
        except Refused as no:
            trace = hashlib.blake2b(request.query_string, digest_size=16).hexdigest()
            return Answer(msgspec.json.encode(ErrorV2(error=no.text, trace_id=trace)), no.status)

    return answer
