"""A process's loop recovers first: old Events through the same handlers, whatever comes meanwhile waits."""

import runtime.stash
import runtime.twin
from messages.market import WatchMarkets
from messages.orders import CancelOrder
from messages.system import ActorReady, Ping, Pong
from messages.values import CommandId
from runtime.clock import real_now
from runtime.image import picture, revive
from tests.factories import MARKET, OTHER, taken
from tests.runtime.ends import STILL
from tests.runtime.host_stage import WATCH, a_status, house

__all__ = ["house"]


def test_old_events_go_through_the_same_handlers_and_what_they_say_is_discarded(house):
    house = house()
    house.journal.have(taken(), taken(OTHER))
    house.lives()

    assert house.heard == [f"taken {MARKET}", f"taken {OTHER}", "recovered"]
    house.until(lambda: house.supervisor.of(WatchMarkets))
    for _ in range(20):
        house.pump()
        house.host.step()
    assert house.supervisor.of(WatchMarkets) == [WATCH], (
        "what was said when life began, and nothing of before"
    )


def test_an_old_event_is_handled_at_the_time_it_was_said(house):
    house = house()
    house.journal.have(taken())
    house.lives()

    assert house.clerk.times[0][0] == int(STILL.market_at)
    assert house.clerk.times[0][1] < house.clerk.times[1][1]


def test_a_start_is_the_snapshot_and_what_came_after_it(house):
    house = house(key="k")
    house.journal.have(taken(), taken(OTHER), taken())
    house.journal.snapshot = (2, picture({"heard": ["as it was"], "times": []}))
    house.lives()

    assert house.heard == ["as it was", f"taken {MARKET}", "recovered"]


def test_a_snapshot_that_shows_nothing_is_as_if_there_were_none(house):
    house = house(key="k")
    house.journal.have(taken(), taken(OTHER))
    house.journal.snapshot = (2, b"nothing")
    house.host.on_start()
    house.until(lambda: house.host.twin._before == 2)
    house.journal.snapshot = (0, b"")
    house.until(lambda: house.journal.asked and house.journal.subscribers)
    house.journal.answer()
    house.until(lambda: house.supervisor.of(ActorReady))

    assert house.heard == [f"taken {MARKET}", f"taken {OTHER}", "recovered"]


def test_snapshots_are_taken_of_what_was_heard_of_the_journal_and_of_nothing_else(house, monkeypatch):
    monkeypatch.setattr(runtime.twin, "EVERY", 2)
    house = house(key="k")
    house.journal.have(taken())
    house.lives()
    house.tell(a_status(1))
    house.journal.publish(taken(OTHER), taken())
    house.until(lambda: house.journal.snapshot[0])

    gseq, image = house.journal.snapshot
    assert (gseq, revive(image)["heard"]) == (3, [f"taken {MARKET}", f"taken {OTHER}", f"taken {MARKET}"])


def test_what_comes_during_the_recovery_waits_for_its_end_and_of_a_state_only_the_newest(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.tell(CancelOrder(command=CommandId("c"), market=MARKET), *(a_status(n) for n in range(50)))
    house.tell(a_status(7, OTHER), Ping(nonce=3))
    house.until(lambda: house.supervisor.of(Pong))
    assert house.heard == []
    house.journal.answer()
    house.until(lambda: "status 7" in house.heard)

    assert house.heard[:3] == [f"taken {MARKET}", "recovered", "cancel"]
    assert sorted(house.heard[3:]) == ["status 49", "status 7"]


def test_more_commands_than_can_be_kept_end_the_process(house, monkeypatch):
    monkeypatch.setattr(runtime.stash, "BOUND", 3)
    house = house()
    house.waits()
    house.tell(*(CancelOrder(command=CommandId("c"), market=MARKET) for _ in range(4)))
    house.until(lambda: house.host.ended)

    assert house.host.ended == 70


def test_states_of_a_busy_market_do_not_fill_a_long_recovery(house, monkeypatch):
    monkeypatch.setattr(runtime.stash, "BOUND", 3)
    house = house()
    house.waits()
    for n in range(10):
        house.tell(a_status(n), Ping(nonce=n))
        house.until(lambda n=n: len(house.supervisor.of(Pong)) > n)
    house.journal.answer()
    house.until(lambda: "status 9" in house.heard)

    assert house.heard == ["recovered", "status 9"]


def test_an_event_that_is_published_before_the_answer_is_read_is_heard_live_after_it(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.journal.answer()
    house.journal.publish(taken(OTHER))
    house.until(lambda: f"taken {OTHER}" in house.heard)

    assert house.heard == [f"taken {MARKET}", "recovered", f"taken {OTHER}"]


def test_an_event_that_is_committed_during_the_recovery_is_heard_once_after_it(house):
    house = house()
    house.journal.have(taken())
    house.waits()
    house.journal.publish(taken(OTHER))
    for _ in range(20):
        house.pump()
        house.host.step()
    house.journal.answer()
    house.until(lambda: f"taken {OTHER}" in house.heard)

    assert sorted(house.heard) == sorted([f"taken {MARKET}", f"taken {OTHER}", "recovered"])


def test_a_replay_that_is_not_answered_is_asked_for_again(house, monkeypatch):
    house = house()
    house.waits()
    house.journal.asked.clear()
    monkeypatch.setattr(house.host.facts, "ask_again_at", real_now())
    house.until(lambda: house.journal.asked)

    assert house.journal.asked[0].after == 0


def test_a_gap_in_what_is_published_is_asked_for_and_closed_in_order(house):
    house = house()
    house.lives()
    house.journal.have(taken())
    house.journal.publish(taken(OTHER))
    house.until(lambda: house.journal.asked)
    assert house.heard[-1] == "recovered"
    house.journal.answer()
    house.until(lambda: len(house.heard) == 3)

    assert house.heard == ["recovered", f"taken {MARKET}", f"taken {OTHER}"]


def test_a_lost_last_event_is_noticed_by_the_head(house):
    house = house()
    house.lives()
    house.journal.have(taken())
    house.journal.beat()
    house.until(lambda: house.journal.asked)
    house.journal.answer()

    house.until(lambda: f"taken {MARKET}" in house.heard)


def test_an_actor_without_facts_begins_at_once(house):
    house = house(facts=(), subscribes=())
    house.host.on_start()
    house.until(lambda: house.supervisor.of(ActorReady))

    assert house.heard == ["recovered"]
    assert house.journal.asked == []
