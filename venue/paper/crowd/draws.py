"""Chance without memory: every draw follows from (seed, market, stream, number), whatever was drawn elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

Made = TypeVar("Made")

_WORD = 1 << 64


class Draws:
    """The streams of one market, counter-based: block `n` of a stream is drawn without those before it."""

    def __init__(self, seed: int, market: str) -> None:
        self._name = f"{seed}:{market}"
        self._keys: dict[str, int] = {}

    def stream(self, name: str, n: int = 0) -> np.random.Generator:
        """Block `n` of a stream, at its beginning; `n` may be negative."""
        key = self._keys.get(name)
        if key is None:
            named = hashlib.blake2b(f"{self._name}:{name}".encode(), digest_size=16)
            key = self._keys[name] = int.from_bytes(named.digest(), "little")
        return np.random.Generator(np.random.Philox(key=key, counter=(n % _WORD) << 192))


class Kept(Generic[Made]):
    """The last few results of a pure function of a number."""

    def __init__(self, make: Callable[[int], Made], most: int) -> None:
        self._make = make
        self._most = most
        self._kept: dict[int, Made] = {}

    def __call__(self, n: int) -> Made:
        """The function's value, made anew if it was forgotten."""
        found = self._kept.get(n)
        if found is None:
            found = self._kept[n] = self._make(n)
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return found
