"""The PASSIVE stage (spec 000): sell what is held at the better of mid and average cost, and wait."""

from __future__ import annotations

import msgspec

from messages.values import MICRO, Price, Shares, Side, Size
from trading.ticks import SIZE_STEP, mirror
from trading.visible import VisibleBook


class ExitView(msgspec.Struct, frozen=True, kw_only=True):
    """What the exit's price and size follow from."""

    book: VisibleBook
    """Without our own order."""
    net: Shares
    average_cost: Price | None
    """Of the token held, in its own terms; None where unknown, which means no floor."""
    sellable: Size
    """Shares of the token held that are settled."""
    min_size: Size


class ExitQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The one order that works the position off, YES terms; price None: none is wanted now."""

    side: Side
    price: Price | None = None
    size: Size = Size(0)
    floor: Price | None = None
    """YES price below (ask) or above (bid) which it does not trade."""
    reason: str = ""


def passive(view: ExitView) -> ExitQuote:
    """The order wanted: never below cost, never more than is settled, never trading at once."""
    side = Side.ASK if view.net > 0 else Side.BID
    tick = view.book.tick
    floor = None if view.average_cost is None else floor_price(side, view.average_cost, tick)
    nothing = ExitQuote(side=side, floor=floor)
    size = sellable_size(view.net, view.sellable)
    mid = view.book.mid(Size(0))
    if size < view.min_size:
        return msgspec.structs.replace(nothing, reason="waiting for fills to settle")
    if mid is None or view.book.trouble(Size(0)):
        return msgspec.structs.replace(nothing, reason=view.book.trouble(Size(0)))
    price = exit_price(side, mid, floor, view.book)
    if not tick <= price <= MICRO - tick:
        return msgspec.structs.replace(nothing, reason="no price on the grid that keeps the floor")
    return msgspec.structs.replace(nothing, price=Price(price), size=size)


def sellable_size(net: Shares, sellable: Size) -> Size:
    """What may be offered: not more than the exposure, not more than is settled, rounded down to the grid."""
    return Size(min(abs(net), sellable) // SIZE_STEP * SIZE_STEP)


def floor_price(side: Side, average_cost: Price, tick: Price) -> Price:
    """The YES price on the grid that just keeps the average cost, rounded our way; may lie outside [0, 1].

    Selling YES: cost rounded up. Selling NO is bidding YES: at most 1 - cost, rounded down.
    """
    if side is Side.ASK:
        return Price(-(-average_cost // tick) * tick)
    return Price(mirror(average_cost) // tick * tick)


def exit_price(side: Side, mid: Price, floor: Price | None, book: VisibleBook) -> int:
    """Mid or floor, whichever is better for us, on the grid, at least one tick from trading at once."""
    tick = book.tick
    if side is Side.ASK:
        price = -(-mid // tick) * tick
        room = price if book.best_bid is None else book.best_bid + tick
        return max(price, room, price if floor is None else floor)
    price = mid // tick * tick
    room = price if book.best_ask is None else book.best_ask - tick
    return min(price, room, price if floor is None else floor)
