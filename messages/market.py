"""What is known of markets: their constants, their books, their prints and which of them is best."""

from __future__ import annotations

import msgspec

from messages.base import Command, Finding, State
from messages.values import MarketId, MarketNs, Money, Price, RealNs, Side, Size, TokenId

Level = tuple[Price, Size]


class MarketInfo(State, frozen=True, kw_only=True):
    """One market's constants. They are the venue's data and may change mid-session."""

    market: MarketId
    slug: str
    question: str
    yes: TokenId
    no: TokenId
    tick: Price
    min_size: Size
    neg_risk: bool = False
    accepting_orders: bool = True
    """False: the venue takes no order here (closed, not ready, resolved)."""
    ends_at: MarketNs | None = None
    """When it is to be decided, as far as that is known; it may take orders longer, or not so long."""
    payout: Price | None = None
    """What a share of YES pays once the market is resolved; None before."""
    fee_rate: int = 0
    """Taker fee rate in millionths; fee = size x rate x p x (1-p)."""
    volume_24h: Money = Money(0)
    key = ("market",)


class BookSnapshot(State, frozen=True, kw_only=True):
    """The visible book after one venue frame, complete, so that a lost one heals itself. YES terms."""

    market: MarketId
    bids: tuple[Level, ...]
    """Best first, and so are the asks; at most the feed's depth of levels."""
    asks: tuple[Level, ...]
    tick: Price
    seen_at: RealNs
    """When the frame that made it came off the socket."""
    last_trade: Price | None = None
    key = ("market",)


class FeedStatus(State, frozen=True, kw_only=True):
    """The feed's word on one market, repeated every half second of real time."""

    market: MarketId
    live: bool
    """The book is complete, uncrossed and verified; a quiet market is live while this is repeated."""
    verified_at: RealNs
    reason: str = ""
    """Why it is not live."""
    key = ("market",)


class RankedMarket(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate with what it was ranked by."""

    market: MarketId
    slug: str
    prints: int
    updates: int


class MarketRanking(State, frozen=True, kw_only=True):
    """Markets worth quoting, best first; those that take no orders are left out."""

    ranked: tuple[RankedMarket, ...]
    observed_s: int
    """Market seconds of observation behind it."""


class WatchMarkets(Command, frozen=True, kw_only=True):
    """Have exactly these markets' books on the stream from now on."""

    markets: tuple[tuple[MarketId, TokenId, TokenId], ...]
    """Each with its YES and its NO token."""


class ReadCatalog(Command, frozen=True, kw_only=True):
    """Read the venue's list of markets."""

    slugs: tuple[str, ...] = ()
    """Markets wanted even where the list no longer names them: closed ones, or beyond the pages read."""


class CatalogRead(Finding, frozen=True, kw_only=True):
    """The venue's list of markets as read just now."""

    markets: tuple[MarketInfo, ...]
    skipped: int = 0
    """Rows that could not be believed, or are of a kind this house does not trade."""


class CatalogFailed(Finding, frozen=True, kw_only=True):
    """The list could not be read; the last one stands."""

    reason: str


class StreamOpened(Finding, frozen=True, kw_only=True):
    """The market stream is connected and subscribed; books follow."""

    at: RealNs


class StreamLost(Finding, frozen=True, kw_only=True):
    """The market stream is gone; what it said before is stale."""

    reason: str
    attempt: int
    """Connections in a row that failed or were lost."""
    at: RealNs


class StreamBeat(Finding, frozen=True, kw_only=True):
    """The venue answered our ping on the market stream."""

    at: RealNs


class BookReceived(Finding, frozen=True, kw_only=True):
    """A whole book off the stream, YES terms, best first."""

    market: MarketId
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    seen_at: RealNs
    tick: Price | None = None


class LevelsReceived(Finding, frozen=True, kw_only=True):
    """New aggregate sizes at some prices off the stream, YES terms; size 0 takes the level away."""

    market: MarketId
    levels: tuple[tuple[Side, Price, Size], ...]
    seen_at: RealNs


class PrintReceived(Finding, frozen=True, kw_only=True):
    """Somebody traded, YES terms; `taker` is the side that came to the book."""

    market: MarketId
    taker: Side
    price: Price
    size: Size
    seen_at: RealNs


class TickReceived(Finding, frozen=True, kw_only=True):
    """The price grid changed: a new book epoch, the old book is void."""

    market: MarketId
    tick: Price
    seen_at: RealNs


class FrameDropped(Finding, frozen=True, kw_only=True):
    """A frame could not be read; counted, logged, and nothing believed of it."""

    stream: str
    reason: str
