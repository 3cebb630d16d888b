"""From what is wanted and what works to what must move. Nothing is replaced before it is known to be gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from messages.values import CommandId, Price, Side, Size
from trading.quoting.quote import Quote
from trading.working import WorkingOrder


class Place(msgspec.Struct, frozen=True):
    """Rest a new order."""

    side: Side
    price: Price
    size: Size
    mid: Price


class Withdraw(msgspec.Struct, frozen=True):
    """Take one order back."""

    command: CommandId


Move = Place | Withdraw


def reconcile(
    quote: Quote, working: Iterable[WorkingOrder], keeps: Callable[[WorkingOrder], bool]
) -> Iterator[Move]:
    """The moves that lead from the working orders to the quote, cancels first.

    Each side on its own: an order that is kept stays, an order that is not is asked back, and a new one
    follows only when nothing of that side is left, its cancel confirmed included.
    """
    orders = list(working)
    places = []
    for side in (Side.BID, Side.ASK):
        ours = [order for order in orders if order.side is side]
        price = quote.price(side)
        if ours:
            yield from _surplus(ours, price is not None, keeps)
        elif price is not None and quote.mid is not None:
            places.append(Place(side, price, quote.size, quote.mid))
    yield from places


def _surplus(
    ours: list[WorkingOrder], is_wanted: bool, keeps: Callable[[WorkingOrder], bool]
) -> Iterator[Withdraw]:
    """Orders of one side that must go: all but the first that is kept. Filled ones are about to close."""
    has_kept = False
    for order in ours:
        if order.is_canceling or order.leaves == 0:
            continue
        if is_wanted and not has_kept and keeps(order):
            has_kept = True
            continue
        yield Withdraw(order.command)
