from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.maker import ActiveMakerActor, MakerSettings
from messages.base import Message
from messages.liquidation import ExitCompleted, MarketRetired, MarketTaken, RetireReason
from messages.market import MarketInfo
from messages.orders import CancelMarket, CancelOrder, DenyRule, PlaceOrder
from messages.risk import Level
from messages.system import MakerStatus
from messages.values import MICRO, SECOND, ExitId, MarketId, MarketNs, Shares, Side
from messages.wallet import MarketPaused, MarketResumed, PauseCause
from tests.factories import (
    LIQUIDATOR,
    MAKER,
    MARKET,
    OTHER,
    Stage,
    a_book,
    a_fill,
    a_permit,
    a_ranking,
    a_status,
    accepted,
    an_info,
    an_order,
    assigned,
    canceled,
    cents,
    completed,
    denied,
    durable,
    gateway_started,
    intended,
    of,
    rejected,
    retired,
    reversed_,
    shares,
    taken,
)

LIMIT = 50 * MICRO
DURABLE = ("ownership", "inventories")


class Maker(Stage):
    """A maker, with the words its surroundings would say."""

    def __init__(self, settings: MakerSettings | None = None) -> None:
        self.maker = ActiveMakerActor(settings or MakerSettings())
        super().__init__(self.maker, MAKER)
        self._seen = 1

    def book(self, bid: float | None, ask: float | None, market: MarketId = MARKET) -> list[Message]:
        """The next frame of a market."""
        self._seen += 1
        return self.hear(a_book(bid, ask, market=market, seen_at=self._seen))

    def keep_alive(self, *markets: MarketId) -> list[Message]:
        """Permit and feed repeat themselves."""
        return self.hear(a_permit(self), *(a_status(self, m) for m in markets or (MARKET,)))

    def rest(self, said: list[Message]) -> list[PlaceOrder]:
        """The gateway and the venue take every order that was asked for."""
        places = of(PlaceOrder, said)
        for place in places:
            self.hear(intended(place), accepted(place))
        return places

    def status(self) -> MakerStatus:
        """How it says it stands."""
        return of(MakerStatus, self.call("report"))[0]


def quoting(settings: MakerSettings | None = None) -> tuple[Maker, PlaceOrder, PlaceOrder]:
    """A maker with both sides resting around 50 in the first of two markets."""
    stage = Maker(settings)
    stage.recover()
    stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    stage.keep_alive()
    said = stage.book(49, 51)
    bid, ask = stage.rest(said)
    return stage, bid, ask


def test_it_takes_the_best_market_and_quotes_only_when_that_is_committed() -> None:
    stage = Maker()
    stage.commits = False
    stage.recover()
    said = stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    said += stage.keep_alive() + stage.book(49, 51) + stage.call("watch")
    assert [t.market for t in of(MarketTaken, said)] == [MARKET]
    assert of(PlaceOrder, said) == []

    places = of(PlaceOrder, stage.hear(taken()))
    assert [(p.side, p.price, p.size) for p in places] == [
        (Side.BID, cents(48), shares(10)),
        (Side.ASK, cents(52), shares(10)),
    ]


def test_a_market_that_takes_no_orders_or_is_not_known_is_passed_over() -> None:
    stage = Maker()
    stage.recover()
    said = stage.hear(an_info(accepting=False), an_info(OTHER), a_ranking(MARKET, MarketId("0xcc"), OTHER))

    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_the_frame_that_caused_an_order_is_named() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    place = of(PlaceOrder, stage.hear(a_book(49, 51, seen_at=77)))[0]

    assert (place.frame_at, place.decided_at, place.owner) == (77, stage.real, MAKER)


def test_it_says_that_both_sides_rest() -> None:
    stage, _, _ = quoting()

    status = stage.status()
    assert (status.quoting, status.bid, status.ask, status.mid) == (True, cents(48), cents(52), cents(50))
    assert status.reason == ""


def test_a_small_move_moves_nothing_and_a_large_one_cancels_before_it_places() -> None:
    stage, bid, ask = quoting()
    assert stage.book(50, 52) == []

    said = stage.book(51, 53)
    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]
    assert of(PlaceOrder, said) == []
    assert of(PlaceOrder, stage.book(51, 53)) == []

    again = of(PlaceOrder, stage.hear(canceled(bid)))
    assert [(p.side, p.price) for p in again] == [(Side.BID, cents(50))]


def test_a_filled_side_comes_back_at_once() -> None:
    stage, bid, _ = quoting()
    said = stage.hear(a_fill(10, 48, place=bid), completed(bid))

    assert [(p.side, p.price) for p in of(PlaceOrder, said)] == [(Side.BID, cents(48))]


def test_a_partly_filled_order_keeps_its_place() -> None:
    stage, bid, _ = quoting()

    assert of(CancelOrder, stage.hear(a_fill(4, 48, place=bid))) == []
    assert of(CancelOrder, stage.book(49, 51)) == []


def test_a_cancel_that_is_not_answered_is_asked_again() -> None:
    stage, bid, ask = quoting()
    stage.book(51, 53)
    stage.wait(1.1)
    said = stage.keep_alive()

    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]


def test_our_own_quotes_are_not_the_mid() -> None:
    stage, bid, ask = quoting()
    book = msgspec.structs.replace(
        a_book(),
        bids=((cents(48), shares(10)), (cents(44), shares(100))),
        asks=((cents(51), shares(100)), (cents(52), shares(110))),
    )

    said = stage.hear(book)
    assert [c.command for c in of(CancelOrder, said)] == [bid.command, ask.command]
    assert stage.status().mid == cents(47.5)


@pytest.mark.parametrize(
    ("bid", "ask", "reason"), [(30, 70, "gapped"), (None, 51, "one-sided"), (51, 51, "crossed")]
)
def test_a_book_without_an_honest_price_takes_everything_off(
    bid: float | None, ask: float | None, reason: str
) -> None:
    stage, _, _ = quoting()
    said = stage.book(bid, ask)

    assert of(CancelMarket, said) == [CancelMarket(market=MARKET, owner=MAKER)]
    assert reason in of(MakerStatus, said)[-1].reason


def test_an_unhealthy_feed_takes_everything_off_once_and_again_each_second() -> None:
    stage, bid, ask = quoting()
    assert len(of(CancelMarket, stage.hear(a_status(stage, live=False)))) == 1
    assert of(CancelMarket, stage.call("watch")) == []

    stage.wait(1)
    assert len(of(CancelMarket, stage.call("watch"))) == 1
    stage.hear(canceled(bid), canceled(ask))
    stage.wait(1)
    assert of(CancelMarket, stage.call("watch")) == []
    assert len(of(PlaceOrder, stage.keep_alive())) == 2


def test_a_feed_that_stops_vouching_is_stale() -> None:
    stage, _, _ = quoting()
    stage.wait(2.1)
    said = stage.hear(a_permit(stage))

    assert len(of(CancelMarket, said)) == 1
    assert stage.status().reason == "feed stale"


def test_a_feed_that_is_silent_for_ten_seconds_is_said_so_and_nothing_is_quoted() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET), a_permit(stage))
    assert stage.status().reason == "waiting for the feed"

    stage.wait(10.1)
    said = stage.hear(a_permit(stage)) + stage.call("watch")
    assert of(PlaceOrder, said) == []
    assert stage.status().reason == "feed silent"


def test_without_a_permit_everything_is_taken_off_and_comes_back_with_it() -> None:
    stage, bid, ask = quoting()
    stage.wait(2)
    stage.hear(a_status(stage))
    assert of(CancelMarket, stage.call("watch")) == []  # it was said when the feed spoke
    assert stage.status().reason == "permit expired"

    stage.hear(canceled(bid), canceled(ask))
    assert len(of(PlaceOrder, stage.hear(a_permit(stage)))) == 2


def test_halted_quotes_are_taken_off_at_once() -> None:
    stage, _, _ = quoting()

    assert len(of(CancelMarket, stage.hear(a_permit(stage, Level.HALT_QUOTES)))) == 1


def test_the_growing_side_is_full_below_the_limit() -> None:
    stage, bid, _ = quoting()
    said = stage.hear(a_fill(49.9, 48), a_fill(10, 48, place=bid, trade="x"), completed(bid))
    assert len(of(MarketRetired, said)) == 0

    stage, bid, _ = quoting()
    said = stage.hear(a_fill(39, 48), a_fill(10, 48, place=bid), completed(bid))
    assert [p.size for p in of(PlaceOrder, said)] == [shares(10)]


def test_at_the_limit_it_cancels_waits_retires_and_takes_the_next_market() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_status(stage, OTHER))
    stage.book(30, 32, OTHER)
    said = stage.hear(a_fill(40, 48), a_fill(10, 48, place=bid))
    assert len(of(CancelMarket, said)) == 1
    assert of(MarketRetired, said) == []

    assert of(MarketRetired, stage.hear(completed(bid))) == []
    said = stage.hear(canceled(ask))
    assert of(MarketRetired, said) == [retired(net=50)]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]
    assert [(p.market, p.price) for p in of(PlaceOrder, said)] == [(OTHER, cents(29)), (OTHER, cents(33))]


def test_a_retirement_that_is_not_committed_yet_is_not_said_again() -> None:
    stage, bid, ask = quoting()
    stage.commits = False
    stage.hear(a_fill(50, 48, place=bid), completed(bid))
    said = stage.hear(canceled(ask)) + stage.call("watch") + stage.keep_alive()

    assert len(of(MarketRetired, said)) == 1
    assert len(of(MarketTaken, said)) == 1
    assert of(PlaceOrder, said) == []


def test_a_market_whose_retirement_is_said_is_quoted_no_more_though_its_reason_is_gone() -> None:
    stage, bid, ask = quoting()
    stage.commits = False
    paused = MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="")
    stage.hear(paused, canceled(bid))
    said = stage.hear(canceled(ask))
    assert len(of(MarketRetired, said)) == 1
    said = stage.hear(MarketResumed(market=MARKET, slug="s", reason="", by="me")) + stage.book(46, 50)
    said += stage.call("watch")

    assert of(PlaceOrder, said) == []


def test_without_another_market_it_retires_all_the_same_and_waits() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_ranking(MARKET), a_fill(50, 48, place=bid), completed(bid))
    said = stage.hear(canceled(ask)) + stage.call("watch")
    assert len(of(MarketRetired, said)) == 1
    assert of(MarketTaken, said) == []
    assert stage.status().reason == "no market is free to be quoted"

    assert [t.market for t in of(MarketTaken, stage.hear(a_ranking(MARKET, OTHER)))] == [OTHER]


def test_a_market_in_liquidation_is_not_taken_and_one_worked_off_may_be() -> None:
    stage = Maker()
    stage.recover([(e, 0, 0) for e in (taken(), a_fill(50, 48), retired(), assigned())])
    stage.hear(an_info())
    assert of(MarketTaken, stage.hear(a_ranking(MARKET))) == []

    done = ExitCompleted(exit=ExitId(f"{MARKET}#1"), market=MARKET, slug="s", left=Shares(0))
    said = stage.hear(a_fill(50, 55, side=Side.ASK), done)
    assert [t.market for t in of(MarketTaken, said)] == [MARKET]
    assert stage.maker.ownership.next_exit(MARKET) == f"{MARKET}#2"


def test_a_closed_market_is_left_whatever_is_held() -> None:
    stage, bid, ask = quoting()
    stage.hear(an_info(accepting=False))
    said = stage.hear(canceled(bid), canceled(ask))

    assert [r.reason for r in of(MarketRetired, said)] == [RetireReason.MARKET_CLOSED]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def ends_in(stage: Stage, seconds: float, market: MarketId = MARKET) -> MarketInfo:
    """A market with so much of its life left."""
    return an_info(market, ends_at=MarketNs(stage.market_time + round(seconds * SECOND)))


def test_a_market_that_is_about_to_end_is_handed_over_while_there_is_time_to_work_it_off() -> None:
    stage, bid, ask = quoting()
    assert stage.hear(ends_in(stage, 601)) == []
    stage.wait(0.1, market_s=1.5)
    stage.keep_alive()
    stage.call("watch")
    said = stage.hear(canceled(bid), canceled(ask))

    assert [r.reason for r in of(MarketRetired, said)] == [RetireReason.MARKET_ENDING]
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_a_market_that_is_about_to_end_is_not_taken() -> None:
    stage = Maker()
    stage.recover()
    said = stage.hear(ends_in(stage, 300), an_info(OTHER), a_ranking(MARKET, OTHER))

    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_a_reversed_fill_can_take_the_limit_back() -> None:
    stage, bid, ask = quoting()
    fill = a_fill(50, 48, place=bid)
    stage.hear(fill, completed(bid), reversed_(fill))
    said = stage.hear(canceled(ask))

    assert of(MarketRetired, said) == []
    assert len(of(PlaceOrder, said)) >= 1


def test_without_switching_the_growing_side_is_skipped() -> None:
    stage, bid, ask = quoting(MakerSettings(enable_switching=False))
    said = stage.hear(a_fill(50, 48, place=bid), completed(bid)) + stage.call("watch")

    assert of(MarketRetired, said) == []
    assert of(PlaceOrder, said) == []
    assert [order.command for order in stage.maker.desk.working.of(MARKET)] == [ask.command]
    assert "position limit" in stage.status().reason


def test_a_denied_order_is_not_asked_again_for_a_second() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        assert of(PlaceOrder, stage.hear(denied(place, DenyRule.COLLATERAL))) == []
    assert of(PlaceOrder, stage.book(49, 51.5)) == []

    stage.wait(1)
    assert len(of(PlaceOrder, stage.keep_alive())) == 2


def test_an_order_that_was_taken_back_before_it_left_is_no_reason_to_hesitate() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    bid, ask = of(PlaceOrder, stage.book(49, 51))
    assert len(of(CancelOrder, stage.book(59, 61))) == 2

    said = stage.hear(denied(bid, DenyRule.LATE), denied(ask, DenyRule.LATE))
    assert [p.price for p in of(PlaceOrder, said)] == [cents(58), cents(62)]


def test_who_is_not_owner_yet_asks_again_soon() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        stage.hear(denied(place, DenyRule.NOT_OWNER))
    assert of(PlaceOrder, stage.call("ask_again")) == []

    stage.wait(0.05)
    assert len(of(PlaceOrder, stage.call("ask_again"))) == 2


def test_a_dry_run_asks_again_only_when_something_else_is_wanted() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    for place in of(PlaceOrder, stage.book(49, 51)):
        stage.hear(denied(place, DenyRule.DRY_RUN))
    stage.wait(5)
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 52) + stage.call("watch")) == []
    assert len(of(PlaceOrder, stage.book(53, 55))) == 2


def test_a_rejected_order_comes_back_a_tick_further_with_the_next_book() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    bid, ask = of(PlaceOrder, stage.book(49, 51))
    stage.rest([ask])
    for price in (47, 46, 45):
        assert of(PlaceOrder, stage.hear(intended(bid), rejected(bid)) + stage.call("watch")) == []
        bid = of(PlaceOrder, stage.book(49, 51))[0]
        assert (bid.side, bid.price) == (Side.BID, cents(price))
    stage.hear(rejected(bid))
    stage.wait(1.5)
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 51)) == []

    assert [p.price for p in of(PlaceOrder, stage.book(50, 51))] == [cents(48)]


def test_an_order_without_a_word_is_forgotten_after_two_seconds() -> None:
    stage = Maker()
    stage.recover()
    stage.hear(an_info(), a_ranking(MARKET))
    stage.keep_alive()
    stage.book(49, 51)
    stage.wait(1.9)
    assert of(PlaceOrder, stage.keep_alive() + stage.call("watch")) == []

    stage.wait(0.2)
    assert len(of(PlaceOrder, stage.keep_alive() + stage.call("watch"))) == 2


def test_an_order_that_was_given_up_and_turns_up_is_taken_off() -> None:
    stage, _, _ = quoting()
    lost = an_order("maker@1.1.99")

    assert len(of(CancelMarket, stage.hear(intended(lost)))) == 1


def test_a_new_gateway_means_a_new_quote() -> None:
    stage, _, _ = quoting()

    assert len(of(PlaceOrder, stage.hear(gateway_started()))) == 2


def test_another_owners_orders_are_none_of_its_business() -> None:
    stage, _, _ = quoting()
    foreign = an_order("x", owner=LIQUIDATOR, market=OTHER)

    assert stage.hear(intended(foreign), accepted(foreign), canceled(foreign)) == []


def test_asked_to_stop_it_takes_all_off_and_quotes_no_more() -> None:
    stage, bid, ask = quoting()

    assert of(CancelMarket, stage.call("on_stopping")) == [CancelMarket(market=MARKET, owner=MAKER)]
    assert of(PlaceOrder, stage.hear(canceled(bid), canceled(ask)) + stage.keep_alive()) == []
    assert stage.maker.is_stopped


# After a restart.


def test_orders_of_an_earlier_life_are_taken_back_before_anything_is_quoted() -> None:
    before, bid, ask = quoting()
    stage = Maker()
    said = stage.recover(before.journal)
    assert of(CancelMarket, said)[0] == CancelMarket(market=MARKET, owner=MAKER)
    assert stage.maker.is_ready

    stage.hear(an_info(), a_ranking(MARKET, OTHER))
    assert of(PlaceOrder, stage.keep_alive() + stage.book(49, 51)) == []
    assert stage.status().reason == "orders of before are open"
    stage.hear(canceled(bid))
    assert len(of(PlaceOrder, stage.hear(canceled(ask)))) == 2


def test_a_limit_reached_before_the_crash_retires_the_market_once_after_it() -> None:
    before, bid, ask = quoting()
    before.commits = False
    before.hear(a_fill(50, 48, place=bid), completed(bid), canceled(ask))

    stage = Maker()
    stage.commits = False
    said = stage.recover(before.journal) + stage.call("watch")
    assert of(MarketRetired, said) == [retired(net=50)]

    third = Maker()
    third.commits = False
    assert of(MarketRetired, third.recover([*before.journal, (retired(), 0, 0)])) == []


def test_a_retirement_without_a_next_market_is_completed_after_a_restart() -> None:
    stage = Maker()
    stage.recover([(e, 0, 0) for e in (taken(), a_fill(50, 48), retired())])

    said = stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    assert [t.market for t in of(MarketTaken, said)] == [OTHER]


def test_restarted_it_knows_what_the_running_one_knows() -> None:
    stage, bid, ask = quoting()
    stage.hear(a_fill(40, 48), a_fill(10, 48, place=bid), completed(bid), canceled(ask))
    stage.rest(stage.keep_alive(OTHER) + stage.book(30, 32, OTHER))

    again = Maker()
    again.recover(stage.journal)
    assert durable(again.maker, *DURABLE) == durable(stage.maker, *DURABLE)
    assert vars(again.maker.desk.intended) == vars(stage.maker.desk.intended)
    assert again.maker.market == OTHER


# Whatever happens.


class Venue:
    """Takes what the maker asks for, and checks what may be open at once."""

    def __init__(self) -> None:
        self.stage = Maker()
        self.open: dict[str, tuple[PlaceOrder, int]] = {}
        self.is_ready = True
        self.refused: list[PlaceOrder] = []

    def take(self, said: list[Message]) -> None:
        """Every word of the maker, checked."""
        for message in said:
            if isinstance(message, PlaceOrder):
                self._place(message)
            elif isinstance(message, MarketRetired):
                assert not self.open, "nothing rests where the market is left"
                assert abs(message.net) >= LIMIT

    def _place(self, place: PlaceOrder) -> None:
        maker = self.stage.maker
        assert place.market == maker.market
        assert all(order.side is not place.side for order, _ in self.open.values())
        assert abs(maker.inventories[place.market].net) < LIMIT
        if not self.is_ready:
            self.refused.append(place)
            return
        self.open[place.command] = (place, place.size)
        self.hear(intended(place))

    def hear(self, *messages: Message) -> None:
        """Let the maker hear, and take what follows."""
        for message in messages:
            self.take(self.stage.hear(message))

    def alive(self) -> None:
        """Everything that is repeated is repeated."""
        self.take(self.stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER)))
        self.take(self.stage.keep_alive(MARKET, OTHER))

    def step(self, what: str, number: int, width: int) -> None:
        """One thing that may happen."""
        orders = list(self.open.values())
        if what == "book":
            self.take(self.stage.book(number, number + width, (MARKET, OTHER)[number % 2]))
        elif what == "wait":
            self.stage.wait(number / 40)
            self.take(self.stage.call("watch"))
            self.alive()
        elif what == "gateway":
            self._start_gateway()
        elif what == "restart":
            old, self.stage = self.stage, Maker()
            self.stage.real, self.stage.market_time = old.real, old.market_time
            self.take(self.stage.recover(old.journal))
            assert durable(self.stage.maker, *DURABLE) == durable(old.maker, *DURABLE)
            self.alive()
        elif orders:
            self._order(what, *orders[number % len(orders)], number)

    def _start_gateway(self) -> None:
        ends = [canceled(order) for order, _ in self.open.values()]
        self.open.clear()
        self.is_ready = False
        self.hear(*ends, gateway_started())
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
            size = max(10_000, leaves * percent // 10_000 * 100)
            self.open[place.command] = (place, leaves - size)
            if leaves <= size:
                del self.open[place.command]
            self.hear(a_fill(size / MICRO, place.price / 10_000, side=place.side, place=place))
            if leaves <= size:
                self.hear(completed(place))


STEPS = st.tuples(
    st.sampled_from(
        ["book", "book", "wait", "accept", "reject", "fill", "fill", "fill", "cancel", "gateway", "restart"]
    ),
    st.integers(1, 95),
    st.integers(1, 4),
)


@settings(max_examples=100)
@given(st.lists(STEPS, max_size=60))
def test_one_order_a_side_none_past_the_limit_and_nothing_left_behind(story: list[Any]) -> None:
    venue = Venue()
    venue.stage.recover()
    venue.alive()

    for step in story:
        venue.step(*step)
