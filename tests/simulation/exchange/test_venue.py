"""The simulated venue: the real engine, busy, and every lie about it where the catalogue says."""

import time

import pytest

from messages.account import (
    AccountRead,
    AccountReadFailed,
    BeatDeadMan,
    DeadManBeaten,
    DeadManMissed,
    LegsSeen,
    OrderSeen,
    ReadAccount,
    Settlement,
    VenueClockRead,
)
from messages.market import (
    BookReceived,
    ConnectStream,
    LevelsReceived,
    PrintReceived,
    StreamLost,
    WatchMarkets,
)
from messages.orders import (
    Answer,
    CancelAnswered,
    CancelFailed,
    OrderFound,
    OrderRead,
    ReadOrder,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
    VenueMode,
)
from messages.values import SECOND, MarketNs
from tests.simulation.exchange.stage import CENT, SHARE, Stage


@pytest.fixture
def calm():
    stage = Stage()
    stage.open()
    return stage


def lying(*faults, seed=1):
    stage = Stage(seed, {})
    stage.open()
    stage.lies._rates.update(dict.fromkeys(faults, 1.0))
    stage.lies.counts.update(dict.fromkeys(faults, 0))
    return stage


def spell(stage, fault):
    """This is on from now on."""
    stage.lies._until[fault] = stage.world.now() + 1_000 * SECOND


def read(stage):
    stage.tell(ReadAccount(since=MarketNs(0)))
    stage.run(2)
    return next(m for m in reversed(stage.heard) if isinstance(m, AccountRead | AccountReadFailed))


# An honest venue.


def test_an_order_rests_is_listed_found_by_name_and_taken_back(calm):
    order = calm.bid(below=3)
    assert calm.answer(order).answer is Answer.RESTING
    assert [o.order for o in read(calm).orders] == [order]
    calm.tell(ReadOrder(order=order))
    calm.run(1)
    calm.tell(TakeOrdersOff(orders=(order,)))
    calm.run(1)

    assert calm.last(OrderRead).found is OrderFound.OPEN
    assert calm.last(CancelAnswered).canceled == (order,)
    assert read(calm).orders == ()


def test_a_name_is_known_before_sending_and_two_like_orders_have_two(calm):
    first, second = calm.prepare(40 * CENT), calm.prepare(40 * CENT)

    assert first != second
    assert all(len(name) == 66 for name in (first, second))
    assert not calm.venue.records.orders


def test_an_order_that_comes_too_late_never_leaves(calm):
    order = calm.prepare(40 * CENT)
    calm.tell(SendOrder(order=order, send_before=calm.world.now()))
    calm.run(1)

    assert calm.answer(order).answer is Answer.NOT_SENT
    assert not calm.sent


def test_the_crowd_fills_a_quote_within_seconds_and_every_word_of_it_comes(calm):
    for _ in range(3):
        calm.bid(below=0)
        calm.run(20)
    legs = [leg for seen in calm.all(LegsSeen) for leg in seen.legs]

    assert legs
    assert {leg.status for leg in legs} >= {Settlement.MATCHED, Settlement.MINED, Settlement.CONFIRMED}
    assert {(leg.trade, leg.order) for leg in read(calm).legs} == {(leg.trade, leg.order) for leg in legs}


def test_silence_costs_all_orders_and_a_beat_in_time_none(calm):
    calm.tell(BeatDeadMan())
    calm.run(1)
    order = calm.bid(below=10)
    for _ in range(4):
        calm.run(5)
        calm.tell(BeatDeadMan())
    calm.run(1)
    assert order in calm.venue.records.live
    assert len(calm.all(DeadManBeaten)) == 5
    calm.run(12)

    assert order not in calm.venue.records.live


def test_a_restarted_venue_has_an_empty_book_and_all_its_trades(calm):
    calm.bid(below=0)
    calm.run(20)
    trades = len(read(calm).legs)
    resting = calm.bid(below=10)
    calm.venue.closed()
    calm.run(1)
    assert calm.answer(resting).answer is Answer.RESTING
    calm.venue.opened()

    assert not calm.venue.records.live
    assert len(read(calm).legs) == trades > 0


def test_the_market_stream_tells_a_book_and_every_change_of_it(calm):
    market = calm.market
    calm.tell(WatchMarkets(markets=((market.id, market.yes, market.no),)))
    calm.tell(ConnectStream(epoch=1))
    calm.run(60)
    first, *_ = calm.all(BookReceived)
    sizes = {
        (side, price): size
        for side, levels in (("bid", first.bids), ("ask", first.asks))
        for price, size in levels
    }
    for change in calm.all(LevelsReceived):
        for side, price, size in change.levels:
            sizes[side.value, price] = size
    book = calm.venue.book(market.id)
    assert book is not None
    _, bids, asks = book

    assert {key for key, size in sizes.items() if size} == {("bid", p) for p, _ in bids} | {
        ("ask", p) for p, _ in asks
    }
    assert calm.all(PrintReceived)


def test_two_worlds_of_one_seed_are_the_same_and_of_two_are_not():
    def story(seed):
        stage = Stage(seed)
        stage.open()
        stage.bid(below=0)
        stage.run(60)
        return [str(message) for message in stage.heard]

    assert story(4) == story(4)
    assert story(4) != story(5)


@pytest.mark.slow
def test_engine_and_ports_play_three_hundred_seconds_in_one():
    stage = Stage()
    stage.open()
    markets = stage.venue.exchange.markets
    stage.tell(WatchMarkets(markets=tuple((m.id, m.yes, m.no) for m in markets)))
    stage.tell(ConnectStream(epoch=1))
    began = time.process_time()
    for _ in range(60):
        order = stage.bid(below=0)
        stage.run(4)
        stage.tell(TakeOrdersOff(orders=(order,)))
        stage.tell(ReadAccount(since=MarketNs(int(stage.venue.market_at()) - 600 * SECOND)))
        stage.run(1)

    assert 60 * 5 / (time.process_time() - began) > 300


# Lies about requests.


@pytest.mark.parametrize("fault", ["F57", "F58b", "F81", "F65"])
def test_an_order_whose_answer_is_worthless_is_lost_and_rests(fault):
    stage = lying(fault)
    order = stage.bid(below=10)
    stage.run(6)

    assert stage.answer(order).answer is Answer.LOST
    assert order in stage.venue.records.live


def test_an_order_that_never_arrives_is_lost_and_never_rests():
    stage = lying("F56")
    order = stage.bid(below=10)
    stage.run(30)

    assert stage.answer(order).answer is Answer.LOST
    assert not stage.venue.records.orders


def test_an_order_without_a_connection_is_known_not_to_have_left():
    stage = lying("F80b")
    order = stage.bid(below=10)

    assert stage.answer(order).answer is Answer.NOT_SENT


def test_a_throttled_order_comes_to_rest_when_nobody_waits_any_more():
    stage = lying("F61", seed=3)
    order = stage.bid(below=10)
    stage.run(5.5)
    assert stage.answer(order).answer is Answer.LOST
    assert order not in stage.venue.records.orders
    stage.run(16)

    assert order in stage.venue.records.orders


def test_a_busy_venue_says_when_to_come_back_and_does_nothing():
    stage = lying("F60")
    order = stage.bid(below=10)

    answered = stage.answer(order)
    assert (answered.answer, answered.mode, answered.wait_ms) == (Answer.REJECTED, VenueMode.BUSY, 2_000)
    assert not stage.venue.records.orders


@pytest.mark.parametrize(
    ("fault", "mode"),
    [
        ("F59", VenueMode.RESTARTING),
        ("F63a", VenueMode.CANCEL_ONLY),
        ("F63b", VenueMode.DISABLED),
        ("F64", VenueMode.REFUSING),
    ],
)
def test_a_venue_out_of_order_says_so_to_orders(fault, mode):
    stage = lying()
    spell(stage, fault)
    stage.run(1)
    order = stage.bid(below=10)
    stage.run(1)

    assert stage.answer(order).mode is mode
    assert order not in stage.venue.records.live


def test_an_empty_bucket_and_a_closed_venue_refuse_cancels():
    for fault in ("F62", "F63b"):
        stage = lying()
        order = stage.bid(below=10)
        spell(stage, fault)
        stage.run(1)
        stage.tell(TakeAllOff())
        stage.run(1)

        assert stage.last(CancelFailed).everything
        assert order in stage.venue.records.live


def test_a_lost_answer_to_a_beat_is_nobody_elses_and_a_stranger_is_noticed():
    stage = lying()
    for fault, foreign in (("F77b", False), ("", True)):
        stage.tell(BeatDeadMan())
        stage.run(3)
        stage.lies._rates = {fault: 1.0} if fault else {}
        stage.lies.counts[fault] = 0
        stage.tell(BeatDeadMan())
        stage.run(5)
        stage.lies._rates = {}
        if foreign:
            stage.mischief._beat_with_our_key()
        stage.heard.clear()
        stage.tell(BeatDeadMan())
        stage.run(3)

        assert any(missed.foreign for missed in stage.all(DeadManMissed)) is foreign


# Lies about the account.


def test_a_cancel_may_hide_a_fill_that_only_the_trades_know():
    stage = lying("F67")
    order = stage.bid(below=0)
    stage.tell(TakeOrdersOff(orders=(order,)))
    stage.run(1.5)
    told = {leg.status for seen in stage.all(LegsSeen) for leg in seen.legs}
    known = stage.venue.records.orders[order]

    assert stage.last(CancelAnswered).canceled == (order,)
    assert 0 < known.order.matched < 10 * SHARE
    assert Settlement.MATCHED not in told
    assert [leg.size for leg in read(stage).legs] == [known.order.matched]


def test_a_careless_cancel_all_leaves_two_and_says_nothing():
    stage = lying()
    orders = [stage.bid(below=10 + n) for n in range(4)]
    stage.lies._rates["F68"] = 1.0
    stage.lies.counts["F68"] = 0
    stage.tell(TakeAllOff())
    stage.run(1)

    assert len(stage.last(CancelAnswered).canceled) == 2
    assert set(stage.venue.records.live) == set(orders[2:])


def test_a_stale_list_shows_what_is_gone_and_lacks_what_is_there():
    stage = lying("F69a")
    old = stage.bid(below=10)
    stage.run(4)
    stage.tell(TakeOrdersOff(orders=(old,)))
    stage.run(0.5)
    new = stage.bid(below=11)

    assert [o.order for o in read(stage).orders] == [old]
    stage.run(4)
    assert [o.order for o in read(stage).orders] == [new]


def test_an_order_that_a_list_lacks_is_found_by_its_name():
    stage = lying("F69b")
    order = stage.bid(below=10)
    assert read(stage).orders == ()
    stage.tell(ReadOrder(order=order))
    stage.run(1)

    assert stage.last(OrderRead).found is OrderFound.OPEN


def test_rows_of_trades_repeat_in_an_older_state_and_cannot_be_read():
    stage = lying("F70a", "F70c")
    for _ in range(3):
        stage.bid(below=0)
        stage.run(20)
    legs = read(stage).legs
    assert Settlement.MATCHED in {leg.status for leg in legs}
    assert all(s is not Settlement.MATCHED for s in stage.venue.records.statuses.values() if s == "CONFIRMED")
    stage.lies._rates = {"F70d": 1.0}
    stage.lies.counts["F70d"] = 0

    assert read(stage).doubtful


def test_what_others_do_with_our_account_is_no_order_of_this_house():
    stage = lying()
    stage.venue.order_of_ours(deep=True)
    stage.venue.order_of_ours(deep=False)

    assert all(known.is_foreign for known in stage.venue.records.orders.values())
    assert len(stage.venue.records.orders) == 2
    assert len(read(stage).orders) == 1
    assert len(read(stage).legs) >= 1


def test_a_list_in_doubt_is_no_list():
    stage = lying("F58a")
    assert isinstance(read(stage), AccountReadFailed)


# Settlement, streams, markets.


def test_a_match_fails_at_once_or_after_forty_seconds_and_nothing_of_it_is_left():
    for fault, span in (("F71a", 5), ("F71b", 45)):
        stage = lying(fault, seed=2)
        stage.bid(below=0)
        stage.run(15)
        assert stage.venue.records.legs, fault
        stage.run(span)

        assert set(stage.venue.records.statuses.values()) == {"FAILED"}
        assert stage.venue.exchange.balance(next(iter(stage.venue.records.legs.values())).token, None) == 0


def test_half_of_a_streams_words_are_lost_and_a_frozen_one_says_nothing():
    stage = lying()
    stage.lies._rates["F91"] = 1.0
    stage.lies.counts["F91"] = 0
    stage.bid(below=10)
    assert not stage.all(OrderSeen)
    stage.lies._rates.clear()
    stage.bid(below=11)
    assert len(stage.all(OrderSeen)) == 1
    spell(stage, "F91b")
    stage.bid(below=12)

    assert len(stage.all(OrderSeen)) == 1


def test_a_silent_market_stream_answers_pings_and_a_cut_one_ends():
    stage = lying()
    market = stage.market
    stage.tell(WatchMarkets(markets=((market.id, market.yes, market.no),)))
    stage.tell(ConnectStream(epoch=1))
    stage.run(2)
    spell(stage, "F82")
    stage.run(1)
    stage.heard.clear()
    stage.run(20)
    assert not stage.all(LevelsReceived)
    assert any(type(message).__name__ == "StreamBeat" for message in stage.heard)
    spell(stage, "F82b")
    stage.run(3)

    assert stage.all(StreamLost)


def test_a_price_jumps_a_grid_changes_a_market_closes_and_another_is_resolved():
    stage = lying()
    exchange, mischief = stage.venue.exchange, stage.mischief
    before = {market.id: exchange.top(market.id)[0] for market in exchange.markets}
    mischief._jump()
    stage.run(5)
    moved = [abs((exchange.top(m)[0] or 0) - (was or 0)) for m, was in before.items()]
    assert max(moved) > 20 * CENT
    mischief._change_a_tick()
    assert {market.tick for market in exchange.markets} == {CENT, CENT // 10}
    mischief._close()
    stage.run(5)
    mischief._resolve()

    assert sum(not market.accepting_orders for market in exchange.markets) == 2
    assert sum(market.resolved for market in exchange.markets) == 1
    assert sum(market.accepting_orders for market in exchange.markets) == stage.venue.scenery.markets


def test_a_read_that_lasts_has_its_lists_from_different_moments():
    stage = lying()
    stage.bid(below=0)
    found = read(stage)

    assert isinstance(found, AccountRead)
    assert found.begun_at < stage.world.now()


def test_the_venues_clock_is_right_but_for_spells_of_ten_seconds():
    stage = lying()
    stage.run(10)
    assert {read.ahead_ms for read in stage.all(VenueClockRead)} == {0}
    spell(stage, "F79")
    stage.run(10)
    assert 9_000 < stage.last(VenueClockRead).ahead_ms <= 10_000
    stage.lies.heal()
    stage.run(5)

    assert stage.last(VenueClockRead).ahead_ms == 0
