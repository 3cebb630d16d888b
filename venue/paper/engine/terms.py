"""The terms in which the embedded exchange's engine and its doors (REST, websockets) talk to each other.

Everything here counts in integer millionths; token terms unless a name says YES. The doors translate
these into the wire's decimal strings and back.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec

from messages.values import MICRO, MarketId, MarketNs, Money, OrderId, Price, Size, TokenId, TradeId


class TokenSide(StrEnum):
    """Side of an order in terms of the token it names, spelled as on the wire."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def other(self) -> TokenSide:
        """The opposite side."""
        return TokenSide.SELL if self is TokenSide.BUY else TokenSide.BUY


class OrderType(StrEnum):
    """Time in force, spelled as on the wire (VENUE §3.4)."""

    GTC = "GTC"
    GTD = "GTD"
    FOK = "FOK"
    FAK = "FAK"


class OrderStatus(StrEnum):
    """Life of an order as the user channel spells it (VENUE §3.10)."""

    LIVE = "LIVE"
    DELAYED = "DELAYED"
    MATCHED = "MATCHED"
    UNMATCHED = "UNMATCHED"
    CANCELED = "CANCELED"
    CANCELED_EXPIRED = "CANCELED_EXPIRED_ORDER"
    CANCELED_BALANCE = "CANCELED_NOT_ENOUGH_BALANCE"
    CANCELED_RESOLVED = "CANCELED_MARKET_RESOLVED"


class TradeStatus(StrEnum):
    """Settlement of a match, bare form (VENUE §4.4)."""

    MATCHED = "MATCHED"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    RETRYING = "RETRYING"
    FAILED = "FAILED"


class Market(msgspec.Struct, kw_only=True):
    """One question with its two tokens and the rules in force on it."""

    id: MarketId
    slug: str
    question: str
    description: str = ""
    category: str = ""
    outcomes: tuple[str, str] = ("Yes", "No")
    """What its two tokens are called, that of `yes` first."""
    number: int = 0
    """What it is filed under; 0: its place in the order of listing. Others are beyond any such place."""
    yes: TokenId
    no: TokenId
    tick: Price
    min_size: Size
    neg_risk: bool = False
    neg_risk_market: str = ""
    """What the markets of one neg-risk event have in common: 0x and 64 hex digits."""
    event: str = ""
    """Slug of the event it belongs to; "": it is an event of its own."""
    event_title: str = ""
    accepting_orders: bool = True
    closed: bool = False
    resolved: bool = False
    winner: TokenId | None = None
    """The token that pays a dollar; None while unresolved, and when a resolved market pays half on each."""
    ends_at: MarketNs | None = None
    starts_at: MarketNs | None = None
    """When its game starts."""
    measured_from: MarketNs | None = None
    """Where it asks about a stretch of time, which ends with it: its beginning."""
    clears_at_start: bool = False
    """Whether all resting orders are taken back then."""
    taker_delay_ns: int = 0
    """How long marketable orders wait, nanoseconds of market time (VENUE §3.9: 150 ms where `itode` is set)."""
    seconds_delay: int = 0
    """The same in whole seconds, for live sports; the longer of the two counts."""
    fee_rate: int = 0
    """Millionths: 50_000 is a rate of 0.05 (VENUE §7.3)."""
    rebate_rate: int = 0
    rewards_min_size: Size = Size(0)
    rewards_max_spread: int = 0
    """Millionths of a dollar: 45_000 is 4.5 cents."""
    rewards_min_age_s: int = 30
    """How long an order must have rested before it scores (VENUE §7.1)."""
    rewards_daily: Money = Money(0)
    volume_24h: Money = Money(0)
    """Of the day before it was listed here."""
    volume: Money = Money(0)
    """Of all prints since then, price times size."""
    last_trade: Price | None = None
    """In YES terms."""
    last_print: Price | None = None
    """The same in terms of the token that its taker named."""
    last_taker: TokenSide | None = None
    """What its taker did, in YES terms."""

    def other(self, token: TokenId) -> TokenId:
        """The complementary token."""
        return self.no if token == self.yes else self.yes

    def payout(self, token: TokenId) -> Price:
        """What one share of a token pays once the market is resolved: a dollar, nothing, or half of one."""
        if self.winner is None:
            return Price(MICRO // 2)
        return Price(MICRO if token == self.winner else 0)


class Event(msgspec.Struct, kw_only=True, frozen=True):
    """Markets that belong together; those of a neg-risk event exclude each other."""

    slug: str
    title: str
    markets: tuple[Market, ...]
    """In the order in which they were listed; at least one."""

    @property
    def neg_risk(self) -> bool:
        """Whether exactly one of them can win."""
        return self.markets[0].neg_risk

    @property
    def neg_risk_market(self) -> str:
        """What they have in common on the chain; "" where they do not exclude each other."""
        return self.markets[0].neg_risk_market


class NewOrder(msgspec.Struct, kw_only=True, frozen=True):
    """An order whose signature, owner and shape the door has verified."""

    id: OrderId
    owner: str
    """The API key's uuid."""
    maker: str
    """The address whose balances it moves, checksummed."""
    token: TokenId
    side: TokenSide
    price: Price
    """In the order's own token terms."""
    size: Size
    type: OrderType
    post_only: bool = False
    expires_at: MarketNs | None = None
    """The stated expiration of a GTD order; the engine removes it 60 s before."""
    builder: str = ""
    """The code of the software that placed it, 0x and 64 hex digits; "" for none."""


class Order(msgspec.Struct, kw_only=True):
    """An order that was accepted, as the engine keeps it."""

    new: NewOrder
    market: MarketId
    status: OrderStatus
    matched: Size
    created_at: MarketNs
    trades: list[TradeId]
    reason: str = ""
    """Why a killed or unmatched order ended, in the venue's words; other ends have a status of their own."""

    @property
    def status_text(self) -> str:
        """The status as the user channel says it, with its free text (VENUE §3.10)."""
        return f"{self.status}_{self.reason}" if self.reason else str(self.status)

    @property
    def leaves(self) -> Size:
        """Size still unfilled."""
        return Size(self.new.size - self.matched)


class MakerLeg(msgspec.Struct, kw_only=True, frozen=True):
    """One resting order's part in a trade, in that order's own token, side and price."""

    order: OrderId
    owner: str
    maker: str
    token: TokenId
    side: TokenSide
    price: Price
    size: Size
    fee: Money = Money(0)
    dollars: Money = Money(0)
    """What it paid or received, fee not counted."""


class Trade(msgspec.Struct, kw_only=True):
    """A match: one taker against one or more resting orders of this exchange's accounts or its background.

    The background (a recording, the crowd) has owner and maker "" and order ids of its own.
    """

    id: TradeId
    market: MarketId
    token: TokenId
    taker_order: OrderId
    taker_owner: str
    taker_maker: str
    side: TokenSide
    price: Price
    size: Size
    dollars: Money = Money(0)
    """What the taker paid or received, fee not counted."""
    fee: Money
    """Paid by the taker."""
    legs: tuple[MakerLeg, ...]
    matched_at: MarketNs
    status: TradeStatus
    updated_at: MarketNs
    transaction_hash: str = ""


class Placement(msgspec.Struct, kw_only=True, frozen=True):
    """What became of an accepted order on entry."""

    order: OrderId
    status: str
    """live, matched, delayed or unmatched."""
    making: int = 0
    """What it gave so far: shares sold or dollars paid, millionths."""
    taking: int = 0
    trades: tuple[TradeId, ...] = ()


class Refused(Exception):
    """The venue's own words for no, with its HTTP status and what else the answer says (VENUE §3.7)."""

    def __init__(
        self, text: str, status: int = 400, code: str = "", retry_after_s: int | None = None
    ) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s


class BookView(msgspec.Struct, frozen=True):
    """A token's visible book: background and accounts' orders together, worst level first on both sides."""

    market: MarketId
    token: TokenId
    bids: tuple[tuple[Price, Size], ...]
    asks: tuple[tuple[Price, Size], ...]
    at: MarketNs


class Listener(Protocol):
    """What a door hears from the engine, in the order in which it happened, on the engine's thread."""

    def wants(self, market: MarketId) -> bool:
        """Whether this one wants to hear of a market's levels, prints and tick now; nobody asks: no work."""

    def level_changed(self, market: Market, yes_side: TokenSide, yes_price: Price, size: Size) -> None:
        """The aggregate size resting at one YES price is now `size` (0: level gone)."""

    def book_replaced(self, market: Market) -> None:
        """The whole book changed at once: send a fresh `book` for both tokens."""

    def printed(
        self,
        market: Market,
        token: TokenId,
        taker_side: TokenSide,
        price: Price,
        size: Size,
        transaction: str,
    ) -> None:
        """A trade happened, in terms of the taker's token."""

    def tick_changed(self, market: Market, old: Price, new: Price) -> None:
        """The market's price grid changed."""

    def market_changed(self, market: Market) -> None:
        """Listed, closed to orders, or resolved."""

    def market_retired(self, market: Market) -> None:
        """A resolved market left the floor: there is no book of it any more, and nobody holds its tokens."""

    def order_changed(self, order: Order, kind: str) -> None:
        """`kind` is PLACEMENT, UPDATE or CANCELLATION (VENUE §5.5)."""

    def trade_changed(self, trade: Trade) -> None:
        """A new trade, or the next step of its settlement."""
