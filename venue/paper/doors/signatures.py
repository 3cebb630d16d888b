"""From a signed order body to an order of the engine: who signed it, for whose money, at what price and size."""

from __future__ import annotations

from decimal import Decimal

from messages.values import MICRO, SECOND, MarketNs, OrderId, Price, Size, TokenId
from venue.paper.doors.amounts import check_amounts
from venue.paper.doors.wallets import DEPOSIT, EOA, TYPES, Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, NewOrder, OrderType, Refused, TokenSide
from venue.paper.ledger.ledger import ApiKey
from venue.wire import errors
from venue.wire.eip712 import (
    ZERO_BYTES32,
    OrderFields,
    address_bytes,
    checksummed,
    domain_of,
    hex_bytes,
    order_digest,
    recover,
    wrapped_signer,
)
from venue.wire.numbers import WireError, spell
from venue.wire.orders import OrderRequest, signed_fields

MAX_EXPIRATION_S = 1 << 33
"""A later expiration than the year 2242 is no date."""
MAX_AMOUNT = 1 << 62


class Signatures:
    """Checks what the engine takes for granted."""

    def __init__(self, exchange: Exchange, wallets: Wallets) -> None:
        self._exchange = exchange
        self._wallets = wallets

    def verified(self, request: OrderRequest, key: ApiKey) -> NewOrder:
        """The order, if its owner, signer and signature are right. Raises Refused in the venue's words."""
        order = request.order
        if request.owner != key.key:
            raise Refused(errors.WRONG_OWNER)
        try:
            fields, signature = signed_fields(order), hex_bytes(order.signature)
        except WireError as error:
            raise Refused(errors.INVALID_ORDER_PAYLOAD) from error
        if fields.signature_type not in TYPES:
            raise Refused(errors.INVALID_SIGNATURE_TYPE)
        market = self._exchange.market_of(TokenId(order.tokenId))
        if market is None:
            raise Refused(errors.INVALID_TOKEN)
        digest = _check_signer(fields, signature, domain_of(market.neg_risk), address_bytes(key.address))
        maker = checksummed(fields.maker)
        self._wallets.check(maker, key.address, fields.signature_type, TokenSide(order.side))
        if fields.signature_type != EOA:
            self._wallets.bind(maker, fields.signature_type, key.address)
        return self._new_order(request, fields, market, OrderId("0x" + digest.hex()), maker)

    def _new_order(
        self, request: OrderRequest, fields: OrderFields, market: Market, order: OrderId, maker: str
    ) -> NewOrder:
        buys = request.order.side == "BUY"
        dollars, shares = (
            (fields.maker_amount, fields.taker_amount) if buys else (fields.taker_amount, fields.maker_amount)
        )
        if not 0 < dollars < MAX_AMOUNT or not 0 < shares < MAX_AMOUNT:
            raise Refused(errors.INVALID_ORDER_PAYLOAD)
        check_amounts(request, market.tick)
        kind = OrderType(request.orderType)
        is_market_buy = buys and kind in (OrderType.FOK, OrderType.FAK)
        return NewOrder(
            id=order,
            owner=request.owner,
            maker=maker,
            token=TokenId(request.order.tokenId),
            side=TokenSide.BUY if buys else TokenSide.SELL,
            price=price_of(order, dollars, shares, market.tick, is_market_buy),
            size=Size(shares),
            type=kind,
            post_only=request.postOnly,
            expires_at=_expiration(request.order.expiration),
            builder="" if request.order.builder == ZERO_BYTES32 else request.order.builder.lower(),
        )


def price_of(order: OrderId, dollars: int, shares: int, tick: Price, is_market_buy: bool) -> Price:
    """The limit price that two amounts in millionths mean. Raises Refused where they mean none.

    A market BUY states whole cents and as many shares as they buy, cut to the decimals the client keeps, so
    the price comes out a hair above the grid; the venue takes it for the price on the grid.
    """
    price, rest = divmod(dollars * MICRO, shares)
    if is_market_buy and (rest or price % tick):
        on_grid = price - price % tick
        if dollars * MICRO - on_grid * shares <= on_grid * _amount_unit(tick):
            return Price(on_grid)
    if rest:
        exact = (Decimal(dollars) / Decimal(shares)).quantize(Decimal(1).scaleb(-12))
        raise Refused(errors.TICK_RULE.format(id=order, price=exact.normalize(), tick=spell(tick)))
    return Price(price)


def _amount_unit(tick: Price) -> int:
    """Millionths of a share to which the client cuts a market BUY's shares (VENUE §3.3)."""
    decimals = len(spell(tick).partition(".")[2])
    return int(10 ** max(0, 4 - decimals))


def _check_signer(fields: OrderFields, signature: bytes, domain: bytes, owner: bytes) -> bytes:
    """The order's digest, if the key's owner signed it. Raises Refused."""
    is_deposit = fields.signature_type == DEPOSIT
    if fields.signer != (fields.maker if is_deposit else owner):
        raise Refused(errors.WRONG_SIGNER)
    if fields.signature_type == EOA and fields.maker != owner:
        raise Refused(errors.INVALID_SIGNATURE)
    try:
        digest = order_digest(fields, domain)
        signed_by = wrapped_signer(fields, domain, signature) if is_deposit else recover(digest, signature)
    except WireError as error:
        raise Refused(errors.INVALID_SIGNATURE) from error
    if signed_by != owner:
        raise Refused(errors.INVALID_SIGNATURE)
    return digest


def _expiration(text: str) -> MarketNs | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise Refused(errors.INVALID_ORDER_PAYLOAD)
    seconds = int(text)
    if seconds > MAX_EXPIRATION_S:
        raise Refused(errors.INVALID_EXPIRATION)
    return MarketNs(seconds * SECOND) if seconds else None
