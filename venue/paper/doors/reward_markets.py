"""Markets as the rewards pages list them: their pools, prices and how hard they are fought over (VENUE §4.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from messages.values import MICRO, MarketNs
from venue.paper.doors.registry import Registry
from venue.paper.doors.request import Request, whole
from venue.paper.doors.spelling import token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.paper.programs.minutes import day_of
from venue.paper.programs.payday import date_of
from venue.paper.programs.prices import DAY_MINUTES
from venue.paper.programs.programs import Programs
from venue.paper.programs.rewards import is_rewarded
from venue.wire import errors
from venue.wire.markets import spell_date
from venue.wire.numbers import WireError, exact, micro
from venue.wire.rewards import (
    CurrentReward,
    MarketReward,
    MultiMarket,
    RewardsConfig,
    RewardsToken,
    UserRewardsMarket,
)

Row = TypeVar("Row", bound=MarketReward)
Key = Callable[[Any], Any]

PAGE, MAX_PAGE = 100, 500
DAYS = day_of(MarketNs(16_756_675_200 * 10**9))
"""31 December 2500, when all pools end."""


def _rate(row: MarketReward) -> Decimal:
    return sum((config.rate_per_day for config in row.rewards_config), Decimal(0))


_ORDERS: dict[str, Key] = {
    "max_spread": lambda row: row.rewards_max_spread,
    "min_size": lambda row: row.rewards_min_size,
    "question": lambda row: row.question,
    "competitiveness": lambda row: row.market_competitiveness,
    "price": lambda row: row.tokens[0].price,
    "rate_per_day": _rate,
    "spread": lambda row: row.spread,
    "volume_24hr": lambda row: row.volume_24hr,
}
ORDERS_OF_USER: Mapping[str, Key] = _ORDERS | {
    "market": lambda row: row.question,
    "end_date": lambda row: row.rewards_config[0].end_date,
    "earning_percentage": lambda row: row.earning_percentage,
    "earnings": lambda row: row.earnings[0].earnings,
}
ORDERS_OF_MULTI: Mapping[str, Key] = _ORDERS | {
    "market_id": lambda row: int(row.market_id),
    "created_at": lambda row: row.created_at,
    "start_date": lambda row: row.rewards_config[0].start_date,
    "end_date": lambda row: row.end_date,
    "reward_end_date": lambda row: row.rewards_config[0].end_date,
    "one_day_price_change": lambda row: row.one_day_price_change,
}


class RewardMarkets:
    """The rows of all three pages, and whom the filters leave."""

    def __init__(self, exchange: Exchange, programs: Programs, registry: Registry) -> None:
        self._exchange = exchange
        self._programs = programs
        self._registry = registry

    def rewarded(self) -> list[Market]:
        """Markets that have a pool now."""
        self._exchange.advance()
        return [market for market in self._exchange.markets if is_rewarded(market)]

    def chosen(self, request: Request) -> list[Market]:
        """Those that a search and filters by number leave. Raises Refused."""
        asked = request.query()
        words = asked.get("q", "").lower()
        title = asked.get("event_title", "").lower()
        tags, events = request.queries("tag_slug"), request.queries("event_id")
        found = []
        for market in self.rewarded():
            event = self._registry.of(market).event
            if (
                words not in f"{market.question} {market.description}".lower()
                or title not in event.title.lower()
            ):
                continue
            if (tags and market.category not in tags) or (events and str(event.number) not in events):
                continue
            if self._is_within(market, asked):
                found.append(market)
        return found

    def current(self, market: Market) -> CurrentReward:
        """A row of /rewards/markets/current."""
        daily = exact(market.rewards_daily)
        return CurrentReward(
            condition_id=market.id,
            rewards_max_spread=exact(market.rewards_max_spread * 100),
            rewards_min_size=exact(market.rewards_min_size),
            rewards_config=[self._config(market, 0)],
            native_daily_rate=daily,
            total_daily_rate=daily,
        )

    def of(self, market: Market) -> MarketReward:
        """The row of /rewards/markets/{condition}: its pool has a number of its own, and a length."""
        config = self._config(market, self._registry.of(market).number)
        config.total_days = DAYS - self._first_day(market) + 1
        return MarketReward(**{**self._common(market), "rewards_config": [config]})

    def multi(self, market: Market) -> MultiMarket:
        """A row of /rewards/markets/multi."""
        entry = self._registry.of(market)
        change = self._programs.prices.change(market, DAY_MINUTES)
        return MultiMarket(
            **self._common(market),
            **self._traded(market),
            created_at=spell_date(self._registry.listed_at(entry)),
            end_date=""
            if market.ends_at is None
            else spell_date(market.ends_at).replace("T", " ").rstrip("Z"),
            group_item_title=market.question if len(entry.event.entries) > 1 else "",
            one_day_price_change=exact(change or 0),
        )

    def user(self, market: Market, **earned: Any) -> UserRewardsMarket:
        """A row of /rewards/user/markets."""
        return UserRewardsMarket(**self._common(market), **self._traded(market), **earned)

    def _common(self, market: Market) -> dict[str, Any]:
        yes = self._programs.prices.price_now(market)
        names = zip((market.yes, market.no), market.outcomes, strict=True)
        return {
            "condition_id": market.id,
            "question": market.question,
            "market_slug": market.slug,
            "event_slug": self._registry.of(market).event.slug,
            "rewards_max_spread": exact(market.rewards_max_spread * 100),
            "rewards_min_size": exact(market.rewards_min_size),
            "market_competitiveness": exact(self._programs.rewards.competitiveness(market)),
            "tokens": [
                RewardsToken(token_id=token, outcome=outcome, price=exact(token_price(market, token, yes)))
                for token, outcome in names
            ],
            "rewards_config": [self._config(market, 0)],
        }

    def _traded(self, market: Market) -> dict[str, Any]:
        entry = self._registry.of(market)
        return {
            "market_id": str(entry.number),
            "event_id": str(entry.event.number),
            "spread": exact(self._spread(market)),
            "volume_24hr": exact(self._programs.prices.volume_24h(market)),
        }

    def _spread(self, market: Market) -> int:
        bid, ask = self._exchange.top(market.id)
        return MICRO if bid is None or ask is None else ask - bid

    def _config(self, market: Market, number: int) -> RewardsConfig:
        return RewardsConfig(
            id=number, start_date=date_of(self._first_day(market)), rate_per_day=exact(market.rewards_daily)
        )

    def _first_day(self, market: Market) -> int:
        return day_of(self._registry.listed_at(self._registry.of(market)))

    def _is_within(self, market: Market, asked: dict[str, str]) -> bool:
        values = {
            "volume_24hr": self._programs.prices.volume_24h(market),
            "spread": self._spread(market),
            "price": self._programs.prices.price_now(market),
        }
        return all(
            _bound(asked, f"min_{name}", 0) <= value <= _bound(asked, f"max_{name}", 1 << 62)
            for name, value in values.items()
        )


def ordered(rows: list[Row], orders: Mapping[str, Key], asked: dict[str, str]) -> Sequence[Row]:
    """By the field asked for; without one as they come. Raises Refused."""
    name, direction = asked.get("order_by", ""), asked.get("position", "").upper()
    if direction not in ("", "ASC", "DESC"):
        raise Refused(errors.INVALID_POSITION)
    if not name:
        return rows
    if name not in orders:
        raise Refused(errors.INVALID_ORDER_BY)
    return sorted(rows, key=orders[name], reverse=direction == "DESC")


def page_size(asked: dict[str, str]) -> int:
    """As asked for, no more than the venue gives."""
    return max(1, min(MAX_PAGE, whole(asked.get("page_size") or str(PAGE), errors.INVALID_PAYLOAD)))


def _bound(asked: dict[str, str], name: str, default: int) -> int:
    if not asked.get(name):
        return default
    try:
        return micro(asked[name])
    except WireError as error:
        raise Refused(errors.INVALID_PAYLOAD) from error
