"""From fills to trades: who pays whom at the match. What the chain makes of it comes later (see `chain`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby

import msgspec

from messages.values import MICRO, MarketNs, Money, OrderId, Price, Side, Size, TokenId, TradeId
from venue.paper.engine.accounts import HOUSE, Accounts
from venue.paper.engine.admission import taker_fee
from venue.paper.engine.book import Fill
from venue.paper.engine.funds import Funds
from venue.paper.engine.terms import MakerLeg, Market, NewOrder, TokenSide, Trade, TradeStatus


class Taker(msgspec.Struct, frozen=True, kw_only=True):
    """The side of a match that came later: an account's order or the background."""

    order: OrderId
    owner: str
    maker: str
    token: TokenId
    side: TokenSide
    pays_fee: bool


def yes_terms(market: Market, token: TokenId, side: TokenSide, price: Price) -> tuple[Side, Price]:
    """Where an order stands in the one book, which is kept in YES terms."""
    buys_yes = (side is TokenSide.BUY) == (token == market.yes)
    own = Price(MICRO - price) if token != market.yes else price
    return (Side.BID if buys_yes else Side.ASK), own


def token_price(market: Market, token: TokenId, yes_price: Price) -> Price:
    """A YES price in a token's own terms."""
    return yes_price if token == market.yes else Price(MICRO - yes_price)


def taker_of(new: NewOrder) -> Taker:
    """An account's order as the taker."""
    return Taker(
        order=new.id, owner=new.owner, maker=new.maker, token=new.token, side=new.side, pays_fee=True
    )


def background_taker(market: Market, side: Side) -> Taker:
    """A recording or the crowd as the taker; it deals in YES, and its order gets its id at the match."""
    action = TokenSide.BUY if side is Side.BID else TokenSide.SELL
    return Taker(order=OrderId(""), owner=HOUSE, maker=HOUSE, token=market.yes, side=action, pays_fee=False)


def digest(*parts: object) -> str:
    """A made-up hash with the looks of the chain's: 0x and 64 hex digits."""
    return "0x" + hashlib.blake2b(":".join(map(str, parts)).encode(), digest_size=32).hexdigest()


def transaction_of(trade: TradeId) -> str:
    """The transaction that settles a trade."""
    return digest("transaction", trade)


class Settlement:
    """Moves balances at the match. Dollars are whole millionths and none is lost: what YES gets, NO lacks.

    The taker's fee is counted for each trade, which is one price; assumed, since the venue does not say whether it
    is that, one leg or the whole order (VENUE §7.3). Trades are numbered through, across restarts.
    """

    def __init__(self, accounts: Accounts, funds: Funds, made: int) -> None:
        self._accounts = accounts
        self._funds = funds
        self._made = made

    def match(self, market: Market, taker: Taker, fills: Sequence[Fill], at: MarketNs) -> list[Trade]:
        """One trade for each price of the fills, in their order; every balance has moved on return."""
        if not taker.order:
            taker = msgspec.structs.replace(taker, order=OrderId(digest("taker", self._made)))
        trades = list[Trade]()
        for price, group in groupby(fills, key=lambda fill: fill.price):
            trades.append(self._match(market, taker, price, list(group), at))
        return trades

    def _match(self, market: Market, taker: Taker, price: Price, fills: list[Fill], at: MarketNs) -> Trade:
        self._made += 1
        trade = trade_id(self._made, taker.order)
        legs = tuple(_leg(market, taker, fill, f"{trade}:{n}") for n, fill in enumerate(fills))
        size = sum(fill.size for fill in fills)
        dollars = sum(_own(market, taker.token, fill.size, _in_yes(price, fill.size)) for fill in fills)
        made = Trade(
            id=trade,
            market=market.id,
            token=taker.token,
            taker_order=taker.order,
            taker_owner=taker.owner,
            taker_maker=taker.maker,
            side=taker.side,
            price=token_price(market, taker.token, price),
            size=Size(size),
            dollars=Money(dollars),
            fee=Money(self._fee(market, taker, price, size, dollars)),
            legs=legs,
            matched_at=at,
            status=TradeStatus.MATCHED,
            updated_at=at,
        )
        self._accounts.match(made)
        return made

    def _fee(self, market: Market, taker: Taker, price: Price, size: int, dollars: int) -> int:
        """Never more than what is there: a buyer's last millionths are not worth a debt."""
        if not (taker.pays_fee and market.fee_rate):
            return 0
        fee = taker_fee(market.fee_rate, price, size)
        if taker.side is TokenSide.SELL:
            return min(fee, dollars)
        return max(0, min(fee, self._funds.free(taker.maker, market.id) - dollars))


def trade_id(number: int, taker_order: OrderId) -> TradeId:
    """A trade's name: the same numbers of the same orders give the same names."""
    mark = hashlib.blake2b(f"trade:{number}:{taker_order}".encode(), digest_size=16).hexdigest()
    variant = "89ab"[int(mark[16], 16) & 3]
    return TradeId(f"{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-{variant}{mark[17:20]}-{mark[20:]}")


def _in_yes(price: Price, size: int) -> int:
    return price * size // MICRO


def _own(market: Market, token: TokenId, size: int, in_yes: int) -> int:
    """Dollars for a size of a token when the same size of YES costs `in_yes`."""
    return in_yes if token == market.yes else size - in_yes


def _leg(market: Market, taker: Taker, fill: Fill, name: str) -> MakerLeg:
    resting, in_yes = fill.resting, _in_yes(fill.price, fill.size)
    if resting is None:
        other = TokenSide.SELL if taker.side is TokenSide.BUY else TokenSide.BUY
        return MakerLeg(
            order=OrderId(digest("maker", name)),
            owner=HOUSE,
            maker=HOUSE,
            token=taker.token,
            side=other,
            price=token_price(market, taker.token, fill.price),
            size=Size(fill.size),
            dollars=Money(_own(market, taker.token, fill.size, in_yes)),
        )
    new = resting.order.new
    return MakerLeg(
        order=new.id,
        owner=new.owner,
        maker=new.maker,
        token=new.token,
        side=new.side,
        price=new.price,
        size=Size(fill.size),
        dollars=Money(_own(market, new.token, fill.size, in_yes)),
    )
