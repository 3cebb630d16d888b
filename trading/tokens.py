"""From the YES axis to the venue's tokens: what an order buys or sells."""

from __future__ import annotations

import msgspec

from messages.values import MICRO, Action, Money, Outcome, Price, Side, Size
from trading.ticks import mirror


class TokenOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order as the venue takes it: one token, one action."""

    outcome: Outcome
    action: Action
    price: Price
    """In terms of the token."""
    size: Size

    @property
    def collateral(self) -> Money:
        """Dollars it ties while it rests, rounded up; a sell ties the token instead."""
        return Money(-(-self.price * self.size // MICRO) if self.action is Action.BUY else 0)


def token_order(side: Side, price: Price, size: Size, *, yes_free: Size, no_free: Size) -> TokenOrder:
    """The token order that does at the venue what this order does on the YES axis.

    `price` is the YES price; `yes_free` and `no_free` are shares held that no other order offers already.
    Enough held of the right token: it is sold, which frees collateral. Else the complement is bought. Never
    some of both.
    """
    if side is Side.ASK:
        if yes_free >= size:
            return TokenOrder(outcome=Outcome.YES, action=Action.SELL, price=price, size=size)
        return TokenOrder(outcome=Outcome.NO, action=Action.BUY, price=mirror(price), size=size)
    if no_free >= size:
        return TokenOrder(outcome=Outcome.NO, action=Action.SELL, price=mirror(price), size=size)
    return TokenOrder(outcome=Outcome.YES, action=Action.BUY, price=price, size=size)
