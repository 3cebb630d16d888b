"""What the venue's answer to a cancel means."""

from __future__ import annotations

from collections.abc import Iterator

from messages.orders import CancelAnswered, CancelFailed
from messages.values import OrderId
from venue.polymarket.answers import mode_of
from venue.polymarket.client import Reply, one_line

MAX_IDS = 1_000
"""Orders one request may name."""


def chunks(orders: tuple[OrderId, ...]) -> Iterator[tuple[OrderId, ...]]:
    """The orders in as many requests as they need; none for none."""
    for start in range(0, len(orders), MAX_IDS):
        yield orders[start : start + MAX_IDS]


def heard(
    reply: Reply, asked: tuple[OrderId, ...], everything: bool
) -> Iterator[CancelAnswered | CancelFailed]:
    """The answer in our words; orders that were asked for and are not in it have failed.

    `not_canceled` is free text, so it is passed on and not read. Nothing here says what was filled before.
    """
    answer = _read(reply.body) if reply.status == 200 else None
    if answer is None:
        words = reply.reason if reply.status != 200 else "an answer of another shape"
        yield CancelFailed(
            orders=asked,
            reason=words,
            everything=everything,
            mode=mode_of(reply),
            wait_ms=reply.wait_ms,
        )
        return
    canceled, not_canceled = answer
    yield CancelAnswered(
        canceled=canceled,
        not_canceled=not_canceled,
        everything=everything,
        tokens_left=reply.tokens_left,
    )
    named = {*canceled, *(order for order, _ in not_canceled)}
    missing = tuple(order for order in asked if order not in named)
    if missing:
        yield CancelFailed(orders=missing, reason="the venue's answer does not name them")


def _read(body: object) -> tuple[tuple[OrderId, ...], tuple[tuple[OrderId, str], ...]] | None:
    if not isinstance(body, dict):
        return None
    canceled, kept = body.get("canceled"), body.get("not_canceled") or {}
    if not isinstance(canceled, list) or not isinstance(kept, dict):
        return None
    if not all(isinstance(order, str) for order in canceled):
        return None
    return (
        tuple(OrderId(order) for order in canceled),
        tuple((OrderId(order), one_line(str(why))) for order, why in kept.items()),
    )
