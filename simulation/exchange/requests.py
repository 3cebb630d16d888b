"""Requests to a venue and over a network that fail in every way: what arrives, what is done, what is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from messages.orders import NEVER
from messages.values import MS, SECOND, RealNs
from simulation.exchange.venue import Kind, SimulatedVenue
from venue.paper.engine.terms import Refused
from venue.polymarket.client import Reply

TIMEOUT_NS = 5 * SECOND
WEB_PAGE = "<html><body>Just a moment...</body></html>"
RETRY_AFTER = "2"
HELD_BACK = (Kind.ORDER, Kind.CANCEL, Kind.READ, Kind.BEAT)
"""By a door that has had enough of us."""
__all__ = ["Kind", "Wire", "no", "ok"]
Do = Callable[[], Reply]
"""What the venue does with a request when it arrives, and answers."""


def ok(body: Any) -> Reply:
    """200."""
    return Reply(status=200, body=body)


def no(status: int, words: str, **others: Any) -> Reply:
    """A refusal in the venue's words."""
    return Reply(status=status, body={"error": words, **others})


def refused(error: Refused) -> Reply:
    """The engine's refusal as its door spells it."""
    others: dict[str, Any] = {"code": error.code} if error.code else {}
    if error.retry_after_s is not None:
        others["retry_after_seconds"] = error.retry_after_s
    return no(error.status, error.text, **others)


class _Trip:
    """One request under way. What becomes of it at the venue does not depend on who asked being alive."""

    def __init__(self) -> None:
        self.reply: Reply | None = None


class Wire:
    """Between one process and the venue; while that is down nobody is there to connect to."""

    def __init__(self, venue: SimulatedVenue) -> None:
        self._venue = venue
        self._timing = venue.timing
        self._lies = venue.lies

    async def ask(self, kind: Kind, do: Do, timeout_ns: int = TIMEOUT_NS) -> Reply:
        """One request, once; whatever happens is a Reply."""
        lies, rng, timing = self._lies, self._timing.rng, self._timing
        if not self._venue.is_up or lies.strikes("F80b"):
            await timing.sleep(rng.randrange(1, 50) * MS)
            return self._unanswered("no connection", left=False)
        sent_at = timing.now()
        there, back = rng.randrange(5, 60) * MS, rng.randrange(5, 60) * MS
        trip = _Trip()
        late = self._delay(kind)
        is_lost = lies.strikes("F56")
        if not is_lost:
            timing.call_at(sent_at + there + late, lambda: self._arrive(trip, kind, do))
        if is_lost or lies.strikes("F57") or (kind is Kind.BEAT and lies.strikes("F77b")):
            await timing.sleep(timeout_ns)
            return self._unanswered("ReadTimeout", sent_at=sent_at)
        if lies.strikes("F80"):
            await timing.sleep(min(there, timeout_ns))
            return self._unanswered("RemoteProtocolError", sent_at=sent_at)
        await timing.sleep(min(there + late + back, timeout_ns))
        if trip.reply is None or there + late + back > timeout_ns:
            return self._unanswered("ReadTimeout", sent_at=sent_at)
        return self._stamped(trip.reply, sent_at)

    def _delay(self, kind: Kind) -> int:
        """A door that holds requests back does them all the same."""
        fault = "F61" if kind in (Kind.ORDER, Kind.CANCEL) else "F61b"
        if kind in HELD_BACK and self._lies.strikes(fault):
            return self._timing.rng.randrange(1, 20_000) * MS
        return 0

    def _arrive(self, trip: _Trip, kind: Kind, do: Do) -> None:
        if self._venue.is_up:
            trip.reply = self._turned_away(kind) or self._answered(kind, do)

    def _turned_away(self, kind: Kind) -> Reply | None:
        """Said before anything is done; None: it is done."""
        lies = self._lies
        if lies.on("F64") and kind not in (Kind.OPEN, Kind.PUBLIC):
            return no(self._timing.rng.choice((401, 403)), "Unauthorized/Invalid api key")
        if kind is Kind.BEAT and lies.on("F78"):
            return no(500, "internal server error")
        if kind is Kind.CANCEL and lies.on("F62"):
            return self._busy("cancel rate limit exceeded")
        if kind is Kind.ORDER and lies.strikes("F60"):
            return self._busy("order rate limit exceeded")
        if lies.strikes("F58a"):
            return self._in_trouble()
        return None

    def _answered(self, kind: Kind, do: Do) -> Reply:
        lies = self._lies
        try:
            reply = do()
        except Refused as error:
            return refused(error)
        if lies.strikes("F58b"):
            return self._in_trouble()
        if lies.strikes("F81"):
            return Reply(status=200, body=WEB_PAGE)
        if kind is Kind.ORDER and reply.status == 200 and lies.strikes("F65"):
            return no(400, "order is invalid. Duplicated.")
        return reply

    def _in_trouble(self) -> Reply:
        return Reply(status=self._timing.rng.choice((500, 502, 520)), body=WEB_PAGE)

    def _busy(self, words: str) -> Reply:
        return Reply(status=429, body={"error": words}, retry_after=RETRY_AFTER)

    def _unanswered(self, words: str, left: bool = True, sent_at: RealNs = NEVER) -> Reply:
        now = self._timing.now()
        return Reply(
            status=None, body=None, error=f"no answer: {words}", left=left, sent_at=sent_at, answered_at=now
        )

    def _stamped(self, reply: Reply, sent_at: RealNs) -> Reply:
        return Reply(
            status=reply.status,
            body=reply.body,
            error=reply.error,
            left=True,
            sent_at=sent_at,
            answered_at=self._timing.now(),
            retry_after=reply.retry_after,
        )
