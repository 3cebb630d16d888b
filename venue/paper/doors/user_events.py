"""What becomes of an account's orders and trades, in the user channel's words (VENUE §5.5)."""

from __future__ import annotations

from venue.paper.doors.spelling import NO_ADDRESS, NOBODY, maker_order, outcome, spelled_expiration
from venue.paper.engine.terms import Market, Order, Trade
from venue.wire.numbers import s_text, spell
from venue.wire.user_channel import OrderEvent, TradeEvent


def order_event(order: Order, kind: str, market: Market | None, stamp: str) -> OrderEvent:
    """What became of an order. One that was refused for what it met never existed: it has little to say."""
    new, was_killed = order.new, bool(order.reason) and not order.matched
    return OrderEvent(
        id=new.id,
        owner=new.owner,
        market=order.market,
        asset_id=new.token,
        side=str(new.side),
        order_owner=new.owner,
        original_size=spell(new.size),
        size_matched="" if was_killed else spell(order.matched),
        price=spell(new.price),
        associate_trades=list(order.trades),
        outcome="" if was_killed else outcome(market, new.token),
        type=kind,
        created_at="" if was_killed else s_text(order.created_at),
        expiration=spelled_expiration(new.expires_at),
        order_type=str(new.type),
        status=order.status_text,
        maker_address=new.maker,
        timestamp=stamp,
    )


def trade_event(trade: Trade, owner: str, market: Market | None, stamp: str) -> TradeEvent:
    """A step of a match, as it is said to one of its parties; the status is bare here."""
    return TradeEvent(
        id=trade.id,
        taker_order_id=trade.taker_order,
        market=trade.market,
        asset_id=trade.token,
        side=str(trade.side),
        size=spell(trade.size),
        price=spell(trade.price),
        status=str(trade.status),
        match_time=s_text(trade.matched_at),
        matchtime=s_text(trade.matched_at),
        last_update=s_text(trade.updated_at),
        outcome=outcome(market, trade.token),
        owner=trade.taker_owner or NOBODY,
        trade_owner=trade.taker_owner or NOBODY,
        maker_address=trade.taker_maker or NO_ADDRESS,
        transaction_hash=trade.transaction_hash,
        maker_orders=[maker_order(leg, market) for leg in trade.legs],
        trader_side="TAKER" if trade.taker_owner == owner else "MAKER",
        timestamp=stamp,
    )
