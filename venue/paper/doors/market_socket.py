"""The market channel at /ws/market: books, their changes and prints, to whoever subscribed (VENUE §5.1, §5.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from messages.values import MICRO, MarketId, MarketNs, Price, Size, TokenId
from venue.paper.doors.book_mirror import BookMirror
from venue.paper.doors.connection import Connection
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Order, TokenSide, Trade
from venue.wire import market_channel as wire
from venue.wire.market_channel import decode_subscribe, encode_frame
from venue.wire.numbers import WireError, micro, ms_text, spell


class _Client:
    """A connection with what it subscribed to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tokens: set[TokenId] = set()
        self.wants_extras = False
        self.was_told = False


class MarketSocket:
    """Makes frames only for tokens somebody subscribed to, each once, whoever gets it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._clients: set[_Client] = set()
        self._audience: dict[TokenId, dict[_Client, None]] = {}
        self._mirrors: dict[MarketId, BookMirror] = {}
        self._listed = {market.id for market in exchange.markets}
        self._is_refresh_due = False
        exchange.listen(self)

    async def serve(self, connection: Connection) -> None:
        """One client, from its first frame to its last."""
        client = _Client(connection)
        self._clients.add(client)
        try:
            await connection.serve(lambda text: self._hear(client, text))
        finally:
            self._clients.discard(client)
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
        books = list[wire.Book]()
        for token in tokens:
            market = self._exchange.market_of(token)
            if market is None or token in client.tokens:
                continue
            mirror = self._mirror(market)
            client.tokens.add(token)
            self._audience.setdefault(token, {})[client] = None
            books.append(self._book(mirror, token, is_dump=True))
        if not wants_dump or not tokens:
            return
        if client.was_told:
            for book in books:
                client.connection.send(encode_frame(book))
        else:
            client.connection.send(encode_frame(books))
        client.was_told = True

    def _unsubscribe(self, client: _Client, tokens: list[TokenId]) -> None:
        for token in tokens:
            client.tokens.discard(token)
            audience = self._audience.get(token, {})
            audience.pop(client, None)
            market = self._exchange.market_of(token)
            if not audience:
                self._audience.pop(token, None)
            if market is not None and not (self._audience.keys() & {market.yes, market.no}):
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
        mirror.put(yes_side, yes_price, size)
        at = self._exchange.now
        is_buy = yes_side is TokenSide.BUY
        changes = [
            self._change(mirror, market.yes, "BUY" if is_buy else "SELL", yes_price, size, at),
            self._change(mirror, market.no, "SELL" if is_buy else "BUY", Price(MICRO - yes_price), size, at),
        ]
        frame = wire.PriceChange(market=market.id, price_changes=changes, timestamp=ms_text(at))
        self._tell(self._watchers(market), encode_frame(frame))
        if mirror.top(market.yes) != before:
            self._tell_tops(mirror, at)

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
            assert view is not None, "a listed market has a book"
            mirror.reset(view)
            for token in (mirror.market.yes, mirror.market.no):
                if token in self._audience:
                    self._tell(self._audience[token], encode_frame(self._book(mirror, token)))

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """To the subscribers of the taker's token."""
        audience = self._audience.get(token)
        if not audience:
            return
        frame = wire.LastTradePrice(
            market=market.id,
            asset_id=token,
            price=spell(price),
            size=spell(size),
            side=str(taker_side),
            timestamp=ms_text(self._exchange.now),
            transaction_hash=transaction,
        )
        self._tell(audience, encode_frame(frame))

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """For both tokens."""
        at = ms_text(self._exchange.now)
        for token in (market.yes, market.no):
            if token in self._audience:
                frame = wire.TickSizeChange(
                    market=market.id,
                    asset_id=token,
                    old_tick_size=spell(old),
                    new_tick_size=spell(new),
                    timestamp=at,
                )
                self._tell(self._audience[token], encode_frame(frame))

    def market_changed(self, market: Market) -> None:
        """A market that is new goes to everybody who asked for extras."""
        if market.id in self._listed:
            return
        self._listed.add(market.id)
        audience = [client for client in self._clients if client.wants_extras]
        if audience:
            tokens = [str(market.yes), str(market.no)]
            frame = wire.NewMarket(
                market=market.id,
                condition_id=market.id,
                question=market.question,
                slug=market.slug,
                assets_ids=tokens,
                clob_token_ids=tokens,
                outcomes=["Yes", "No"],
                order_price_min_tick_size=spell(market.tick),
                fees_enabled=market.fee_rate > 0,
                timestamp=ms_text(self._exchange.now),
            )
            self._tell(audience, encode_frame(frame))

    def order_changed(self, order: Order, kind: str) -> None:
        """Nobody's business here."""

    def trade_changed(self, trade: Trade) -> None:
        """Nobody's business here; the print was told."""

    # -- frames

    def _watchers(self, market: Market) -> Iterable[_Client]:
        """The subscribers of either token, each once."""
        return {**self._audience.get(market.yes, {}), **self._audience.get(market.no, {})}

    def _tell(self, audience: Iterable[_Client], frame: str) -> None:
        for client in audience:
            client.connection.send(frame)

    def _tell_tops(self, mirror: BookMirror, at: MarketNs) -> None:
        for token in (mirror.market.yes, mirror.market.no):
            audience = [client for client in self._audience.get(token, ()) if client.wants_extras]
            if audience:
                bid, ask = mirror.top(token)
                frame = wire.BestBidAsk(
                    market=mirror.market.id,
                    asset_id=token,
                    best_bid=bid,
                    best_ask=ask,
                    spread=spell(micro(ask) - micro(bid)),
                    timestamp=ms_text(at),
                )
                self._tell(audience, encode_frame(frame))

    def _change(
        self, mirror: BookMirror, token: TokenId, side: str, price: Price, size: Size, at: MarketNs
    ) -> wire.Change:
        bid, ask = mirror.top(token)
        return wire.Change(
            asset_id=token,
            price=spell(price),
            size=spell(size),
            side=side,
            hash=mirror.summary(token, at).hash,
            best_bid=bid,
            best_ask=ask,
        )

    def _book(self, mirror: BookMirror, token: TokenId, is_dump: bool = False) -> wire.Book:
        summary = mirror.summary(token, self._exchange.now)
        book = wire.Book(
            market=summary.market,
            asset_id=token,
            timestamp=summary.timestamp,
            hash=summary.hash,
            bids=summary.bids,
            asks=summary.asks,
        )
        if is_dump:
            book.tick_size, book.last_trade_price = summary.tick_size, summary.last_trade_price
        return book
