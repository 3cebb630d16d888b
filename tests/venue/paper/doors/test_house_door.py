"""What the house may do to its venue while it runs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.venue.paper import door_bench
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50))


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


@pytest.mark.parametrize(("winner", "price"), [("YES", 1), ("NO", 0), ("50-50", 0.5)])
def test_a_market_ends_as_it_is_told(alice: Wallet, bench: Bench, winner: str, price: float) -> None:
    alice.place("BUY", 40, 10)
    told = {"condition_id": "0xmarket", "winner": winner}
    assert ask(alice.app, "POST", "/sim/resolve", told) == Said(200, {})

    assert alice.resting() == []
    assert bench.market.last_trade == price * 1_000_000
    assert bench.market.winner == {"YES": YES, "NO": NO, "50-50": None}[winner]
    assert alice.place("BUY", 40, 10).json["error"] == "the market is not yet ready to process new orders"
    assert ask(alice.app, "POST", "/sim/resolve", told) == Said(
        400, {"error": "the market is resolved already"}
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"condition_id": "0xother", "winner": "YES"}, 404),
        ({"condition_id": "0xmarket", "winner": "Maybe"}, 400),
        ({"condition_id": "0xmarket"}, 400),
        (b"\xff", 400),
    ],
)
def test_an_end_that_is_none_changes_nothing(alice: Wallet, bench: Bench, body: Any, status: int) -> None:
    assert ask(alice.app, "POST", "/sim/resolve", body).status == status
    assert not bench.market.resolved


def test_switches_are_turned_one_by_one(alice: Wallet) -> None:
    calm = ask(alice.app, "GET", "/sim/switches").json
    assert (calm["banned"], calm["balance_lag_ms"], calm["matched_sticks"]) == ([], 0, False)
    said = ask(alice.app, "POST", "/sim/switches", {"banned": [alice.address.lower()]})
    assert said == Said(200, {**calm, "banned": [alice.address]})
    said = ask(alice.app, "POST", "/sim/switches", {"balance_lag_ms": None, "matched_sticks": True})
    turned = {**calm, "banned": [alice.address], "balance_lag_ms": None, "matched_sticks": True}
    assert said == Said(200, turned)
    assert alice.place("BUY", 40, 10).json == {"error": f"'{alice.address}' address banned"}
    assert ask(alice.app, "POST", "/sim/switches", {"banned": []}).status == 200
    assert alice.place("BUY", 40, 10).status == 200


@pytest.mark.parametrize(
    "body", [{"sleeps": True}, {"banned": ["0x1"]}, {"balance_lag_ms": -1}, {"matched_sticks": 3}, [], b"{"]
)
def test_switches_that_are_none_are_refused_and_turn_nothing(alice: Wallet, body: Any) -> None:
    before = ask(alice.app, "GET", "/sim/switches")
    said = ask(alice.app, "POST", "/sim/switches", body)
    assert said.status == 400
    assert said.json["error"].startswith("Invalid payload: ")
    assert ask(alice.app, "GET", "/sim/switches") == before


def test_nobody_from_elsewhere_gets_in(alice: Wallet, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_bench, "CLIENT", ("10.0.0.9", 50_000))
    told = {"condition_id": "0xmarket", "winner": "YES"}
    assert ask(alice.app, "POST", "/sim/resolve", told).status == 404
    assert ask(alice.app, "GET", "/sim/switches").status == 404
    assert ask(alice.app, "POST", "/sim/switches", {"matched_sticks": True}).status == 404
    assert not bench.market.resolved
    assert not bench.exchange.bank.switches.matched_sticks
