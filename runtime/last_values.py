"""The last word on each subject, for whoever subscribes later. What is not repeated any more is forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from messages.values import SECOND, RealNs

KEPT_NS = 15 * SECOND
"""A State is repeated within seconds, real time; one that was not for so long is of something that is over."""


class LastValues:
    """The newest frames of each key."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[RealNs, list[bytes]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, key: str, frames: list[bytes], now: RealNs) -> None:
        """These are the newest of this key."""
        if key not in self._kept:
            self._forget(now)
        self._kept[key] = (now, frames)

    def under(self, prefix: bytes, now: RealNs) -> Iterator[list[bytes]]:
        """Frames of the keys that begin like this."""
        self._forget(now)
        for key, (_, frames) in self._kept.items():
            if key.encode().startswith(prefix):
                yield frames

    def _forget(self, now: RealNs) -> None:
        for key in [key for key, (at, _) in self._kept.items() if now - at > KEPT_NS]:
            del self._kept[key]
