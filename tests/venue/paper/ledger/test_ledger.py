from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from messages.values import MICRO, MarketNs
from tests.venue.paper.engine_bench import ALICE, BOB, NO, YES, Bench, ask, key_of, sold
from venue.paper.engine.accounts import HOUSE
from venue.paper.engine.terms import OrderStatus, TradeStatus
from venue.paper.ledger.history import History
from venue.paper.ledger.identities import Wallet
from venue.paper.ledger.ledger import Ledger, World, WorldMismatch
from venue.wire.contracts import EXCHANGE, SPENDERS, UNLIMITED

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


def test_a_ledger_of_another_version_is_refused_in_one_line_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        old.execute("INSERT INTO meta VALUES ('version', '1')")
    old.close()

    with pytest.raises(OSError, match=r"version 1, this is version \d+: start over with --fresh") as refused:
        Ledger(path)
    assert "\n" not in str(refused.value)
    with pytest.raises(OSError, match="version 1"):
        History(path)
    with sqlite3.connect(path) as same:
        tables = same.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    same.close()
    assert tables == [("meta",)]


def test_wallets_are_their_owners_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    identities = Ledger(path).identities
    identities.save_api_key("second", "s", "p", ALICE, 7)
    identities.save_api_key("first", "s", "p", ALICE, 0)
    first, second = (Wallet(maker=f"0x{n}", owner=ALICE, type=n) for n in (1, 3))
    identities.bind_wallet(first, MarketNs(1))
    identities.bind_wallet(second, MarketNs(2))

    ledger = Ledger(path)
    assert ledger.identities.wallets() == [first, second]
    assert ledger.api_keys_of(ALICE) == ["first", "second"]
    assert ledger.api_keys_of(BOB) == []
    assert (ledger.owners_of("0x3"), ledger.owners_of(ALICE), ledger.owners_of(BOB)) == ([ALICE], [ALICE], [])


def test_allowances_are_as_they_were_last_approved_after_a_restart(tmp_path: Path) -> None:
    bench = Bench(ledger=Ledger(tmp_path / "venue.db"))
    bank = bench.exchange.bank
    bank.allow(ALICE, EXCHANGE, False, 5)
    bank.allow(ALICE, EXCHANGE, True, 0)
    bank.allow(BOB, EXCHANGE, False, 5)
    bank.allow(BOB, EXCHANGE, False, UNLIMITED)

    again = Bench(ledger=Ledger(tmp_path / "venue.db")).exchange.bank
    assert again.allowances(ALICE, None) == {**dict.fromkeys(SPENDERS, UNLIMITED), EXCHANGE: 5}
    assert again.allowance(ALICE, EXCHANGE, YES) == 0
    assert again.allowance(BOB, EXCHANGE, None) == UNLIMITED


def test_a_mined_trade_is_found_by_its_transaction() -> None:
    bench = Bench(ask(0, 40, 10))
    bench.buy(ALICE, 40, 10)
    assert bench.ledger.trade_by_hash("") is None
    bench.at(2)
    (trade,) = bench.exchange.trades(key_of(ALICE))
    assert bench.ledger.trade_by_hash(trade.transaction_hash) == trade
    assert trade.dollars == trade.legs[0].dollars == 4 * MICRO
