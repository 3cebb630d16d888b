"""What the wallet holds, by the venue's word: positions read back, what nobody of ours bought, paused markets."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.base import Command, Event, Finding
from messages.values import MarketId, Money, Outcome, Price, RealNs, RoleName, Shares, Size, TokenId

EXTERNAL = RoleName("external")
"""The owner of fills that no order of ours made: somebody else traded this wallet, or it held them before."""


class HeldPosition(msgspec.Struct, frozen=True, kw_only=True):
    """One token the wallet holds, as the public Data API shows it. It is seconds behind the venue."""

    market: MarketId
    slug: str
    token: TokenId
    outcome: Outcome
    size: Size
    price: Price
    """Paid per share on average, in this token's terms."""
    mark: Price
    """What a share is worth now, in this token's terms."""
    is_resolved: bool = False
    """The market is decided: it can be redeemed, and not be traded."""


class ReadPositions(Command, frozen=True, kw_only=True):
    """Read what this wallet holds. Public: nobody needs a key for it."""

    funder: str


class PositionsRead(Finding, frozen=True, kw_only=True):
    """Everything the wallet holds, dust included."""

    begun_at: RealNs
    positions: tuple[HeldPosition, ...]
    skipped: tuple[str, ...] = ()
    """Why rows could not be read, for people."""


class PositionsReadFailed(Finding, frozen=True, kw_only=True):
    """The positions could not be read; nothing is believed of them."""

    reason: str


class PositionFound(Event, frozen=True, kw_only=True):
    """The wallet holds what our journal did not know: it is ours from here on, and may be worked off."""

    market: MarketId
    slug: str
    net: Shares
    """Net exposure of the market with what was found."""
    why_not: str = ""
    """Why it is only listed and never traded; empty: it can be liquidated."""


class PauseCause(StrEnum):
    """Why one market is stopped until a person accepts it."""

    DRIFT = "drift"
    """What the venue says we hold is not what our fills say, twice in a row."""
    FOREIGN_FILL = "foreign_fill"
    """A trade of this wallet on an order we never sent."""
    FAILED_SETTLEMENTS = "failed_settlements"
    """Too many of its last trades failed to settle."""


class MarketPaused(Event, frozen=True, kw_only=True):
    """This market is dirty: everything is taken off and nothing placed there until it is accepted."""

    market: MarketId
    slug: str
    cause: PauseCause
    reason: str
    amount: Money = Money(0)
    """What our books and the venue's may differ by, at a dollar a share."""


class MarketResumed(Event, frozen=True, kw_only=True):
    """This market was accepted as the venue shows it; no cause pauses it any more."""

    market: MarketId
    slug: str
    reason: str
    by: str = ""


class AcceptPosition(Command, frozen=True, kw_only=True):
    """Take what the venue says of this market for true, and let it go on. Repeating it is harmless."""

    market: MarketId
    reason: str
    by: str = ""
