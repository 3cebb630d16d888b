from messages.orders import PlaceOrder
from messages.values import CommandId, RealNs, Side, Size
from tests.factories import MARKET, an_order, cents, shares
from trading.quoting import Quote
from trading.reconcile import Move, Place, Withdraw, reconcile
from trading.working import WorkingOrder, WorkingOrders

QUOTE = Quote(mid=cents(50), bid=cents(48), ask=cents(52), size=shares(10))
BID = an_order("b", side=Side.BID, price=cents(48))
ASK = an_order("a", side=Side.ASK, price=cents(52))


def always(_: WorkingOrder) -> bool:
    return True


def never(_: WorkingOrder) -> bool:
    return False


def working(*places: PlaceOrder) -> list[WorkingOrder]:
    orders = WorkingOrders()
    for place in places:
        orders.note(place, cents(50))
    return orders.of(MARKET)


def moves(quote: Quote, orders: list[WorkingOrder], keeps: object = always) -> list[Move]:
    return list(reconcile(quote, orders, keeps))  # type: ignore[arg-type]


def test_an_empty_book_of_ours_gets_both_sides() -> None:
    assert moves(QUOTE, []) == [
        Place(Side.BID, cents(48), shares(10), cents(50)),
        Place(Side.ASK, cents(52), shares(10), cents(50)),
    ]


def test_what_is_kept_stays() -> None:
    assert moves(QUOTE, working(BID, ASK)) == []


def test_a_filled_side_comes_back_at_once() -> None:
    assert moves(QUOTE, working(ASK)) == [Place(Side.BID, cents(48), shares(10), cents(50))]


def test_a_replacement_is_cancelled_first_and_not_placed_yet() -> None:
    assert moves(QUOTE, working(BID, ASK), never) == [Withdraw(CommandId("b")), Withdraw(CommandId("a"))]


def test_while_a_cancel_is_unconfirmed_its_side_is_left_alone() -> None:
    orders = working(BID, ASK)
    orders[0].cancel_asked_at = RealNs(1)

    assert moves(QUOTE, orders, never) == [Withdraw(CommandId("a"))]


def test_a_side_that_is_not_wanted_goes() -> None:
    assert moves(QUOTE.without(Side.BID, "limit"), working(BID, ASK)) == [Withdraw(CommandId("b"))]


def test_a_filled_order_is_waited_for() -> None:
    orders = working(BID, ASK)
    orders[0].leaves = Size(0)

    assert moves(QUOTE, orders, never) == [Withdraw(CommandId("a"))]


def test_of_two_on_a_side_one_goes() -> None:
    assert moves(QUOTE, working(BID, an_order("b2"), ASK)) == [Withdraw(CommandId("b2"))]
