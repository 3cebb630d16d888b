import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.liquidation import MarketRetired, MarketTaken, RetireReason
from messages.market import MarketInfo
from messages.values import SECOND, MarketNs, Price
from trading.book import Book
from trading.ownership import Ownership
from trading.ranking import Activity, Candidate, RankingSettings, rank, runner_up

LIMITS = RankingSettings()
NOW = MarketNs(1_000 * SECOND)


def a_candidate(slug, prints=0, updates=0, bid=450_000, ask=470_000, accepting_orders=True, left_s=None):
    book = Book()
    book.replace([(bid, 1)] if bid else [], [(ask, 1)] if ask else [])
    activity = Activity(600)
    for _ in range(prints):
        activity.add_print(MarketNs(0))
    for _ in range(updates):
        activity.add_update(MarketNs(0))
    info = MarketInfo(
        market=f"0x{slug}",
        slug=slug,
        question="?",
        yes="1",
        no="2",
        tick=10_000,
        min_size=5_000_000,
        accepting_orders=accepting_orders,
        ends_at=None if left_s is None else MarketNs(NOW + left_s * SECOND),
    )
    return Candidate(info, book, activity)


def slugs(candidates):
    return [r.slug for r in rank(candidates, LIMITS, NOW)]


def test_prints_count_first_then_updates_then_the_name():
    quiet, busy = a_candidate("quiet", updates=9), a_candidate("busy", prints=1)
    b, a = a_candidate("b", updates=3), a_candidate("a", updates=3)

    assert slugs([b, quiet, a, busy]) == ["busy", "quiet", "a", "b"]


def test_a_market_that_takes_no_orders_is_left_out():
    assert slugs([a_candidate("shut", prints=9, accepting_orders=False), a_candidate("open")]) == ["open"]


def test_a_market_that_ends_soon_or_has_ended_is_left_out_even_if_there_is_no_other():
    ending = [a_candidate(f"in {left_s}", prints=9, left_s=left_s) for left_s in (-60, 0, 300, 1_799)]
    lasting = [a_candidate("in 1800", prints=1, left_s=1_800), a_candidate("who knows")]

    assert slugs(ending + lasting) == ["in 1800", "who knows"]
    assert slugs(ending) == []


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        (0, 0),
        (0, 500_000),
        (500_000, 0),
        (400_000, 490_000),
        (500_000, 500_000),
        (40_000, 60_000),
        (930_000, 940_000),
    ],
)
def test_a_market_that_cannot_be_quoted_on_both_sides_is_left_out(bid, ask):
    assert slugs([a_candidate("bad", prints=9, bid=bid, ask=ask), a_candidate("good")]) == ["good"]


def test_where_no_market_is_quotable_a_two_sided_book_will_do():
    wide, one_sided = a_candidate("wide", bid=100_000, ask=800_000), a_candidate("half", ask=0)
    crossed = a_candidate("crossed", bid=600_000, ask=500_000)

    assert slugs([one_sided, wide, crossed]) == ["wide"]


def test_the_runner_up_is_nobodys_yet():
    ranked = rank([a_candidate("a", prints=3), a_candidate("b", prints=2), a_candidate("c")], LIMITS, NOW)

    ownership = Ownership()

    assert runner_up(ranked, ownership) == "0xa"
    for market in ("0xa", "0xb"):
        ownership.note(MarketTaken(market=market, slug=market, owner="maker"))
    ownership.note(
        MarketRetired(exit="0xa#1", market="0xa", slug="a", reason=RetireReason.POSITION_LIMIT, net=5)
    )
    assert runner_up(ranked, ownership) == "0xc"
    assert runner_up(ranked[:2], ownership) is None


def test_activity_leaves_the_window_again():
    activity = Activity(window_s=600)
    activity.add_print(MarketNs(0))
    activity.add_update(MarketNs(300 * SECOND))

    activity.forget_before_window(MarketNs(600 * SECOND))
    assert (activity.prints, activity.updates) == (0, 1)

    activity.forget_before_window(MarketNs(10_000 * SECOND))
    assert (activity.prints, activity.updates) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=60))
def test_activity_counts_what_the_window_holds(steps):
    activity = Activity(window_s=60)
    now, seen = 0, []
    for gap_s, is_print in steps:
        now += gap_s
        seen.append((now, is_print))
        (activity.add_print if is_print else activity.add_update)(MarketNs(now * SECOND))

    activity.forget_before_window(MarketNs(now * SECOND))
    inside = [is_print for at, is_print in seen if at > now - 60]
    assert (activity.prints, activity.updates) == (sum(inside), len(inside) - sum(inside))


@pytest.mark.parametrize(
    "wrong", [{"first_s": 0}, {"first_s": 700}, {"min_price": 0}, {"max_price": Price(50_000)}]
)
def test_limits_that_contradict_each_other_are_refused(wrong):
    with pytest.raises(ValueError, match=r"_s|price"):
        RankingSettings(**wrong)
