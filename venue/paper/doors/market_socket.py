"""The market channel at /ws/market: books, their changes and prints, to whoever subscribed (VENUE §5.1 to §5.4).

Assumed: `level` makes no difference; a print goes to the subscribers of either token, as a change does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from messages.values import MICRO, MarketId, MarketNs, Price, Size, TokenId
from venue.paper.doors.announcements import market_resolved, new_market
from venue.paper.doors.book_mirror import BookMirror
from venue.paper.doors.connection import Connection
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.listening import Listening
from venue.paper.doors.registry import Registry
from venue.paper.doors.wall import Wall
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, TokenSide
from venue.paper.faults.fault import Subject
from venue.paper.faults.script import Script
from venue.wire import market_channel as wire
from venue.wire.market_channel import decode_subscribe, encode_frame
from venue.wire.numbers import WireError, micro, spell


class _Client:
    """A connection with what it subscribed to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tokens: dict[TokenId, Market] = {}
        self.wants_extras = False
        self.was_told = False


Clients = dict[_Client, None]
"""In the order in which they came, so that a script of faults meets them in the same order each time."""


class MarketSocket(Listening):
    """Makes frames only for tokens somebody subscribed to, each once, whoever gets it."""

    def __init__(
        self,
        exchange: Exchange,
        wall: Wall,
        faults: Script,
        dialect: Dialect,
        registry: Registry,
    ) -> None:
        self._exchange = exchange
        self._wall = wall
        self._faults = faults
        self._dialect = dialect
        self._registry = registry
        self._clients: Clients = {}
        self._audience: dict[TokenId, Clients] = {}
        self._mirrors: dict[MarketId, BookMirror] = {}
        self._listed = {market.id for market in exchange.markets}
        self._resolved = {market.id for market in exchange.markets if market.resolved}
        self._is_refresh_due = False
        exchange.listen(self)

    async def serve(self, connection: Connection) -> None:
        """One client, from its first frame to its last."""
        client = _Client(connection)
        self._clients[client] = None
        try:
            await connection.serve(lambda text: self._hear(client, text))
        finally:
            del self._clients[client]
            self._unsubscribe(client, list(client.tokens))

    # -- what clients say

    def _hear(self, client: _Client, text: str) -> None:
        """A frame of a client; what makes no sense is ignored, as at the venue."""
        try:
            asked = decode_subscribe(text)
        except WireError:
            return
        if asked.custom_feature_enabled is not None:
            client.wants_extras = asked.custom_feature_enabled
        tokens = [TokenId(token) for token in dict.fromkeys(asked.assets_ids)]
        if asked.operation == "unsubscribe":
            self._unsubscribe(client, tokens)
        elif asked.operation == "subscribe" or asked.type.lower() == "market":
            self._subscribe(client, tokens, asked.initial_dump is not False)

    def _subscribe(self, client: _Client, tokens: list[TokenId], wants_dump: bool) -> None:
        books = list[tuple[BookMirror, TokenId]]()
        for token in tokens:
            market = self._exchange.market_of(token)
            if market is None or token in client.tokens:
                continue
            mirror = self._mirror(market)
            client.tokens[token] = market
            self._audience.setdefault(token, {})[client] = None
            if not market.closed:
                books.append((mirror, token))
        if not tokens or not wants_dump or self._is_too_much(client):
            return
        self._dump(client, books)

    def _dump(self, client: _Client, books: list[tuple[BookMirror, TokenId]]) -> None:
        """The first frame of a connection is an array, even an empty one; later ones are single."""
        frames = [
            mirror.frame(token, self._stamp(mirror.changed_at), is_dump=True) for mirror, token in books
        ]
        if client.was_told:
            for (mirror, token), frame in zip(books, frames, strict=True):
                self._tell([client], frame, "book", mirror.market, token)
        elif books:
            self._tell([client], f"[{','.join(frames)}]", "book", books[0][0].market)
        else:
            client.connection.send("[]")
        client.was_told = True

    def _is_too_much(self, client: _Client) -> bool:
        most = self._dialect.dump_limit
        return bool(most) and len(client.tokens) > most

    def _unsubscribe(self, client: _Client, tokens: list[TokenId]) -> None:
        for token in tokens:
            market = client.tokens.pop(token, None)
            if market is None:
                continue
            audience = self._audience[token]
            del audience[client]
            if not audience:
                del self._audience[token]
                if market.other(token) not in self._audience:
                    self._mirrors.pop(market.id, None)

    def _mirror(self, market: Market) -> BookMirror:
        """The market's mirror, made from its book if nobody watched it before."""
        mirror = self._mirrors.get(market.id)
        if mirror is not None and mirror.is_stale:
            self.refresh()
        if mirror is None:
            view = self._exchange.book(market.yes)
            assert view is not None, "a listed market has a book"
            mirror = self._mirrors[market.id] = BookMirror(market, view)
        return mirror

    # -- what the engine says

    def wants(self, market: MarketId) -> bool:
        """Only of what somebody subscribed to."""
        return market in self._mirrors

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """One frame with both tokens' entries, to both tokens' subscribers."""
        mirror = self._mirrors.get(market.id)
        if mirror is None or mirror.is_stale:
            return
        before = mirror.top(market.yes)
        at = self._exchange.now
        mirror.put(yes_side, yes_price, size, at)
        stamp, is_buy = self._stamp(at), yes_side is TokenSide.BUY
        changes = [
            _change(mirror, market.yes, "BUY" if is_buy else "SELL", yes_price, size, stamp),
            _change(mirror, market.no, "SELL" if is_buy else "BUY", Price(MICRO - yes_price), size, stamp),
        ]
        frame = wire.PriceChange(market=market.id, price_changes=changes, timestamp=stamp)
        self._tell(self._watchers(market), encode_frame(frame), "price_change", market)
        if mirror.top(market.yes) != before:
            self._tell_tops(mirror, stamp)

    def book_replaced(self, market: Market) -> None:
        """Read it again as soon as the engine is done, and send it whole."""
        mirror = self._mirrors.get(market.id)
        if mirror is None:
            return
        mirror.is_stale = True
        if not self._is_refresh_due:
            self._is_refresh_due = True
            asyncio.get_running_loop().call_soon(self.refresh)

    def refresh(self) -> None:
        """Send the books that changed as a whole."""
        self._is_refresh_due = False
        for mirror in [mirror for mirror in self._mirrors.values() if mirror.is_stale]:
            view = self._exchange.book(mirror.market.yes)
            if view is not None:
                before = mirror.top(mirror.market.yes)
                mirror.reset(view)
                self._tell_books(mirror)
                if mirror.top(mirror.market.yes) != before:
                    self._tell_tops(mirror, self._stamp(mirror.changed_at))

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """The books it changed, whole; then the print, to whoever watches the market."""
        mirror = self._mirrors.get(market.id)
        if mirror is None:
            return
        if not mirror.is_stale and not mirror.is_told:
            self._tell_books(mirror)
        frame = wire.LastTradePrice(
            market=market.id,
            asset_id=token,
            price=spell(price),
            size=spell(size),
            side=str(taker_side),
            timestamp=self._stamp(self._exchange.now),
            transaction_hash=transaction,
        )
        self._tell(self._watchers(market), encode_frame(frame), "last_trade_price", market, token)

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """For both tokens; each is told twice, where the dialect has that."""
        stamp = self._stamp(self._exchange.now)
        for token in (market.yes, market.no) * (2 if self._dialect.tick_change_twice else 1):
            if token in self._audience:
                frame = wire.TickSizeChange(
                    market=market.id,
                    asset_id=token,
                    old_tick_size=spell(old),
                    new_tick_size=spell(new),
                    timestamp=stamp,
                )
                self._tell(self._audience[token], encode_frame(frame), "tick_size_change", market, token)

    def market_changed(self, market: Market) -> None:
        """What is new or resolved goes to everybody who asked for extras, whatever they subscribed to."""
        stamp = self._stamp(self._exchange.now)
        if market.id not in self._listed:
            self._listed.add(market.id)
            self._announce(new_market(self._registry.of(market), stamp), market)
        elif market.resolved and market.id not in self._resolved:
            self._resolved.add(market.id)
            self._announce(market_resolved(self._registry.of(market), stamp), market)

    def market_retired(self, market: Market) -> None:
        """Nobody can watch it any more."""
        self._listed.discard(market.id)
        self._resolved.discard(market.id)
        for client in self._clients:
            self._unsubscribe(client, [token for token in (market.yes, market.no) if token in client.tokens])

    def _announce(self, news: wire.NewMarket | wire.MarketResolved, market: Market) -> None:
        keen = [client for client in self._clients if client.wants_extras]
        if keen:
            self._tell(keen, encode_frame(news), news.event_type, market)

    # -- frames

    def _watchers(self, market: Market) -> Iterable[_Client]:
        """The subscribers of either token, each once."""
        yes, no = self._audience.get(market.yes), self._audience.get(market.no)
        return {**yes, **no} if yes and no else yes or no or ()

    def _tell(
        self,
        audience: Iterable[_Client],
        frame: str,
        event: str,
        market: Market,
        token: TokenId | None = None,
    ) -> None:
        if not self._faults.touches_frames:
            for client in audience:
                client.connection.send(frame)
            return
        subject = Subject("market", event, market.id, token)
        for client in audience:
            self._faults.deliver(client.connection, subject, frame)

    def _tell_books(self, mirror: BookMirror) -> None:
        mirror.is_told = True
        for token in (mirror.market.yes, mirror.market.no):
            if token in self._audience:
                frame = mirror.frame(token, self._stamp(mirror.changed_at))
                self._tell(self._audience[token], frame, "book", mirror.market, token)

    def _tell_tops(self, mirror: BookMirror, stamp: str) -> None:
        market = mirror.market
        for token in (market.yes, market.no):
            audience = [client for client in self._audience.get(token, ()) if client.wants_extras]
            if audience:
                bid, ask = mirror.top(token)
                frame = wire.BestBidAsk(
                    market=market.id,
                    asset_id=token,
                    best_bid=bid,
                    best_ask=ask,
                    spread=spell(micro(ask) - micro(bid)),
                    timestamp=stamp,
                )
                self._tell(audience, encode_frame(frame), "best_bid_ask", market, token)

    def _stamp(self, at: MarketNs) -> str:
        return self._wall.ms_text(at)


def _change(
    mirror: BookMirror, token: TokenId, side: str, price: Price, size: Size, stamp: str
) -> wire.Change:
    bid, ask = mirror.top(token)
    return wire.Change(
        asset_id=token,
        price=spell(price),
        size=spell(size),
        side=side,
        hash=mirror.hash(token, stamp),
        best_bid=bid,
        best_ask=ask,
    )
