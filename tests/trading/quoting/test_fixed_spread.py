import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Price, Shares, Side, Size
from tests.factories import a_book, an_order, cents, shares
from trading.quoting import FixedSpread, MarketView, Quote, Strategy
from trading.ticks import on_grid
from trading.visible import visible
from trading.working import WorkingOrder, WorkingOrders


def seen(bid: float | None, ask: float | None, *, tick: float = 1, size: float = 1_000) -> MarketView:
    return MarketView(book=visible(a_book(bid, ask, tick=tick, size=size)), min_size=shares(5), net=Shares(0))


def resting(price: float, mid: float, leaves: float = 10) -> WorkingOrder:
    working = WorkingOrders()
    working.note(an_order("c", side=Side.BID, price=cents(price), size=shares(leaves)), cents(mid))
    return working.of(an_order("c").market)[0]


def prices(quote: Quote) -> tuple[Price | None, Price | None]:
    return quote.bid, quote.ask


def test_the_total_spread_is_split_around_the_mid() -> None:
    quote = FixedSpread().quote(seen(49, 51))

    assert prices(quote) == (cents(48), cents(52))
    assert (quote.mid, quote.size) == (cents(50), shares(10))


def test_bids_round_down_and_asks_round_up() -> None:
    assert prices(FixedSpread().quote(seen(48, 49))) == (cents(46), cents(51))


def test_each_market_has_its_own_tick() -> None:
    assert prices(FixedSpread().quote(seen(48, 48.1, tick=0.1))) == (cents(46), cents(50.1))


def test_prices_stay_inside_the_grid() -> None:
    assert FixedSpread().quote(seen(1, 2)).bid == cents(1)
    assert FixedSpread().quote(seen(98, 99)).ask == cents(99)


def test_a_quote_never_trades_at_once() -> None:
    tight = FixedSpread(spread=Price(1))

    assert prices(tight.quote(seen(49, 50))) == (cents(49), cents(50))
    assert tight.quote(seen(99, 99.5, tick=0.5)).ask == cents(99.5)


def test_small_levels_are_no_mid_but_are_not_traded_with_either() -> None:
    book = msgspec.structs.replace(a_book(49, 51), asks=((cents(48.5), shares(1)), (cents(51), shares(50))))
    quote = FixedSpread(spread=cents(2)).quote(
        MarketView(book=visible(book), min_size=shares(5), net=Shares(0))
    )

    assert quote.mid is None
    assert quote.reason == "crossed book"


@pytest.mark.parametrize(
    ("bid", "ask", "reason"),
    [
        (None, None, "empty book"),
        (48, None, "one-sided book"),
        (None, 52, "one-sided book"),
        (52, 52, "crossed book"),
    ],
)
def test_without_an_honest_mid_there_is_no_quote(bid: float | None, ask: float | None, reason: str) -> None:
    quote = FixedSpread().quote(seen(bid, ask))

    assert quote.is_empty
    assert quote.reason == reason


def test_a_size_below_the_markets_minimum_is_not_quoted() -> None:
    quote = FixedSpread(size=shares(4)).quote(seen(49, 51))

    assert quote.is_empty
    assert "minimum" in quote.reason


def test_a_resting_side_stays_until_the_mid_moved_by_the_threshold() -> None:
    strategy = FixedSpread()

    assert strategy.keeps(resting(48, mid=50), seen(50, 52))
    assert not strategy.keeps(resting(48, mid=50), seen(51, 53))
    assert not strategy.keeps(resting(48, mid=50), seen(47, 49))


def test_a_partly_filled_order_keeps_its_place_until_it_is_below_the_minimum() -> None:
    strategy = FixedSpread()

    assert strategy.keeps(resting(48, mid=50, leaves=5), seen(49, 51))
    assert not strategy.keeps(resting(48, mid=50, leaves=4.99), seen(49, 51))


def test_an_order_off_a_new_grid_goes() -> None:
    assert not FixedSpread().keeps(resting(48.5, mid=50), seen(49, 51))


def test_the_configuration_names_the_strategy_and_refuses_nonsense() -> None:
    read = msgspec.convert({"name": "fixed_spread", "spread": 60_000}, Strategy)

    assert read == FixedSpread(spread=Price(60_000))
    with pytest.raises(msgspec.ValidationError, match="above 0"):
        msgspec.convert({"name": "fixed_spread", "size": 0}, Strategy)
    with pytest.raises(msgspec.ValidationError, match="sprad"):
        msgspec.convert({"name": "fixed_spread", "sprad": 1}, Strategy)


@given(
    st.sampled_from([1_000, 5_000, 10_000]),
    st.integers(1, 999),
    st.integers(1, 999),
    st.integers(1, 200_000),
)
def test_whatever_the_book_a_quote_is_on_the_grid_and_never_marketable(
    tick: int, low: int, high: int, spread: int
) -> None:
    bid, ask = min(low, high) * tick, max(low, high) * tick
    if ask >= MICRO:
        return
    view = seen(bid / 10_000, ask / 10_000, tick=tick / 10_000)
    quote = FixedSpread(spread=Price(spread)).quote(view)

    if bid >= ask:
        assert quote.is_empty
        return
    for price in (quote.bid, quote.ask):
        assert price is None or on_grid(price, Price(tick))
    assert quote.bid is None or quote.bid <= ask - tick
    assert quote.ask is None or quote.ask >= bid + tick
    assert quote.bid is None or quote.ask is None or quote.bid < quote.ask


def test_our_own_orders_are_not_the_market() -> None:
    book = msgspec.structs.replace(a_book(47, 53), bids=((cents(49), shares(10)), (cents(47), shares(90))))
    view = visible(book, [(Side.BID, cents(49), shares(10))])

    assert view.mid(Size(0)) == cents(50)
    assert visible(book).mid(Size(0)) == cents(51)
