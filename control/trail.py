"""One order's life for people: what it was, every step with its time, fills, spans and costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from messages.audit import OrderTrail, Step, TracedFill
from messages.values import MICRO, MS, SECOND, Side


def named(text: str) -> str:
    """What was typed, as orders are named: a hash in small letters behind its 0x, a command's id as it is."""
    word = text.strip()
    digits = word.lower().removeprefix("0x")
    is_hash = digits and all(c in "0123456789abcdef" for c in digits)
    return f"0x{digits}" if is_hash else word


def lines(trail: OrderTrail) -> Iterator[str]:
    """All of it."""
    yield from _heading(trail)
    yield ""
    yield from _steps(trail)
    if trail.fills:
        yield ""
        yield from (_fill(fill) for fill in trail.fills)
    for title, found in (("latency", _latency(trail)), ("slippage", _slippage(trail))):
        rows = list(found)
        if rows:
            yield ""
            yield from _rows(title, rows)


def _heading(trail: OrderTrail) -> Iterator[str]:
    side = "BUY" if trail.side is Side.BID else "SELL"
    mid = f", mid {_decimal(trail.mid)}" if trail.mid is not None else ""
    yield f"order    {trail.order or 'never signed'}"
    yield f"command  {trail.command}"
    yield f"owner    {trail.owner}{f' ({trail.why})' if trail.why else ''}"
    yield f"market   {trail.market}"
    yield f"wanted   {side} {_decimal(trail.size)} at {_decimal(trail.price)}{mid}, YES terms"
    if trail.action is not None and trail.outcome is not None:
        yield f"token    {trail.action.value.upper()} {trail.outcome.value.upper()} {trail.token}"
    yield f"now      {trail.state} ({trail.status}), {_decimal(trail.filled)} filled"


def _steps(trail: OrderTrail) -> Iterator[str]:
    first = trail.steps[0].wall_at if trail.steps else 0
    width = max((len(step.what) for step in trail.steps), default=0)
    for step in trail.steps:
        state = f"{step.state} ({step.status})" if step.status else step.state
        since = (step.wall_at - first) / MS
        yield f"{_instant(step)}  {since:>+12.3f} ms  {step.what:<{width}}  {state:<28}  {step.text}".rstrip()


def _fill(fill: TracedFill) -> str:
    role = "taker" if fill.taker else "maker"
    mid = "" if fill.over_mid is None else f", {_signed(fill.over_mid)} against the mid"
    fee = f", fee {_decimal(fill.fee)}" if fill.fee else ""
    return (
        f"fill     {_decimal(fill.size)} at {_decimal(fill.price)} as {role}{fee}, {fill.settlement}, "
        f"{_signed(fill.over_price)} against its price{mid}, trade {fill.trade}"
    )


def _latency(trail: OrderTrail) -> Iterator[tuple[str, str]]:
    for name, span in trail.latency:
        yield name, f"{span / MS:.3f} ms"


def _slippage(trail: OrderTrail) -> Iterator[tuple[str, str]]:
    for name, worse in trail.slippage:
        yield f"against the {name}", f"{_signed(worse)} a share, above 0 is worse for us"


def _rows(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in rows)
    for number, (name, value) in enumerate(rows):
        yield f"{title if number == 0 else '':<8} {name:<{width}}  {value}"


def _instant(step: Step) -> str:
    seconds, rest = divmod(step.wall_at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // MS:03d}Z"


def _decimal(millionths: int) -> str:
    whole, rest = divmod(abs(millionths), MICRO)
    digits = f"{rest:06d}".rstrip("0")
    return f"{'-' if millionths < 0 else ''}{whole}{f'.{digits}' if digits else ''}"


def _signed(millionths: int) -> str:
    return f"{'' if millionths < 0 else '+'}{_decimal(millionths)}"
