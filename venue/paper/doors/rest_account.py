"""An account over REST: keys, balances, open orders, trades, heartbeats (VENUE §2, §4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from messages.values import MarketId, OrderId, TokenId, TradeId
from venue.paper.doors.heartbeat import Heartbeats, WrongHeartbeat
from venue.paper.doors.keys import Keys
from venue.paper.doors.request import Answer, Request, Routes, page_start, whole
from venue.paper.doors.spelling import open_order, trade_row
from venue.paper.doors.wallets import TYPES, Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.modes import Mode
from venue.paper.engine.terms import Refused
from venue.paper.ledger.ledger import ApiKey
from venue.wire import errors
from venue.wire.accounts import BalanceAllowance, HeartbeatAnswer, decode_heartbeat
from venue.wire.eip712 import address_bytes
from venue.wire.numbers import WireError
from venue.wire.orders import LAST_PAGE, OpenOrder, Page, TradeRow, cursor

Row = TypeVar("Row")

PAGE = 100
_NULL = Answer(b"null")


class AccountDoor:
    """What a key's owner may read, and the few things to say that are no orders."""

    def __init__(self, exchange: Exchange, keys: Keys, wallets: Wallets, heartbeats: Heartbeats) -> None:
        self._exchange = exchange
        self._keys = keys
        self._wallets = wallets
        self._heartbeats = heartbeats

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("POST", "/auth/api-key"): lambda request: _json(self._keys.create(request)),
            ("GET", "/auth/derive-api-key"): lambda request: _json(self._keys.derive(request)),
            ("GET", "/auth/api-keys"): self.api_keys,
            ("DELETE", "/auth/api-key"): self.delete_key,
            ("GET", "/auth/ban-status/closed-only"): self.closed_only,
            ("GET", "/balance-allowance"): self.balance,
            ("GET", "/balance-allowance/update"): self.update_balance,
            ("GET", "/data/orders"): self.open_orders,
            ("GET", "/data/order/*"): self.order,
            ("GET", "/data/trades"): self.trades,
            ("GET", "/data/pre-migration-orders"): self.old_orders,
            ("POST", "/v1/heartbeats"): self.heartbeat,
            ("POST", "/heartbeats"): self.plain_heartbeat,
        }

    def api_keys(self, request: Request) -> Answer:
        """GET /auth/api-keys: the asker's address's keys."""
        key = self._keys.check(request)
        return _json({"apiKeys": self._keys.of(key.address)})

    def delete_key(self, request: Request) -> Answer:
        """DELETE /auth/api-key."""
        self._keys.delete(self._keys.check(request))
        return Answer(b'"OK"')

    def closed_only(self, request: Request) -> Answer:
        """GET /auth/ban-status/closed-only."""
        key = self._keys.check(request)
        return _json({"closed_only": self._wallets.is_closed_only(key.address)})

    def balance(self, request: Request) -> Answer:
        """GET /balance-allowance. A wallet nobody has traded for yet shows what it will be given."""
        wallet, token = self._asset(self._keys.check(request), request)
        bank = self._exchange.bank
        if wallet is not None:
            amount = bank.shown(wallet, token)
        else:
            amount = int(self._wallets.first_funds()) if token is None else 0
        allowances = {
            spender: str(allowed) for spender, allowed in bank.allowances(wallet or "", token).items()
        }
        return _json(BalanceAllowance(balance=str(amount), allowances=allowances))

    def update_balance(self, request: Request) -> Answer:
        """GET /balance-allowance/update: the balance is read from the chain; the answer is empty as the venue's."""
        wallet, token = self._asset(self._keys.check(request), request)
        if wallet is not None:
            self._exchange.bank.refresh(wallet, token)
        return Answer(b"", content_type=b"text/plain")

    def open_orders(self, request: Request) -> Answer:
        """GET /data/orders, oldest first."""
        key = self._keys.check(request)
        self._check_engine()
        asked = request.query()
        orders = self._exchange.open_orders(
            key.key,
            market=MarketId(asked["market"]) if asked.get("market") else None,
            token=TokenId(asked["asset_id"]) if asked.get("asset_id") else None,
            id=OrderId(asked["id"]) if asked.get("id") else None,
        )
        page, next_cursor = page_of(orders, asked.get("next_cursor", ""))
        rows = [open_order(order, self._exchange.market(order.market)) for order in page]
        return _json(Page[OpenOrder](limit=PAGE, next_cursor=next_cursor, count=len(rows), data=rows))

    def order(self, request: Request) -> Answer:
        """GET /data/order/{id}: an order while it rests, null afterwards."""
        key = self._keys.check(request)
        self._check_engine()
        if len(request.tail) != 66 or not request.tail.startswith("0x"):
            raise Refused(errors.INVALID_ORDER_ID)
        found = self._exchange.order(key.key, OrderId(request.tail))
        return _NULL if found is None else _json(open_order(found, self._exchange.market(found.market)))

    def trades(self, request: Request) -> Answer:
        """GET /data/trades, oldest first; `before` and `after` are epoch seconds."""
        key = self._keys.check(request)
        asked = request.query()
        if not self._is_own(asked.get("maker_address", ""), key):
            return _json(Page[TradeRow]())
        trades = self._exchange.trades(
            key.key,
            id=TradeId(asked["id"]) if asked.get("id") else None,
            market=MarketId(asked["market"]) if asked.get("market") else None,
            token=TokenId(asked["asset_id"]) if asked.get("asset_id") else None,
            before_s=_seconds(asked.get("before", "")),
            after_s=_seconds(asked.get("after", "")),
        )
        page, next_cursor = page_of(trades, asked.get("next_cursor", ""))
        rows = [trade_row(trade, key.key, self._exchange.market(trade.market)) for trade in page]
        return _json(Page[TradeRow](limit=PAGE, next_cursor=next_cursor, count=len(rows), data=rows))

    def old_orders(self, request: Request) -> Answer:
        """GET /data/pre-migration-orders: this venue has no past without today's orders."""
        self._keys.check(request)
        page_of([], request.query().get("next_cursor", ""))
        return _json(Page[OpenOrder](limit=PAGE))

    def heartbeat(self, request: Request) -> Answer:
        """POST /v1/heartbeats: 400 names the id that was expected."""
        key = self._keys.check(request)
        try:
            sent = decode_heartbeat(request.body or b"{}").heartbeat_id or ""
        except WireError as error:
            raise Refused(errors.INVALID_PAYLOAD) from error
        try:
            answer = HeartbeatAnswer(heartbeat_id=self._heartbeats.beat(key.key, sent))
        except WrongHeartbeat as wrong:
            words = errors.INVALID_HEARTBEAT
            answer = HeartbeatAnswer(error=words, error_msg=words, heartbeat_id=wrong.expected)
            return _json(answer, 400)
        return _json(answer)

    def plain_heartbeat(self, request: Request) -> Answer:
        """POST /heartbeats, the call before there were ids."""
        self._heartbeats.beat_plainly(self._keys.check(request).key)
        return Answer(b'{"status":"ok"}')

    def _check_engine(self) -> None:
        """An engine that restarts shows no orders either. Raises Refused."""
        if self._exchange.modes.mode is Mode.RESTART:
            self._exchange.modes.check_cancel()

    def _asset(self, key: ApiKey, request: Request) -> tuple[str | None, TokenId | None]:
        """The wallet and the token (None: collateral) a balance call is about. Raises Refused."""
        asked = request.query()
        kind = asked.get("signature_type") or "0"
        if kind not in map(str, TYPES):
            raise Refused(errors.INVALID_SIGNATURE_TYPE)
        wallet = self._wallets.of(key.address, int(kind))
        match asked.get("asset_type"):
            case "COLLATERAL":
                return wallet, None
            case "CONDITIONAL":
                token = TokenId(asked.get("token_id", ""))
                if self._exchange.market_of(token) is None:
                    raise Refused(errors.INVALID_TOKEN)
                return wallet, token
            case _:
                raise Refused(errors.INVALID_ASSET_TYPE)

    def _is_own(self, maker: str, key: ApiKey) -> bool:
        """Whether a maker filter leaves anything: it may name the asker's address or one of its wallets."""
        if not maker:
            return True
        try:
            wanted = address_bytes(maker)
        except WireError as error:
            raise Refused("Invalid maker_address") from error
        return any(address_bytes(wallet) == wanted for wallet in self._wallets.all_of(key.address))


def page_of(rows: Sequence[Row], start_cursor: str, size: int = PAGE) -> tuple[Sequence[Row], str]:
    """One page and the cursor of the next. Raises Refused for a cursor that is none."""
    start = page_start(start_cursor)
    end = start + size
    return rows[start:end], cursor(end) if end < len(rows) else LAST_PAGE


def _seconds(text: str) -> int | None:
    return whole(text, errors.INVALID_TRADE_PARAMS, 1 << 33) if text else None


def _json(value: object, status: int = 200) -> Answer:
    return Answer(msgspec.json.encode(value), status)
