"""The whole life of one order, asked for by its name and told from what the journal has of it."""

from __future__ import annotations

import msgspec

from messages.base import Command, Reply
from messages.values import (
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    Price,
    RealNs,
    RoleName,
    Side,
    Size,
    TokenId,
    TradeId,
)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to an order."""

    what: str
    status: str = ""
    """What the order was after it, in our words."""
    state: str = ""
    """The same in the words of the execution engine's document."""
    real_at: RealNs
    wall_at: int
    """Nanoseconds since the epoch, for people."""
    text: str = ""


class TracedFill(msgspec.Struct, frozen=True, kw_only=True):
    """One fill. Costs are signed: above 0 it is worse for us than what it is held against."""

    trade: TradeId
    size: Size
    price: Price
    """YES terms."""
    fee: Money
    taker: bool
    settlement: str
    """MATCHED, MINED, CONFIRMED or FAILED."""
    matched_at: MarketNs
    heard_at: RealNs
    settled_at: RealNs
    """0: not yet."""
    mined_at: RealNs = RealNs(0)
    """When it was heard that the chain has it; 0: that was not heard before it was settled."""
    over_price: int
    """Millionths of a dollar a share, against the price that was decided."""
    over_mid: int | None
    """The same against the mid it was decided for; None: that is not known."""


class OrderTrail(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one order, or of one that was wanted and denied."""

    order: OrderId | None
    """None: it was never signed."""
    command: CommandId
    market: MarketId
    owner: RoleName
    why: str
    status: str
    state: str
    side: Side
    price: Price
    size: Size
    filled: Size
    mid: Price | None
    token: TokenId | None = None
    outcome: Outcome | None = None
    action: Action | None = None
    steps: tuple[Step, ...] = ()
    fills: tuple[TracedFill, ...] = ()
    latency: tuple[tuple[str, int], ...] = ()
    """Real nanoseconds of each leg of its way that is known."""
    slippage: tuple[tuple[str, int], ...] = ()
    """Millionths of a dollar a share, over all fills that stand: `price`, `mid`; above 0 is worse for us."""


class GetOrder(Command, frozen=True, kw_only=True):
    """Tell the life of one order; asked from outside."""

    request: str
    order: str
    """Its hash, the beginning of it, or the id of the command that wanted it."""
    sender: str = ""


class TraceOrder(Command, frozen=True, kw_only=True):
    """Find an order in the journal."""

    request: str
    order: str
    sender: str
    """Bus identity of the asker."""


class OrderTraced(Reply, frozen=True, kw_only=True):
    """What the journal has of an order."""

    request: str
    trail: OrderTrail | None = None
    text: str = ""
    """Why there is none."""
