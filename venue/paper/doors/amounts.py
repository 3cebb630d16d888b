"""How many decimals the two amounts of a FOK or FAK order may have (VENUE §3.3).

Assumed, since sources disagree: the taker's amount may have as many as the official client signs at the market's
tick, and never fewer than four; one report has four at every tick. Resting orders are judged by price and size.
"""

from __future__ import annotations

from messages.values import Price
from venue.paper.engine.terms import Refused
from venue.wire.errors import MARKET_AMOUNTS
from venue.wire.numbers import spell
from venue.wire.orders import OrderRequest

MAKER_DECIMALS = 2
MIN_TAKER_DECIMALS = 4
MARKET_TYPES = ("FOK", "FAK")


def check_amounts(request: OrderRequest, tick: Price) -> None:
    """Amounts that are whole millionths already. Raises Refused."""
    if request.orderType not in MARKET_TYPES:
        return
    order, taker = request.order, taker_decimals(tick)
    if int(order.makerAmount) % _unit(MAKER_DECIMALS) or int(order.takerAmount) % _unit(taker):
        side = "market buy" if order.side == "BUY" else "sell"
        raise Refused(MARKET_AMOUNTS.format(side=side, maker=MAKER_DECIMALS, taker=taker))


def taker_decimals(tick: Price) -> int:
    """Two more than a price has, and four at least."""
    return max(MIN_TAKER_DECIMALS, len(spell(tick).partition(".")[2]) + 2)


def _unit(decimals: int) -> int:
    """Millionths of the last decimal."""
    return int(10 ** (6 - decimals))
