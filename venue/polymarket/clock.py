"""What the venue's `GET /time` says of its clock: whole seconds, some time between the asking and the answer."""

from __future__ import annotations

from collections.abc import Iterable

from messages.account import VenueClockRead
from messages.orders import NEVER
from messages.values import MS, SECOND, RealNs
from venue.polymarket.transport import Reply

MAX_SECONDS = 10**11
"""Later than this is no time."""


def clock_read(replies: Iterable[Reply], now: RealNs, wall_ns: int) -> VenueClockRead | None:
    """How far ahead of our wall clock, which is `wall_ns` now, the venue's is at least, by the quickest answer.

    A second that was said is that second until the next one, and the moment it was said lies between asking and
    hearing: an apartness that this allows for is none. None without an answer that can be read.
    """
    readable = [reply for reply in replies if _seconds(reply) and NEVER < reply.sent_at <= reply.answered_at]
    if not readable:
        return None
    reply = min(readable, key=lambda reply: reply.answered_at - reply.sent_at)
    asked_at, heard_at = (wall_ns - (now - at) for at in (reply.sent_at, reply.answered_at))
    said_at = _seconds(reply) * SECOND
    least, most = said_at - heard_at, said_at + SECOND - asked_at
    ahead = least if least > 0 else min(most, 0)
    return VenueClockRead(ahead_ms=round(ahead / MS))


def _seconds(reply: Reply) -> int:
    said = reply.body
    is_time = reply.status == 200 and isinstance(said, int) and not isinstance(said, bool)
    return said if is_time and 0 < said < MAX_SECONDS else 0
