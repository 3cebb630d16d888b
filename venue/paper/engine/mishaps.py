"""Settlements that go wrong on purpose: the next ones, or a share of all, of one wallet or of everybody's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from messages.values import MICRO
from venue.paper.engine.terms import Trade

FULL = 1 << 64


class Mishap(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a settlement: RETRYING so many times, then FAILED, or (not `fails`) mined after all."""

    retries: int = 1
    fails: bool = True


class MishapRule(msgspec.Struct, kw_only=True):
    """Which settlements a mishap happens to."""

    mishap: Mishap
    maker: str | None = None
    """An address on either side of the trade; None: anybody's."""
    left: int | None = None
    """How many more; None: no end."""
    share: int = MICRO
    """Of those it looks at, millionths."""
    seed: int = 0
    seen: int = 0
    """How many it has looked at; with the seed it decides the draw."""


Asked = Callable[[Trade], Mishap | None]
"""Somebody else who may have plans for a trade."""


class Mishaps:
    """Asked once for every trade, when it is matched. The first that has plans for it counts."""

    def __init__(self) -> None:
        self._rules: list[MishapRule] = []
        self.others: list[Asked] = []
        """Asked before the rules."""

    def add(self, rule: MishapRule) -> None:
        """From the next match on."""
        self._rules.append(rule)

    def clear(self) -> None:
        """Nothing goes wrong any more, but for what was decided already."""
        self._rules.clear()

    def of(self, trade: Trade) -> Mishap | None:
        """What will go wrong with this one."""
        for ask in self.others:
            meant = ask(trade)
            if meant is not None:
                return meant
        for rule in self._rules:
            if rule.maker is not None and rule.maker not in _addresses(trade):
                continue
            rule.seen += 1
            if not _drawn(rule):
                continue
            if rule.left is not None:
                rule.left -= 1
                self._rules = [kept for kept in self._rules if kept.left != 0]
            return rule.mishap
        return None


def _drawn(rule: MishapRule) -> bool:
    if rule.share >= MICRO:
        return True
    mark = hashlib.blake2b(f"mishap:{rule.seed}:{rule.seen}".encode(), digest_size=8).digest()
    return int.from_bytes(mark, "big") * MICRO < rule.share * FULL


def _addresses(trade: Trade) -> list[str]:
    return [trade.taker_maker, *(leg.maker for leg in trade.legs)]
