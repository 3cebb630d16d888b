"""The last word before an order is signed: every rule an order must pass, in order, as data."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.market import BookSnapshot, MarketInfo
from messages.orders import DenyRule, PlaceOrder
from messages.risk import Level, TradingPermit
from messages.values import MICRO, MS, Money, RealNs, RoleName, Shares, Side, Size
from trading.permits import why_not
from trading.ticks import on_grid

PLACE_TTL_NS = 1_000 * MS
"""A `PlaceOrder` older than this is denied: the book it was decided on is gone."""
JOURNAL_PATIENCE_NS = 1_000 * MS
MAX_WINDOW = 2_048


class GateLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's own limits."""

    position_limit: Size = Size(50 * MICRO)
    """Shares of net exposure at which the maker retires a market."""
    order_size: Size = Size(10 * MICRO)
    """One order; the cap on what may become of a market is the position limit plus this."""
    max_orders: int = 80
    """Open orders in the whole account (RELIABILITY V8)."""
    collar_ticks: int = 5
    """Ticks that a bid may lie above, an ask below the middle it was decided for; 0: none."""
    repeat_ms: int = 200
    """Real milliseconds in which the very same order is not taken twice while the first one is open; 0: off."""

    @property
    def cap(self) -> int:
        """Net exposure that must be impossible to pass, in millionths of a share."""
        return self.position_limit + self.order_size


class Situation(msgspec.Struct, kw_only=True):
    """Everything an order is judged by."""

    now: RealNs
    ready: str
    """Why the gateway cannot send; empty when it can."""
    killed: str
    """The kill switch's reason; empty while there is none."""
    paused: str = ""
    """Why nothing may be placed in this market; empty while it is not paused."""
    permit: TradingPermit
    known: bool
    """This command was heard before."""
    owner: RoleName | None
    info: MarketInfo | None
    book: BookSnapshot | None
    net: Shares
    worst: tuple[Shares, Shares]
    """What could become of `net` if everything open on one side were filled: most negative, most positive."""
    unsettled: tuple[Shares, Shares] = (Shares(0), Shares(0))
    """How far what is settled for good lies below and above `net`: failed settlements would lead there."""
    confirmed_net: int
    """|net exposure| that is settled, in the direction of the exposure; other orders may offer of it."""
    open_orders: int
    collateral: Money
    """Free: not tied by other orders."""
    cost: Money
    """What this order may take of it."""
    crosses_own: bool
    like_at: RealNs | None = None
    """When the newest open order that is like this one in all but its name was decided; None without one."""
    budget: str
    """Why the venue's limits of rate leave nothing for this order; empty when they do."""
    journal_lag_ns: int
    unacknowledged: int


Rule = Callable[[PlaceOrder, Situation, GateLimits], str]
"""The reason to deny, or empty."""


def _late(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    age = s.now - place.decided_at
    return f"decided {age // MS} ms ago" if age > PLACE_TTL_NS else ""


def _permitted(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    if is_liquidator(place.owner):
        return why_not(s.permit, s.now, Level.RUN, Level.HALT_QUOTES)
    return why_not(s.permit, s.now, Level.RUN)


def _owned(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    return "" if s.owner == place.owner else f"{place.owner} does not own it, {s.owner or 'nobody'} does"


def _open_market(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    return "" if s.info is not None and s.info.accepting_orders else "it takes no orders"


def _journaled(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    if s.unacknowledged > MAX_WINDOW:
        return f"{s.unacknowledged} events wait for the journal"
    return "the journal does not answer" if s.journal_lag_ns > JOURNAL_PATIENCE_NS else ""


def _gridded(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    assert s.info is not None
    return "" if on_grid(place.price, s.info.tick) else f"{place.price} is not on the grid of {s.info.tick}"


def _sized(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    assert s.info is not None
    if place.size % (MICRO // 100):
        return f"{place.size} has more than two decimals"
    return f"{place.size} is under the minimum of {s.info.min_size}" if place.size < s.info.min_size else ""


def _resting(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    if s.book is None:
        return ""
    if place.side is Side.BID and s.book.asks and place.price >= s.book.asks[0][0]:
        return f"bid {place.price} meets the ask {s.book.asks[0][0]}"
    if place.side is Side.ASK and s.book.bids and place.price <= s.book.bids[0][0]:
        return f"ask {place.price} meets the bid {s.book.bids[0][0]}"
    return ""


def _collared(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    """What is less generous than the middle costs nothing: an exit may wait at its cost for ever."""
    assert s.info is not None
    beyond = (place.price - place.mid) * place.side.sign
    if not place.mid or beyond <= limits.collar_ticks * s.info.tick:
        return ""
    return f"{place.side.value} {place.price} is {beyond} beyond the middle {place.mid} it was decided for"


def _repeated(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    if s.like_at is None or s.now - s.like_at >= limits.repeat_ms * MS:
        return ""
    return f"one like it was decided {(s.now - s.like_at) // MS} ms ago and is open"


def _exposed(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    low, high = s.worst[0] - s.unsettled[0], s.worst[1] + s.unsettled[1]
    after = high + place.size if place.side is Side.BID else low - place.size
    if after * place.side.sign <= limits.cap:
        return ""  # whatever is held: what takes it down may pass
    return f"exposure could become {after}, the cap is {limits.cap}"


def _reducing(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    if not is_liquidator(place.owner):
        return ""
    if s.net * place.side.sign >= 0:
        return f"a liquidator only closes; net is {s.net}"
    low, high = s.worst
    offered = s.net - low if place.side is Side.ASK else high - s.net
    free = min(abs(s.net), s.confirmed_net) - offered
    return "" if place.size <= free else f"only {max(0, free)} are settled and not offered yet"


def _paid(place: PlaceOrder, s: Situation, limits: GateLimits) -> str:
    return "" if s.cost <= s.collateral else f"needs {s.cost}, free are {s.collateral}"


RULES: tuple[tuple[DenyRule, Rule], ...] = (
    (DenyRule.NOT_READY, lambda place, s, limits: s.ready),
    (DenyRule.DUPLICATE, lambda place, s, limits: "heard before" if s.known else ""),
    (DenyRule.LATE, _late),
    (DenyRule.KILL_SWITCH, lambda place, s, limits: s.killed),
    (DenyRule.NO_PERMIT, _permitted),
    (DenyRule.JOURNAL, _journaled),
    (DenyRule.NOT_OWNER, _owned),
    (DenyRule.PAUSED, lambda place, s, limits: s.paused),
    (
        DenyRule.UNKNOWN_MARKET,
        lambda place, s, limits: "" if s.info is not None else "its constants are not known",
    ),
    (DenyRule.MARKET_CLOSED, _open_market),
    (DenyRule.OFF_GRID, _gridded),
    (DenyRule.TOO_SMALL, _sized),
    (DenyRule.COLLAR, _collared),
    (DenyRule.CROSSING, _resting),
    (DenyRule.SELF_TRADE, lambda place, s, limits: "it would meet our own order" if s.crosses_own else ""),
    (
        DenyRule.MAX_ORDERS,
        lambda place, s, limits: (
            f"{s.open_orders} orders are open" if s.open_orders >= limits.max_orders else ""
        ),
    ),
    (DenyRule.BUDGET, lambda place, s, limits: s.budget),
    (DenyRule.NOT_REDUCING, _reducing),
    (DenyRule.EXPOSURE, _exposed),
    (DenyRule.COLLATERAL, _paid),
    (DenyRule.REPEATED, _repeated),
)
"""Checked in this order; the first reason counts."""


def judge(place: PlaceOrder, situation: Situation, limits: GateLimits) -> tuple[DenyRule, str] | None:
    """The first rule that denies this order, with its reason; None when it may be sent."""
    for rule, denies in RULES:
        reason = denies(place, situation, limits)
        if reason:
            return rule, reason
    return None


def is_liquidator(owner: RoleName) -> bool:
    """Whether a role works a market off."""
    return owner.startswith("liquidator:")
