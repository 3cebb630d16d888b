from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from messages.values import Price, Side
from venue.paper.crowd.ladders import NOTHING, Ends, Ladders
from venue.paper.crowd.makers import WHO
from venue.paper.engine.participants import Lot

MOVES = st.lists(st.tuples(st.integers(0, WHO - 1), st.integers(1, 9), st.integers(0, 3)), max_size=60)


@given(MOVES)
def test_fronts_and_what_lies_beyond_are_what_a_plain_list_of_lots_says(
    moves: list[tuple[int, int, int]],
) -> None:
    """Three moves in four add a lot; the fourth drops the oldest there, or clears the rung."""
    ladders, plain = Ladders(), list[Lot]()
    for who, price, move in moves:
        there = [lot for lot in plain if (lot.who, lot.price) == (who, price)]
        if move < 2 or not there:
            plain.append(Lot(who, Side.ASK if who % 2 else Side.BID, Price(price), 5))
            ladders.add(plain[-1])
        elif move == 2:
            plain.remove(there[0])
            ladders.drop(there[0])
        else:
            assert ladders.clear((who, price)) == there
            plain = [lot for lot in plain if lot not in there]
        for each in range(WHO):
            prices = {lot.price for lot in plain if lot.who == each}
            bests = [-price if each % 2 else price for price in prices]
            assert ladders.fronts[each] == max(bests, default=NOTHING)
            beyond = {price for price in prices if (price < 4.5 if each % 2 else price > 4.5)}
            assert set(ladders.beyond(each, 4.5)) == beyond


def test_what_ends_at_one_instant_ends_in_the_order_in_which_it_was_put_in() -> None:
    ends = Ends()
    for at, rung in ((20, (1, 1)), (10, (2, 2)), (20, (3, 3)), (10, (4, 4))):
        ends.add(at, rung)

    assert [ends.pop() for _ in range(4)] == [(2, 2), (4, 4), (1, 1), (3, 3)]
