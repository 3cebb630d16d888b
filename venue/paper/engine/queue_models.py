"""How much of a cancel at a replayed level was ahead of our order, which no tape says: three models (TRADING §8).

Rounding is against us: the share behind is rounded up to a whole millionth, the size behind to a whole millionth
of a share.
"""

from __future__ import annotations

import math

import msgspec

from messages.values import MICRO


class QueueModel(msgspec.Struct, frozen=True):
    """A rule for cancels; sizes are millionths of shares, ahead of us (`front`) and behind us (`back`)."""

    def behind(self, front: int, back: int) -> float:
        """The share of a cancel that hits those behind us, 0 to 1. Called with a positive front and back."""
        raise NotImplementedError

    def ahead(self, canceled: int, front: int, back: int) -> int:
        """The size by which a cancel of at most `front + back` shortens our queue; what finds no room behind
        us was ahead."""
        if not front or not back:
            return min(canceled, front)
        share = min(MICRO, math.ceil(self.behind(front, back) * MICRO))
        behind = min(back, -(-canceled * share // MICRO))
        return min(front, canceled - behind)


class Pessimistic(QueueModel, frozen=True):
    """Nobody ahead of us ever cancels, as long as that is possible."""

    def behind(self, front: int, back: int) -> float:
        """All of it."""
        return 1.0


class Proportional(QueueModel, frozen=True):
    """Rigtorp's rule: the logarithms of the two sizes, in shares, weigh the cancel."""

    def behind(self, front: int, back: int) -> float:
        """`log(1 + back) / (log(1 + back) + log(1 + front))`, sizes in shares."""
        behind, before = math.log1p(back / MICRO), math.log1p(front / MICRO)
        return behind / (behind + before)


class Power(QueueModel, frozen=True):
    """The shorter the queue before us, the less of it cancels; `n` = 1 is a uniform draw."""

    n: float = 3.0

    def behind(self, front: int, back: int) -> float:
        """`1 − (front / (front + back))^n`."""
        return float(1 - (front / (front + back)) ** self.n)


PESSIMISTIC = Pessimistic()


def queue_model(name: str) -> QueueModel:
    """The model called so: `pessimistic`, `proportional`, `power`, or `power:N` with another exponent than 3.

    Raises ValueError for any other name and for an exponent that is not above 0.
    """
    kind, _, exponent = name.partition(":")
    match kind:
        case "pessimistic" if not exponent:
            return PESSIMISTIC
        case "proportional" if not exponent:
            return Proportional()
        case "power":
            n = _number(exponent) if exponent else 3.0
            if 0 < n < math.inf:
                return Power(n)
    raise ValueError(f"{name!r} is no queue model: pessimistic, proportional, power or power:N")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
