"""Whether something may have been seen before, answered without looking it up in most cases."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

BITS = 24


class Seen:
    """A bit for each of 16 million remainders: a name whose bit is not set is certainly new. Two megabytes."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._bits = bytearray(1 << BITS - 3)
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """It is seen from now on."""
        at = crc32(name.encode()) >> 32 - BITS
        self._bits[at >> 3] |= 1 << (at & 7)

    def maybe(self, name: str) -> bool:
        """False: it was never added. True: it may have been."""
        at = crc32(name.encode()) >> 32 - BITS
        return bool(self._bits[at >> 3] >> (at & 7) & 1)
