"""What the CLOB says of markets: long, short and compact, one by one and in pages (VENUE §6.2, §6.3)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.values import MarketId, TokenId
from venue.paper.doors.registry import Entry, Registry
from venue.paper.doors.request import Answer, Handler, Request, Routes, page_start
from venue.paper.doors.rest_account import page_of
from venue.paper.doors.spelling import NO_ADDRESS, neg_risk_request, question_id, token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.paper.programs.prices import Recorder
from venue.wire import errors
from venue.wire import markets as wire
from venue.wire.history import LiveActivity
from venue.wire.markets import encode, spell_date
from venue.wire.numbers import exact
from venue.wire.orders import Page
from venue.wire.rewards import PUSD

PAGE = 1000
BASE_FEE = 1000
"""The legacy number that says no more than that a market has fees."""
_ids = msgspec.json.Decoder(list[str])


class ListingDoor:
    """Public. Closed markets are listed with the others; `sampling` means those that pay rewards now."""

    def __init__(self, exchange: Exchange, registry: Registry, prices: Recorder) -> None:
        self._exchange = exchange
        self._registry = registry
        self._prices = prices

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/markets"): self._listing(self.listed),
            ("GET", "/sampling-markets"): self._listing(self.listed, rewarded=True),
            ("GET", "/simplified-markets"): self._listing(self.simplified),
            ("GET", "/sampling-simplified-markets"): self._listing(self.simplified, rewarded=True),
            ("GET", "/markets/*"): lambda asked: Answer(encode(self.listed(self._market(asked.tail)))),
            ("GET", "/clob-markets/*"): lambda asked: Answer(encode(self.compact(self._market(asked.tail)))),
            ("GET", "/markets-by-token/*"): self.by_token,
            ("GET", "/markets/live-activity/*"): lambda asked: Answer(
                encode(self._live(self._market(asked.tail)))
            ),
            ("POST", "/markets/live-activity"): self.live_activity,
        }

    def by_token(self, request: Request) -> Answer:
        """GET /markets-by-token/{token}; which of a market's tokens is primary does not follow from YES and NO."""
        market = self._exchange.market_of(TokenId(request.tail))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        first, second = sorted((market.yes, market.no), key=lambda token: token[::-1])
        pair = wire.TokenPair(condition_id=market.id, primary_token_id=first, secondary_token_id=second)
        return Answer(encode(pair))

    def live_activity(self, request: Request) -> Answer:
        """POST /markets/live-activity: those of the listed conditions that there are."""
        try:
            wanted = _ids.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(errors.INVALID_MARKETS) from error
        if not wanted:
            raise Refused(errors.INVALID_MARKETS)
        found = [market for market in map(self._exchange.market, map(MarketId, wanted)) if market is not None]
        if not found:
            raise Refused(errors.NO_MARKETS, 404)
        return Answer(encode([self._live(market) for market in found]))

    def listed(self, market: Market) -> wire.ListedMarket:
        """The long form."""
        entry = self._registry.of(market)
        return wire.ListedMarket(
            enable_order_book=not market.closed,
            closed=market.closed,
            accepting_orders=market.accepting_orders,
            accepting_order_timestamp=self._since(entry),
            minimum_order_size=exact(market.min_size),
            minimum_tick_size=exact(market.tick),
            condition_id=market.id,
            question_id=question_id(market),
            question=market.question,
            description=market.description,
            market_slug=market.slug,
            end_date_iso=None if market.ends_at is None else spell_date(market.ends_at),
            game_start_time=None if market.starts_at is None else spell_date(market.starts_at),
            seconds_delay=market.seconds_delay,
            fpmm=NO_ADDRESS,
            maker_base_fee=BASE_FEE if market.fee_rate else 0,
            taker_base_fee=BASE_FEE if market.fee_rate else 0,
            neg_risk=market.neg_risk,
            neg_risk_market_id=market.neg_risk_market,
            neg_risk_request_id=neg_risk_request(market),
            rewards=_rewards(market),
            is_50_50_outcome=market.resolved and market.winner is None,
            tokens=self._tokens(market),
            tags=[market.category.title(), "All"] if market.category else ["All"],
        )

    def simplified(self, market: Market) -> wire.SimpleMarket:
        """The short form."""
        return wire.SimpleMarket(
            condition_id=market.id,
            tokens=self._tokens(market),
            rewards=_rewards(market),
            closed=market.closed,
            accepting_orders=market.accepting_orders,
        )

    def compact(self, market: Market) -> wire.ClobMarket:
        """The compact form; what is absent is false, zero or none."""
        names = zip((market.yes, market.no), market.outcomes, strict=True)
        base_fee = BASE_FEE if market.fee_rate else 0
        return wire.ClobMarket(
            gst=None if market.starts_at is None else spell_date(market.starts_at),
            c=market.id,
            t=[wire.CompactToken(t=token, o=outcome) for token, outcome in names],
            r=_compact_rewards(market),
            sd=market.seconds_delay,
            mos=exact(market.min_size),
            mts=exact(market.tick),
            mbf=base_fee,
            tbf=base_fee,
            nr=market.neg_risk,
            fd=wire.CompactFees(r=exact(market.fee_rate)) if market.fee_rate else None,
            ao=market.accepting_orders,
            aot=self._since(self._registry.of(market)),
            cbos=market.clears_at_start or None,
            itode=market.taker_delay_ns > 0,
            v="v1",
        )

    def _market(self, condition: str) -> Market:
        market = self._exchange.market(MarketId(condition))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        return market

    def _listing(self, row: Callable[[Market], msgspec.Struct], rewarded: bool = False) -> Handler:
        def answer(request: Request) -> Answer:
            start = request.query().get("next_cursor", "")
            page_start(start)
            markets = [
                m for m in self._exchange.markets if not rewarded or (m.rewards_daily and not m.closed)
            ]
            page, next_cursor = page_of(markets, start, PAGE)
            rows = [row(market) for market in page]
            listing = Page[msgspec.Struct](limit=PAGE, next_cursor=next_cursor, count=len(rows), data=rows)
            return Answer(encode(listing))

        return answer

    def _tokens(self, market: Market) -> list[wire.ListedToken]:
        yes = self._prices.price_now(market)
        return [
            wire.ListedToken(
                token_id=token,
                outcome=outcome,
                price=exact(token_price(market, token, yes)),
                winner=market.winner == token,
            )
            for token, outcome in zip((market.yes, market.no), market.outcomes, strict=True)
        ]

    def _since(self, entry: Entry) -> str:
        return spell_date(self._registry.listed_at(entry))

    def _live(self, market: Market) -> LiveActivity:
        entry = self._registry.of(market)
        return LiveActivity(
            condition_id=market.id,
            id=entry.number,
            question=market.question,
            market_slug=market.slug,
            event_slug=entry.event.slug,
            tags=[market.category] if market.category else [],
        )


def _rewards(market: Market) -> wire.ListedRewards:
    rates = [wire.RewardRate(asset_address=PUSD, rewards_daily_rate=exact(market.rewards_daily))]
    return wire.ListedRewards(
        rates=rates if market.rewards_daily else None,
        min_size=exact(market.rewards_min_size),
        max_spread=exact(market.rewards_max_spread * 100),
    )


def _compact_rewards(market: Market) -> wire.CompactRewards | None:
    if not (market.rewards_max_spread or market.rewards_daily):
        return None
    return wire.CompactRewards(
        mi=exact(market.rewards_min_size),
        ma=exact(market.rewards_max_spread * 100),
        e=bool(market.rewards_daily),
        moas=market.rewards_min_age_s,
    )
