"""The engine's terms in the wire's words."""

from __future__ import annotations

from functools import lru_cache

from messages.values import MICRO, SECOND, MarketNs, Price, TokenId
from venue.paper.engine.settlement import digest, transaction_of
from venue.paper.engine.terms import BookView, MakerLeg, Market, Order, Placement, Trade
from venue.wire.market_channel import BookSummary, Level, book_hash
from venue.wire.numbers import ms_text, s_text, spell
from venue.wire.orders import MakerOrder, OpenOrder, OrderAnswer, TradeRow

NOBODY = "00000000-0000-0000-0000-000000000000"
"""The API key of the background's orders."""
NO_ADDRESS = "0x" + "00" * 20
BOOK_DECIMALS = 3


def outcome(market: Market | None, token: TokenId) -> str:
    """What a token is called: Yes or No, or Up or Down."""
    return "Yes" if market is None else market.outcomes[outcome_index(market, token)]


def outcome_index(market: Market | None, token: TokenId) -> int:
    """0 for YES."""
    return 0 if market is None or token == market.yes else 1


def question_id(market: Market) -> str:
    """The oracle's name of the question; those of a neg-risk event begin alike."""
    own = _named("question", market.id)
    return market.neg_risk_market[:-2] + own[-2:] if market.neg_risk_market else own


def neg_risk_request(market: Market) -> str:
    """The oracle's request of a neg-risk market, "" of any other."""
    return _named("request", market.id) if market.neg_risk else ""


_named = lru_cache(maxsize=8_192)(digest)


def token_price(market: Market, token: TokenId, yes_price: Price) -> Price:
    """A YES price in a token's own terms."""
    return yes_price if token == market.yes else Price(MICRO - yes_price)


def last_trade(market: Market, token: TokenId) -> str:
    """The last price anybody traded at, "" if nobody did."""
    return "" if market.last_trade is None else spell(token_price(market, token, market.last_trade))


def book_last_trade(market: Market) -> str:
    """The last price as books have it: of the taker's token, whichever book it is, with three decimals at least.

    No document says so; the venue's recorded books and their hashes do.
    """
    if market.last_print is None:
        return ""
    whole, _, fraction = spell(market.last_print).partition(".")
    return f"{whole}.{fraction.ljust(BOOK_DECIMALS, '0')}"


def last_side(market: Market, token: TokenId) -> str:
    """What the last taker did in a token's terms, "" if nobody traded."""
    if market.last_taker is None:
        return ""
    return str(market.last_taker if token == market.yes else market.last_taker.other)


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
        last_trade_price=book_last_trade(market),
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
        expiration=spelled_expiration(new.expires_at),
        order_type=str(new.type),
        associate_trades=list(order.trades),
        created_at=int(order.created_at) // SECOND,
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
        maker_orders=[maker_order(leg, market) for leg in trade.legs],
        trader_side="TAKER" if trade.taker_owner == owner else "MAKER",
    )


def maker_order(leg: MakerLeg, market: Market | None) -> MakerOrder:
    """One maker's part in a match."""
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


def spelled_expiration(at: MarketNs | None) -> str:
    """Epoch seconds, "0" for none."""
    return "0" if at is None else s_text(at)
