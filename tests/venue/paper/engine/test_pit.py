from __future__ import annotations

from collections.abc import Callable

import pytest

from messages.values import MICRO, SECOND, MarketId, MarketNs, Price, Side, Size, TokenId
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, a_market
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Market, OrderStatus, Refused, TokenSide

Act = Callable[[Pit], object]


class Script:
    """Participants that do what they are told, second by second, and note who was hit."""

    def __init__(self, opening: Act, *acts: tuple[int, Act]) -> None:
        self.market = a_market()
        self.opening = opening
        self.acts = list(acts)
        self.opened_at: list[int] = []
        self.hits: list[tuple[int, float, bool]] = []

    def next_at(self) -> int | None:
        return self.acts[0][0] * SECOND if self.acts else None

    def open(self, pit: Pit, since: int) -> None:
        self.opened_at.append(since)
        self.opening(pit)

    def act(self, pit: Pit) -> None:
        self.acts.pop(0)[1](pit)

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        self.hits.append((lot.who, size / MICRO, by_account))


def lot(who: int, side: Side, cents: int, shares: float) -> Lot:
    return Lot(who, side, Price(cents * 10_000), round(shares * MICRO))


def places(*lots: Lot) -> Act:
    return lambda pit: [pit.place(each) for each in lots]


def takes(side: Side, cents: int, shares: float) -> Act:
    return lambda pit: pit.take(side, Price(cents * 10_000), round(shares * MICRO))


def a_bench(script: Script) -> Bench:
    return Bench(participants=script)


def test_a_crowd_fills_its_book_when_it_opens_and_trades_when_its_time_comes() -> None:
    script = Script(
        places(lot(1, Side.BID, 40, 100), lot(2, Side.ASK, 45, 50), lot(3, Side.ASK, 46, 50)),
        (10, takes(Side.BID, 46, 70)),
    )
    bench = a_bench(script)
    assert bench.shown() == ({40: 100}, {46: 50, 45: 50})
    assert bench.shown(NO) == ({54: 50, 55: 50}, {60: 100})

    bench.at(9)
    assert script.hits == []
    bench.at(10)

    assert script.hits == [(2, 50, False), (3, 20, False)]
    assert bench.shown() == ({40: 100}, {46: 30})
    assert bench.heard.prints == [
        (YES, TokenSide.BUY, Price(450_000), Size(50 * MICRO)),
        (YES, TokenSide.BUY, Price(460_000), Size(20 * MICRO)),
    ]
    assert bench.heard.trades == []
    assert bench.market.last_trade == Price(460_000)


def test_accounts_and_participants_stand_in_one_queue() -> None:
    script = Script(
        places(lot(1, Side.BID, 40, 100)),
        (5, places(lot(2, Side.BID, 40, 30))),
        (10, takes(Side.ASK, 40, 105)),
        (20, takes(Side.ASK, 40, 20)),
    )
    bench = a_bench(script)
    order = bench.buy(ALICE, 40, 10)

    bench.at(10)
    assert script.hits == [(1, 100, False)]
    assert bench.leaves(order, ALICE) == 5
    bench.at(20)
    assert bench.leaves(order, ALICE) is None
    assert script.hits == [(1, 100, False), (2, 15, False)]
    assert bench.shares(ALICE) == 10
    assert bench.dollars(ALICE) == 1_000 - 4
    assert bench.shown() == ({40: 15}, {})
    assert [size / MICRO for _, _, _, size in bench.heard.prints] == [105, 20]


def test_an_account_that_takes_hits_lots_in_their_order() -> None:
    script = Script(
        places(lot(1, Side.ASK, 45, 10), lot(2, Side.ASK, 45, 10), lot(3, Side.ASK, 44, 5)),
    )
    bench = a_bench(script)

    placed = bench.buy(ALICE, 45, 20)

    assert placed.status == "matched"
    assert script.hits == [(3, 5, True), (1, 10, True), (2, 5, True)]
    assert bench.shares(ALICE) == 20
    assert bench.dollars(ALICE) == pytest.approx(1_000 - 5 * 0.44 - 15 * 0.45)
    assert len(placed.trades) == 2


def test_a_lot_that_would_cross_is_not_placed_and_one_that_is_gone_is_passed_over() -> None:
    ours = lot(1, Side.ASK, 45, 10)
    said: list[bool] = []
    script = Script(
        places(ours),
        (1, lambda pit: said.append(pit.place(lot(2, Side.BID, 45, 10)))),
        (2, takes(Side.BID, 45, 10)),
        (3, lambda pit: pit.pull(ours)),
    )
    bench = a_bench(script)

    bench.at(3)

    assert said == [False]
    assert bench.shown() == ({}, {})


def test_a_maker_takes_accounts_orders_only_as_far_as_no_lot_rests_ahead() -> None:
    got: list[int] = []

    def snipe(pit: Pit) -> None:
        assert pit.accounts_best(Side.BID) == Price(420_000)
        got.append(pit.accounts_take(Side.ASK, Price(400_000), 100 * MICRO))

    script = Script(places(lot(1, Side.BID, 41, 10)), (5, snipe))
    bench = a_bench(script)
    first = bench.buy(ALICE, 42, 10)
    behind = bench.buy(BOB, 41, 10)

    bench.at(5)

    assert got == [10 * MICRO]
    assert bench.leaves(first, ALICE) is None
    assert bench.leaves(behind, BOB) == 10
    assert script.hits == []


def test_the_end_of_a_crowds_market_clears_the_book_for_everybody() -> None:
    script = Script(places(lot(1, Side.BID, 40, 100)), (5, lambda pit: pit.resolve(True)))
    bench = a_bench(script)
    bench.buy(ALICE, 39, 10)

    bench.at(5)

    assert bench.shown() == ({}, {})
    assert bench.market.resolved
    assert bench.market.winner == YES
    assert [order.status for kind, order in bench.heard.orders if kind == "CANCELLATION"] == [
        OrderStatus.CANCELED_RESOLVED
    ]
    with pytest.raises(Refused, match="not yet ready"):
        bench.buy(ALICE, 39, 10)


def test_a_crowd_is_taken_up_where_market_time_stands() -> None:
    bench = a_bench(Script(places()))
    bench.at(100)
    later = Script(places(lot(1, Side.BID, 40, 5)))
    later.market = a_market(id="0xlater", slug="later", yes="5", no="6")

    bench.exchange.schedule(150 * SECOND, lambda: bench.exchange.add_participants(later))
    bench.at(149)
    assert len(bench.exchange.markets) == 1
    bench.at(200)

    assert later.opened_at == [150 * SECOND]
    assert [market.slug for market in bench.heard.markets] == ["a-market", "later"]


def test_a_pit_tells_the_time_and_the_rules() -> None:
    seen: list[tuple[MarketNs, Market]] = []
    script = Script(places(), (7, lambda pit: seen.append((pit.now, pit.market))))
    bench = a_bench(script)

    bench.at(30)

    assert seen == [(bench.clock.origin + 7 * SECOND, bench.market)]


def test_crowds_trade_on_unheard_and_the_book_knows_when_it_changed() -> None:
    script = Script(places(lot(1, Side.ASK, 45, 10)), (5, takes(Side.BID, 45, 4)))
    bench = a_bench(script)
    bench.heard.is_listening = False
    bench.heard.levels.clear()

    bench.at(30)

    assert (bench.heard.levels, bench.heard.prints) == ([], [])
    view = bench.exchange.book(YES)
    assert view is not None
    assert view.asks == ((Price(450_000), Size(6 * MICRO)),)
    assert view.at == bench.clock.origin + 5 * SECOND
    bench.heard.is_listening = True
    bench.buy(ALICE, 44, 10)
    assert [(price, size) for _, price, size in bench.heard.levels] == [(440_000, 10 * MICRO)]


def test_a_resolved_market_leaves_the_floor_once_nobody_holds_its_tokens() -> None:
    script = Script(places(lot(1, Side.ASK, 45, 50)), (10, lambda pit: pit.resolve(True)))
    bench = a_bench(script)
    exchange, market = bench.exchange, bench.market
    bench.buy(ALICE, 45, 10)
    assert not exchange.retire(market.id)

    bench.at(10)
    assert exchange.holders(YES)
    assert not exchange.retire(market.id)
    assert exchange.markets == [market]


def test_a_market_that_left_the_floor_is_still_known_by_name() -> None:
    bench = a_bench(Script(places(lot(1, Side.ASK, 45, 50)), (10, lambda pit: pit.resolve(False))))
    exchange, market = bench.exchange, bench.market
    bench.at(10)

    assert exchange.retire(market.id)

    assert list(exchange.markets) == []
    assert exchange.book(YES) is None
    assert exchange.market(market.id) is market
    assert exchange.market_of(NO) is None
    assert bench.heard.retired == [market]
    with pytest.raises(Refused, match="Invalid token id"):
        bench.buy(ALICE, 45, 10)
    bench.at(20)


def test_retired_markets_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("venue.paper.engine.hall.KEPT_TERMS", 2)
    bench = Bench()
    markets = [
        a_market(id=MarketId(f"0x{n}"), yes=TokenId(f"{n}1"), no=TokenId(f"{n}2"), resolved=True)
        for n in range(4)
    ]
    for market in markets:
        bench.exchange.add_market(market)
        assert bench.exchange.retire(market.id)

    known = [bench.exchange.market(market.id) is not None for market in markets]
    assert known == [False, False, True, True]


@pytest.mark.parametrize(("first", "second"), [(NO, YES), (YES, NO)])
def test_what_a_taker_took_is_told_before_what_remains_of_it(first: TokenId, second: TokenId) -> None:
    bench = a_bench(Script(places(lot(1, Side.BID, 30, 10), lot(2, Side.ASK, 70, 10))))
    bench.buy(BOB, 53, 10, token=first)
    bench.heard.levels.clear()
    bench.buy(ALICE, 47, 23, token=second)

    (_, gone, nothing), (_, rests, rest) = bench.heard.levels
    assert (gone, nothing) == (rests, Size(0))
    assert rest == Size(13 * MICRO)
