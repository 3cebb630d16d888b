"""Strikes are drawn from the seed, spread over all roles, and never more than supervision forgives."""

from collections import Counter

import pytest

from simulation.chaos.mishaps import MISHAPS
from simulation.chaos.nemesis import Act, Budget, Nemesis
from simulation.chaos.target import Seen
from venue.paper.faults.plan import plan_of

FAMILIES = ("venue", "persistence", "gateway", "maker", "liquidator")


def present(*roles):
    return [Seen(role, number, 1, "ready") for number, role in enumerate(roles or FAMILIES[:4], 100)]


def a_nemesis(seed=1, acts=(Act.KILL,), intensity=1_000):
    return Nemesis(seed, FAMILIES, acts, Budget(lambda family: (intensity, 60.0)))


def roles_of(strikes):
    return Counter(victim.role for strike in strikes for victim in strike.victims)


def test_the_same_seed_strikes_the_same():
    first, second = a_nemesis(5, tuple(Act)), a_nemesis(5, tuple(Act))

    assert [first.next(present(), n) for n in range(50)] == [second.next(present(), n) for n in range(50)]


def test_every_role_that_is_there_has_its_share():
    nemesis = a_nemesis()
    killed = roles_of(nemesis.next(present(), n) for n in range(200))

    assert set(killed) == {"venue", "persistence", "gateway", "maker"}
    assert max(killed.values()) - min(killed.values()) <= 2


def test_who_was_away_is_given_what_it_missed_and_the_least_struck_of_a_family_first():
    nemesis = a_nemesis()
    for n in range(40):
        nemesis.next(present(), n)
    everybody = present(*FAMILIES[:4], "liquidator:aa", "liquidator:bb")
    killed = roles_of(nemesis.next(everybody, 40 + n) for n in range(6))

    assert killed["liquidator:aa"] >= 2
    assert killed["liquidator:bb"] >= 2


def test_nobody_is_ended_so_often_that_it_would_be_given_up():
    nemesis = a_nemesis(intensity=5)
    strikes = [nemesis.next(present("maker"), n / 10) for n in range(100)]

    assert sum(strike is not None for strike in strikes) == 4
    assert nemesis.next(present("maker"), 70) is not None


def test_a_new_supervisor_counts_anew():
    nemesis = a_nemesis(intensity=2)
    nemesis.next(present("maker"), 0)
    assert nemesis.next(present("maker"), 1) is None
    nemesis.budget.renew()

    assert nemesis.next(present("maker"), 1) is not None


def test_a_pair_is_two_or_none_and_a_pause_ends_before_anybody_is_killed_for_it():
    pairs = [a_nemesis(seed, (Act.PAIR,)).next(present(), 0) for seed in range(20)]
    pauses = [a_nemesis(seed, (Act.PAUSE,)).next(present(), 0) for seed in range(20)]

    assert all(len({v.role for v in strike.victims}) == 2 for strike in pairs)
    assert all(0 < strike.seconds < 3 for strike in pauses)
    assert a_nemesis(1, (Act.PAIR,)).next(present("maker"), 0).act is Act.KILL


def test_when_nobody_is_there_nobody_is_struck():
    assert a_nemesis().next([], 0) is None


def test_every_mishap_comes_in_its_turn_under_a_name_of_its_own():
    nemesis = a_nemesis(acts=(Act.VENUE,))
    posted = [nemesis.next([], n).mishap for n in range(2 * len(MISHAPS))]

    assert len({mishap["name"] for mishap in posted}) == len(posted)
    assert sorted(Counter(m["kind"] for m in posted).items()) == sorted(
        (kind, 2 * count) for kind, count in Counter(m["kind"] for m in MISHAPS).items()
    )


@pytest.mark.parametrize("entry", MISHAPS, ids=lambda entry: entry["kind"])
def test_every_mishap_is_one_that_the_exchange_knows(entry):
    plan_of({"fault": [{**entry, "name": "x", "clock": "real"}]})
