"""The shapes of the readable files as they are read back, and the words for what is wrong with one."""
# ruff: noqa: N815 -- these are the files' names

from __future__ import annotations

from typing import Literal

import msgspec

from messages.liquidation import RetireReason
from messages.risk import HaltCause, Level
from messages.values import MICRO, MS, MarketNs, Price
from messages.wallet import PauseCause

EXECUTION = "execution_state.json"
LIQUIDATIONS = "liquidations.json"
MAX_NAME = 200
MAX_DIGITS = 21
MAX_MS = 10**15
Version = Literal[1]
Outcomes = Literal["YES", "NO"]
Sides = Literal["BUY", "SELL"]
Statuses = Literal["matched", "confirmed", "reversed"]


class ImportProblem(ValueError):
    """A file that cannot be taken over: its name, the key, the reason, in one line."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(": ".join(part for part in (file, key, reason) if part))


class Held(msgspec.Struct, kw_only=True):
    """What is held of one token."""

    size: str
    avgCost: str | None = None


class FillRow(msgspec.Struct, kw_only=True):
    """One fill."""

    tradeId: str
    outcome: Outcomes
    side: Sides
    price: str
    size: str
    timestamp: int
    orderId: str = "imported"
    token: str = ""
    fee: str = "0"
    owner: str = "maker"
    status: Statuses = "confirmed"


class Fills(msgspec.Struct, kw_only=True):
    """`fills-<conditionId>.json`."""

    conditionId: str
    version: Version = 1
    yes: Held | None = None
    no: Held | None = None
    fills: list[FillRow] = []


class ExitRow(msgspec.Struct, kw_only=True):
    """One market of the queue; a file of spec 000 has the first three keys alone."""

    conditionId: str
    startedAt: int
    stage: Literal["passive"] = "passive"
    slug: str = ""
    reason: RetireReason = RetireReason.POSITION_LIMIT
    exitId: str = ""
    liquidator: str = ""


class Liquidations(msgspec.Struct, kw_only=True):
    """`liquidations.json`."""

    markets: list[ExitRow]
    version: Version = 1
    lastUpdated: int = 0


class PositionRow(msgspec.Struct, kw_only=True):
    """What is held of one market."""

    conditionId: str
    yes: Held
    no: Held


class HaltRow(msgspec.Struct, kw_only=True):
    """One cause that stopped the account."""

    cause: HaltCause
    level: Level
    reason: str = ""
    by: str = ""


class PauseRow(msgspec.Struct, kw_only=True):
    """One cause that paused a market."""

    conditionId: str
    cause: PauseCause
    slug: str = ""
    reason: str = ""
    amount: str = "0"


class RiskRow(msgspec.Struct, kw_only=True):
    """What must not be forgotten."""

    halts: list[HaltRow] = []
    paused: list[PauseRow] = []
    day: str = ""
    dayBeganEquity: str = "0"


class Execution(msgspec.Struct, kw_only=True):
    """`execution_state.json`; how the engine was and its orders are not taken over."""

    lastUpdated: int
    version: Version = 1
    positions: list[PositionRow] = []
    risk: RiskRow = msgspec.field(default_factory=RiskRow)


def fills_name(market: str) -> str:
    """The file of a market's fills."""
    return f"fills-{market}.json"


def decimal(file: str, key: str, text: str, *, least: int = 0, signed: bool = False) -> int:
    """Millionths of a decimal string. Raises ImportProblem."""
    sign = -1 if signed and text.startswith("-") else 1
    whole, _, part = text.removeprefix("-" if signed else "").partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdigit() and whole) or len(digits) > MAX_DIGITS or len(part) > 6:
        raise ImportProblem(file, key, f"{text[:40]!r} is no decimal number with at most six decimals")
    found = int(whole) * MICRO + int(part.ljust(6, "0") if part else 0)
    if found < least:
        raise ImportProblem(file, key, f"{text[:40]} is too small")
    return sign * found


def price_of(file: str, key: str, text: str) -> Price:
    """A price between nothing and a dollar. Raises ImportProblem."""
    found = decimal(file, key, text)
    if not 0 < found < MICRO:
        raise ImportProblem(file, key, f"{text[:40]} is no price between 0 and 1")
    return Price(found)


def at_ms(file: str, key: str, ms: int) -> MarketNs:
    """A market time in milliseconds. Raises ImportProblem."""
    if not 0 <= ms < MAX_MS:
        raise ImportProblem(file, key, f"{ms} is no time in milliseconds")
    return MarketNs(ms * MS)


def name_of(file: str, key: str, text: str) -> str:
    """A name that is one. Raises ImportProblem."""
    if not 0 < len(text) <= MAX_NAME or not text.isprintable():
        raise ImportProblem(file, key, f"{text[:40]!r} is no name")
    return text
