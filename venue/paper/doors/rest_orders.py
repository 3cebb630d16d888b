"""Orders over REST: place one or several, take them back (VENUE §3.5, §3.6, §4.1, §8).

Assumed: a call is judged in this order: its key, its body, the venue's mode, the signer's limits, its orders.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from messages.values import MarketId, OrderId, TokenId
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.keys import Keys
from venue.paper.doors.limits import SignerLimits
from venue.paper.doors.request import Answer, Headers, Request, Routes, refuse
from venue.paper.doors.signatures import Signatures
from venue.paper.doors.spelling import placed
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.ledger.ledger import ApiKey
from venue.wire import errors
from venue.wire.numbers import WireError
from venue.wire.orders import (
    MAX_CANCELED,
    MAX_PLACED,
    CancelAnswer,
    CancelMarket,
    CancelOne,
    OrderAnswer,
    OrderRequest,
    decode_request,
    decode_requests,
    encode,
    is_order_id,
    is_v1,
)

Body = TypeVar("Body")

_cancel_one = msgspec.json.Decoder(CancelOne)
_cancel_ids = msgspec.json.Decoder(list[str])
_cancel_market = msgspec.json.Decoder(CancelMarket)


class OrderDoor:
    """Every call needs a key; what a key may touch is its own."""

    def __init__(
        self, exchange: Exchange, keys: Keys, signatures: Signatures, limits: SignerLimits, dialect: Dialect
    ) -> None:
        self._exchange = exchange
        self._keys = keys
        self._signatures = signatures
        self._limits = limits
        self._dialect = dialect

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("POST", "/order"): self.place,
            ("POST", "/orders"): self.place_several,
            ("DELETE", "/order"): self.cancel,
            ("DELETE", "/orders"): self.cancel_several,
            ("DELETE", "/cancel-all"): self.cancel_all,
            ("DELETE", "/cancel-market-orders"): self.cancel_market,
        }

    def place(self, request: Request) -> Answer:
        """POST /order."""
        key = self._keys.check(request)
        try:
            order = decode_request(request.body)
        except WireError as error:
            raise _unreadable(request.body) from error
        self._exchange.modes.check_place(order.postOnly)
        headers = self._limits.charge_orders(key.address, 1)
        return _with(headers, lambda: Answer(encode(self._place(order, key))))

    def place_several(self, request: Request) -> Answer:
        """POST /orders: each leg is taken or refused by itself, in the order of the request."""
        key = self._keys.check(request)
        try:
            orders = decode_requests(request.body)
        except WireError as error:
            raise _unreadable(request.body) from error
        if not orders:
            raise Refused(errors.INVALID_ORDER_PAYLOAD)
        if len(orders) > MAX_PLACED:
            raise Refused(errors.TOO_MANY_ORDERS.format(count=len(orders), most=MAX_PLACED))
        self._exchange.modes.check_place(post_only=True)
        headers = self._limits.charge_orders(key.address, len(orders))
        return _with(headers, lambda: Answer(encode([self._place_leg(order, key) for order in orders])))

    def cancel(self, request: Request) -> Answer:
        """DELETE /order."""
        key = self._keys.check(request)
        wanted = _body(_cancel_one, request.body).orderID
        if not is_order_id(wanted):
            raise Refused(errors.INVALID_ORDER_ID)
        return self._cancel(key, [wanted])

    def cancel_several(self, request: Request) -> Answer:
        """DELETE /orders: an id that is none cannot be found either."""
        key = self._keys.check(request)
        wanted = _body(_cancel_ids, request.body)
        if len(wanted) > MAX_CANCELED:
            raise Refused(errors.TOO_MANY_CANCELS.format(most=MAX_CANCELED))
        return self._cancel(key, wanted)

    def cancel_all(self, request: Request) -> Answer:
        """DELETE /cancel-all."""
        return self._cancel_where(self._keys.check(request), None, None)

    def cancel_market(self, request: Request) -> Answer:
        """DELETE /cancel-market-orders; what the body leaves out stands for any."""
        key = self._keys.check(request)
        which = _body(_cancel_market, request.body or b"{}")
        return self._cancel_where(
            key,
            MarketId(which.market) if which.market else None,
            TokenId(which.asset_id) if which.asset_id else None,
        )

    def _place(self, order: OrderRequest, key: ApiKey) -> OrderAnswer:
        placement = self._exchange.place(self._signatures.verified(order, key))
        return placed(placement, self._dialect.hashes_in_answers)

    def _place_leg(self, order: OrderRequest, key: ApiKey) -> OrderAnswer:
        try:
            self._exchange.modes.check_place(order.postOnly)
            return self._place(order, key)
        except Refused as no:
            return OrderAnswer(errorMsg=no.text)

    def _cancel(self, key: ApiKey, wanted: Sequence[str]) -> Answer:
        self._exchange.modes.check_cancel()
        headers = self._limits.charge_cancels(key.address, len(wanted))
        canceled, others = self._exchange.cancel(key.key, [OrderId(order) for order in wanted])
        not_canceled = {str(order): why for order, why in others.items()}
        return Answer(encode(CancelAnswer(canceled=[*canceled], not_canceled=not_canceled)), headers=headers)

    def _cancel_where(self, key: ApiKey, market: MarketId | None, token: TokenId | None) -> Answer:
        """Everything of a key that fits; it costs one token more than there are orders."""
        self._exchange.modes.check_cancel()
        count = len(self._exchange.open_orders(key.key, market=market, token=token))
        headers = self._limits.charge_cancels(key.address, 1 + count)
        canceled = self._exchange.cancel_market(key.key, market, token)
        return Answer(encode(CancelAnswer(canceled=[*canceled])), headers=headers)


def _with(headers: Headers, answer: Callable[[], Answer]) -> Answer:
    """What was counted says so, refused or not."""
    try:
        said = answer()
    except Refused as no:
        said = refuse(no)
    return said._replace(headers=(*said.headers, *headers))


def _body(decoder: msgspec.json.Decoder[Body], body: bytes) -> Body:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(errors.INVALID_ORDER_PAYLOAD) from error


def _unreadable(body: bytes) -> Refused:
    return Refused(errors.V1_ORDER if is_v1(body) else errors.INVALID_ORDER_PAYLOAD)
