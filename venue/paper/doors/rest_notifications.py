"""Unread notifications over REST (VENUE §4.6)."""

from __future__ import annotations

from messages.values import SECOND, Price, TokenId
from venue.paper.doors.keys import Keys
from venue.paper.doors.registry import Registry
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.rest_listings import ListingDoor
from venue.paper.doors.spelling import outcome, outcome_index
from venue.paper.doors.wallets import TYPES, Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, Order, Refused, TokenSide
from venue.paper.ledger.ledger import ApiKey
from venue.paper.programs.notifications import FailedFill, Notification, Notifications, Reward
from venue.wire import errors
from venue.wire.markets import encode
from venue.wire.notifications import MarketPayload, NotificationRow, OrderPayload, RewardPayload
from venue.wire.numbers import exact, spell


class NotificationDoor:
    """A key hears of its own orders and of its wallet's holdings."""

    def __init__(
        self,
        exchange: Exchange,
        notifications: Notifications,
        registry: Registry,
        listings: ListingDoor,
        keys: Keys,
        wallets: Wallets,
    ) -> None:
        self._exchange = exchange
        self._notifications = notifications
        self._registry = registry
        self._listings = listings
        self._keys = keys
        self._wallets = wallets

    def routes(self) -> Routes:
        """What is served here."""
        return {("GET", "/notifications"): self.unread, ("DELETE", "/notifications"): self.drop}

    def unread(self, request: Request) -> Answer:
        """GET /notifications?signature_type=, oldest first."""
        key = self._keys.check(request)
        self._exchange.advance()
        told = self._notifications.unread(*self._boxes(key, request))
        return Answer(encode([self._row(one, key) for one in told]))

    def drop(self, request: Request) -> Answer:
        """DELETE /notifications?ids=1,2: they were read. Without ids nothing happens."""
        key = self._keys.check(request)
        ids = request.queries("ids")
        if not all(number.isascii() and number.isdigit() and len(number) < 16 for number in ids):
            raise Refused(errors.INVALID_NOTIFICATIONS)
        boxes = [key.key, *filter(None, (self._wallets.of(key.address, kind) for kind in TYPES))]
        self._notifications.drop(frozenset(map(int, ids)), *boxes)
        return Answer(b'"OK"')

    def _boxes(self, key: ApiKey, request: Request) -> list[str]:
        kind = request.query().get("signature_type") or "0"
        if kind not in map(str, TYPES):
            raise Refused(errors.INVALID_SIGNATURE_TYPE)
        wallet = self._wallets.of(key.address, int(kind))
        return [key.key, wallet] if wallet is not None else [key.key]

    def _row(self, told: Notification, key: ApiKey) -> NotificationRow:
        about = told.about
        payload: OrderPayload | MarketPayload | RewardPayload
        match about:
            case Order():
                payload = self._order(about)
            case FailedFill():
                payload = self._failed(about)
            case Reward():
                payload = RewardPayload(
                    proxyWallet=about.maker, reward=exact(about.dollars), txnHash=about.transaction
                )
            case _:
                payload = self._market(about)
        owner = key.key if isinstance(payload, OrderPayload) else ""
        seconds = int(told.at) // SECOND
        return NotificationRow(
            id=told.id, owner=owner, type=int(told.kind), payload=payload, timestamp=seconds
        )

    def _order(self, order: Order) -> OrderPayload:
        new = order.new
        payload = self._part(order.market, new.token, new.side, new.price, str(new.type))
        payload.order_id, payload.owner = new.id, new.owner
        payload.original_size, payload.matched_size = spell(new.size), spell(order.matched)
        payload.remaining_size = spell(order.leaves)
        payload.trade_id = order.trades[-1] if order.trades else ""
        return payload

    def _failed(self, fill: FailedFill) -> OrderPayload:
        leg, trade = fill.leg, fill.trade
        payload = self._part(trade.market, leg.token, leg.side, leg.price, "")
        payload.order_id, payload.owner = leg.order, leg.owner
        payload.original_size = payload.matched_size = spell(leg.size)
        payload.trade_id, payload.transaction_hash = trade.id, trade.transaction_hash
        return payload

    def _part(self, id_: str, token: TokenId, side: TokenSide, price: Price, kind: str) -> OrderPayload:
        market = self._exchange.market_of(token)
        return OrderPayload(
            asset_id=token,
            market=id_,
            order_id="",
            owner="",
            side=str(side),
            type=kind,
            price=spell(price),
            original_size="0",
            matched_size="0",
            remaining_size="0",
            outcome=outcome(market, token),
            outcome_index=outcome_index(market, token),
            question=market.question if market else "",
            market_slug=market.slug if market else "",
            eventSlug=self._registry.of(market).event.slug if market else "",
        )

    def _market(self, market: Market) -> MarketPayload:
        listed = self._listings.listed(market)
        fields = {name: getattr(listed, name) for name in listed.__struct_fields__}
        return MarketPayload(**fields, eventSlug=self._registry.of(market).event.slug)
