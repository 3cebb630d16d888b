from __future__ import annotations

import statistics

from benchmarks.crowd_probe import probe
from venue.paper.crowd.characters import INPLAY


def test_who_joins_the_best_prices_without_a_thought_is_worse_off_the_more_others_know() -> None:
    """In play, six seeds of an hour each; `python -m benchmarks.crowd_probe` for all characters and what it nets."""
    harmless, poisoned = ([probe(INPLAY, times, seed, 1) for seed in range(6)] for times in (0.5, 4.0))
    lost = [before.edge - after.edge for before, after in zip(harmless, poisoned, strict=True)]

    assert statistics.fmean(lost) > 2 * statistics.stdev(lost) / 6**0.5
    assert statistics.fmean(result.edge for result in poisoned) < 0
    assert min(result.filled for result in harmless) > 500
