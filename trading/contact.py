"""Whether the venue hears us and we hear it: the user stream, and the dead-man switch."""

from __future__ import annotations

from messages.values import SECOND, RealNs

STREAM_PATIENCE_NS = 20 * SECOND
"""Real time without a word on the user stream after which it is not trusted."""
BEAT_PATIENCE_NS = 8 * SECOND
"""Real time without an acknowledged beat; two seconds later the venue may cancel everything."""
FOREIGN_BEATS = 2
"""Refused beats in a row, each after an acknowledged one, that prove another engine on our key."""


class Contact:
    """Volatile: a new life begins blind and unheard."""

    def __init__(self) -> None:
        self.is_blind = True
        """What the user stream did not tell was not read yet."""
        self._opened_at: RealNs | None = None
        self._heard_at = RealNs(0)
        self._beaten_at: RealNs | None = None
        self._foreign = 0

    # The user stream.

    def opened(self, now: RealNs) -> None:
        """It is connected; what it missed is to be read."""
        self._opened_at = self._heard_at = now

    def heard(self, at: RealNs) -> None:
        """It answers, however quiet it is."""
        self._heard_at = max(self._heard_at, at, key=int)

    def lost(self) -> bool:
        """It is gone; whether that makes us blind, who saw before."""
        saw, self.is_blind = not self.is_blind, True
        self._opened_at = None
        return saw

    def read(self, begun_at: RealNs) -> None:
        """The account was read from this moment on: with an open stream before it nothing is missing."""
        self.is_blind = self._opened_at is None or self._opened_at >= begun_at

    # The dead-man switch.

    def beaten(self, at: RealNs) -> None:
        """The venue knows that we live."""
        self._beaten_at, self._foreign = at, 0

    def missed(self, foreign: bool) -> bool:
        """It does not; whether this proves that somebody else beats with our key, said once."""
        self._foreign += foreign
        return foreign and self._foreign == FOREIGN_BEATS

    def trouble(self, now: RealNs) -> str:
        """Why nothing new may be placed; empty when it may."""
        if self._foreign >= FOREIGN_BEATS:
            return "another engine beats with this key"
        if self.is_blind:
            return "the user stream is down"
        if now - self._heard_at > STREAM_PATIENCE_NS:
            return "the user stream is silent"
        if self._beaten_at is None or now - self._beaten_at > BEAT_PATIENCE_NS:
            return "the venue does not hear our beats"
        return ""
