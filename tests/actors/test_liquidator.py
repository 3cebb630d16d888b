from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.base import Message
from messages.liquidation import ExitCompleted
from messages.orders import CancelMarket, CancelOrder, DenyRule, PlaceOrder
from messages.risk import Level
from messages.values import MICRO, Outcome, Price, Side
from tests.actors.liquidator_stage import Exit, holding
from tests.factories import (
    LIQUIDATOR,
    MARKET,
    OTHER,
    a_book,
    a_fill,
    a_permit,
    a_status,
    accepted,
    an_info,
    an_order,
    canceled,
    cents,
    completed,
    confirmed,
    denied,
    durable,
    gateway_started,
    intended,
    of,
    rejected,
    reversed_,
    shares,
)


def test_long_it_asks_at_the_mid_when_that_is_above_cost() -> None:
    (place,) = of(PlaceOrder, holding(20, 50).book(54, 56))

    assert (place.side, place.price, place.size) == (Side.ASK, cents(55), shares(20))
    assert (place.owner, place.market) == (LIQUIDATOR, MARKET)


def test_below_cost_it_waits_at_cost_and_follows_the_market_up() -> None:
    stage = holding(20, 55)
    first = stage.rest(stage.book(51, 53))
    assert first.price == cents(55)

    stage.wait(0.5, market_s=30)
    said = stage.book(57, 58)
    assert [c.command for c in of(CancelOrder, said)] == [first.command]
    assert of(PlaceOrder, said) == []
    assert [p.price for p in of(PlaceOrder, stage.hear(canceled(first)))] == [cents(58)]


def test_short_it_bids_for_yes_which_sells_the_no_it_holds() -> None:
    (place,) = of(PlaceOrder, holding(20, 60, side=Side.ASK).book(64, 66))

    assert (place.side, place.price, place.size) == (Side.BID, cents(60), shares(20))


def test_a_resting_order_is_looked_at_every_thirty_market_seconds() -> None:
    stage = holding(20, 50)
    stage.rest(stage.book(54, 56))
    assert of(CancelOrder, stage.book(58, 60)) == []

    stage.wait(0.5, market_s=29)
    assert of(CancelOrder, stage.keep_alive()) == []
    stage.wait(0.5, market_s=1)
    assert len(of(CancelOrder, stage.keep_alive())) == 1


def test_half_a_cent_is_no_reason_to_move() -> None:
    stage = holding(20, 50)
    stage.hear(an_info(tick=0.1))
    stage.rest(stage.hear(a_book(54.9, 55.1, tick=0.1, seen_at=90)))
    stage.wait(0.5, market_s=30)
    assert of(CancelOrder, stage.hear(a_book(55.4, 55.6, tick=0.1, seen_at=91))) == []

    stage.wait(0.5, market_s=30)
    assert len(of(CancelOrder, stage.hear(a_book(55.5, 55.7, tick=0.1, seen_at=92)))) == 1


def test_a_partial_fill_leaves_the_order_where_it_is() -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    said = stage.hear(a_fill(7, 55, side=Side.ASK, outcome=Outcome.YES, place=place))

    assert of(CancelOrder, said) == []


def test_only_what_is_settled_is_offered_and_the_rest_follows() -> None:
    stage = holding(20, 50, settled=8)
    place = stage.rest(stage.book(54, 56))
    assert place.size == shares(8)

    late = next(e for e, *_ in stage.journal[1:] if getattr(e, "size", 0) == shares(12))
    stage.hear(confirmed(late))  # type: ignore[arg-type]
    stage.wait(0.5, market_s=30)
    assert len(of(CancelOrder, stage.keep_alive())) == 1
    assert [p.size for p in of(PlaceOrder, stage.hear(canceled(place)))] == [shares(20)]


def test_nothing_settled_nothing_offered() -> None:
    stage = Exit()
    stage.recover([(a_fill(20, 50), 0, 0)])
    stage.hear(an_info())
    stage.keep_alive()

    assert of(PlaceOrder, stage.book(54, 56)) == []
    assert stage.status().reason == "waiting for fills to settle"


def test_a_reversed_fill_takes_the_order_back_at_once() -> None:
    stage = Exit()
    first, second = a_fill(10, 50), a_fill(10, 50)
    sold = a_fill(10, 55, side=Side.ASK, outcome=Outcome.YES)
    stage.recover([(e, 0, 0) for e in (first, second, confirmed(second), a_fill(10, 50, trade="third"))])
    stage.hear(confirmed(a_fill(10, 50, trade="third")), an_info())
    stage.keep_alive()
    place = stage.rest(stage.book(54, 56))
    assert place.size == shares(20)

    assert of(CancelOrder, stage.hear(reversed_(first))) == []
    assert [c.command for c in of(CancelOrder, stage.hear(sold))] == [place.command]


def test_halted_quotes_do_not_stop_it_and_a_freeze_does() -> None:
    stage = holding(20, 50)
    stage.hear(a_permit(stage, Level.HALT_QUOTES))
    stage.rest(stage.book(54, 56))

    assert len(of(CancelMarket, stage.hear(a_permit(stage, Level.FREEZE)))) == 1
    assert stage.status().reason.startswith("FREEZE")


@pytest.mark.parametrize("what", ["permit", "feed"])
def test_without_permit_or_feed_it_takes_its_order_off(what: str) -> None:
    stage = holding(20, 50)
    stage.rest(stage.book(54, 56))
    stage.wait(2.1)
    said = stage.hear(a_status(stage) if what == "permit" else a_permit(stage))

    assert len(of(CancelMarket, said)) == 1


def test_a_closed_market_is_waited_for() -> None:
    stage = holding(20, 50)
    stage.hear(an_info(accepting=False))

    assert of(PlaceOrder, stage.book(54, 56)) == []
    assert stage.status().reason == "market closed, waiting for its resolution"


@pytest.mark.parametrize("payout", [0, 500_000, 1_000_000])
def test_when_the_market_resolved_the_exit_is_over_whatever_is_left(payout) -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    assert of(ExitCompleted, stage.hear(an_info(accepting=False, payout=Price(payout)))) == []
    said = stage.hear(canceled(place))
    (done,) = of(ExitCompleted, said)

    assert (done.left, done.payout) == (20_000_000, payout)
    assert done.reason.startswith("the market resolved, YES pays $")
    assert stage.liquidator.is_finished


def test_one_sided_nothing_new_is_offered_and_what_rests_stays() -> None:
    stage = holding(20, 50)
    assert of(PlaceOrder, stage.book(None, 56)) == []
    stage.rest(stage.book(54, 56))
    stage.wait(0.5, market_s=30)

    assert of(CancelOrder, stage.keep_alive() + stage.book(None, 56)) == []


def test_a_rejected_order_comes_back_further_away_with_the_next_book() -> None:
    stage = holding(20, 50)
    place = of(PlaceOrder, stage.book(54, 56))[0]
    assert of(PlaceOrder, stage.hear(rejected(place))) == []

    assert [p.price for p in of(PlaceOrder, stage.book(54, 56))] == [cents(56)]


def test_a_denied_order_is_asked_again_after_its_time() -> None:
    stage = holding(20, 50)
    place = of(PlaceOrder, stage.book(54, 56))[0]
    assert of(PlaceOrder, stage.hear(denied(place, DenyRule.NOT_OWNER))) == []
    stage.wait(0.25)

    assert len(of(PlaceOrder, stage.call("watch"))) == 1


def test_words_about_other_markets_change_nothing() -> None:
    stage = holding(20, 50)
    stranger = an_order("x", market=OTHER)
    said = stage.hear(
        a_book(1, 99, market=OTHER),
        an_info(OTHER),
        a_fill(9, 9, market=OTHER),
        intended(stranger),
        accepted(stranger),
    )

    assert said == []
    assert stage.status().net == shares(20)


# The end.


def sold_out() -> tuple[Exit, PlaceOrder]:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    fill = a_fill(20, 55, side=Side.ASK, outcome=Outcome.YES, place=place)
    assert of(ExitCompleted, stage.hear(fill, confirmed(fill))) == []
    return stage, place


def test_flat_it_completes_when_its_order_is_closed_and_two_seconds_were_quiet() -> None:
    stage, place = sold_out()
    stage.hear(completed(place))
    stage.wait(0.1, market_s=1.9)
    assert of(ExitCompleted, stage.call("watch")) == []

    stage.wait(0.1)
    assert [e.left for e in of(ExitCompleted, stage.call("watch"))] == [0]
    assert stage.liquidator.is_finished
    assert stage.call("watch") == []


def test_an_open_order_keeps_it_from_completing() -> None:
    stage, _ = sold_out()
    stage.wait(10)
    said = stage.keep_alive() + stage.call("watch")

    assert of(ExitCompleted, said) == []


def test_the_end_is_said_once_and_finished_means_committed() -> None:
    stage, place = sold_out()
    stage.hear(completed(place))
    stage.commits = False
    stage.wait(5)

    assert len(of(ExitCompleted, stage.call("watch") + stage.call("watch"))) == 1
    assert not stage.liquidator.is_finished


def test_fills_that_are_not_settled_are_waited_for_but_not_for_ever() -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    stage.hear(a_fill(20, 55, side=Side.ASK, outcome=Outcome.YES, place=place), completed(place))
    stage.wait(59)
    assert of(ExitCompleted, stage.call("watch")) == []

    stage.wait(1)
    assert len(of(ExitCompleted, stage.call("watch"))) == 1


def test_a_remainder_below_the_minimum_keeps_its_place_for_a_while_and_is_then_left() -> None:
    stage = holding(20, 50)
    place = stage.rest(stage.book(54, 56))
    fill = a_fill(16, 55, side=Side.ASK, outcome=Outcome.YES, place=place)
    stage.hear(fill, confirmed(fill))
    stage.wait(0.5, market_s=59)
    assert of(CancelMarket, stage.keep_alive() + stage.call("watch")) == []

    stage.wait(0.5, market_s=1)
    assert len(of(CancelMarket, stage.keep_alive())) == 1
    assert [e.left for e in of(ExitCompleted, stage.hear(canceled(place, 16)))] == [shares(4)]


def test_dust_from_the_start_is_left_without_an_order() -> None:
    stage = holding(3, 50)

    assert stage.liquidator.is_finished
    assert [e.left for e, *_ in stage.journal if isinstance(e, ExitCompleted)] == [shares(3)]


def test_a_market_without_a_position_is_completed_without_a_feed() -> None:
    stage = Exit()
    stage.recover()

    assert stage.liquidator.is_finished


# After a restart.


def test_orders_of_an_earlier_life_are_taken_back_and_waited_for() -> None:
    before = holding(20, 50)
    place = before.rest(before.book(54, 56))
    stage = Exit()
    said = stage.recover(before.journal)
    assert of(CancelMarket, said)[0] == CancelMarket(market=MARKET, owner=LIQUIDATOR)
    stage.hear(an_info())
    stage.keep_alive()
    assert of(PlaceOrder, stage.book(54, 56)) == []

    assert [p.size for p in of(PlaceOrder, stage.hear(canceled(place)))] == [shares(20)]


def test_a_new_gateway_voids_what_was_asked_for() -> None:
    stage = holding(20, 50)
    stage.rest(stage.book(54, 56))

    assert len(of(PlaceOrder, stage.hear(gateway_started()))) == 1


def test_a_finished_exit_stays_finished() -> None:
    stage, place = sold_out()
    stage.hear(completed(place))
    stage.wait(5)
    stage.call("watch")

    again = Exit()
    assert again.recover(stage.journal) == []
    assert again.liquidator.is_finished


STEPS = st.one_of(
    st.tuples(st.just("book"), st.integers(1, 97), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.integers(1, 40), st.just(0)),
    st.tuples(st.just("accept"), st.just(0), st.just(0)),
    st.tuples(st.just("reject"), st.just(0), st.just(0)),
    st.tuples(st.just("fill"), st.integers(1, 100), st.just(0)),
    st.tuples(st.just("cancel"), st.just(0), st.just(0)),
    st.tuples(st.just("confirm"), st.integers(0, 50), st.just(0)),
    st.tuples(st.just("gateway"), st.just(0), st.just(0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
)


class Venue:
    """Keeps what the liquidator asked for, and checks each order against what is really held."""

    def __init__(self, stage: Exit) -> None:
        self.stage = stage
        self.open: dict[str, tuple[PlaceOrder, int]] = {}
        self.unconfirmed: list[Any] = []
        self.is_ready = True
        self.refused: list[PlaceOrder] = []

    def take(self, said: list[Message]) -> None:
        """Every order wanted, checked; cancels need an answer of their own."""
        for place in of(PlaceOrder, said):
            inventory = self.stage.liquidator.inventory
            held = Outcome.YES if inventory.net > 0 else Outcome.NO
            assert not self.open, "one order at a time, and nothing before the cancel is confirmed"
            assert place.side is (Side.ASK if inventory.net > 0 else Side.BID)
            assert 0 < place.size <= min(abs(inventory.net), inventory.confirmed(held))
            cost = inventory.average_cost(held)
            price = place.price if held is Outcome.YES else MICRO - place.price
            assert cost is not None
            assert price >= cost
            if self.is_ready:
                self.open[place.command] = (place, place.size)
                self.hear(intended(place))
            else:
                self.refused.append(place)

    def hear(self, *messages: Message) -> None:
        """Let the liquidator hear, and take what follows."""
        for message in messages:
            self.take(self.stage.hear(message))

    def step(self, what: str, number: int, width: int) -> None:
        """One thing that may happen."""
        place, leaves = next(iter(self.open.values()), (None, 0))
        if what == "book":
            self.take(self.stage.book(number, min(99, number + width)))
        elif what == "wait":
            self.stage.wait(number / 40, market_s=number)
            self.take(self.stage.keep_alive() + self.stage.call("watch"))
        elif what == "confirm" and self.unconfirmed:
            self.hear(confirmed(self.unconfirmed.pop(number % len(self.unconfirmed))))
        elif what == "gateway":
            self._start_gateway()
        elif what == "restart":
            journal, old = self.stage.journal, self.stage
            self.stage = Exit()
            self.stage.real, self.stage.market_time = old.real, old.market_time
            self.take(self.stage.recover(journal))
            self.stage.hear(an_info())
            assert durable(self.stage.liquidator, "inventory") == durable(old.liquidator, "inventory")
        elif place is not None:
            self._order(what, place, leaves, number)

    def _start_gateway(self) -> None:
        """Every order gets its end; what is asked for meanwhile is denied, after the start is known."""
        ends = [canceled(order) for order, _ in self.open.values()]
        self.open.clear()
        self.is_ready = False
        self.hear(*ends)
        self.hear(gateway_started())
        self.is_ready = True
        refused, self.refused = self.refused, []
        self.hear(*(denied(place, DenyRule.NOT_READY) for place in refused))

    def _order(self, what: str, place: PlaceOrder, leaves: int, percent: int) -> None:
        if what == "accept":
            self.hear(accepted(place))
        elif what in ("reject", "cancel"):
            del self.open[place.command]
            self.hear(rejected(place) if what == "reject" else canceled(place))
        else:
            size = max(1, leaves * percent // 100)
            fill = a_fill(
                size / MICRO,
                place.price / 10_000,
                side=place.side,
                outcome=Outcome.YES if place.side is Side.ASK else Outcome.NO,
                place=place,
            )
            self.unconfirmed.append(fill)
            self.open[place.command] = (place, leaves - size)
            if leaves == size:
                del self.open[place.command]
            self.hear(fill)
            if leaves == size:
                self.hear(completed(place))


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.sampled_from(Side), st.integers(1, 99), st.integers(1, 30)), min_size=1, max_size=5
    ),
    st.lists(STEPS, max_size=40),
)
def test_whatever_happens_it_sells_only_what_is_settled_never_below_cost_and_never_past_zero(
    bought: list[tuple[Side, int, int]], story: list[tuple[str, int, int]]
) -> None:
    stage = Exit()
    fills = [a_fill(size, price, side=side) for side, price, size in bought]
    stage.recover([(fill, 0, 0) for fill in fills])
    venue = Venue(stage)
    venue.unconfirmed = list(fills)
    stage.wait(1)
    venue.take(stage.hear(an_info()) + stage.keep_alive())
    net = stage.liquidator.inventory.net

    for step in story:
        venue.step(*step)
        now = venue.stage.liquidator.inventory.net
        assert abs(now) <= abs(net)
        assert now * net >= 0
        net = now
