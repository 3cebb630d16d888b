from __future__ import annotations

from pathlib import Path

import pytest

from messages.values import MICRO, MarketNs
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, ask, key_of, sold
from venue.paper.engine.accounts import HOUSE
from venue.paper.engine.terms import OrderStatus, TradeStatus
from venue.paper.ledger.history import History
from venue.paper.ledger.ledger import Ledger, World, WorldMismatch

A_WORLD = World(recordings=(("a.jsonl.gz", "00"),), seed=7)


def test_balances_trades_and_keys_outlive_the_process(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    bench = Bench(ask(0, 40, 10), ledger=Ledger(path))
    bench.buy(ALICE, 40, 10)
    bench.ledger.identities.save_api_key("key", "secret", "phrase", ALICE, 0)
    before = bench.exchange.trades(key_of(ALICE))

    again = Bench(ledger=Ledger(path))  # no close before it, as after kill -9

    assert (again.dollars(ALICE), again.shares(ALICE)) == (996, 10)
    assert again.exchange.positions(ALICE)[YES].average_cost == 400_000
    assert again.exchange.trades(key_of(ALICE)) == before
    found = again.ledger.identities.find_api_key("key")
    assert found is not None
    assert (found.secret, found.address) == ("secret", ALICE)
    assert again.ledger.identities.api_key_of(ALICE, 0) == found
    assert again.ledger.identities.api_key_of(ALICE, 1) is None
    assert not again.exchange.fund(ALICE)


def test_an_address_has_one_key_per_nonce() -> None:
    ledger = Ledger(":memory:").identities
    ledger.save_api_key("one", "s", "p", ALICE, 0)
    with pytest.raises(ValueError, match="nonce 0"):
        ledger.save_api_key("two", "s", "p", ALICE, 0)
    ledger.save_api_key("two", "s", "p", ALICE, 1)
    ledger.delete_api_key("one")
    assert ledger.find_api_key("one") is None


def test_settlement_goes_on_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(ask(0, 40, 10), ledger=Ledger(tmp_path / "venue.db"))
    bench.buy(ALICE, 40, 10)
    bench.at(3)

    again = Bench(ledger=Ledger(tmp_path / "venue.db"))
    again.at(1_000)

    (trade,) = again.exchange.trades(key_of(ALICE))
    assert trade.status is TradeStatus.CONFIRMED


def test_the_history_tells_every_order_and_how_it_ended(tmp_path: Path) -> None:
    bench = Bench(ask(0, 40, 10), sold(5, 29, 4), ledger=Ledger(tmp_path / "venue.db"))
    bench.buy(ALICE, 40, 10)
    canceled, resting = bench.buy(ALICE, 20, 10), bench.buy(BOB, 30, 10, token=YES)
    bench.exchange.cancel(key_of(ALICE), [canceled.order])
    bench.at(5)
    bench.ledger.end_all(bench.clock.now(), bench.clock.real_now(), "venue restart")
    history = History(tmp_path / "venue.db")

    said = [(o.status, o.matched // MICRO, o.end_reason) for o in history.orders()]

    assert said == [
        (OrderStatus.MATCHED, 10, "matched"),
        (OrderStatus.CANCELED, 0, "canceled"),
        (OrderStatus.CANCELED, 4, "venue restart"),
    ]
    (bobs,) = history.orders(key_of(BOB))
    assert (bobs.id, bobs.accepted_at) == (resting.order, bench.clock.origin)
    assert bobs.ended_at == bench.clock.now()
    assert bobs.ended_real_at == bench.clock.real_now()
    assert [t.size // MICRO for t in history.trades(key_of(BOB))] == [4]
    assert history.trades(key_of(BOB))[0].legs[0].order == resting.order
    assert len(history.trades()) == 2
    balances = {(b.maker, b.token): b.amount for b in history.balances()}
    assert balances[ALICE, None] == 996 * MICRO
    assert balances[HOUSE, YES] == -14 * MICRO
    assert history.funded()[ALICE] == 1_000 * MICRO
    assert (ALICE, NO) not in balances


def test_a_state_continues_only_its_own_world(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    Ledger(path).begin(A_WORLD)
    Ledger(path).begin(A_WORLD)

    with pytest.raises(WorldMismatch, match=r"--fresh.*--state") as refused:
        Ledger(path).begin(World(recordings=(), seed=8, crowd="crowd 1"))
    assert "a.jsonl.gz and seed 7, not with the crowd 1 and seed 8" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert History(path).world() == A_WORLD


def test_the_clock_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    assert Ledger(path).reached is None
    assert History(path).clock() is None
    Ledger(path).save_clock(MarketNs(5), MarketNs(9))
    ledger = Ledger(path)
    assert (ledger.origin, ledger.reached) == (MarketNs(5), MarketNs(9))
    assert History(path).clock() == (MarketNs(5), MarketNs(9))


def test_market_time_never_falls_behind_what_the_ledger_has_seen(tmp_path: Path) -> None:
    bench = Bench(ask(0, 40, 10), ledger=Ledger(tmp_path / "venue.db"))
    bench.at(0.5)
    bench.buy(BOB, 20, 10)
    assert Ledger(tmp_path / "venue.db").reached == bench.clock.now()


def test_a_file_that_is_no_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    path.write_bytes(b"this is not a database, and long enough to be looked at" * 20)
    with pytest.raises(OSError, match=r"venue\.db"):
        Ledger(path)
    with pytest.raises(OSError, match=r"venue\.db"):
        History(path)
    with pytest.raises(OSError, match="absent"):
        Ledger(tmp_path / "absent" / "venue.db")
