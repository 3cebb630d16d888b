"""The dead-man switch, clause by clause (VENUE §4.2)."""

from __future__ import annotations

import asyncio

import pytest

from messages.values import SECOND
from tests.venue.paper.door_bench import Wallet, a_door
from tests.venue.paper.engine_bench import NO, Bench
from venue.paper import pump
from venue.paper.pump import Pump


class Ward:
    """Two keys of one wallet and one of another, orders of each, and time that is turned by hand."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.app = a_door(self.bench)
        self.alice, self.second, self.bob = Wallet(self.app), Wallet(self.app), Wallet(self.app, 2)
        self.alice.log_in()
        self.second.log_in(nonce=1)
        self.bob.log_in()
        for wallet in (self.alice, self.second, self.bob):
            wallet.place("BUY", 30, 5)
            wallet.place("BUY", 30, 5, token=NO)

    def beat(self, heartbeat_id: str = "") -> str:
        """An accepted heartbeat; the id for the next."""
        said = self.alice.call("POST", "/v1/heartbeats", {"heartbeat_id": heartbeat_id})
        assert said.status == 200
        return str(said.json["heartbeat_id"])

    def wait(self, seconds: float) -> list[str]:
        """The keys whose orders are taken back meanwhile."""
        self.bench.real += round(seconds * SECOND)
        lapsed = self.app.heartbeats.lapsed()
        for owner in lapsed:
            self.bench.exchange.cancel_all(owner)
        return lapsed


@pytest.fixture
def ward() -> Ward:
    """Nobody has beaten yet."""
    return Ward()


def test_who_never_beat_is_never_canceled(ward: Ward) -> None:
    assert ward.wait(3_600) == []
    assert len(ward.alice.resting()) == 2


def test_silence_takes_all_orders_of_that_key_in_every_market_and_of_no_other(ward: Ward) -> None:
    ward.beat()
    assert ward.wait(9.9) == []
    assert ward.wait(0.1) == [ward.alice.creds["apiKey"]]

    assert [len(wallet.resting()) for wallet in (ward.alice, ward.second, ward.bob)] == [0, 2, 2]


def test_an_accepted_beat_moves_the_deadline_and_a_refused_one_does_not(ward: Ward) -> None:
    first = ward.beat()
    assert ward.wait(6) == []
    second = ward.beat(first)
    assert ward.wait(6) == []
    said = ward.alice.call("POST", "/v1/heartbeats", {"heartbeat_id": first})

    assert (said.status, said.json["error_msg"], said.json["heartbeat_id"]) == (
        400,
        "Invalid Heartbeat ID",
        second,
    )
    assert ward.wait(4) == [ward.alice.creds["apiKey"]]


def test_the_expected_id_that_was_told_is_taken_at_once(ward: Ward) -> None:
    ward.beat()
    expected = ward.alice.call("POST", "/v1/heartbeats", {"heartbeat_id": "wrong"}).json["heartbeat_id"]

    assert ward.beat(expected)


def test_after_a_lapse_the_key_is_forgotten_and_begins_again(ward: Ward) -> None:
    old = ward.beat()
    ward.wait(10)
    ward.alice.place("BUY", 30, 5)

    assert ward.wait(3_600) == []
    said = ward.alice.call("POST", "/v1/heartbeats", {"heartbeat_id": old})
    assert (said.status, said.json["heartbeat_id"]) == (400, "")
    assert ward.beat("")


def test_the_older_call_without_an_id_counts_and_empties_the_chain(ward: Ward) -> None:
    ward.beat()
    ward.wait(6)
    assert ward.alice.call("POST", "/heartbeats").json == {"status": "ok"}
    assert ward.wait(6) == []

    assert ward.alice.call("POST", "/v1/heartbeats", {"heartbeat_id": "x"}).json["heartbeat_id"] == ""
    assert ward.beat("")


def test_a_beat_within_the_time_it_takes_to_look_still_counts(ward: Ward) -> None:
    first = ward.beat()
    ward.bench.real += round(10.5 * SECOND)
    ward.beat(first)

    assert ward.wait(0) == []


def test_the_venue_looks_at_least_every_five_seconds(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pump.CHECK_S <= 5

    async def scene() -> None:
        ward.beat()
        ward.bench.real += 10 * SECOND
        driving = asyncio.ensure_future(Pump(ward.app).run())
        async with asyncio.timeout(5):
            while ward.alice.resting():
                await asyncio.sleep(0)
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)

    monkeypatch.setattr(pump, "CHECK_S", 0.001)
    asyncio.run(scene())
