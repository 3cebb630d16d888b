"""What the venue's answer to an order means: a table, read from the top."""

from __future__ import annotations

import msgspec

from messages.orders import Answer, VenueMode
from messages.values import OrderId
from venue.polymarket.client import Reply

ACCEPTED = frozenset({"live", "matched"})
"""Statuses of an order that is on the book, or was matched as it came."""
HELD = frozenset({"delayed", "unmatched"})
"""Statuses of an order that the venue has and that is not on the book yet, or may not be: its trade, its cancel or
the list of open orders says what became of it (VENUE §3.6, §3.9)."""


class Row(msgspec.Struct, frozen=True):
    """Answers of this HTTP status whose words contain this text."""

    status: int
    text: str
    """Lower case; "": whatever it says."""
    answer: Answer
    code: str = ""
    """What the reason begins with, for the actor to tell it from the others."""
    mode: VenueMode = VenueMode.OPEN


LOST, REJECTED = Answer.LOST, Answer.REJECTED
ROWS: tuple[Row, ...] = (
    Row(400, "duplicated", LOST, "duplicated: exists"),
    Row(400, "already been placed", LOST, "duplicated: exists"),
    Row(400, "invalid order payload", REJECTED),
    Row(400, "order owner has to be the owner of the api key", REJECTED),
    Row(400, "order signer address has to be the address of the api key", REJECTED),
    Row(400, "address banned", REJECTED, "banned", VenueMode.REFUSING),
    Row(400, "closed only mode", REJECTED),
    Row(400, "maker address not allowed", REJECTED, "not allowed", VenueMode.REFUSING),
    Row(400, "breaks minimum tick size rule", REJECTED),
    Row(400, "lower than the minimum", REJECTED),
    Row(400, "maximum lot size", REJECTED),
    Row(400, "crosses the book", REJECTED, "crossing"),
    Row(400, "order crosses book", REJECTED, "crossing"),
    Row(400, "not enough balance / allowance", REJECTED),
    Row(400, "invalid nonce", REJECTED),
    Row(400, "invalid expiration", REJECTED),
    Row(400, "order canceled in the ctf exchange contract", REJECTED),
    Row(400, "order match delayed due to market conditions", LOST, "delayed: with the venue"),
    Row(400, "market is not yet ready to process new orders", REJECTED),
    Row(400, "invalid amount for a marketable buy order", REJECTED),
    Row(400, "invalid signature", REJECTED),
    Row(400, "order timed out", REJECTED),
    Row(400, "invalid order version", REJECTED),
    Row(400, "order_version_mismatch", REJECTED),
    Row(400, "invalid token id", REJECTED),
    Row(400, "invalid market", REJECTED),
    Row(400, "payload exceeds the limit", REJECTED),
    Row(404, "no orderbook exists", REJECTED),
    Row(404, "market not found", REJECTED),
    Row(401, "", REJECTED, "unauthorized", VenueMode.REFUSING),
    Row(403, "", REJECTED, "blocked", VenueMode.REFUSING),
    Row(425, "", LOST, "restarting", VenueMode.RESTARTING),
    Row(429, "", REJECTED, "rate limited", VenueMode.BUSY),
    Row(503, "post-only mode", REJECTED, "post_only_mode", VenueMode.POST_ONLY),
    Row(503, "cancel-only", REJECTED, "cancel_only", VenueMode.CANCEL_ONLY),
    Row(503, "trading is currently disabled", REJECTED, "trading_disabled", VenueMode.DISABLED),
    Row(200, "duplicated", LOST, "duplicated: exists"),
    Row(200, "rate limit exceeded", REJECTED, "rate limited", VenueMode.BUSY),
    Row(200, "post-only mode", REJECTED, "post_only_mode", VenueMode.POST_ONLY),
    Row(200, "", REJECTED),
)
"""Words of 400, 404 and 503 that are not here mean LOST: only what is known to be a refusal releases an order.
401, 403 and 429 are said before an order is looked at; what a restarting engine (425) did with it is unknown.
The words of a 200 are those of a leg that was refused (VENUE §3.6); a 200 without words is no row but its status."""


def mode_of(reply: Reply) -> VenueMode:
    """What an answer to anything at all says of the venue's dealings with orders; OPEN: nothing."""
    row = None if reply.status == 200 else _row(reply.status, reply)
    return VenueMode.OPEN if row is None else row.mode


class Judged(msgspec.Struct, frozen=True):
    """What an answer means, why in one line, and what the venue does with other orders now."""

    answer: Answer
    reason: str = ""
    mode: VenueMode = VenueMode.OPEN


def judge(reply: Reply, order: OrderId) -> Judged:
    """What the answer to sending this order means."""
    if reply.status is None:
        return Judged(Answer.LOST if reply.left else Answer.NOT_SENT, reply.error)
    if reply.status == 200:
        return _accepted(reply, order)
    return _refused(reply.status, reply)


def _refused(status: int, reply: Reply) -> Judged:
    row = _row(status, reply)
    if row is None:
        return Judged(Answer.LOST, reply.reason)
    return Judged(row.answer, _worded(row, reply), row.mode)


def _row(status: int | None, reply: Reply) -> Row | None:
    words = reply.text.lower()
    return next((row for row in ROWS if row.status == status and row.text in words), None)


def _worded(row: Row, reply: Reply) -> str:
    if row.answer is LOST and row.status in (200, 400):
        return row.code
    words = reply.text or f"HTTP {reply.status}"
    said = f"{row.code}: {words}" if row.code else words
    return f"{said}, retry after {reply.wait_ms / 1_000:g} s" if reply.wait_ms and row.code else said


def _accepted(reply: Reply, order: OrderId) -> Judged:
    """A 200 counts only when it names this order and complains of nothing; `success` alone says neither."""
    body = reply.body
    if not isinstance(body, dict):
        return Judged(Answer.LOST, "an answer that is no JSON object")
    named, words, status = body.get("orderID"), reply.text, str(body.get("status"))
    if words:
        if named == order and body.get("success") is True:
            return Judged(Answer.LOST, f"accepted and refused at once: {words}")
        return _refused(200, reply)
    if body.get("success") is False:
        return Judged(Answer.REJECTED, f"refused without a word, status {status[:40]!r}")
    if named == order and body.get("success") is True and status in ACCEPTED:
        return Judged(Answer.RESTING)
    if named == order and body.get("success") is True and status in HELD:
        return Judged(Answer.LOST, f"{status}: with the venue, and not known to be on its book")
    return Judged(Answer.LOST, "an answer of another shape")
