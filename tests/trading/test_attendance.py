"""Traders that mind their orders no more are known by the roster."""

import pytest

from messages.system import ABSENT, EngineState, Presence, Roster
from messages.values import RoleName
from runtime.child import Phase
from trading.attendance import Attendance

MAKER = RoleName("maker")


def a_roster(incarnation: int, state: str = "ready") -> Roster:
    """The maker, like this."""
    return Roster(
        engine=EngineState.RUNNING,
        present=(Presence(role=MAKER, incarnation=incarnation, pid=1, state=state),),
    )


def test_who_is_there_all_the_time_is_not_gone():
    attendance = Attendance()

    assert [attendance.gone(a_roster(7)) for _ in range(3)] == [[], [], []]


def test_who_was_replaced_was_gone_once():
    attendance = Attendance()
    attendance.gone(a_roster(7))

    assert [attendance.gone(a_roster(8)) for _ in range(2)] == [[MAKER], []]


@pytest.mark.parametrize("state", sorted(ABSENT))
def test_who_is_not_there_is_gone_as_long_as_that_lasts(state):
    attendance = Attendance()

    assert [attendance.gone(a_roster(7, state)) for _ in range(2)] == [[MAKER], [MAKER]]
    assert attendance.gone(a_roster(8)) == [MAKER]


def test_every_way_of_not_being_there_is_one_of_the_supervisors():
    assert set(Phase) - {Phase.STARTING, Phase.READY, Phase.STOPPING} == ABSENT
