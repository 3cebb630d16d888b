"""Good till date: the last bound on an order that nobody can cancel any more. Market time throughout.

Every order is made to end by itself at the venue. It is taken back a little before, so that whoever wants it asks for
it anew: re-quoting in the normal way.
"""

from __future__ import annotations

from messages.values import SECOND, MarketNs
from trading.orders import Order, OrderTable, Status
from trading.truth import EXPIRED

SHORTEST_S = 180
"""The venue refuses what ends within two minutes (VENUE §3.4), and at a high speed a minute passes on the way."""
LONGEST_S = 86_400
AHEAD_NS = 10 * SECOND
"""So long before its end an order is taken back."""
NEARLY_OVER = "its time was nearly over"


def ends_at(now: MarketNs, life_s: int) -> MarketNs:
    """When an order of this life ends at the venue, in whole seconds; 0 for never."""
    return MarketNs((int(now) // SECOND + life_s) * SECOND) if life_s else MarketNs(0)


def fading(table: OrderTable, now: MarketNs) -> list[Order]:
    """Orders to be taken back because they are about to end; what has ended already is marked as that."""
    found = []
    for order in table:
        left = int(order.intended.expires_at) - int(now)
        if order.cancel_wanted or not int(order.intended.expires_at) or order.status is not Status.RESTING:
            continue
        if left <= AHEAD_NS:
            order.why = order.why or (NEARLY_OVER if left > 0 else EXPIRED)
            found.append(order)
    return found
