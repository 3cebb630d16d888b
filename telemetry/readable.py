"""One telemetry message as one line that people can read."""

from __future__ import annotations

from typing import Any

import msgspec

PRICES = frozenset({"price", "bid", "ask", "mid", "tick", "average_cost", "floor", "quote", "last_trade"})
SIZES = frozenset({"size", "net", "left", "filled", "min_size", "believed", "balance"})
MONEY = frozenset(
    {
        "fee",
        "fees",
        "collateral",
        "realized",
        "pending",
        "unrealized",
        "day_net",
        "max_daily_loss",
        "equity",
        "volume_24h",
    }
)
LONGEST = 120
_UNSAID = frozenset({"market", "yes", "no", "token", "command"})


class Telemetry(msgspec.Struct, frozen=True):
    """What a telemetry message says, whatever its kind."""

    kind: str
    market: str = ""
    at: int = 0
    """Real time, milliseconds of the boot clock."""
    market_time: str = ""
    body: dict[str, Any] = {}


def decode_telemetry(frame: bytes) -> Telemetry:
    """The message in a frame. Raises ValueError for anything else."""
    try:
        return msgspec.json.decode(frame, type=Telemetry)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"not telemetry: {error}") from error


def readable(topic: str, message: Telemetry) -> str:
    """The line: what people are told as it is, anything else as kind, market and fields."""
    if topic.startswith("line."):
        return f"{message.body.get('severity', ''):<8} {message.body.get('text', '')}"
    market = f" {message.body.get('slug') or _short(message.market)}" if message.market else ""
    said = (_field(name, value) for name, value in message.body.items() if _said(name, value))
    return f"{message.kind}{market}  {' '.join(field for field in said if field)}".rstrip()


def _said(name: str, value: object) -> bool:
    return (
        name not in _UNSAID
        and name != "slug"
        and not name.endswith("_at")
        and value not in (None, "", [], {})
    )


def _field(name: str, value: Any) -> str:
    if name in ("bids", "asks") and isinstance(value, list):
        return f"{name}={_decimal(value[0][0], 2)}x{_decimal(value[0][1], 0)}({len(value)})"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{name}={_number(name, value)}"
    if isinstance(value, str):
        return f"{name}={_short(value)}"
    text = msgspec.json.encode(value).decode()
    return f"{name}={text if len(text) <= LONGEST else text[:LONGEST] + '…'}"


def _number(name: str, value: int) -> str:
    if name in MONEY:
        return f"{'-' if value < 0 else ''}${_decimal(abs(value), 2)}"
    if name in PRICES or name in SIZES:
        return _decimal(value, 2 if name in PRICES else 0)
    return str(value)


def _decimal(millionths: int, least: int) -> str:
    whole, rest = divmod(abs(millionths), 1_000_000)
    decimals = f"{rest:06d}".rstrip("0").ljust(least, "0")
    return f"{'-' if millionths < 0 else ''}{whole}{'.' + decimals if decimals else ''}"


def _short(text: str) -> str:
    return f"{text[:12]}…" if text.startswith("0x") and len(text) > 14 else text
