"""Says the same thing not too often, and how often it was kept back."""

from __future__ import annotations

from messages.values import SECOND, RealNs

MAX_KEYS = 2_048
"""Things remembered at once; beyond it the oldest is forgotten and may be said again early."""


class Throttle:
    """Lets a key pass once in its span of real time."""

    def __init__(self) -> None:
        self._passed: dict[str, tuple[RealNs, int]] = {}

    def passes(self, key: str, span_s: float, now: RealNs) -> int | None:
        """How many were kept back since the last that passed (0: none), or None: keep this one back too."""
        found = self._passed.pop(key, None)
        if found is not None and now - found[0] < span_s * SECOND:
            self._passed[key] = (found[0], found[1] + 1)
            return None
        if len(self._passed) >= MAX_KEYS:
            del self._passed[next(iter(self._passed))]
        self._passed[key] = (now, 0)
        return 0 if found is None else found[1]

    def clear(self) -> None:
        """Forget what was said."""
        self._passed.clear()
