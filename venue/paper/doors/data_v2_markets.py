"""The Data API, version 2, about markets: holders, prices, tokens, open interest, volume, resolutions."""

from __future__ import annotations

from decimal import Decimal

from messages.values import MICRO, SECOND, MarketNs, TokenId
from venue.paper.doors.data_book import DataBook, Holding
from venue.paper.doors.data_v2_asked import conditions, page, place, served, span, whole_answer
from venue.paper.doors.node import block_of
from venue.paper.doors.registry import Entry
from venue.paper.doors.request import Answer, Request, Routes, whole
from venue.paper.doors.rest_history import INTERVALS, Window, points
from venue.paper.doors.spelling import outcome_index, question_id
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.paper.programs.minutes import minute_of
from venue.paper.programs.prices import KEEP, Recorder
from venue.wire.data_v2 import (
    HolderV2,
    Ingestion,
    LiveVolumeV2,
    MarketVolume,
    Mechanism,
    OpenInterestV2,
    PricePointV2,
    ResolutionRow,
    ServiceStatus,
    Serving,
    Synced,
    TokenHoldersV2,
    TokenRef,
)
from venue.wire.eip712 import CHAIN_ID
from venue.wire.markets import spell_date
from venue.wire.numbers import WireError, exact, micro

MAX_POINTS = 10_000
LEAST_BUCKETS = {"max": 600, "all": 600, "1m": 600, "1w": 300}
"""Seconds; 60 of any other interval."""


class DataV2MarketDoor:
    """Public."""

    def __init__(self, book: DataBook, exchange: Exchange, prices: Recorder) -> None:
        self._book = book
        self._exchange = exchange
        self._prices = prices

    def routes(self) -> Routes:
        """What is served here."""
        return served(
            {
                "/holders": self.holders,
                "/prices-history": self.history,
                "/tokens": self.tokens,
                "/oi": self.open_interest,
                "/live-volume": self.live_volume,
                "/resolutions": self.resolutions,
                "/status": self.status,
            }
        )

    def holders(self, request: Request) -> Answer:
        """GET /v2/holders of markets: who holds most of each of their tokens, a page of holders of each at a time."""
        asked = request.query()
        wanted = conditions(request, self._book)
        if not wanted:
            raise Refused("required query param 'condition' not provided")
        start, limit = place(asked)
        least = _micro(asked.get("min_balance") or "0")
        with_gains = asked.get("include_pnl", "").lower() == "true"
        rows, has_more = list[TokenHoldersV2](), False
        for market in self._markets(wanted):
            for token in (market.yes, market.no):
                held = [one for one in self._book.holders(token) if one[1] >= least]
                has_more = has_more or start + limit < len(held)
                found = [self._holder(market, token, *one, with_gains) for one in held[start : start + limit]]
                if found or not start:
                    rows.append(TokenHoldersV2(token_id=token, holders=found))
        return page(rows, start, limit, has_more)

    def history(self, request: Request) -> Answer:
        """GET /v2/prices-history of a token: over an interval, from a second on, or the one as of a second; the
        price of this moment has no resolution."""
        asked = request.query()
        if not asked.get("token_id"):
            raise Refused("required query param 'token_id' not provided")
        start, limit = place({"limit": str(MAX_POINTS), **asked}, MAX_POINTS)
        window = self._window(asked)
        found = points(self._exchange, self._prices, TokenId(asked["token_id"]), window)
        (since, until), live = span(asked), int(self._book.now) // SECOND
        if asked.get("as_of"):
            until = whole(asked["as_of"], "invalid as_of")
            found = [one for one in found if one.t <= until][-1:]
        rows = [
            PricePointV2(
                timestamp=one.t,
                price=one.p,
                resolution_seconds=0 if one is found[-1] and one.t == live else window.step * 60,
            )
            for one in found
            if since <= one.t and (until is None or one.t <= until)
        ]
        return page(rows[start : start + limit], start, limit, start + limit < len(rows))

    def tokens(self, request: Request) -> Answer:
        """GET /v2/tokens, by token or by condition."""
        named = [TokenId(token) for token in request.queries("token_id")]
        wanted = conditions(request, self._book)
        if bool(named) == bool(wanted):
            raise Refused("provide exactly one of 'token_id' or 'condition'")
        if wanted:
            named = [token for market in self._markets(wanted) for token in (market.yes, market.no)]
        known = ((token, self._exchange.market_of(token)) for token in named)
        return whole_answer([self._token(market, token) for token, market in known if market is not None])

    def open_interest(self, request: Request) -> Answer:
        """GET /v2/oi: of markets; without any, of all of them together."""
        wanted = conditions(request, self._book)
        if not wanted:
            total = sum(self._book.open_interest(entry.market) for entry in self._book.registry.entries)
            return whole_answer([OpenInterestV2(condition_id="GLOBAL", value=exact(total))])
        return whole_answer(
            [
                OpenInterestV2(condition_id=market.id, value=exact(self._book.open_interest(market)))
                for market in self._markets(wanted)
            ]
        )

    def live_volume(self, request: Request) -> Answer:
        """GET /v2/live-volume of events."""
        if not request.query().get("event_id"):
            raise Refused("required query param 'event_id' not provided")
        volumes = self._book.volumes()
        rows = [
            MarketVolume(condition_id=market.id, taker_volume=exact(volumes.get(market.id, 0)))
            for market in self._markets(conditions(request, self._book))
        ]
        total = sum((row.taker_volume for row in rows), Decimal(0))
        return whole_answer(LiveVolumeV2(taker_volume_total=total, conditions=rows))

    def resolutions(self, request: Request) -> Answer:
        """GET /v2/resolutions, by question, condition or event; nobody here proposes an answer before it is one."""
        question, wanted = request.query().get("question_id"), conditions(request, self._book)
        if not question and not wanted:
            raise Refused("provide exactly one of 'question_id', 'condition' or 'event_id'")
        entries = [self._book.registry.of(market) for market in self._markets(wanted)]
        if question:
            entries = [one for one in self._book.registry.entries if question_id(one.market) == question]
        return whole_answer([_resolution(entry) for entry in entries if entry.market.resolved])

    def status(self, request: Request) -> Answer:
        """GET /v2/status: how far behind it is."""
        lag, block = self._book.lag_s, block_of(self._book.now)
        synced = Synced(source="exchange", block=block, behind_max=0)
        parts = [Mechanism(name="activity_feed", age_seconds=lag), Mechanism(name="pnl", age_seconds=0)]
        return whole_answer(
            ServiceStatus(
                computed_at=spell_date(self._book.now),
                age_seconds=0,
                serving=Serving(lag_seconds=lag, worst="activity_feed", mechanisms=parts),
                ingestion=Ingestion(
                    cursors=1,
                    chain_id=CHAIN_ID,
                    max_synced_block=block,
                    min_synced_block=block,
                    most_lagged=synced,
                    lagging=[],
                ),
            )
        )

    def _markets(self, wanted: tuple[str, ...]) -> list[Market]:
        return [market for market in map(self._book.market, wanted) if market is not None]

    def _window(self, asked: dict[str, str]) -> Window:
        """Which minutes are meant. Raises Refused."""
        interval, now = asked.get("interval", ""), minute_of(self._book.now)
        if sum(bool(asked.get(name)) for name in ("interval", "start", "as_of")) != 1:
            raise Refused("provide exactly one of 'interval', 'start' or 'as_of'")
        if interval and interval not in INTERVALS:
            raise Refused("invalid interval")
        least = LEAST_BUCKETS.get(interval, 60)
        bucket = whole(asked.get("bucket_seconds") or str(least), "invalid bucket_seconds", 86_400)
        if bucket < least:
            raise Refused(f"bucket_seconds must be between {least} and 86400")
        back = INTERVALS[interval][0] if interval else KEEP
        return Window(now - back, now, bucket // 60)

    def _holder(self, market: Market, token: TokenId, maker: str, size: int, with_gains: bool) -> HolderV2:
        row = HolderV2(
            proxy_wallet=maker.lower(),
            token_id=token,
            amount=exact(size),
            outcome_index=outcome_index(market, token),
        )
        if with_gains:
            for held in self._book.holdings(maker):
                if held.token == token:
                    _put_gains(row, held)
        return row

    def _token(self, market: Market, token: TokenId) -> TokenRef:
        entry, index = self._book.registry.of(market), outcome_index(market, token)
        siblings = entry.event.entries
        return TokenRef(
            token_id=token,
            condition_id=market.id,
            outcome_index=index,
            clob_index=index,
            outcome=market.outcomes[index],
            opposite_token_id=market.other(token),
            resolved=market.resolved,
            final_price=exact(market.payout(token)) if market.resolved else None,
            title=market.question,
            market_slug=market.slug,
            closed=market.closed,
            neg_risk=market.neg_risk,
            neg_risk_market_id=market.neg_risk_market or None,
            question_index=siblings.index(entry) if market.neg_risk and entry in siblings else None,
            event_id=entry.event.number,
            event_slug=entry.event.slug,
        )


def _resolution(entry: Entry) -> ResolutionRow:
    market, at = entry.market, entry.closed_at or MarketNs(0)
    paid = int(market.payout(market.yes))
    return ResolutionRow(
        question_id=question_id(market),
        condition_id=market.id,
        last_update_timestamp=spell_date(at),
        market_type="INCREMENTAL_NEGRISK" if market.neg_risk else "BINARY",
        payouts=(paid, MICRO - paid),
        resolved_block=block_of(at),
        resolved_at=spell_date(at),
    )


def _put_gains(row: HolderV2, held: Holding) -> None:
    row.avg_price, row.entry_cost_usdc = exact(held.average_cost), exact(held.cost)
    row.current_price, row.current_value = exact(held.price), exact(held.value)
    row.realized_pnl = exact(0)
    row.unrealized_pnl = row.total_pnl = exact(held.value - held.cost)


def _micro(text: str) -> int:
    try:
        return micro(text)
    except WireError as error:
        raise Refused("invalid min_balance") from error
