"""Whether the venue's clock and ours agree: what is signed carries our seconds, what expires does so by theirs."""

from __future__ import annotations

from messages.system import AlertKind, Announce, Severity

WARN_MS = 2_000
"""Apart by more than this: said."""
MAX_MS = 5_000
"""Apart by more than this: nothing is placed until it is less than `WARN_MS` again."""
CALM_MS = 1_000
"""What was said is taken back below this."""


class VenueClock:
    """Volatile: the next gateway looks for itself. Until the first look it is held for right."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        """By the last look; negative: behind."""
        self.is_wrong = False
        self._is_off = False

    def read(self, ahead_ms: int) -> bool:
        """One more look; whether it is too far off from now on."""
        apart, was_wrong = abs(ahead_ms), self.is_wrong
        self.ahead_ms = ahead_ms
        self.is_wrong = apart > (WARN_MS if was_wrong else MAX_MS)
        return self.is_wrong and not was_wrong

    def news(self) -> Announce | None:
        """What people should know since they were told last; None while that is nothing."""
        was_off = self._is_off
        self._is_off = self.is_wrong or abs(self.ahead_ms) > (CALM_MS if was_off else WARN_MS)
        if self._is_off == was_off:
            return None
        text = words(self.ahead_ms) if self._is_off else "the venue's clock agrees with ours again"
        severity = Severity.WARNING if self._is_off else Severity.INFO
        return Announce(severity=severity, text=text, about=AlertKind.RISK)

    def trouble(self) -> str:
        """Why nothing new may be placed; empty when it may."""
        return words(self.ahead_ms) if self.is_wrong else ""


def words(ahead_ms: int) -> str:
    """How far apart the clocks are, for people."""
    way = "ahead of" if ahead_ms > 0 else "behind"
    return f"the venue's clock is {abs(ahead_ms) / 1000:.1f} s {way} ours"
