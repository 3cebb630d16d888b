"""The values messages are made of: integers in millionths, two clocks that do not mix, identities."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NewType

MICRO = 1_000_000
"""One dollar, one share, one dollar per share: everything that is money or size counts in millionths."""

Price = NewType("Price", int)
"""Dollars per share in millionths, 0 to 1_000_000; `Price(550_000)` is $0.55. In YES terms inside."""
Size = NewType("Size", int)
"""Shares in millionths, never negative; `Size(10_000_000)` is ten shares."""
Shares = NewType("Shares", int)
"""Signed shares in millionths: an exposure (YES minus NO) or a change of one."""
Money = NewType("Money", int)
"""Signed dollars in millionths."""

MarketId = NewType("MarketId", str)
"""The condition id of a question, 0x and 64 hex digits."""
TokenId = NewType("TokenId", str)
"""One of a market's two outcome tokens, a decimal string of up to 78 digits."""
OrderId = NewType("OrderId", str)
"""What the venue calls an order: its EIP-712 hash, 0x and 64 hex digits, known before it is sent."""
CommandId = NewType("CommandId", str)
"""What the sender calls a command, and an order before it has its hash; unique for ever."""
TradeId = NewType("TradeId", str)
"""What the venue calls a match."""
ExitId = NewType("ExitId", str)
"""One market's way from retirement to flat."""
RoleName = NewType("RoleName", str)
"""A place in the process table: `maker`, `gateway`, `liquidator:1a2b3c4d`."""

if TYPE_CHECKING:

    class _Instant:
        """An instant of one clock, in nanoseconds; instants of different clocks do not mix."""

        def __init__(self, ns: int) -> None: ...
        def __int__(self) -> int: ...
        def __hash__(self) -> int: ...

    class RealNs(_Instant):
        """Real time: nanoseconds of CLOCK_BOOTTIME, the same in every process of this host."""

        def __lt__(self, other: RealNs) -> bool: ...
        def __le__(self, other: RealNs) -> bool: ...
        def __gt__(self, other: RealNs) -> bool: ...
        def __ge__(self, other: RealNs) -> bool: ...
        def __sub__(self, other: RealNs) -> int: ...
        def __add__(self, span: int) -> RealNs: ...

    class MarketNs(_Instant):
        """Market time: nanoseconds since the epoch as a trader counts them; may run faster than real time."""

        def __lt__(self, other: MarketNs) -> bool: ...
        def __le__(self, other: MarketNs) -> bool: ...
        def __gt__(self, other: MarketNs) -> bool: ...
        def __ge__(self, other: MarketNs) -> bool: ...
        def __sub__(self, other: MarketNs) -> int: ...
        def __add__(self, span: int) -> MarketNs: ...

else:
    RealNs = NewType("RealNs", int)
    MarketNs = NewType("MarketNs", int)

SECOND = 1_000_000_000
"""Nanoseconds; spans of either clock are plain integers of them."""
MS = 1_000_000


class Side(StrEnum):
    """Which side of the YES book an order is on."""

    BID = "bid"
    ASK = "ask"

    @property
    def sign(self) -> int:
        """+1 for a bid (it adds to the net exposure), -1 for an ask."""
        return 1 if self is Side.BID else -1

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.ASK if self is Side.BID else Side.BID


class Outcome(StrEnum):
    """The two tokens of a market."""

    YES = "yes"
    NO = "no"


class Action(StrEnum):
    """What is done with a token at the venue."""

    BUY = "buy"
    SELL = "sell"
