"""How a process's loop ends: asked to, by itself, or because nobody is there any more."""

from messages.orders import CancelOrder
from messages.system import Ping, Pong, StopActor
from messages.values import SECOND, CommandId, RealNs
from runtime.clock import real_now
from tests.factories import MARKET
from tests.runtime.host_stage import house

__all__ = ["house"]


def test_a_stop_lets_the_actor_come_to_its_own_end(house):
    house = house()
    house.lives()
    house.tell(StopActor(reason="enough"), StopActor(reason="really"))
    house.until(lambda: "stopping" in house.heard)
    for _ in range(20):
        house.pump()
        house.host.step()
    assert house.host.ended is None
    house.clerk.is_stopped, house.clerk.exit_code = True, 3
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 3
    assert house.heard.count("stopping") == 1


def test_the_end_waits_until_what_was_said_is_durable(house):
    house = house()
    house.lives()
    house.tell(CancelOrder(command=CommandId("c"), market=MARKET))
    house.until(lambda: house.journal.waiting)
    house.clerk.is_stopped = True
    house.tell(StopActor(reason="enough"))
    house.until(lambda: "stopping" in house.heard)
    assert house.host.ended is None
    house.journal.commit()
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 0


def test_a_stop_during_the_recovery_is_heard_after_it(house):
    house = house()
    house.waits()
    house.tell(StopActor(reason="enough"), Ping(nonce=1))
    house.until(lambda: house.supervisor.of(Pong))
    assert house.heard == []
    house.journal.answer()
    house.until(lambda: "stopping" in house.heard)

    assert house.heard == ["recovered", "stopping"]


def test_an_actor_with_nothing_to_do_at_its_end_need_not_recover_for_it(house):
    house = house()
    house.waits()
    house.clerk.is_stopped = True
    house.tell(StopActor(reason="enough"))
    house.until(lambda: house.host.ended is not None)

    assert (house.heard, house.host.ended) == ([], 0)


def test_a_process_whose_work_is_done_ends_by_itself(house):
    house = house()
    house.lives()
    house.clerk.is_finished = True
    house.until(lambda: house.host.ended is not None)

    assert house.host.ended == 0


def test_a_signal_ends_it_in_order(house):
    house = house()
    house.lives()
    house.clerk.is_stopped = True
    house.host.orphan.signal()
    house.until(lambda: house.host.ended is not None)

    assert (house.heard[-1], house.host.ended) == ("stopping", 0)


def test_a_supervisor_that_is_silent_for_half_a_minute_is_taken_for_dead(house):
    house = house()
    house.lives()
    house.clerk.is_stopped = True
    house.host._pinged_at = RealNs(int(real_now()) - 31 * SECOND)
    house.until(lambda: house.host.ended is not None)

    assert house.heard[-1] == "stopping"


def test_a_machine_that_slept_takes_nobody_for_dead(house):
    house = house()
    house.lives()
    asleep_since = RealNs(int(real_now()) - 40 * SECOND)
    house.host._pinged_at = house.host._housekept_at = asleep_since
    for _ in range(20):
        house.pump()
        house.host.step()

    assert "stopping" not in house.heard
