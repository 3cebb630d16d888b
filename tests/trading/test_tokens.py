from hypothesis import given
from hypothesis import strategies as st

from messages.values import MICRO, Action, Outcome, Price, Side, Size
from tests.factories import cents, shares
from trading.tokens import token_order


def test_an_ask_sells_yes_where_enough_is_free() -> None:
    order = token_order(Side.ASK, cents(60), shares(10), yes_free=shares(10), no_free=Size(0))

    assert (order.outcome, order.action, order.price) == (Outcome.YES, Action.SELL, cents(60))
    assert order.collateral == 0


def test_an_ask_without_enough_yes_buys_no_for_the_rest_of_the_dollar() -> None:
    order = token_order(Side.ASK, cents(60), shares(10), yes_free=shares(9.99), no_free=shares(50))

    assert (order.outcome, order.action, order.price) == (Outcome.NO, Action.BUY, cents(40))
    assert order.collateral == 4 * MICRO


def test_a_bid_sells_no_where_enough_is_free_and_else_buys_yes() -> None:
    sells = token_order(Side.BID, cents(60), shares(10), yes_free=Size(0), no_free=shares(10))
    buys = token_order(Side.BID, cents(60), shares(10), yes_free=shares(50), no_free=shares(9))

    assert (sells.outcome, sells.action, sells.price) == (Outcome.NO, Action.SELL, cents(40))
    assert (buys.outcome, buys.action, buys.price) == (Outcome.YES, Action.BUY, cents(60))


@given(
    st.sampled_from(Side),
    st.integers(1, MICRO - 1),
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_the_exposure_moves_as_the_side_says_and_never_more_is_sold_than_is_free(
    side: Side, price: int, size: int, yes: int, no: int
) -> None:
    order = token_order(side, Price(price), Size(size), yes_free=Size(yes), no_free=Size(no))

    grows = order.action is Action.BUY
    assert (order.outcome is Outcome.YES) == (grows == (side is Side.BID))
    assert order.size == size
    if order.action is Action.SELL:
        assert size <= (yes if order.outcome is Outcome.YES else no)
    assert order.price == (price if order.outcome is Outcome.YES else MICRO - price)
