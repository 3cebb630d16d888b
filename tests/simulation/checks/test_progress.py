"""What must come back after healing: said when its time is over, and not before."""

import pytest

from messages.values import Side
from simulation.checks.progress import Progress
from tests.factories import retired
from tests.simulation.checks.stage import MARKET, History


@pytest.fixture
def history():
    return History()


class House:
    """How the house is, set by hand."""

    def __init__(self) -> None:
        self.lacks = {"waiting": ["maker"], "orphaned": ["m"], "behind": ["risk"]}

    def waiting(self):
        return self.lacks["waiting"]

    def orphaned(self):
        return self.lacks["orphaned"]

    def behind(self):
        return self.lacks["behind"]


def everything(history):
    return history.watched_by(Progress(history.ward, House(), lambda: [MARKET]))


def test_what_is_missing_after_healing_is_said_when_its_time_is_over(history):
    progress = everything(history)
    history.account = None
    progress.second()
    assert history.found == []
    progress.heal()
    history.wait(59)
    progress.second()
    assert history.found == []
    history.wait(80)
    progress.second()

    assert sorted(history.found) == ["L1", "L2", "L3", "L4", "L5"]


def test_what_comes_back_in_time_is_never_said(history):
    house = House()
    progress = history.watched_by(Progress(history.ward, house, lambda: [MARKET]))
    progress.heal()
    house.lacks = {"waiting": [], "orphaned": [], "behind": []}
    for name, side, price in (("bid", Side.BID, 40), ("ask", Side.ASK, 60)):
        assert not progress.is_restored
        history.intend(name, side, price=price)
        history.accept(name)
        progress.second()
    history.wait(140)
    progress.second()

    assert progress.is_restored
    assert history.found == []


def test_l2_asks_for_no_quote_where_the_only_market_is_being_worked_off(history):
    progress = everything(history)
    history.commit(retired(MARKET.id))
    progress.heal()
    history.wait(140)
    progress.second()

    assert "L2" not in history.found


def test_l6_an_order_that_rests_after_the_stop_is_said(history):
    progress = history.watched_by(Progress(history.ward, House()))
    history.intend("a")
    history.accept("a")
    progress.stop()
    history.wait(19)
    progress.second()
    assert history.found == []
    history.wait(2)
    progress.second()

    assert history.found == ["L6"]
