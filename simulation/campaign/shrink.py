"""From a run that fails to one that fails with as little as possible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from simulation.world.run import Outcome, run
from simulation.world.strokes import Stroke

T = TypeVar("T")
MOST = 200
"""Runs that a search may cost."""


def shrunk(
    outcome: Outcome, seconds: float, on_try: Callable[[int, int], None] = lambda tries, left: None
) -> Outcome:
    """The failing run again with the fewest strokes and lies found that still fail in the same way.

    Each try is a whole run; after `MOST` of them the smallest so far is given. `on_try` hears how many were made
    and how much is left in the run.
    """
    kind = _kind(outcome)
    best = outcome
    tries = 0

    def fails(strokes: Sequence[Stroke], severities: Mapping[str, float]) -> bool:
        nonlocal best, tries
        if tries >= MOST:
            return False
        tries += 1
        on_try(tries, len(strokes) + len(severities))
        again = run(outcome.seed, seconds, severities=severities, planned=tuple(strokes))
        if _kind(again) & kind:
            best = again
            return True
        return False

    strokes = smallest(outcome.strokes, lambda some: fails(some, outcome.severities))
    names = smallest(
        tuple(outcome.severities),
        lambda some: fails(strokes, {name: outcome.severities[name] for name in some}),
    )
    smallest(strokes, lambda some: fails(some, {name: outcome.severities[name] for name in names}))
    return best


def smallest(whole: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> Sequence[T]:
    """A part of `whole` that still fails and of which no chunk can be left out (delta debugging)."""
    kept = list(whole)
    chunk = max(1, len(kept) // 2)
    while kept:
        start = 0
        while start < len(kept):
            some = kept[:start] + kept[start + chunk :]
            if fails(some):
                kept = some
            else:
                start += chunk
        if chunk == 1:
            break
        chunk = max(1, chunk // 2)
    return kept


def _kind(outcome: Outcome) -> set[str]:
    return {breach.invariant for breach in outcome.breaches} | {crash.role for crash in outcome.crashes}
