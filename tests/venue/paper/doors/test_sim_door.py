import pytest

from messages.values import SECOND
from tests.venue.paper.door_bench import Said, a_door, ask
from tests.venue.paper.engine_bench import Bench
from venue.paper.doors.app import App
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.ledger.ledger import Ledger


@pytest.fixture
def held() -> App:
    """Doors of an exchange whose clock was not started."""
    return App(Exchange(VenueClock(), Ledger(":memory:")))


def test_a_held_clock_stands_still_until_it_is_told_to_run(held: App) -> None:
    before = ask(held, "GET", "/sim/clock").json
    assert (before["speed"], before["running"]) == (0, False)
    assert ask(held, "GET", "/sim/clock").json == before

    boot_ns = int(held.exchange.clock.real_now())
    anchor = {"boot_ns": boot_ns, "market_ns": before["market_ns"] + SECOND, "speed": 60}
    after = ask(held, "POST", "/sim/clock", anchor).json

    assert (after["speed"], after["running"]) == (60, True)
    assert after["market_ns"] >= after["origin_ns"] == anchor["market_ns"]
    assert held.changed.is_set()


def test_market_time_never_goes_back() -> None:
    bench = Bench()
    app = a_door(bench)
    now = ask(app, "GET", "/sim/clock").json["market_ns"]
    anchor = {"boot_ns": int(bench.real), "market_ns": 0, "speed": 1}

    assert ask(app, "POST", "/sim/clock", anchor).json["market_ns"] >= now


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[",
        {"boot_ns": 1, "market_ns": 1, "speed": -1},
        {"boot_ns": 1, "market_ns": 1 << 63, "speed": 1},
        {"boot_ns": 1, "market_ns": 1, "speed": 1.5},
        {"boot_ns": 1, "market_ns": 1, "speed": 1, "x": 1},
    ],
)
def test_an_anchor_that_is_none_changes_nothing(held: App, body: object) -> None:
    before = ask(held, "GET", "/sim/clock")
    said = ask(held, "POST", "/sim/clock", body)

    assert said.status == 400
    assert said.json["error"].startswith("no clock anchor: ")
    assert ask(held, "GET", "/sim/clock") == before


def test_the_side_door_is_for_this_host_only(held: App, monkeypatch: pytest.MonkeyPatch) -> None:
    for client in ("10.0.0.1", "example"):
        monkeypatch.setattr("tests.venue.paper.door_bench.CLIENT", (client, 1))
        assert ask(held, "GET", "/sim/clock") == Said(404, {"error": "not found"})
