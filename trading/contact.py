"""Whether the venue hears us and we hear it: the user stream, and the dead-man switch."""

from __future__ import annotations

from messages.values import SECOND, RealNs

STREAM_PATIENCE_NS = 20 * SECOND
"""Real time without a word on the user stream after which it is not trusted."""
BEAT_PATIENCE_NS = 8 * SECOND
"""Real time without an acknowledged beat; two seconds later the venue may cancel everything."""
SIGHT_NS = 5 * SECOND
"""Real time that a read of the account stands in for a blind stream."""


class Contact:
    """Volatile: a new life begins blind and unheard."""

    def __init__(self) -> None:
        self.is_blind = True
        """What the user stream did not tell was not read yet."""
        self.rival = ""
        """Why we hold that somebody else trades this account, until a person says to go on; empty while not."""
        self._opened_at: RealNs | None = None
        self._heard_at = RealNs(0)
        self._read_at = RealNs(0)
        self._beaten_at: RealNs | None = None

    # The user stream.

    def opened(self, now: RealNs) -> None:
        """It is connected; what it missed is to be read."""
        self._opened_at = self._heard_at = now

    def heard(self, at: RealNs) -> None:
        """It answers, however quiet it is."""
        self._heard_at = max(self._heard_at, at, key=int)

    @property
    def is_open(self) -> bool:
        """The user stream is connected."""
        return self._opened_at is not None

    def lost(self) -> bool:
        """It is gone; whether that makes us blind, who saw before."""
        saw, self.is_blind = not self.is_blind, True
        self._opened_at = None
        return saw

    def read(self, begun_at: RealNs) -> None:
        """The account was read from this moment on: with an open stream before it nothing is missing."""
        self.is_blind = self._opened_at is None or self._opened_at >= begun_at
        self._read_at = begun_at

    def blindness(self, now: RealNs) -> str:
        """Why what happens to our orders is heard late; empty while it is heard at once."""
        if self.is_blind:
            return "the user stream is down"
        return "the user stream is silent" if now - self._heard_at > STREAM_PATIENCE_NS else ""

    # The dead-man switch.

    def beaten(self, at: RealNs) -> None:
        """The venue knows that we live."""
        self._beaten_at = at

    def missed(self, foreign: bool, reason: str) -> bool:
        """It does not; whether this is the first proof that somebody else beats with our key.

        A beat that is refused after an acknowledged one is that proof: the chain of ids has one owner.
        """
        is_news = foreign and not self.rival
        if is_news:
            self.rival = reason
        return is_news

    def resumed(self) -> None:
        """A person says that nobody else trades this account any more."""
        self.rival = ""

    def beat_age_ns(self, now: RealNs) -> int | None:
        """Real time since the last acknowledged beat; None before the first."""
        return None if self._beaten_at is None else max(0, now - self._beaten_at)

    # Both.

    def trouble(self, now: RealNs, *, is_exit: bool = False) -> str:
        """Why nothing new may be placed; empty when it may.

        Quotes wait until the stream is back. Exits go on as long as the account is read instead: what they
        sell is settled, and a read tells of their fills within a second.
        """
        if self.rival:
            return f"another engine trades this account: {self.rival}"
        blindness = self.blindness(now)
        if blindness and not (is_exit and now - self._read_at <= SIGHT_NS):
            return blindness
        age = self.beat_age_ns(now)
        return "the venue does not hear our beats" if age is None or age > BEAT_PATIENCE_NS else ""
