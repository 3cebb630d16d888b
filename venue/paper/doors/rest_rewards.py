"""Liquidity rewards and rebates over REST: pools, live shares, what a day has earned so far (VENUE §4.7).

There are no sponsors here: what is asked of sponsored rewards alone is nothing.
"""

from __future__ import annotations

from decimal import Decimal

from messages.values import MICRO, MarketId, Money
from venue.paper.doors.keys import Keys
from venue.paper.doors.registry import Registry
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.rest_account import page_of
from venue.paper.doors.reward_markets import (
    ORDERS_OF_MULTI,
    ORDERS_OF_USER,
    RewardMarkets,
    ordered,
    page_size,
)
from venue.paper.doors.wallets import TYPES, Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Refused
from venue.paper.programs.minutes import day_of
from venue.paper.programs.payday import date_of, day_named
from venue.paper.programs.programs import Programs
from venue.paper.programs.rewards import is_rewarded
from venue.wire import errors
from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.markets import encode
from venue.wire.numbers import WireError, exact, spell
from venue.wire.orders import Page
from venue.wire.rewards import (
    AssetEarning,
    CurrentReward,
    MarketReward,
    RebatedFees,
    TotalEarning,
    UserEarning,
    UserRewardsMarket,
    UserRewardsPage,
)

PAGE, CURRENT_PAGE = 100, 500


class RewardsDoor:
    """Pools are public; earnings need a key, and may be asked of any maker (assumed), one's own unless named."""

    def __init__(
        self, exchange: Exchange, programs: Programs, registry: Registry, keys: Keys, wallets: Wallets
    ) -> None:
        self._exchange = exchange
        self._programs = programs
        self._rewards = programs.rewards
        self._markets = RewardMarkets(exchange, programs, registry)
        self._keys = keys
        self._wallets = wallets

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/rewards/markets/current"): self.current,
            ("GET", "/rewards/markets/multi"): self.multi,
            ("GET", "/rewards/markets/*"): self.market,
            ("GET", "/rewards/user"): self.earnings,
            ("GET", "/rewards/user/total"): self.total,
            ("GET", "/rewards/user/percentages"): self.percentages,
            ("GET", "/rewards/user/markets"): self.user_markets,
            ("GET", "/rebates/current"): self.rebates,
        }

    # -- pools

    def current(self, request: Request) -> Answer:
        """GET /rewards/markets/current."""
        asked = request.query()
        markets = [] if _is_true(asked, "sponsored") else self._markets.rewarded()
        page, after = page_of(markets, asked.get("next_cursor", ""), CURRENT_PAGE)
        rows = [self._markets.current(market) for market in page]
        return Answer(
            encode(Page[CurrentReward](limit=CURRENT_PAGE, next_cursor=after, count=len(rows), data=rows))
        )

    def market(self, request: Request) -> Answer:
        """GET /rewards/markets/{condition}: nothing for a market without a pool."""
        market = self._exchange.market(MarketId(request.tail))
        rows = [self._markets.of(market)] if market is not None and is_rewarded(market) else []
        page, after = page_of(rows, request.query().get("next_cursor", ""))
        return Answer(
            encode(Page[MarketReward](limit=PAGE, next_cursor=after, count=len(page), data=list(page)))
        )

    def multi(self, request: Request) -> Answer:
        """GET /rewards/markets/multi: searched, filtered, ordered."""
        asked = request.query()
        found = [self._markets.multi(market) for market in self._markets.chosen(request)]
        rows = ordered(found, ORDERS_OF_MULTI, asked)
        size = page_size(asked)
        page, after = page_of(rows, asked.get("next_cursor", ""), size)
        return Answer(encode(Page(limit=size, next_cursor=after, count=len(page), data=list(page))))

    # -- earnings

    def earnings(self, request: Request) -> Answer:
        """GET /rewards/user: a day's, market by market, the current day's as it stands."""
        asked, maker = request.query(), self._maker(request)
        day = _day(asked.get("date", ""))
        found = {} if _is_true(asked, "sponsored") else self._rewards.earnings(maker, day)
        rows = [
            UserEarning(
                date=_midnight(day), condition_id=market, maker_address=maker, earnings=exact(dollars)
            )
            for market, dollars in found.items()
        ]
        page, after = page_of(rows, asked.get("next_cursor", ""))
        return Answer(
            encode(Page[UserEarning](limit=PAGE, next_cursor=after, count=len(page), data=list(page)))
        )

    def total(self, request: Request) -> Answer:
        """GET /rewards/user/total: a bare list, empty for a day without earnings."""
        asked, maker = request.query(), self._maker(request)
        day = _day(asked.get("date", ""))
        dollars = exact(sum(self._rewards.earnings(maker, day).values()))
        if not dollars:
            return Answer(b"[]")
        row = TotalEarning(date=_midnight(day), maker_address=maker, earnings=dollars)
        if _is_true(asked, "sponsored"):
            row.native_earnings, row.sponsored_earnings = dollars, Decimal(0)
        return Answer(encode([row]))

    def percentages(self, request: Request) -> Answer:
        """GET /rewards/user/percentages: of the markets in which a sample taken now would give something."""
        maker = self._maker(request)
        found = {market.id: self._percentage(market, maker) for market in self._markets.rewarded()}
        return Answer(encode({market: percent for market, percent in found.items() if percent}))

    def user_markets(self, request: Request) -> Answer:
        """GET /rewards/user/markets: all markets with pools, and what they gave the asker on a day."""
        asked, maker = request.query(), self._maker(request)
        day = _day(asked["date"]) if asked.get("date") else day_of(self._exchange.now)
        markets = [market for market in self._markets.chosen(request) if self._fits(market, asked, maker)]
        earned = {} if _is_true(asked, "sponsored") else self._rewards.earnings(maker, day)
        found = [self._user_market(market, maker, earned.get(market.id, Money(0))) for market in markets]
        if _is_true(asked, "no_competition"):
            found = [row for row in found if not row.market_competitiveness]
        rows = ordered(found, ORDERS_OF_USER, asked)
        size = page_size(asked)
        page, after = page_of(rows, asked.get("next_cursor", ""), size)
        said = UserRewardsPage(
            limit=size, count=len(page), total_count=len(rows), next_cursor=after, data=list(page)
        )
        return Answer(encode(said))

    def rebates(self, request: Request) -> Answer:
        """GET /rebates/current: anybody's of a day, as they stand; null when there are none."""
        asked = request.query()
        day = _day(asked.get("date", ""), errors.INVALID_DATE)
        maker = _address(asked.get("maker_address", ""))
        rows = [
            RebatedFees(
                date=_midnight(day),
                condition_id=market,
                maker_address=maker,
                rebated_fees_usdc=spell(dollars),
            )
            for market, dollars in self._programs.rebates.rebates(maker, day).items()
        ]
        return Answer(encode(rows or None))

    def _user_market(self, market: Market, maker: str, earned: Money) -> UserRewardsMarket:
        return self._markets.user(
            market,
            maker_address=maker,
            earning_percentage=self._percentage(market, maker),
            earnings=[AssetEarning(earnings=exact(earned))],
        )

    def _fits(self, market: Market, asked: dict[str, str], maker: str) -> bool:
        """The filters that know the asker."""
        if _is_true(asked, "favorite_markets"):
            return False
        held = self._exchange.positions(maker).keys() & {market.yes, market.no}
        return (
            (not _is_true(asked, "only_open_positions") or bool(held))
            and (not _is_true(asked, "only_mergeable") or len(held) == 2)
            and (not _is_true(asked, "only_open_orders") or self._has_orders(market, maker))
        )

    def _has_orders(self, market: Market, maker: str) -> bool:
        return any(stake.maker == maker for stake, _ in self._exchange.stakes(market.id, 0))

    def _percentage(self, market: Market, maker: str) -> Decimal:
        mine, everybodys = self._rewards.share(market, maker)
        return exact(100 * MICRO * mine // everybodys) if everybodys else Decimal(0)

    def _maker(self, request: Request) -> str:
        """Whose earnings are asked for. Raises Refused."""
        key = self._keys.check(request)
        asked = request.query()
        if asked.get("maker_address"):
            return _address(asked["maker_address"])
        kind = asked.get("signature_type") or "0"
        if kind not in map(str, TYPES):
            raise Refused(errors.INVALID_SIGNATURE_TYPE)
        return self._wallets.of(key.address, int(kind)) or key.address


def _midnight(day: int) -> str:
    return f"{date_of(day)}T00:00:00Z"


def _day(date: str, words: str = errors.INVALID_REWARDS_DATE) -> int:
    found = day_named(date)
    if found is None:
        raise Refused(words)
    return found


def _address(text: str) -> str:
    try:
        return checksummed(address_bytes(text))
    except WireError as error:
        raise Refused(errors.INVALID_MAKER) from error


def _is_true(asked: dict[str, str], name: str) -> bool:
    return asked.get(name, "").lower() == "true"
