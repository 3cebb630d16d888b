"""What a run's venue and world lie about: each run draws its own faults and how bad they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random

from messages.values import SECOND, RealNs
from simulation.exchange.faults import BY_ID, FAULTS, Fault, How
from simulation.exchange.timing import Timing

SHARE = 0.7
"""Of the faults are on in a run: a fault that hides another one is absent often enough."""
MILDEST = 0.2


def draw(rng: Random, faults: Iterable[Fault] = FAULTS) -> dict[str, float]:
    """The faults of one run with their severities, 0 to 1 of the catalogue's."""
    found = {}
    for fault in faults:
        is_on, severity = rng.random() < SHARE, rng.uniform(MILDEST, 1.0)
        if is_on:
            found[fault.id] = severity
    return found


class Lies:
    """Asked wherever something may go wrong. Says nothing of its own once it is healed."""

    def __init__(self, timing: Timing, severities: Mapping[str, float]) -> None:
        """`severities` by fault id; what is not in it never strikes. Raises KeyError for an unknown id."""
        self._timing = timing
        self._rates = {id_: _rate(BY_ID[id_], severity) for id_, severity in severities.items()}
        self._until: dict[str, RealNs] = {}
        self._strokes: list[tuple[str, Callable[[], None]]] = []
        self.is_healed = False
        self._fair_until = RealNs(0)
        self.counts: dict[str, int] = dict.fromkeys(severities, 0)
        """How often each struck."""

    @property
    def rng(self) -> Random:
        """For what a fault must decide besides."""
        return self._timing.rng

    def begin(self) -> None:
        """Spells and strokes are planned from now on."""
        for id_ in self._rates:
            if BY_ID[id_].how is How.WINDOW:
                self._plan_spell(id_)
        for id_, do in self._strokes:
            self._plan_stroke(id_, do)

    def heal(self) -> None:
        """From now on nothing goes wrong any more; what has gone wrong stays."""
        self.is_healed = True
        self._until.clear()

    def play_fair(self, span_ns: int) -> None:
        """So long nothing happens by chance: what only shows where all else goes well is to be seen as well."""
        self._fair_until = max(self._fair_until, self._timing.now() + span_ns, key=int)

    def strikes(self, id_: str) -> bool:
        """Whether this happens now (`How.CHANCE`)."""
        rate = self._rates.get(id_)
        if rate is None or self.is_healed or self._timing.rng.random() >= rate:
            return False
        if self._timing.now() < self._fair_until:
            return False
        self.counts[id_] += 1
        return True

    def on(self, id_: str) -> bool:
        """Whether a spell of this is on (`How.WINDOW`)."""
        until = self._until.get(id_)
        return until is not None and self._timing.now() < until

    def lasting(self, id_: str) -> int:
        """Nanoseconds for one stroke of a fault that lasts: between nothing and twice its mean."""
        return round(self._timing.rng.random() * 2 * BY_ID[id_].lasts_s * SECOND)

    def strike(self, id_: str, do: Callable[[], None]) -> None:
        """Do this at each of its strokes (`How.MOMENT`), if it is on in this run. Before `begin`."""
        if id_ in self._rates:
            self._strokes.append((id_, do))

    def _plan_spell(self, id_: str) -> None:
        rng = self._timing.rng
        at = self._timing.now() + round(rng.expovariate(1 / self._rates[id_]) * SECOND)
        self._timing.call_at(at, lambda: self._spell(id_))

    def _spell(self, id_: str) -> None:
        if self.is_healed:
            return
        self.counts[id_] += 1
        span = round(self._timing.rng.expovariate(1 / BY_ID[id_].lasts_s) * SECOND)
        self._until[id_] = self._timing.now() + min(span, round(3 * BY_ID[id_].lasts_s * SECOND))
        self._timing.call_at(self._until[id_], lambda: self._plan_spell(id_))

    def _plan_stroke(self, id_: str, do: Callable[[], None]) -> None:
        rng = self._timing.rng
        at = self._timing.now() + round(rng.expovariate(1 / self._rates[id_]) * SECOND)
        self._timing.call_at(at, lambda: self._stroke(id_, do))

    def _stroke(self, id_: str, do: Callable[[], None]) -> None:
        if self.is_healed:
            return
        self.counts[id_] += 1
        do()
        self._plan_stroke(id_, do)


def _rate(fault: Fault, severity: float) -> float:
    return fault.rate * severity if fault.how is How.CHANCE else fault.rate / severity
