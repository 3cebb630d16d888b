"""The engine's terms in the wire's words."""

from __future__ import annotations

from messages.values import MICRO, MS, SECOND, MarketNs, Price, TokenId
from venue.paper.engine.settlement import transaction_of
from venue.paper.engine.terms import BookView, MakerLeg, Market, Order, Placement, Trade
from venue.wire.market_channel import BookSummary, Level, book_hash
from venue.wire.numbers import ms_text, s_text, spell
from venue.wire.orders import MakerOrder, OpenOrder, OrderAnswer, TradeRow
from venue.wire.user_channel import OrderEvent, TradeEvent

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The API key of the background's orders."""
NO_ADDRESS = "0x" + "00" * 20


def outcome(market: Market | None, token: TokenId) -> str:
    """Yes or No."""
    return "Yes" if market is None or token == market.yes else "No"


def token_price(market: Market, token: TokenId, yes_price: Price) -> Price:
    """A YES price in a token's own terms."""
    return yes_price if token == market.yes else Price(MICRO - yes_price)


def last_trade(market: Market, token: TokenId) -> str:
    """The last price anybody traded at, "" if nobody did."""
    return "" if market.last_trade is None else spell(token_price(market, token, market.last_trade))


def book_summary(view: BookView, market: Market) -> BookSummary:
    """A token's book with its hash."""
    summary = BookSummary(
        market=view.market,
        asset_id=view.token,
        timestamp=ms_text(view.at),
        bids=[Level(spell(price), spell(size)) for price, size in view.bids],
        asks=[Level(spell(price), spell(size)) for price, size in view.asks],
        min_order_size=spell(market.min_size),
        tick_size=spell(market.tick),
        neg_risk=market.neg_risk,
        last_trade_price=last_trade(market, view.token),
    )
    summary.hash = book_hash(summary)
    return summary


def placed(placement: Placement, with_hashes: bool = False) -> OrderAnswer:
    """An accepted order's answer; amounts are empty when nothing matched. Hashes were part of it until July 2026."""
    answer = OrderAnswer(orderID=placement.order, status=placement.status)
    if placement.trades:
        answer.makingAmount, answer.takingAmount = spell(placement.making), spell(placement.taking)
        answer.tradeIDs = list(placement.trades)
        if with_hashes:
            answer.transactionsHashes = [transaction_of(trade) for trade in placement.trades]
    return answer


def open_order(order: Order, market: Market | None) -> OpenOrder:
    """A resting order as REST lists it."""
    new = order.new
    return OpenOrder(
        id=new.id,
        status=str(order.status),
        owner=new.owner,
        maker_address=new.maker,
        market=order.market,
        asset_id=new.token,
        side=str(new.side),
        original_size=spell(new.size),
        size_matched=spell(order.matched),
        price=spell(new.price),
        outcome=outcome(market, new.token),
        expiration=_expiration(new.expires_at),
        order_type=str(new.type),
        associate_trades=list(order.trades),
        created_at=int(order.created_at) // SECOND,
    )


def order_event(order: Order, kind: str, market: Market | None, at: MarketNs) -> OrderEvent:
    """What became of an order, as the user channel says it."""
    new = order.new
    return OrderEvent(
        id=new.id,
        owner=new.owner,
        market=order.market,
        asset_id=new.token,
        side=str(new.side),
        order_owner=new.owner,
        original_size=spell(new.size),
        size_matched=spell(order.matched),
        price=spell(new.price),
        associate_trades=list(order.trades) or None,
        outcome=outcome(market, new.token),
        type=kind,
        created_at=s_text(order.created_at),
        expiration=_expiration(new.expires_at),
        order_type=str(new.type),
        status=order.status_text,
        maker_address=new.maker,
        timestamp=ms_text(at),
    )


def trade_row(trade: Trade, owner: str, market: Market | None) -> TradeRow:
    """A match as REST lists it for one of its parties; the status has its prefix there."""
    return TradeRow(
        id=trade.id,
        taker_order_id=trade.taker_order,
        market=trade.market,
        asset_id=trade.token,
        side=str(trade.side),
        size=spell(trade.size),
        price=spell(trade.price),
        status=f"TRADE_STATUS_{trade.status}",
        match_time=s_text(trade.matched_at),
        match_time_nano=str(int(trade.matched_at)),
        last_update=s_text(trade.updated_at),
        outcome=outcome(market, trade.token),
        owner=trade.taker_owner or NOBODY,
        maker_address=trade.taker_maker or NO_ADDRESS,
        transaction_hash=trade.transaction_hash,
        maker_orders=[_maker_order(leg, market) for leg in trade.legs],
        trader_side="TAKER" if trade.taker_owner == owner else "MAKER",
    )


def trade_event(trade: Trade, owner: str, market: Market | None) -> TradeEvent:
    """A step of a match, as the user channel says it to one of its parties; the status is bare there."""
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
        maker_orders=[_maker_order(leg, market) for leg in trade.legs],
        trader_side="TAKER" if trade.taker_owner == owner else "MAKER",
        timestamp=str(int(trade.updated_at) // MS),
    )


def _maker_order(leg: MakerLeg, market: Market | None) -> MakerOrder:
    return MakerOrder(
        order_id=leg.order,
        owner=leg.owner or NOBODY,
        maker_address=leg.maker or NO_ADDRESS,
        matched_amount=spell(leg.size),
        price=spell(leg.price),
        asset_id=leg.token,
        outcome=outcome(market, leg.token),
        side=str(leg.side),
    )


def _expiration(at: MarketNs | None) -> str:
    return "0" if at is None else s_text(at)
