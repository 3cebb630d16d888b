"""Liquidity rewards, rebates and scoring as REST spells them (VENUE §4.6, §4.7)."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from venue.wire.orders import LAST_PAGE

PUSD = "0xC011a7E12a19f7B1f670d46F03B03f3342E82DFB"
"""What is paid."""
ONE = Decimal(1)
FOREVER = "2500-12-31"
"""The end of a pool that has none."""


class RewardsConfig(msgspec.Struct, kw_only=True):
    """One pool of a market: dollars a day from a date to a date."""

    id: int = 0
    asset_address: str = PUSD
    start_date: str
    end_date: str = FOREVER
    rate_per_day: Decimal
    total_rewards: Decimal = Decimal(0)
    total_days: int | msgspec.UnsetType = msgspec.UNSET


class CurrentReward(msgspec.Struct, kw_only=True):
    """A row of GET /rewards/markets/current; rates that are zero are left out."""

    condition_id: str
    rewards_max_spread: Decimal
    """Cents."""
    rewards_min_size: Decimal
    """Shares."""
    rewards_config: list[RewardsConfig]
    sponsored_daily_rate: Decimal | msgspec.UnsetType = msgspec.UNSET
    sponsors_count: int | msgspec.UnsetType = msgspec.UNSET
    native_daily_rate: Decimal | msgspec.UnsetType = msgspec.UNSET
    total_daily_rate: Decimal | msgspec.UnsetType = msgspec.UNSET


class RewardsToken(msgspec.Struct, kw_only=True):
    """One outcome with its price."""

    token_id: str
    outcome: str
    price: Decimal


class MarketReward(msgspec.Struct, kw_only=True):
    """A row of GET /rewards/markets/{condition}."""

    condition_id: str
    question: str
    market_slug: str
    event_slug: str
    image: str = ""
    rewards_max_spread: Decimal
    rewards_min_size: Decimal
    market_competitiveness: Decimal
    tokens: list[RewardsToken]
    rewards_config: list[RewardsConfig]


class MultiMarket(MarketReward, kw_only=True):
    """A row of GET /rewards/markets/multi."""

    market_id: str
    event_id: str
    created_at: str
    end_date: str
    group_item_title: str = ""
    one_day_price_change: Decimal
    spread: Decimal
    volume_24hr: Decimal


class AssetEarning(msgspec.Struct, kw_only=True):
    """What was earned of one asset."""

    asset_address: str = PUSD
    earnings: Decimal
    asset_rate: Decimal = ONE


class UserRewardsMarket(MarketReward, kw_only=True):
    """A row of GET /rewards/user/markets."""

    market_id: str
    event_id: str
    volume_24hr: Decimal
    spread: Decimal
    maker_address: str
    earning_percentage: Decimal
    earnings: list[AssetEarning]


class UserRewardsPage(msgspec.Struct, kw_only=True):
    """GET /rewards/user/markets."""

    limit: int
    count: int
    total_count: int
    next_cursor: str = LAST_PAGE
    data: list[UserRewardsMarket]


class UserEarning(msgspec.Struct, kw_only=True):
    """A row of GET /rewards/user: one market's of a day."""

    date: str
    condition_id: str
    asset_address: str = PUSD
    maker_address: str
    earnings: Decimal
    asset_rate: Decimal = ONE


class TotalEarning(msgspec.Struct, kw_only=True):
    """A row of GET /rewards/user/total: one asset's of a day."""

    date: str
    asset_address: str = PUSD
    maker_address: str
    earnings: Decimal
    asset_rate: Decimal = ONE
    native_earnings: Decimal | msgspec.UnsetType = msgspec.UNSET
    sponsored_earnings: Decimal | msgspec.UnsetType = msgspec.UNSET


class RebatedFees(msgspec.Struct, kw_only=True):
    """A row of GET /rebates/current."""

    date: str
    condition_id: str
    asset_address: str = PUSD
    maker_address: str
    rebated_fees_usdc: str


class Scoring(msgspec.Struct):
    """GET /order-scoring."""

    scoring: bool
