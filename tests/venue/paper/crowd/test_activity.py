from __future__ import annotations

import numpy as np
import pytest

from venue.paper.crowd.activity import CALM_S, HOT_S, Activity
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import DAY_S

DAYS = 150


def states(activity: Activity, days: int) -> tuple[np.ndarray, np.ndarray]:
    """Spans of equal activity, one after the other: seconds, and how fast busy time runs."""
    spans, paces = list[float](), list[float]()
    for day in range(days):
        bend = activity.day(day)
        for length, busy in zip(np.diff(bend.at), np.diff(bend.busy), strict=True):
            if sum(spans) >= (day + 1) * DAY_S - 1e-6 or length < 1e-6:
                continue
            pace = round(float(busy / length), 6)
            if paces and paces[-1] == pace:
                spans[-1] += float(length)
            else:
                spans.append(float(length))
                paces.append(pace)
            over = sum(spans) - (day + 1) * DAY_S
            if over > 0:
                spans[-1] -= over
    return np.array(spans), np.array(paces)


def test_calm_lasts_an_hour_and_hot_twenty_minutes_in_the_mean() -> None:
    spans, paces = states(Activity(Draws(7, "a-market"), 3.0), DAYS)

    assert set(paces) == {1.0, 3.0}
    assert spans[paces == 1].mean() == pytest.approx(CALM_S, rel=0.08)
    assert spans[paces == 3].mean() == pytest.approx(HOT_S, rel=0.08)
    assert spans.sum() == pytest.approx(DAYS * DAY_S)


def test_a_day_goes_on_where_the_one_before_ended_also_when_it_is_asked_for_alone() -> None:
    in_order = Activity(Draws(5, "a-market"), 3.0)
    for day in range(6):
        bend = in_order.day(day)
        midnight = np.array([DAY_S - 1.0, DAY_S + 1.0, 2.0 * DAY_S])
        alone = Activity(Draws(5, "a-market"), 3.0).day(day + 1)
        passed = bend.busy_at(midnight) - bend.busy_at(np.array([float(DAY_S)]))
        assert alone.busy_at(midnight[1:] - DAY_S) == pytest.approx(passed[1:])


def test_busy_time_can_be_read_both_ways() -> None:
    bend = Activity(Draws(5, "a-market"), 3.0).day(2)
    at = np.linspace(0, 2 * DAY_S, 1_000)

    assert bend.at_busy(bend.busy_at(at)) == pytest.approx(at)
