from messages.values import Side
from tests.factories import a_book, cents, shares
from trading.quoting.quote import Quote, post_only
from trading.visible import visible

QUOTE = Quote(mid=cents(50), bid=cents(48), ask=cents(52), size=shares(10))


def test_a_side_that_is_not_wanted_says_why() -> None:
    quote = QUOTE.without(Side.ASK, "limit")

    assert (quote.bid, quote.ask, quote.reason) == (cents(48), None, "limit")
    assert not quote.is_empty
    assert quote.without(Side.BID, "limit").is_empty


def test_further_is_away_from_the_mid_until_the_grid_ends() -> None:
    assert QUOTE.further(Side.BID, cents(2), cents(1)).bid == cents(46)
    assert QUOTE.further(Side.ASK, cents(2), cents(1)).ask == cents(54)
    assert QUOTE.further(Side.ASK, cents(47), cents(1)).ask == cents(99)
    assert QUOTE.further(Side.ASK, cents(48), cents(1)).ask is None
    assert QUOTE.without(Side.BID, "x").further(Side.BID, cents(1), cents(1)).bid is None


def test_post_only_keeps_a_tick_from_the_other_side() -> None:
    quote = post_only(QUOTE, visible(a_book(52, 53)))
    assert (quote.bid, quote.ask) == (cents(48), cents(53))

    quote = post_only(QUOTE, visible(a_book(40, 48)))
    assert (quote.bid, quote.ask) == (cents(47), cents(52))


def test_where_there_is_no_room_a_side_is_not_wanted() -> None:
    low = post_only(QUOTE, visible(a_book(None, 1)))
    assert low.bid is None
    assert "no room" in low.reason

    assert post_only(QUOTE, visible(a_book(99, None))).ask is None
