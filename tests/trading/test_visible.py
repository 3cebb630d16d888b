import msgspec
import pytest

from messages.values import Side, Size
from tests.factories import a_book, cents, shares
from trading.visible import visible

DEEP = msgspec.structs.replace(
    a_book(), bids=((cents(49), shares(3)), (cents(48), shares(40))), asks=((cents(52), shares(20)),)
)


def test_the_mid_is_taken_from_levels_of_the_minimum_size() -> None:
    book = visible(DEEP)

    assert book.mid(Size(0)) == cents(50.5)
    assert book.mid(shares(5)) == cents(50)
    assert (book.best_bid, book.best_ask) == (cents(49), cents(52))


def test_our_orders_are_taken_out_of_their_level() -> None:
    book = visible(DEEP, [(Side.BID, cents(48), shares(30)), (Side.BID, cents(48), shares(4))])

    assert book.bids == ((cents(49), shares(3)), (cents(48), shares(6)))
    assert book.asks == DEEP.asks


def test_a_level_that_is_only_ours_is_not_there() -> None:
    assert visible(DEEP, [(Side.ASK, cents(52), shares(20))]).best_ask is None
    assert visible(DEEP, [(Side.ASK, cents(52), shares(21))]).best_ask is None


def test_the_same_price_on_the_other_side_is_not_ours() -> None:
    assert visible(DEEP, [(Side.ASK, cents(48), shares(30))]).bids == DEEP.bids


@pytest.mark.parametrize(
    ("bid", "ask", "trouble"),
    [
        (None, None, "empty book"),
        (48, None, "one-sided book"),
        (52, 52, "crossed book"),
        (53, 52, "crossed book"),
        (51, 52, ""),
    ],
)
def test_it_says_what_is_wrong_with_it(bid: float | None, ask: float | None, trouble: str) -> None:
    assert visible(a_book(bid, ask)).trouble(Size(0)) == trouble


def test_a_side_of_crumbs_is_no_side() -> None:
    assert visible(a_book(size=4)).trouble(shares(5)) == "one-sided book"
