"""A fixed distance around the mid (spec 003)."""

from __future__ import annotations

import msgspec

from messages.values import Price, Size
from trading.quoting.quote import MarketView, Quote, post_only
from trading.ticks import SIZE_STEP, on_grid, round_ask, round_bid
from trading.working import WorkingOrder


class FixedSpread(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="name",
    tag="fixed_spread",
):
    """Quotes half a spread to each side of the mid, and moves a side when its mid has moved."""

    spread: Price = Price(40_000)
    """Dollars per share between bid and ask, in total."""
    requote_threshold: Price = Price(20_000)
    """Dollars per share: a resting side stays while the mid is nearer than this to the mid it was made for."""
    size: Size = Size(10_000_000)
    """Shares on each side, in hundredths."""

    def __post_init__(self) -> None:
        if min(self.spread, self.requote_threshold, self.size) <= 0:
            raise ValueError("spread, requote_threshold and size must be above 0")
        if self.size % SIZE_STEP:
            raise ValueError("size has at most two decimals, as the venue takes it")

    def quote(self, view: MarketView) -> Quote:
        """The pair to rest, or why there is none. Bids round down, asks up, neither ever trades at once."""
        trouble = view.book.trouble(view.min_size)
        mid = view.book.mid(view.min_size)
        if trouble or mid is None:
            return Quote(reason=trouble or "no mid")
        if self.size < view.min_size:
            return Quote(mid=mid, reason="size below the market's minimum")
        tick = view.book.tick
        half = self.spread // 2
        quote = Quote(
            mid=mid,
            bid=round_bid(mid - half, tick),
            ask=round_ask(mid + self.spread - half, tick),
            size=self.size,
        )
        return post_only(quote, view.book)

    def keeps(self, order: WorkingOrder, view: MarketView) -> bool:
        """Whether this order stays although a quote made now might differ: its queue place is worth something."""
        mid = view.book.mid(view.min_size)
        if mid is None or not on_grid(order.price, view.book.tick):
            return False
        return abs(mid - order.mid) < self.requote_threshold and order.leaves >= view.min_size
