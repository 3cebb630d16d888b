"""What stream and REST said of a market's price grid, each with the venue's stamp."""

from __future__ import annotations

from messages.values import Price

SPAN_MS = 60_000
"""Venue time by which a word may be late. What is further behind another one is of a clock that was set, and counts."""

Word = tuple[int, Price]


class GridWords:
    """The newest word of each; one that is older and says otherwise is late.

    REST's stamps may come from another server than the stream's: they are held against whole books, which name
    the grid they were made on, and not against the stream's own word of a change.
    """

    __slots__ = ("_rest", "_stream")

    def __init__(self, tick: Price) -> None:
        self._stream: Word = (0, tick)
        self._rest: Word = (0, tick)

    def stream_says(self, tick: Price | None, at: int) -> None:
        """A book, or the word of a change."""
        self._stream = _newer(self._stream, tick, at)

    def rest_says(self, tick: Price | None, at: int) -> None:
        """REST's book names its grid."""
        self._rest = _newer(self._rest, tick, at)

    def is_late_book(self, tick: Price | None, at: int) -> bool:
        """A book of another grid than a newer word names."""
        return _is_late(self._stream, tick, at) or _is_late(self._rest, tick, at)

    def is_late_change(self, tick: Price, at: int) -> bool:
        """The stream said something newer itself."""
        return _is_late(self._stream, tick, at)


def _newer(known: Word, tick: Price | None, at: int) -> Word:
    is_newest = at >= known[0] or known[0] - at >= SPAN_MS
    return (at, tick) if tick is not None and at > 0 and is_newest else known


def _is_late(known: Word, tick: Price | None, at: int) -> bool:
    return tick not in (None, known[1]) and at > 0 and 0 < known[0] - at < SPAN_MS
