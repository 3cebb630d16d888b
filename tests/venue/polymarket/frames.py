"""A trade of ours and an order of ours, as the venue shows them."""

from messages.account import Leg, Settlement
from messages.values import SECOND, Action, MarketNs, Money
from tests.venue.polymarket.world import OWNER

MAKER = {
    "order_id": "0xmine",
    "owner": OWNER,
    "maker_address": "0x1",
    "matched_amount": "10",
    "price": "0.43",
    "fee_rate_bps": "0",
    "asset_id": "2",
    "outcome": "NO",
    "side": "BUY",
}
TRADE = {
    "event_type": "trade",
    "id": "28c4d2eb",
    "taker_order_id": "0xtheirs",
    "market": "0xmarket",
    "asset_id": "1",
    "side": "BUY",
    "size": "25.5",
    "price": "0.57",
    "fee_rate_bps": "0",
    "status": "MATCHED",
    "match_time": "1672290701",
    "owner": "somebody",
    "maker_orders": [{**MAKER, "order_id": "0xother", "owner": "somebody"}, MAKER],
    "trader_side": "MAKER",
}
ORDER = {
    "event_type": "order",
    "id": "0xmine",
    "owner": OWNER,
    "market": "0xmarket",
    "asset_id": "1",
    "side": "SELL",
    "original_size": "10",
    "size_matched": "0",
    "price": "0.57",
    "associate_trades": None,
    "type": "PLACEMENT",
    "status": "LIVE",
}


def a_leg(**fields):
    return Leg(
        **{
            "trade": "28c4d2eb",
            "order": "0xmine",
            "market": "0xmarket",
            "token": "2",
            "action": Action.BUY,
            "price": 430_000,
            "size": 10_000_000,
            "fee": Money(0),
            "status": Settlement.MATCHED,
            "matched_at": MarketNs(1_672_290_701 * SECOND),
            "taker": False,
            **fields,
        }
    )
