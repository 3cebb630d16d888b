"""The user channel at /ws/user: an account's own orders and trades, as they happen (VENUE §5.5)."""

from __future__ import annotations

from messages.values import MarketId
from venue.paper.doors.connection import POLICY, Connection
from venue.paper.doors.keys import Keys
from venue.paper.doors.listening import Listening
from venue.paper.doors.user_events import order_event, trade_event
from venue.paper.doors.wall import Wall
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Order, Trade
from venue.paper.faults.fault import Subject
from venue.paper.faults.script import Script
from venue.wire.numbers import WireError
from venue.wire.user_channel import UserSubscribe, decode_user_subscribe, encode_user_frame


class _Client:
    """A connection with whose events it gets, and of which markets."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.owner = ""
        self.markets: set[MarketId] | None = None
        """None: all of them."""


class UserSocket(Listening):
    """Nothing is said before the credentials were right; wrong ones close the connection."""

    def __init__(self, exchange: Exchange, keys: Keys, wall: Wall, faults: Script) -> None:
        self._exchange = exchange
        self._keys = keys
        self._wall = wall
        self._faults = faults
        self._clients: dict[str, dict[_Client, None]] = {}
        exchange.listen(self)

    async def serve(self, connection: Connection) -> None:
        """One client, from its credentials to its last frame."""
        client = _Client(connection)
        try:
            await connection.serve(lambda text: self._hear(client, text))
        finally:
            self._forget(client)

    # -- what clients say

    def _hear(self, client: _Client, text: str) -> None:
        try:
            asked = decode_user_subscribe(text)
        except WireError:
            if not client.owner:
                client.connection.close(POLICY)
            return
        if not client.owner:
            self._log_in(client, asked)
        elif asked.operation in ("subscribe", "unsubscribe"):
            _change_markets(client, asked)

    def _log_in(self, client: _Client, asked: UserSubscribe) -> None:
        auth = asked.auth
        key = self._keys.login(auth.apiKey, auth.secret, auth.passphrase) if auth else None
        if key is None:
            client.connection.close(POLICY)
            return
        client.owner = key.key
        client.connection.owners = (key.key, key.address)
        client.markets = {MarketId(market) for market in asked.markets} if asked.markets else None
        self._clients.setdefault(client.owner, {})[client] = None

    def _forget(self, client: _Client) -> None:
        clients = self._clients.get(client.owner, {})
        clients.pop(client, None)
        if not clients:
            self._clients.pop(client.owner, None)

    # -- what the engine says

    def order_changed(self, order: Order, kind: str) -> None:
        """To the order's owner."""
        owner = order.new.owner
        if owner in self._clients:
            market = self._exchange.market(order.market)
            event = order_event(order, kind, market, self._wall.ms_text(self._exchange.now))
            self._tell(owner, Subject("user", kind, order.market, order.new.token), encode_user_frame(event))

    def trade_changed(self, trade: Trade) -> None:
        """To the taker, and to every maker who is not the taker, once each."""
        owners = dict.fromkeys([trade.taker_owner, *(leg.owner for leg in trade.legs)])
        for owner in owners:
            if owner in self._clients:
                market = self._exchange.market(trade.market)
                event = trade_event(trade, owner, market, self._wall.ms_text(trade.updated_at))
                self._tell(owner, Subject("user", "TRADE", trade.market), encode_user_frame(event))

    def _tell(self, owner: str, subject: Subject, frame: str) -> None:
        for client in self._clients[owner]:
            if client.markets is None or subject.market in client.markets:
                if self._faults.touches_frames:
                    self._faults.deliver(client.connection, subject, frame)
                else:
                    client.connection.send(frame)


def _change_markets(client: _Client, asked: UserSubscribe) -> None:
    """More markets or fewer; one who gets all of them keeps getting all."""
    if client.markets is None:
        return
    markets = {MarketId(market) for market in asked.markets or ()}
    if asked.operation == "subscribe":
        client.markets |= markets
    else:
        client.markets -= markets
