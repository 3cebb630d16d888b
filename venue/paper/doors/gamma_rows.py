"""Gamma's rows made of what the engine, the registry and the programs know (VENUE §6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from messages.values import MICRO, MarketNs, Money, Price
from venue.paper.doors.registry import Dossier, Entry, Registry
from venue.paper.doors.spelling import NO_ADDRESS, neg_risk_request, question_id, token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import digest
from venue.paper.engine.terms import BookView, Market
from venue.paper.programs.minutes import day_of
from venue.paper.programs.payday import date_of
from venue.paper.programs.prices import DAY_MINUTES, Recorder
from venue.wire.gamma import ClobReward, FeeSchedule
from venue.wire.gamma_listing import EventHead, EventRow, MarketRow, Tag
from venue.wire.markets import spell_date
from venue.wire.numbers import exact, spell
from venue.wire.rewards import FOREVER, PUSD

BASE_FEE = 1000
FEE_TYPES = {
    "crypto": "crypto_fees_v2",
    "sports": "sports_fees_v3",
    "finance": "finance_prices",
    "": "general_fees",
}
"""Names of fee schedules that are not `<category>_fees`."""
TAG_NUMBERS = {"sports": 1, "politics": 2, "crypto": 21, "weather": 84, "culture": 596, "economics": 100328}
"""The venue's own for subjects whose number is known; others are numbered from their names."""
HOUR_MINUTES, WEEK_MINUTES, MONTH_MINUTES = 60, 7 * DAY_MINUTES, 30 * DAY_MINUTES


class Rows:
    """A market or an event as it is now. `hydrate` says what comes with it."""

    def __init__(self, exchange: Exchange, registry: Registry, prices: Recorder) -> None:
        self._exchange = exchange
        self._registry = registry
        self._prices = prices

    def market(self, entry: Entry, with_event: bool = True, with_tags: bool = False) -> MarketRow:
        """One market's row."""
        market = entry.market
        view = self._exchange.book(market.yes)
        row = MarketRow(
            **self._names(entry),
            **self._dates(entry),
            **self._volumes(market, view),
            **_rules(market),
            **self._prices_of(market),
        )
        _put_programs(row, market, date_of(day_of(self._registry.listed_at(entry))))
        if with_event:
            row.events = [self._head(entry.event, EventHead, [row])]
        if with_tags:
            row.tags = self.tags(market)
        return row

    def event(self, event: Dossier, with_markets: bool = True) -> EventRow:
        """One event's row."""
        rows = [self.market(entry, with_event=False) for entry in event.entries]
        found: EventRow = self._head(event, EventRow, rows)
        found.tags = self.tags(event.first.market)
        if with_markets:
            found.markets = rows
        return found

    def tags(self, market: Market) -> list[Tag]:
        """Its subject."""
        return [tag_of(market.category, self._exchange.clock.origin)] if market.category else []

    def _names(self, entry: Entry) -> dict[str, Any]:
        market, siblings = entry.market, entry.event.entries
        return {
            "id": str(entry.number),
            "question": market.question,
            "conditionId": market.id,
            "slug": market.slug,
            "description": market.description,
            "outcomes": text_list(market.outcomes),
            "clobTokenIds": text_list((market.yes, market.no)),
            "closed": market.closed,
            "submitted_by": NO_ADDRESS,
            "resolvedBy": NO_ADDRESS,
            "groupItemTitle": market.question if len(siblings) > 1 else "",
            "groupItemThreshold": str(siblings.index(entry)),
            "questionID": question_id(market),
            "negRiskRequestID": neg_risk_request(market),
            "negRiskMarketID": market.neg_risk_market or msgspec.UNSET,
        }

    def _dates(self, entry: Entry) -> dict[str, Any]:
        market, began = entry.market, spell_date(self._registry.listed_at(entry))
        found: dict[str, Any] = {
            "startDate": began,
            "startDateIso": began[:10],
            "createdAt": began,
            "acceptingOrdersTimestamp": began,
            "deployingTimestamp": began,
            "updatedAt": spell_date(self._exchange.now),
        }
        if market.ends_at is not None:
            found["endDate"] = spell_date(market.ends_at)
            found["endDateIso"] = found["endDate"][:10]
        if market.starts_at is not None:
            found["gameStartTime"] = spaced_date(market.starts_at)
        if market.measured_from is not None:
            found["eventStartTime"] = spell_date(market.measured_from)
        if entry.closed_at is not None:
            found["closedTime"] = spaced_date(entry.closed_at)
        if market.resolved and entry.closed_at is not None:
            found["umaEndDate"] = spell_date(entry.closed_at)
            found["umaResolutionStatus"] = "resolved"
            found["automaticallyResolved"] = True
        return found

    def _volumes(self, market: Market, view: BookView | None) -> dict[str, Any]:
        day = exact(self._prices.volume_24h(market))
        total = Money(market.volume_24h + market.volume)
        ever, resting = exact(total), _resting_dollars(view)
        found: dict[str, Any] = {"volume": spell(total), "volumeNum": ever, "volumeClob": ever}
        found |= {"volume24hr": day, "volume24hrClob": day}
        for span in ("1wk", "1mo", "1yr"):
            found[f"volume{span}"] = found[f"volume{span}Clob"] = ever
        return found | {
            "liquidity": spell(resting),
            "liquidityNum": exact(resting),
            "liquidityClob": exact(resting),
        }

    def _prices_of(self, market: Market) -> dict[str, Any]:
        bid, ask = self._exchange.top(market.id)
        shown, last = self._prices.price_now(market), market.last_trade
        prices = [spell(token_price(market, token, shown)) for token in (market.yes, market.no)]
        return {
            "outcomePrices": text_list(prices),
            "bestBid": msgspec.UNSET if bid is None else exact(bid),
            "bestAsk": exact(MICRO if ask is None else ask),
            "spread": exact((MICRO if ask is None else ask) - (bid or 0)),
            "lastTradePrice": exact(last or 0),
            "competitive": competitive(shown),
            "oneHourPriceChange": self._change(market, HOUR_MINUTES),
            "oneDayPriceChange": self._change(market, DAY_MINUTES),
            "oneWeekPriceChange": self._change(market, WEEK_MINUTES),
            "oneMonthPriceChange": self._change(market, MONTH_MINUTES),
        }

    def _change(self, market: Market, minutes: int) -> Decimal | msgspec.UnsetType:
        change = self._prices.change(market, minutes)
        return exact(change) if change else msgspec.UNSET

    def _head(self, event: Dossier, kind: type[EventHead], rows: Sequence[MarketRow]) -> Any:
        """The event itself; its sums are those of the rows given."""
        first, began = event.first.market, spell_date(self._registry.listed_at(event.first))
        ends = [entry.market.ends_at for entry in event.entries if entry.market.ends_at is not None]
        head = kind(
            id=str(event.number),
            ticker=event.slug,
            slug=event.slug,
            title=event.title,
            description=first.description,
            startDate=began,
            creationDate=began,
            createdAt=began,
            deployingTimestamp=began,
            updatedAt=spell_date(self._exchange.now),
            endDate=spell_date(max(ends)) if ends else msgspec.UNSET,
            closed=event.is_closed,
            liquidity=sum((row.liquidityNum for row in rows), Decimal(0)),
            volume=sum((row.volumeNum for row in rows), Decimal(0)),
            volume24hr=sum((row.volume24hr for row in rows), Decimal(0)),
            competitive=max(row.competitive for row in rows),
            negRisk=first.neg_risk,
            enableNegRisk=first.neg_risk,
            negRiskMarketID=first.neg_risk_market or msgspec.UNSET,
        )
        head.liquidityClob = head.liquidity
        head.volume1wk = head.volume1mo = head.volume1yr = head.volume
        return head


@lru_cache(maxsize=256)
def tag_of(category: str, since: MarketNs) -> Tag:
    """A category as a subject."""
    number = TAG_NUMBERS.get(category) or 200_000 + int(digest("tag", category)[-6:], 16)
    at = spell_date(since)
    return Tag(id=str(number), label=category.title(), slug=category, createdAt=at, updatedAt=at)


def text_list(values: Sequence[str]) -> str:
    """A list as JSON text, spaced as Gamma does it."""
    return ", ".join(msgspec.json.encode(value).decode() for value in values).join("[]")


def spaced_date(at: MarketNs) -> str:
    """2026-07-07 04:02:13+00."""
    return spell_date(at).replace("T", " ").replace("Z", "+00")


def competitive(price: Price) -> Decimal:
    """1 ÷ (1 + (p − ½)²): the venue's figure for how open a question is, as its listings show it."""
    distance = price - MICRO // 2
    return exact(MICRO**3 // (MICRO**2 + distance**2))


def _rules(market: Market) -> dict[str, Any]:
    return {
        "acceptingOrders": market.accepting_orders,
        "orderPriceMinTickSize": exact(market.tick),
        "orderMinSize": exact(market.min_size),
        "clearBookOnStart": market.clears_at_start,
        "secondsDelay": market.seconds_delay or msgspec.UNSET,
        "negRisk": market.neg_risk,
        "rewardsMinSize": exact(market.rewards_min_size),
        "rewardsMaxSpread": exact(market.rewards_max_spread * 100),
        "feesEnabled": market.fee_rate > 0,
        "feeType": fee_type(market),
    }


def fee_type(market: Market) -> str | None:
    """The name of a market's fee schedule; None where there is none."""
    if not market.fee_rate:
        return None
    return FEE_TYPES.get(market.category) or f"{market.category}_fees"


def _put_programs(row: MarketRow, market: Market, since: str) -> None:
    """Fees and rewards, where the market has any."""
    if market.fee_rate:
        row.makerBaseFee = row.takerBaseFee = BASE_FEE
        row.feeSchedule = FeeSchedule(rate=exact(market.fee_rate), rebateRate=exact(market.rebate_rate))
    if market.rewards_daily:
        pool = ClobReward(
            id=row.id,
            conditionId=market.id,
            assetAddress=PUSD,
            rewardsDailyRate=exact(market.rewards_daily),
            startDate=since,
            endDate=FOREVER,
        )
        row.clobRewards = [pool]


def _resting_dollars(view: BookView | None) -> int:
    """What all resting orders would pay, in millionths."""
    if view is None:
        return 0
    bids = sum(price * size for price, size in view.bids)
    return (bids + sum((MICRO - price) * size for price, size in view.asks)) // MICRO
