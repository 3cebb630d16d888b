"""Things noticed on the wire, said without flooding: the 1st, 2nd, 4th, 8th … of a kind."""

from __future__ import annotations

import re

from loguru import logger

MAX_KINDS = 256
"""Kinds counted apart; what is new after that is counted as one."""
_NUMBERS = re.compile(r"\d+")


class Notices:
    """Counts notices by what they say beside their numbers and their details."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def note(self, text: str) -> None:
        """Say it, if its count is a power of two."""
        kind = _NUMBERS.sub("#", text.partition(":")[0])[:80]
        if kind not in self._counts and len(self._counts) >= MAX_KINDS:
            kind = "other"
        count = self._counts.get(kind, 0) + 1
        self._counts[kind] = count
        if count & (count - 1) == 0:
            logger.warning("{} ({} times so far)", text, count)
