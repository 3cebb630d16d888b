from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Money, Price
from tests.venue.paper.engine_bench import ALICE, ask, bid, bought
from tests.venue.paper.programs.bench import ProgramBench, a_rewarded_market, cents
from venue.paper.programs.prices import KEEP, SLACK, Series, shown_price


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, MICRO)), min_size=1, max_size=60), st.integers(1, 9)
)
def test_a_series_says_for_every_minute_the_last_number_noted(
    noted: list[tuple[int, int]], step: int
) -> None:
    series, known, minute = Series(), dict[int, int](), 1_000
    for gap, value in noted:
        minute += gap
        series.note(minute, value)
        known[minute] = value
    first = min(known)
    expected = {m: known[max(k for k in known if k <= m)] for m in range(first, minute + 1) if m % step == 0}

    assert dict(series.between(0, minute + 99, step)) == expected
    assert series.at(first - 1) is None
    assert series.at(minute + 5) == known[minute]


def test_a_series_keeps_a_month() -> None:
    series = Series("i")
    for minute in range(KEEP + 2 * SLACK):
        series.note(minute, minute)
    kept = list(series.between(0, KEEP + 2 * SLACK))

    assert KEEP <= len(kept) <= KEEP + SLACK
    assert kept[-1] == (KEEP + 2 * SLACK - 1, KEEP + 2 * SLACK - 1)
    series.note(100 * KEEP, 5)
    assert len(list(series.between(0, 100 * KEEP))) <= KEEP + SLACK + 1
    assert series.at(100 * KEEP) == 5


def test_the_price_shown_is_the_middle_unless_the_book_is_wide() -> None:
    assert shown_price(cents(40), cents(50), cents(70)) == cents(45)
    assert shown_price(cents(40), cents(51), cents(70)) == cents(70)
    assert shown_price(cents(40), cents(51), None) == cents(45.5)
    assert shown_price(None, cents(51), cents(70)) == cents(70)
    assert shown_price(cents(40), None, None) == Price(MICRO // 2)


def test_prices_are_noted_every_minute() -> None:
    bench = ProgramBench(bid(0, 40, 10), ask(0, 44, 10), bid(70, 42, 10))
    bench.minutes(2)
    bench.at(bench.to_minute + 130)
    values = [value for _, value in bench.programs.prices.prices(bench.market.id).between(0, 1 << 40)]

    assert values == [cents(42), cents(43), cents(43)]
    assert bench.programs.prices.change(bench.market, 2) == cents(1)
    assert bench.programs.prices.change(bench.market, 60) is None


def test_the_volume_of_a_day_forgets_what_is_older() -> None:
    market = a_rewarded_market(volume_24h=Money(240 * MICRO))
    bench = ProgramBench(bid(0, 40, 10), ask(0, 50, 10), bought(3_600, 50, 100), market=market)
    recorder = bench.programs.prices
    assert recorder.volume_24h(bench.market) == 240 * MICRO
    bench.minutes(12 * 60)
    assert recorder.volume_24h(bench.market) == (120 + 50) * MICRO
    bench.minutes(24 * 60)
    assert recorder.volume_24h(bench.market) == 50 * MICRO
    bench.minutes(26 * 60)
    assert recorder.volume_24h(bench.market) == 0


def test_trades_of_accounts_are_volume_too() -> None:
    bench = ProgramBench(ask(0, 50, 100))
    bench.buy(ALICE, 50, 10)

    assert bench.market.volume == 5 * MICRO


def test_candles_hold_the_minutes_of_their_width() -> None:
    bench = ProgramBench(bid(0, 40, 10), ask(0, 44, 10), bid(190, 42, 10))
    bench.minutes(9)
    series = bench.programs.prices.prices(bench.market.id)
    assert series.first is not None
    found = list(bench.programs.prices.candles(bench.market.id, series.first, series.first + 9, 5))

    assert sum(len(values) for _, values in found) == 10
    assert all(begin % 5 == 0 for begin, _ in found)
    assert next(values[0] for _, values in found) == cents(42)
