"""A market ends: orders leave, prices become payouts, and it stays ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from messages.values import Price, Side
from tests.venue.paper.engine.test_pit import Script, lot, places
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, ask, bid, bought, key_of
from venue.paper.engine.terms import OrderStatus, Refused
from venue.paper.ledger.history import History
from venue.paper.ledger.ledger import Ledger

OUTCOMES = [(True, YES, 1_000_000), (False, NO, 0), (None, None, 500_000)]


@pytest.mark.parametrize(("yes_wins", "winner", "last"), OUTCOMES)
def test_a_resolved_market_is_closed_has_a_winner_and_its_payout_as_price(
    yes_wins: bool | None, winner: str | None, last: int
) -> None:
    bench = Bench(ask(0, 60, 10))
    bench.buy(ALICE, 40, 10)
    bench.exchange.resolve(bench.market.id, yes_wins)
    market = bench.market

    assert (market.resolved, market.closed, market.accepting_orders) == (True, True, False)
    assert (market.winner, market.last_trade) == (winner, last)
    assert bench.heard.markets[-1] is market
    kind, order = bench.heard.orders[-1]
    assert (kind, order.status) == ("CANCELLATION", OrderStatus.CANCELED_RESOLVED)
    assert bench.exchange.open_orders(key_of(ALICE)) == []
    with pytest.raises(Refused, match="not yet ready"):
        bench.buy(ALICE, 40, 10)


def test_an_outcome_stands_whatever_is_said_later() -> None:
    bench = Bench()
    bench.exchange.resolve(bench.market.id, True)
    bench.exchange.resolve(bench.market.id, False)
    assert bench.market.winner == YES
    assert bench.heard.all.count("market") == 2, "when it was listed, and when it ended"


def test_matches_that_were_under_way_are_settled_all_the_same() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    bench.exchange.resolve(bench.market.id, True)
    with pytest.raises(Refused, match="nothing to redeem"):
        bench.exchange.bank.redeem(ALICE, bench.market)
    bench.at(2)
    bench.exchange.bank.redeem(ALICE, bench.market)
    assert bench.dollars(ALICE) == 1_006


@pytest.mark.parametrize(("yes_wins", "winner", "last"), OUTCOMES)
def test_a_resolved_market_is_resolved_after_a_restart(
    tmp_path: Path, yes_wins: bool | None, winner: str | None, last: int
) -> None:
    bench = Bench(ask(0, 40, 10), ledger=Ledger(tmp_path / "venue.db"))
    bench.buy(BOB, 40, 10)
    bench.at(2)
    bench.exchange.resolve(bench.market.id, yes_wins)

    again = Bench(ask(0, 40, 10), ledger=Ledger(tmp_path / "venue.db"))
    market = again.market
    assert (market.resolved, market.closed, market.winner) == (True, True, winner)
    assert market.last_trade == Price(last)
    again.exchange.bank.redeem(BOB, market)
    assert again.dollars(BOB) == 996 + 10 * last / 1_000_000
    assert History(tmp_path / "venue.db").resolutions() == {market.id: winner}


def test_nobody_trades_in_a_market_that_was_ended_by_hand() -> None:
    bench = Bench(ask(0, 60, 10), bid(0, 30, 10), bought(5, 60, 4), bid(6, 40, 10))
    bench.exchange.resolve(bench.market.id, True)
    bench.at(10)

    assert bench.shown() == ({}, {})
    assert bench.heard.prints == []
    assert bench.market.last_trade == Price(1_000_000)
    assert bench.exchange.next_due() is None


def test_participants_go_home_when_their_market_is_ended_by_hand_and_do_not_come_back(tmp_path: Path) -> None:
    def crowd() -> Script:
        return Script(places(lot(1, Side.BID, 40, 10)), (5, places(lot(1, Side.BID, 41, 10))))

    bench = Bench(participants=crowd(), ledger=Ledger(tmp_path / "venue.db"))
    assert bench.shown() == ({40: 10}, {})
    bench.exchange.resolve(bench.market.id, True)
    bench.at(10)
    assert bench.shown() == ({}, {})
    again = Bench(participants=crowd(), ledger=Ledger(tmp_path / "venue.db"))
    again.at(10)
    assert again.shown() == ({}, {})
