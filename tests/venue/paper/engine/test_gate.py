from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from messages.values import MICRO, MS, Money, Price, Side, Size, TokenId
from tests.venue.paper.engine.test_pit import Script, lot, places
from tests.venue.paper.engine_bench import (
    ALICE,
    BOB,
    NO,
    Bench,
    a_market,
    an_order,
    ask,
    closed,
    key_of,
    tick,
)
from venue.paper.engine.tape import TapeEvent
from venue.paper.engine.terms import NewOrder, OrderStatus, OrderType, Refused, TokenSide

GAME = TokenId("5")


def a_delayed_bench(*events: TapeEvent, **terms: Any) -> Bench:
    """Asks of 10 shares at 50 cents and marketable orders that wait for three seconds."""
    return Bench(ask(0, 50, 10), *events, market=a_market(seconds_delay=3, **terms))


def told(bench: Bench) -> list[tuple[str, str]]:
    return [(kind, order.status_text) for kind, order in bench.heard.orders]


# -- the taker delay


def test_a_marketable_order_waits_unseen_and_then_takes_what_it_finds() -> None:
    bench = a_delayed_bench()

    placed = bench.buy(ALICE, 52, 6)
    assert (placed.status, placed.making, placed.taking, placed.trades) == ("delayed", 0, 0, ())
    assert bench.shown() == ({}, {50: 10})
    bench.at(2.999)
    assert bench.shares(ALICE) == 0
    assert told(bench) == [("PLACEMENT", "DELAYED")]

    bench.at(3)
    assert bench.shares(ALICE) == 6
    assert bench.dollars(ALICE) == 997
    assert told(bench) == [("PLACEMENT", "DELAYED"), ("UPDATE", "MATCHED")]


def test_the_delay_of_itode_markets_is_in_market_time_below_a_second() -> None:
    bench = Bench(ask(0, 50, 10), market=a_market(taker_delay_ns=150 * MS))
    bench.buy(ALICE, 50, 5)

    bench.at(0.149)
    assert bench.shares(ALICE) == 0
    bench.at(0.15)
    assert bench.shares(ALICE) == 5


def test_what_does_not_trade_at_once_is_never_delayed() -> None:
    bench = a_delayed_bench()

    assert bench.buy(ALICE, 49, 5).status == "live"
    with pytest.raises(Refused, match="order crosses book"):
        bench.buy(ALICE, 50, 5, post_only=True)
    with pytest.raises(Refused, match="no orders found to match"):
        bench.buy(ALICE, 49, 5, type=OrderType.FAK)


def test_a_delayed_order_is_listed_holds_its_money_back_and_cannot_be_canceled() -> None:
    bench = a_delayed_bench()
    placed = bench.buy(ALICE, 50, 1_500)
    owner = key_of(ALICE)

    assert [order.status for order in bench.exchange.open_orders(owner)] == [OrderStatus.DELAYED]
    assert bench.exchange.order(owner, placed.order) is not None
    with pytest.raises(Refused, match="sum of active orders: 750000000"):
        bench.buy(ALICE, 40, 1_000)
    canceled, others = bench.exchange.cancel(owner, [placed.order])
    assert (canceled, list(others)) == ([], [placed.order])
    assert "delayed" in others[placed.order]
    assert bench.exchange.cancel_all(owner) == []
    with pytest.raises(Refused, match="Duplicated"):
        bench.exchange.place(an_order(ALICE, TokenSide.BUY, 50, 10, id=placed.order))

    bench.at(3)
    assert bench.leaves(placed, ALICE) == 1_490
    assert bench.exchange.cancel_all(owner) == [placed.order]
    assert bench.buy(ALICE, 40, 1_000).status == "live"


def test_a_maker_who_cancels_within_the_delay_gets_away() -> None:
    bench = Bench(market=a_market(seconds_delay=1))
    resting = bench.buy(ALICE, 50, 10, token=NO)
    taker = bench.buy(BOB, 50, 10)

    bench.exchange.cancel(key_of(ALICE), [resting.order])
    bench.at(1)

    assert bench.shares(BOB) == 0
    assert bench.shown() == ({50: 10}, {})
    assert bench.leaves(taker, BOB) == 10
    assert told(bench)[-1] == ("UPDATE", "LIVE")


def test_the_rest_of_a_delayed_order_rests_or_is_killed_by_its_type() -> None:
    bench = a_delayed_bench(ask(1, 50, 3))
    rests = bench.buy(ALICE, 50, 10)
    killed = bench.buy(BOB, 50, 10, type=OrderType.FAK)

    bench.at(3)

    assert bench.shares(ALICE) == 3
    assert bench.leaves(rests, ALICE) == 7
    assert bench.leaves(killed, BOB) is None
    assert bench.shares(BOB) == 0
    why = (
        "no orders found to match with FAK order."
        " FAK orders are partially filled or killed if no match is found."
    )
    assert told(bench)[-1] == ("CANCELLATION", f"CANCELED_{why}")


def test_a_delayed_order_that_finds_less_than_all_is_killed_if_it_wants_all() -> None:
    bench = a_delayed_bench(ask(1, 50, 9))
    bench.buy(ALICE, 50, 10, type=OrderType.FOK)

    bench.at(3)

    assert bench.shares(ALICE) == 0
    assert bench.dollars(ALICE) == 1_000
    assert told(bench)[-1] == (
        "CANCELLATION",
        "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.",
    )


def test_a_market_that_closed_within_the_delay_leaves_the_order_unmatched() -> None:
    bench = a_delayed_bench(closed(2))
    bench.buy(ALICE, 50, 5)

    bench.at(3)

    assert told(bench)[-1] == ("CANCELLATION", "UNMATCHED_the market is not yet ready to process new orders")
    assert bench.exchange.open_orders(key_of(ALICE)) == []


def test_an_order_off_the_grid_of_its_release_is_unmatched() -> None:
    bench = a_delayed_bench(tick(2, 10))
    placed = bench.buy(ALICE, 55, 5)

    bench.at(3)

    assert told(bench)[-1] == (
        "CANCELLATION",
        f"UNMATCHED_order {placed.order} is invalid. Price (0.55) breaks minimum tick size rule: 0.1",
    )


def test_a_delayed_order_whose_money_is_gone_ends_for_want_of_balance() -> None:
    bench = a_delayed_bench()
    bench.buy(ALICE, 50, 5)
    bench.exchange.pay([(ALICE, Money(-999 * MICRO), "taken away")])

    bench.at(3)

    assert told(bench)[-1] == ("CANCELLATION", "CANCELED_NOT_ENOUGH_BALANCE")
    assert bench.shares(ALICE) == 0


def test_a_market_resolved_within_the_delay_cancels_the_order_for_that() -> None:
    script = Script(places(lot(1, Side.ASK, 50, 10)), (2, lambda pit: pit.resolve(False)))
    script.market = a_market(seconds_delay=3)
    bench = Bench(participants=script)
    bench.buy(ALICE, 50, 5)

    bench.at(3)

    assert told(bench)[-1] == ("CANCELLATION", "CANCELED_MARKET_RESOLVED")


def test_orders_of_one_instant_are_released_in_the_order_in_which_they_came() -> None:
    bench = a_delayed_bench()
    bench.buy(BOB, 50, 6)
    bench.buy(ALICE, 50, 6)

    bench.at(3)

    assert (bench.shares(BOB), bench.shares(ALICE)) == (6, 4)


def test_a_good_till_date_order_is_not_too_late_because_it_waited() -> None:
    bench = a_delayed_bench()
    placed = bench.buy(ALICE, 50, 20, type=OrderType.GTD, expires_at=bench.later(180))

    bench.at(3)
    assert bench.leaves(placed, ALICE) == 10
    bench.at(120)
    assert bench.leaves(placed, ALICE) is None


# -- refusals that the user channel hears of


@pytest.mark.parametrize(
    ("terms", "status"),
    [
        (
            {"type": OrderType.FOK},
            "CANCELED_order couldn't be fully filled. FOK orders are fully filled or killed.",
        ),
        ({"post_only": True}, "UNMATCHED_invalid post-only order: order crosses book"),
    ],
)
def test_an_order_refused_for_what_it_met_is_heard_of(terms: dict[str, object], status: str) -> None:
    bench = Bench(ask(0, 50, 10))

    with pytest.raises(Refused) as refused:
        bench.buy(ALICE, 50, 11, **terms)

    assert told(bench) == [("CANCELLATION", status)]
    assert refused.value.text == status.partition("_")[2]
    assert bench.exchange.open_orders(key_of(ALICE)) == []


def test_a_killed_remainder_is_heard_of_as_a_cancellation() -> None:
    bench = Bench(ask(0, 50, 10))

    bench.buy(ALICE, 50, 15, type=OrderType.FAK)

    assert told(bench)[-1] == ("CANCELLATION", "CANCELED")
    assert bench.heard.orders[-1][1].matched == 10 * MICRO


# -- an address that meets itself


@pytest.fixture
def log() -> Iterator[list[str]]:
    said: list[str] = []
    sink = logger.add(lambda message: said.append(str(message)), level="INFO", format="{message}")
    yield said
    logger.remove(sink)


def test_an_address_may_trade_with_itself_which_is_logged(log: list[str]) -> None:
    bench = Bench()
    resting = bench.buy(ALICE, 40, 10, token=NO)
    taking = bench.buy(ALICE, 60, 10)

    assert taking.status == "matched"
    assert (bench.shares(ALICE), bench.shares(ALICE, NO)) == (10, 10)
    assert log == [f"order {taking.order} matches {resting.order} of its own maker\n"]


def test_others_matches_are_not_logged_as_ones_own(log: list[str]) -> None:
    bench = Bench(ask(0, 70, 5))
    bench.buy(ALICE, 40, 10, token=NO)
    bench.buy(BOB, 60, 10)
    bench.buy(BOB, 70, 5)

    assert log == []


def test_a_venue_may_refuse_an_order_that_would_reach_its_own_makers(log: list[str]) -> None:
    bench = Bench(ask(0, 55, 5))
    bench.switch(self_match=False)
    bench.buy(ALICE, 40, 10, token=NO)

    with pytest.raises(Refused, match="crosses the book"):
        bench.buy(ALICE, 60, 5)
    assert bench.buy(BOB, 60, 5).status == "matched"
    assert bench.buy(ALICE, 55, 5).status == "live"


# -- balances that drop below what is reserved of them


def test_orders_whose_money_is_gone_are_canceled_newest_first_until_the_rest_is_covered() -> None:
    bench = Bench()
    oldest = bench.buy(ALICE, 50, 1_000)
    bench.at(1)
    middle = bench.buy(ALICE, 40, 500)
    bench.at(2)
    newest = bench.buy(ALICE, 30, 1_000)
    others = bench.buy(BOB, 30, 1_000)

    bench.exchange.pay([(ALICE, Money(-400 * MICRO), "taken away")])

    assert bench.leaves(oldest, ALICE) == 1_000
    assert bench.leaves(middle, ALICE) is None
    assert bench.leaves(newest, ALICE) is None
    assert bench.leaves(others, BOB) == 1_000
    assert told(bench)[-2:] == [("CANCELLATION", "CANCELED_NOT_ENOUGH_BALANCE")] * 2
    assert bench.shown() == ({50: 1_000, 30: 1_000}, {})
    assert bench.buy(ALICE, 50, 200).status == "live"


def test_a_balance_that_covers_its_orders_still_leaves_them() -> None:
    bench = Bench()
    order = bench.buy(ALICE, 50, 1_000)

    bench.exchange.pay([(ALICE, Money(-500 * MICRO), "taken away")])

    assert bench.leaves(order, ALICE) == 1_000


# -- the rules of a market's life


def test_a_book_is_cleared_for_everybody_when_its_game_starts() -> None:
    script = Script(
        places(lot(1, Side.BID, 40, 10), lot(2, Side.ASK, 45, 10)), (20, places(lot(3, Side.ASK, 46, 5)))
    )
    bench = Bench()
    script.market = a_market(
        id="0xgame", slug="game", yes=GAME, no="6", clears_at_start=True, starts_at=bench.later(10)
    )
    bench.exchange.add_participants(script)
    bench.exchange.place(an_order(ALICE, TokenSide.BUY, 41, 10, token=GAME))

    bench.at(9.9)
    assert len(bench.exchange.open_orders(key_of(ALICE))) == 1
    bench.at(10)
    view = bench.exchange.book(GAME)
    assert view is not None
    assert (view.bids, view.asks) == ((), ())
    assert told(bench)[-1] == ("CANCELLATION", "CANCELED")
    bench.at(20)
    view = bench.exchange.book(GAME)
    assert view is not None
    assert view.asks == ((Price(460_000), Size(5 * MICRO)),)
    assert bench.exchange.place(an_order(ALICE, TokenSide.BUY, 41, 10, token=GAME)).status == "live"


@pytest.mark.parametrize(
    ("bid_at", "ask_at", "is_fine"), [(95, 97, False), (96, 97, True), (3, 5, False), (3, 4, True)]
)
def test_the_grid_of_a_crowds_market_becomes_fine_near_the_ends(
    bid_at: int, ask_at: int, is_fine: bool
) -> None:
    script = Script(
        places(lot(1, Side.BID, 2, 10), lot(2, Side.ASK, 98, 10)),
        (5, places(lot(3, Side.BID, bid_at, 10), lot(4, Side.ASK, ask_at, 10))),
        (6, places()),
    )
    bench = Bench(participants=script)
    bench.at(4)
    assert bench.heard.ticks == []

    bench.at(6)

    assert bench.heard.ticks == ([(Price(10_000), Price(1_000))] if is_fine else [])
    if is_fine:
        assert bench.buy(ALICE, 1.5, 10).status == "live"


def a_gtd(bench: Bench, seconds: float) -> NewOrder:
    return an_order(ALICE, TokenSide.BUY, 40, 10, type=OrderType.GTD, expires_at=bench.later(seconds))


@pytest.mark.parametrize("lead_s", [60, 180])
def test_how_far_ahead_a_good_till_date_must_be_is_the_venues_to_say(lead_s: int) -> None:
    bench = Bench()
    bench.switch(gtd_lead_s=lead_s)

    with pytest.raises(Refused, match="invalid expiration"):
        bench.exchange.place(a_gtd(bench, lead_s - 0.001))
    assert bench.exchange.place(a_gtd(bench, lead_s)).status == "live"
    bench.at(lead_s - 60)
    assert bench.exchange.open_orders(key_of(ALICE)) == []
