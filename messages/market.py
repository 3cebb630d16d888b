"""What is known of markets: their constants, their books, their prints and which of them is best."""

from __future__ import annotations

from enum import StrEnum

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


class BookState(StrEnum):
    """How a market's book is. Only a LIVE one may be acted on."""

    LIVE = "LIVE"
    """Complete, two-sided, uncrossed, and vouched for by the stream or by REST."""
    STALE = "STALE"
    """The stream is gone, silent, or contradicted: what is known may be of the past."""
    RESYNC = "RESYNC"
    """A whole book is awaited: none came yet, or the one there was cannot be right."""
    CLOSED = "CLOSED"
    """The venue takes no orders here."""
    RESOLVED = "RESOLVED"
    """The outcome is known."""


class FeedStatus(State, frozen=True, kw_only=True):
    """The feed's word on one market, repeated every half second of real time."""

    market: MarketId
    live: bool
    """The book is LIVE; a quiet market is live while this is repeated."""
    verified_at: RealNs
    reason: str = ""
    """Why it is not live."""
    state: BookState = BookState.STALE
    epoch: int = 0
    """The connection the book comes from."""
    sequence: int = 0
    """Frames believed since the last whole book that was needed."""
    venue_at: int = 0
    """The venue's stamp of the newest of them, milliseconds; 0: none."""
    seen_at: RealNs = RealNs(0)
    """When it came off the socket."""
    tick: Price = Price(0)
    key = ("market",)


class MarketDataStatus(State, frozen=True, kw_only=True):
    """How the feed hears the venue, repeated every second, with counters since the feed's start."""

    connected: bool
    paused: bool = False
    """Ten connections in a row brought no book: it only probes now, at a slow pace."""
    reason: str = ""
    """Why it is not connected, or paused."""
    epoch: int = 0
    """The newest connection."""
    failed: int = 0
    """Connections in a row without a book."""
    watched: int = 0
    live: int = 0
    """Markets watched, and how many of their books are LIVE."""
    oldest_s: int = 0
    """Real seconds since a frame was believed of whichever of our markets is quiet for longest."""
    connects: int = 0
    """Connections asked for."""
    renewals: int = 0
    """Of these, while another one still stood."""
    resyncs: int = 0
    """Whole books asked for anew."""
    outdated: int = 0
    """Frames older than what was known."""
    duplicates: int = 0
    unreadable: int = 0
    witnessed_at: RealNs = RealNs(0)
    """When REST last answered."""
    witness_failures: int = 0
    witness_trouble: str = ""
    """Why the last question to it was not answered."""
    disagreements: int = 0
    """REST and stream more than a tick apart."""
    rest_stale: int = 0
    """Times REST was the one that was behind."""


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


class ConnectStream(Command, frozen=True, kw_only=True):
    """Open one more connection to the market channel with everything watched on it, beside those that stand."""

    epoch: int
    """Counts up; names the connection in all that is heard of it."""
    after_ms: int = 0
    """Real milliseconds to wait before; the port shortens them at random, by half at most."""


class LeaveStream(Command, frozen=True, kw_only=True):
    """Close this connection, or do not open it; nothing more is heard of it, its end included."""

    epoch: int


class ResyncMarkets(Command, frozen=True, kw_only=True):
    """Have whole books of these markets sent anew on one connection."""

    epoch: int
    markets: tuple[MarketId, ...]


class ReadBooks(Command, frozen=True, kw_only=True):
    """Ask REST for whole books, all of them in one request."""

    markets: tuple[tuple[MarketId, TokenId], ...]
    """Each with its YES token; at most `MAX_WITNESSED`."""


MAX_WITNESSED = 100
"""Markets in one `ReadBooks`."""


class StreamOpened(Finding, frozen=True, kw_only=True):
    """A connection stands and is subscribed; books follow."""

    at: RealNs
    epoch: int = 1


class StreamLost(Finding, frozen=True, kw_only=True):
    """A connection ended, or could not be made; it is not made again unless that is asked for."""

    reason: str
    at: RealNs
    epoch: int = 1


class StreamBeat(Finding, frozen=True, kw_only=True):
    """The venue answered our ping on this connection; it says nothing of any book."""

    at: RealNs
    epoch: int = 1


class BookReceived(Finding, frozen=True, kw_only=True):
    """A whole book off the stream, YES terms, best first."""

    market: MarketId
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    seen_at: RealNs
    tick: Price | None = None
    epoch: int = 1
    venue_at: int = 0
    """The venue's stamp, milliseconds; 0: none."""


class LevelsReceived(Finding, frozen=True, kw_only=True):
    """New aggregate sizes at some prices off the stream, YES terms; size 0 takes the level away."""

    market: MarketId
    levels: tuple[tuple[Side, Price, Size], ...]
    seen_at: RealNs
    epoch: int = 1
    venue_at: int = 0
    """The venue's stamp, milliseconds; 0: none."""
    hash: str = ""
    """The venue's name for this change: told again, it is the same one. "": none."""


class PrintReceived(Finding, frozen=True, kw_only=True):
    """Somebody traded, YES terms; `taker` is the side that came to the book."""

    market: MarketId
    taker: Side
    price: Price
    size: Size
    seen_at: RealNs
    epoch: int = 1
    venue_at: int = 0
    """The venue's stamp, milliseconds; 0: none."""
    transaction: str = ""
    """On the chain; "": not told."""


class TickReceived(Finding, frozen=True, kw_only=True):
    """The price grid changed: a new book epoch, the old book is void until a whole one comes."""

    market: MarketId
    tick: Price
    seen_at: RealNs
    epoch: int = 1
    venue_at: int = 0
    """The venue's stamp, milliseconds; 0: none. Books of before are of the old grid."""


class WitnessedBook(msgspec.Struct, frozen=True, kw_only=True):
    """One market's book as REST has it, YES terms, best first."""

    market: MarketId
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    venue_at: int = 0
    """The venue's stamp, milliseconds; 0: none."""
    tick: Price | None = None
    """The step of the grid its prices are on; None: it does not say."""


class BooksRead(Finding, frozen=True, kw_only=True):
    """REST's answer to `ReadBooks`; markets it does not know are missing."""

    books: tuple[WitnessedBook, ...]
    asked_at: RealNs
    seen_at: RealNs


class BooksFailed(Finding, frozen=True, kw_only=True):
    """REST did not answer `ReadBooks`, or not with books."""

    reason: str


class FrameDropped(Finding, frozen=True, kw_only=True):
    """A frame could not be read; counted, logged, and nothing believed of it."""

    stream: str
    reason: str
