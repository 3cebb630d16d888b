"""Two books held against each other: what differs twice in a row is no delay any more."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

from messages.values import Money, RealNs, Size

Subject = TypeVar("Subject", bound=Hashable)
TWICE = 2
DUST = 10_000
"""Millionths of a share (0.01): two books that are this close agree."""


class Difference(msgspec.Struct, frozen=True):
    """What one book says and the other does not."""

    believed: Size
    said: Size

    @property
    def amount(self) -> Money:
        """Dollars it is worth at most: one for each share."""
        return Money(abs(self.said - self.believed))


def difference(least: Size, most: Size, said: Size) -> Difference | None:
    """How far the other book is from what ours leaves open; None: it agrees."""
    if least - DUST <= said <= most + DUST:
        return None
    return Difference(least if said < least else most, said)


class Drift(Generic[Subject]):
    """Differences by subject, and how often in a row each was found. Volatile."""

    def __init__(self) -> None:
        self._found: dict[Subject, int] = {}

    @property
    def is_suspicious(self) -> bool:
        """Something differed when it was looked at last."""
        return bool(self._found)

    def looked(
        self, at: Iterable[Subject], found: Mapping[Subject, Difference]
    ) -> tuple[list[Subject], list[Subject]]:
        """What differs for the first time, and what for the second time in a row; `at` was looked at."""
        first, again = list[Subject](), list[Subject]()
        for subject in at:
            if subject not in found:
                self._found.pop(subject, None)
                continue
            times = self._found[subject] = self._found.get(subject, 0) + 1
            if times == 1:
                first.append(subject)
            elif times == TWICE:
                again.append(subject)
        return first, again

    def forget(self, subject: Subject) -> None:
        """It was settled otherwise."""
        self._found.pop(subject, None)


class Steady(Generic[Subject]):
    """What two reads say alike, the second one begun some time after the first: nothing between them explains it.
    Volatile."""

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._first: dict[Subject, tuple[int, RealNs]] = {}

    def stands(self, subject: Subject, amount: int, begun_at: RealNs) -> bool:
        """A read that was begun then says so; whether one before it did, long enough ago."""
        known = self._first.get(subject)
        if known is None or known[0] != amount:
            self._first[subject] = amount, begun_at
            return False
        return begun_at - known[1] >= self._span_ns

    def forget(self, subject: Subject) -> None:
        """It was settled, or is no question any more."""
        self._first.pop(subject, None)


class Patience(Generic[Subject]):
    """What is doubted is believed all the same once it has been said for long enough. Volatile."""

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._since: dict[Subject, RealNs] = {}

    def doubts(self, subject: Subject, now: RealNs) -> bool:
        """It is doubtful now; whether it stays doubted."""
        return now - self._since.setdefault(subject, now) < self._span_ns

    def forget(self, subject: Subject) -> None:
        """It is not doubtful, or no question any more."""
        self._since.pop(subject, None)
