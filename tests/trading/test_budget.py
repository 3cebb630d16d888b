"""The venue's two token buckets, kept on our side: nothing passes that it would refuse, and cancels are spared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MS, SECOND, RealNs
from trading.budget import RESERVE_PERCENT, SHRUNK_NS, TIERS, Bucket, Budget, Rates, Tier

NOW = 1_000 * SECOND


def at(seconds: float) -> RealNs:
    """So long after the beginning."""
    return RealNs(NOW + round(seconds * SECOND))


@pytest.fixture
def budget() -> Budget:
    return Budget(Tier.STANDARD)


def test_a_bucket_begins_full_and_refills_at_its_rate_and_not_beyond():
    bucket = Bucket(Rates(40, 60))
    bucket.take(60, at(0))
    assert bucket.left(at(0)) == 0
    assert bucket.left(at(0.025)) == 1
    assert bucket.left(at(1)) == 40

    assert bucket.left(at(60)) == 60


def test_a_bucket_may_be_overdrawn_and_pays_back_first():
    bucket = Bucket(Rates(80, 120))
    bucket.take(200, at(0))

    assert (bucket.left(at(0)), bucket.left(at(0.5)), bucket.left(at(1))) == (-80, -40, 0)


def test_a_bucket_that_was_too_generous_is_half_as_large_for_a_minute():
    bucket = Bucket(Rates(80, 120))
    bucket.shrink(at(0))
    assert (bucket.left(at(0)), bucket.left(at(1)), bucket.left(at(30))) == (0, 40, 60)

    assert SHRUNK_NS == 60 * SECOND
    assert bucket.left(at(61)) > 60


def test_where_the_venue_tells_its_own_count_the_smaller_one_holds():
    bucket = Bucket(Rates(40, 60))
    bucket.agree(None, at(0))
    assert bucket.left(at(0)) == 60
    bucket.agree(7, at(0))
    assert bucket.left(at(0)) == 7
    bucket.agree(50, at(0))
    assert bucket.left(at(0)) == 7, "others of ours are on their way"
    bucket.agree(-3, at(0))

    assert bucket.left(at(0)) == -3


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 30)), max_size=60))
def test_whoever_asks_before_taking_never_takes_more_than_the_venue_grants(steps):
    bucket, now, taken = Bucket(Rates(40, 60)), NOW, []
    for wait_ms, tokens in steps:
        now += wait_ms * MS
        if tokens <= bucket.left(RealNs(now)):
            bucket.take(tokens, RealNs(now))
            taken.append((now, tokens))
    for begin, (since, _) in enumerate(taken):
        for until, (then, _) in enumerate(taken[begin:], begin):
            spent = sum(tokens for _, tokens in taken[begin : until + 1])
            assert spent <= 60 + 40 * (then - since) / SECOND + 1e-6


def test_quotes_stop_while_something_is_left_for_exits(budget):
    budget.places.take(47, at(0))
    assert budget.why_not_place(False, at(0)) == ""
    budget.places.take(1, at(0))
    assert budget.why_not_place(False, at(0)) == "12 orders left, 12 are spared for exits"
    assert budget.why_not_place(True, at(0)) == ""
    budget.places.take(12, at(0))

    assert budget.why_not_place(True, at(0)) == "0 orders left, 0 are spared for exits"


def test_the_last_cancels_are_for_exits_and_withdrawals(budget):
    budget.cancels.take(84, at(0))
    assert RESERVE_PERCENT == 30
    assert (budget.free_cancels(at(0)), budget.all_cancels(at(0))) == (0, 36)
    assert "36 cancels left" in budget.why_not_place(False, at(0))

    assert budget.why_not_place(True, at(0)) == ""


def test_taking_everything_off_costs_one_more_than_there_are_orders(budget):
    assert budget.passes_all(119, at(0))
    assert not budget.passes_all(120, at(0))
    budget.cancels.take(40, at(0))

    assert budget.passes_all(79, at(0))
    assert not budget.passes_all(80, at(0))


def test_the_tiers_are_the_venues():
    assert TIERS[Tier.STANDARD] == (Rates(40, 60), Rates(80, 120))
    assert TIERS[Tier.ELITE] == (Rates(600, 900), Rates(1_200, 1_800))
    assert set(TIERS) == set(Tier)
    for places, cancels in TIERS.values():
        assert (cancels.per_s, cancels.burst // 2) == (
            2 * places.per_s,
            places.burst,
        )
        assert places.burst == places.per_s * 3 // 2
