"""Settlements that go wrong on purpose, by the word of whoever has plans for them (the script of faults)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from venue.paper.engine.terms import Trade


class Mishap(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a settlement: RETRYING so many times, then FAILED, or (not `fails`) mined after all."""

    retries: int = 1
    fails: bool = True


Asked = Callable[[Trade], Mishap | None]
"""Somebody who may have plans for a trade."""


class Mishaps:
    """Asks for every trade once, when it is matched. The first who has plans for it counts."""

    def __init__(self) -> None:
        self._asked: list[Asked] = []

    def ask(self, asked: Asked) -> None:
        """From the next match on."""
        self._asked.append(asked)

    def ask_no_more(self, asked: Asked) -> None:
        """From the next match on; what was decided stands."""
        self._asked.remove(asked)

    def of(self, trade: Trade) -> Mishap | None:
        """What will go wrong with this one."""
        for asked in self._asked:
            meant = asked(trade)
            if meant is not None:
                return meant
        return None
