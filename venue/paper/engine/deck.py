"""All that happens by itself in market time, played in one order: cues, tapes, participants."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol


class Rank(IntEnum):
    """Who goes first of those due at one instant; within a rank, who was put in first."""

    CUE = 0
    TAPE = 1
    PARTICIPANTS = 2


class Player(Protocol):
    """Something with a next move. Times are nanoseconds after market second 0."""

    def next_at(self) -> int | None:
        """When it moves next; None: never again."""

    def play(self) -> None:
        """Do what is due then; afterwards `next_at` is the same instant or later, or None."""


class Deck:
    """Players by the time of their next move. Cues are played once and forgotten."""

    def __init__(self) -> None:
        self._due: list[tuple[int, Rank, int]] = []
        """Time, rank, number; an entry whose time is not its player's `_at` is void."""
        self._players: dict[int, Player] = {}
        self._at: dict[int, int] = {}
        self._count = 0

    def put(self, player: Player, rank: Rank) -> Callable[[], None]:
        """Play it from now on. To be called back when its next move changed without its having played."""
        number = self._count
        self._count += 1
        self._players[number] = player
        self._queue(number, rank)
        return lambda: self._queue(number, rank)

    def cue(self, at: int, do: Callable[[], None]) -> None:
        """Do something once."""
        self.put(_Cue(at, do), Rank.CUE)

    def drop(self, player: Player) -> None:
        """Play it no more."""
        for number, known in self._players.items():
            if known is player:
                del self._players[number]
                self._at.pop(number, None)
                return

    def next_at(self) -> int | None:
        """When the next move is due; None when nobody has one."""
        due = self._due
        while due:
            at, _, number = due[0]
            if self._at.get(number) == at:
                return at
            heapq.heappop(due)
        return None

    def play(self) -> None:
        """Make the next move; `next_at` has just said when."""
        _, rank, number = heapq.heappop(self._due)
        del self._at[number]
        self._players[number].play()
        if rank is Rank.CUE:
            self._players.pop(number, None)
        else:
            self._queue(number, rank)

    def _queue(self, number: int, rank: Rank) -> None:
        player = self._players.get(number)
        at = player.next_at() if player else None
        if at is None:
            self._at.pop(number, None)
        elif self._at.get(number) != at:
            self._at[number] = at
            heapq.heappush(self._due, (at, rank, number))


class _Cue:
    def __init__(self, at: int, do: Callable[[], None]) -> None:
        self._at = at
        self._do = do

    def next_at(self) -> int:
        return self._at

    def play(self) -> None:
        self._do()
