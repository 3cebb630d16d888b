"""The Data API's rows, version 2: snake case, envelopes, pages by cursor (VENUE §6.4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

Row = TypeVar("Row")
ZERO = Decimal(0)


class PositionRowV2(msgspec.Struct, kw_only=True):
    """GET /v2/positions."""

    proxy_wallet: str
    token_id: str
    condition_id: str
    current_size: Decimal
    avg_price: Decimal
    entry_cost_usdc: Decimal
    entry_fees_usdc: Decimal
    total_cost_usdc: Decimal
    current_price: Decimal
    current_value: Decimal
    total_size: Decimal
    realized_pnl: Decimal
    unrealized_pnl: Decimal
    total_pnl: Decimal
    percent_pnl: Decimal
    percent_realized_pnl: Decimal
    status: str = "OPEN"
    redeemable: bool
    mergeable: bool
    negative_risk: bool
    archived: bool = False
    title: str
    slug: str
    icon: str = ""
    event_id: str
    event_slug: str
    outcome: str
    outcome_index: int
    opposite_outcome: str
    opposite_token_id: str
    end_date: str
    last_event_at: int
    first_entry_at: int
    name: str = ""
    profile_image: str = ""
    verified: bool = False


class TradeRowV2(msgspec.Struct, kw_only=True):
    """GET /v2/trades."""

    proxy_wallet: str
    side: str
    token_id: str
    condition_id: str
    size: Decimal
    price: Decimal
    timestamp: int
    title: str
    slug: str
    icon: str = ""
    event_slug: str
    outcome: str
    outcome_index: int
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profile_image: str = ""
    profile_image_optimized: str = ""
    transaction_hash: str


class Paging(msgspec.Struct, kw_only=True):
    """Where a page of version 2 stands."""

    limit: int
    offset: int
    has_more: bool
    next_cursor: str | None = None


class PageV2(msgspec.Struct, Generic[Row], kw_only=True):
    """The envelope of version 2."""

    data: list[Row]
    pagination: Paging


class ErrorV2(msgspec.Struct, kw_only=True):
    """A refusal of version 2."""

    error: str
    code: str = "invalid_request"
    parameter: str | msgspec.UnsetType = msgspec.UNSET
    retryable: bool = False
    trace_id: str


class Envelope(msgspec.Struct, Generic[Row], kw_only=True):
    """What has no pages."""

    data: Row


class ActivityRowV2(msgspec.Struct, kw_only=True):
    """GET /v2/activity."""

    proxy_wallet: str
    timestamp: int
    condition_id: str
    type: str
    size: Decimal
    usdc_size: Decimal
    transaction_hash: str
    price: Decimal
    token_id: str
    side: str
    outcome_index: int
    title: str
    slug: str
    icon: str = ""
    event_slug: str
    outcome: str
    is_combo: bool = False
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profile_image: str = ""
    profile_image_optimized: str = ""


class HolderV2(msgspec.Struct, kw_only=True):
    """Somebody who holds a token; the last seven fields only where they are asked for."""

    proxy_wallet: str
    token_id: str
    amount: Decimal
    outcome_index: int
    display_username_public: bool = False
    verified: bool = False
    name: str = ""
    pseudonym: str = ""
    bio: str = ""
    profile_image: str = ""
    profile_image_optimized: str = ""
    avg_price: Decimal | msgspec.UnsetType = msgspec.UNSET
    entry_cost_usdc: Decimal | msgspec.UnsetType = msgspec.UNSET
    current_price: Decimal | msgspec.UnsetType = msgspec.UNSET
    current_value: Decimal | msgspec.UnsetType = msgspec.UNSET
    realized_pnl: Decimal | msgspec.UnsetType = msgspec.UNSET
    unrealized_pnl: Decimal | msgspec.UnsetType = msgspec.UNSET
    total_pnl: Decimal | msgspec.UnsetType = msgspec.UNSET


class TokenHoldersV2(msgspec.Struct, kw_only=True):
    """GET /v2/holders: one token's, most first."""

    token_id: str
    holders: list[HolderV2]


class PricePointV2(msgspec.Struct, kw_only=True):
    """GET /v2/prices-history."""

    timestamp: int
    price: Decimal
    resolution_seconds: int


class TokenRef(msgspec.Struct, kw_only=True):
    """GET /v2/tokens: what a token is. Fields that may be null are always there."""

    token_id: str
    condition_id: str
    structural_condition_id: str | None = None
    module: str = "v1_ctf"
    outcome_index: int
    clob_index: int | None
    outcome: str | None
    opposite_token_id: str | None
    resolved: bool
    final_price: Decimal | None
    title: str | None
    market_slug: str | None
    closed: bool | None
    neg_risk: bool | None
    neg_risk_market_id: str | None
    question_index: int | None
    event_id: int | None
    event_slug: str | None


class OpenInterestV2(msgspec.Struct, kw_only=True):
    """GET /v2/oi: dollars in pairs of a market's tokens; of all markets together it is called GLOBAL."""

    condition_id: str
    value: Decimal


class MarketVolume(msgspec.Struct, kw_only=True):
    """What takers traded in a market, in shares."""

    condition_id: str
    taker_volume: Decimal


class LiveVolumeV2(msgspec.Struct, kw_only=True):
    """GET /v2/live-volume."""

    taker_volume_total: Decimal
    conditions: list[MarketVolume]


class ResolutionRow(msgspec.Struct, kw_only=True):
    """GET /v2/resolutions of a market that is resolved; payouts in millionths of a dollar, YES and NO."""

    question_id: str
    condition_id: str
    status: str = "resolved"
    extended_review: bool = False
    was_disputed: bool = False
    new_version_q: bool = False
    transaction_hash: str = ""
    log_index: str = ""
    last_update_timestamp: str
    market_type: str
    payouts: tuple[int, int]
    resolution_source: str = "reported"
    reporter: str = "UMA_OO"
    was_arbitrated: bool = False
    resolved_block: int
    resolved_at: str


class Approval(msgspec.Struct, kw_only=True):
    """What a contract may move of a token; `amount` (of an ERC20 only) in base units or `max`."""

    id: str
    feature: str
    token: str
    spender: str
    standard: str
    amount: str | msgspec.UnsetType = msgspec.UNSET
    approved: bool


class Approvals(msgspec.Struct, kw_only=True):
    """GET /v2/approvals."""

    address: str
    chain_id: int
    checked_at: str
    contracts: list[Approval]


class PnlPoint(msgspec.Struct, kw_only=True):
    """Everything somebody gained up to a second; dollars, `volume` in shares."""

    timestamp: int
    source_block: int
    realized_market_pnl: Decimal
    realized_lp_pnl: Decimal = ZERO
    realized_combo_pnl: Decimal = ZERO
    unrealized_pnl: Decimal
    fees_refunded: Decimal = ZERO
    maker_rebate: Decimal
    taker_rebate: Decimal = ZERO
    reward_income: Decimal
    yield_income: Decimal = ZERO
    referral_income: Decimal = ZERO
    deposits: None = None
    withdrawals: None = None
    realized_pnl: Decimal
    wallet_income: Decimal
    position_pnl: Decimal
    settled_pnl: Decimal
    economic_pnl: Decimal
    cashflow_net: None = None
    volume: Decimal
    volume_usdc: Decimal
    trade_count: int


class UserStats(msgspec.Struct, kw_only=True):
    """GET /v2/user-stats; `trades` counts markets."""

    proxy_wallet: str
    trades: int
    biggest_win: Decimal = ZERO
    views: int = 0
    join_date: int | None
    all_time_pnl: PnlPoint | None


class UserVolume(msgspec.Struct, kw_only=True):
    """GET /v2/user-volume: shares, dollars, matches."""

    volume: Decimal
    volume_usdc: Decimal
    trade_count: int


class PnlSeries(msgspec.Struct, kw_only=True):
    """GET /v2/user-pnl."""

    proxy_wallet: str
    interval: str
    fidelity: str
    source_fidelity: str
    points: list[PnlPoint]


class Leader(msgspec.Struct, kw_only=True):
    """GET /v2/leaderboard; `volume` in shares."""

    rank: int
    user_id: str
    pnl: Decimal
    volume: Decimal
    user_name: str = ""
    profile_image: str = ""
    x_username: str = ""
    verified: bool = False


class Standing(msgspec.Struct, kw_only=True):
    """GET /v2/leaderboard of one user."""

    user_id: str
    pnl: Decimal
    volume: Decimal
    user_name: str = ""
    profile_image: str = ""
    x_username: str = ""
    verified: bool = False
    rank_pnl: int
    rank_volume: int


class Mechanism(msgspec.Struct, kw_only=True):
    """A part of the service, and how old what it serves is."""

    name: str
    age_seconds: int


class Serving(msgspec.Struct, kw_only=True):
    """How far behind answers are."""

    lag_seconds: int
    worst: str
    mechanisms: list[Mechanism]


class Synced(msgspec.Struct, kw_only=True):
    """Up to which block a source was read."""

    source: str
    block: int
    behind_max: int


class Ingestion(msgspec.Struct, kw_only=True):
    """How far the chain was read."""

    cursors: int
    network: str = "polygon"
    chain_id: int
    max_synced_block: int
    min_synced_block: int
    most_lagged: Synced
    lagging: list[Synced]


class ServiceStatus(msgspec.Struct, kw_only=True):
    """GET /v2/status."""

    computed_at: str
    age_seconds: int
    serving: Serving
    ingestion: Ingestion
