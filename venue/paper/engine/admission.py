"""Whether the exchange takes an order at all, in the venue's own words (VENUE §3.3, §3.4, §3.7)."""

from __future__ import annotations

from messages.values import MICRO, SECOND, MarketNs, Price
from venue.paper.engine.terms import Market, NewOrder, OrderType, Refused, TokenSide

LOT = 10_000
"""Sizes have at most two decimals; only a market BUY, which states dollars, may have more."""
EARLY_NS = 60 * SECOND
"""How long before its stated expiration a GTD order leaves the book."""
MIN_MARKETABLE_BUY = 1 * MICRO
POST_ONLY_CROSSES = "invalid post-only order: order crosses book"


def check_terms(new: NewOrder, market: Market, now: MarketNs, gtd_lead_ns: int) -> None:
    """What can be said of an order without looking at a book or a balance. Raises Refused.

    `gtd_lead_ns` is how far after `now` a GTD order's expiration must be, at least.
    """
    if not market.accepting_orders or market.closed:
        raise Refused("the market is not yet ready to process new orders")
    if new.price % market.tick or not market.tick <= new.price <= MICRO - market.tick:
        raise _invalid(
            new,
            f"Price ({decimal(new.price)}) breaks minimum tick size rule: {decimal(market.tick)}",
        )
    immediate = new.type in (OrderType.FOK, OrderType.FAK)
    if new.size % LOT and not (immediate and new.side is TokenSide.BUY):
        places = len(decimal(new.size).partition(".")[2])
        raise _invalid(new, f"Size ({decimal(new.size)}) has {places} decimal places. Maximum lot size is 2")
    if new.size <= 0 or (not immediate and new.size < market.min_size):
        raise _invalid(new, f"Size ({decimal(new.size)}) lower than the minimum: {decimal(market.min_size)}")
    if new.post_only and immediate:
        raise Refused("invalid post-only order: only GTC and GTD orders can be post-only")
    if new.expires_at is not None or new.type is OrderType.GTD:
        _check_expiration(new, now, gtd_lead_ns)


def check_marketable(new: NewOrder) -> None:
    """What holds for an order that would trade at once. Raises Refused."""
    if new.post_only:
        raise Refused(POST_ONLY_CROSSES)
    if new.side is TokenSide.BUY and new.price * new.size < MIN_MARKETABLE_BUY * MICRO:
        dollars = decimal(new.price * new.size // MICRO)
        raise Refused(f"invalid amount for a marketable BUY order (${dollars}), min size: $1")


def check_depth(new: NewOrder, takeable: int) -> None:
    """Whether FOK and FAK find enough of a counterpart. Raises Refused."""
    if new.type is OrderType.FOK and takeable < new.size:
        raise Refused("order couldn't be fully filled. FOK orders are fully filled or killed.")
    if new.type is OrderType.FAK and not takeable:
        raise Refused(
            "no orders found to match with FAK order."
            " FAK orders are partially filled or killed if no match is found."
        )


def duplicated(new: NewOrder) -> Refused:
    """The refusal of an order that was accepted before."""
    return _invalid(new, "Duplicated.")


def dollars_for(price: Price | int, size: int) -> int:
    """What has to be kept back to pay a price for a size, rounded up."""
    return -(-price * size // MICRO)


def taker_fee(rate: int, price: Price | int, size: int) -> int:
    """rate·p·(1−p)·size to five decimals, half up, 0.00001 at least (VENUE §7.3); in millionths."""
    exact = rate * price * (MICRO - price) * size
    unit = 10 * MICRO**3
    return max(1, (exact + unit // 2) // unit) * 10 if exact else 0


def decimal(micro: int) -> str:
    """Millionths as the wire spells them: `0.5`, `12`, `0.001`."""
    whole, part = divmod(micro, MICRO)
    return f"{whole}.{part:06d}".rstrip("0").rstrip(".")


def _check_expiration(new: NewOrder, now: MarketNs, gtd_lead_ns: int) -> None:
    if new.type is not OrderType.GTD:
        if new.expires_at is not None:
            raise Refused("invalid expiration")
    elif new.expires_at is None or new.expires_at - now < gtd_lead_ns:
        raise Refused("invalid expiration")


def _invalid(new: NewOrder, why: str) -> Refused:
    return Refused(f"order {new.id} is invalid. {why}")
