"""What order endpoints answer while the venue takes not everything (VENUE §3.7, §8.3)."""

import pytest

from tests.venue.paper.door_bench import Said, Wallet, a_door, ask_whole
from tests.venue.paper.engine_bench import Bench, bid
from venue.paper.engine.modes import Mode

CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
CANCELS = (
    ("DELETE", "/order", {"orderID": "0x" + "0" * 64}),
    ("DELETE", "/orders", ["0x" + "0" * 64]),
    ("DELETE", "/cancel-all", b""),
    ("DELETE", "/cancel-market-orders", {}),
)


@pytest.fixture
def alice() -> Wallet:
    """A wallet with an order that rests at 30 cents."""
    alice = Wallet(a_door(Bench(bid(0, 38, 50)))).log_in()
    alice.place("BUY", 30, 10)
    return alice


def calls(alice: Wallet) -> list[Said]:
    """Every call that places or cancels."""
    order = alice.order("BUY", 20, 10, postOnly=True)
    bodies = [("POST", "/order", order), ("POST", "/orders", [order]), *CANCELS]
    return [alice.call(method, path, body) for method, path, body in bodies]


def test_a_restarting_venue_answers_every_order_endpoint_with_425_and_a_reason(alice: Wallet) -> None:
    alice.app.exchange.modes.restart(down_s=30)

    for said in calls(alice):
        assert said.status == 425
        assert list(said.json) == ["error"]
    for path in ("/data/orders", "/data/order/0x" + "0" * 64):
        assert alice.call("GET", path).status == 425
    alice.app.exchange.modes.set(Mode.NORMAL)
    assert len(alice.resting()) == 1


def test_a_disabled_venue_refuses_cancels_too_but_shows_what_rests(alice: Wallet) -> None:
    alice.app.exchange.modes.set(Mode.DISABLED)

    assert all(said == Said(503, {"error": DISABLED}) for said in calls(alice))
    assert len(alice.resting()) == 1


def test_a_cancel_only_venue_takes_cancels(alice: Wallet) -> None:
    alice.app.exchange.modes.set(Mode.CANCEL_ONLY)
    placed, batch, *cancels = calls(alice)

    assert placed == batch == Said(503, {"error": CANCEL_ONLY})
    assert {said.status for said in cancels} == {200}
    assert alice.resting() == []


def test_a_post_only_venue_says_so_with_a_code_and_when_to_come_back(alice: Wallet) -> None:
    alice.app.exchange.modes.set(Mode.POST_ONLY, 79)
    body = alice.order("BUY", 20, 10)
    said = ask_whole(alice.app, "POST", "/order", body, alice.signed("POST", "/order", body))

    assert said.status == 503
    assert said.json == {"error": POST_ONLY, "code": "post_only_mode", "retry_after_seconds": 79}
    assert said.headers["retry-after"] == "79"
    assert {said.status for said in calls(alice)} == {200}


def test_in_a_post_only_venue_other_legs_of_a_batch_are_refused(alice: Wallet) -> None:
    alice.app.exchange.modes.set(Mode.POST_ONLY, 79)
    legs = [alice.order("BUY", 20, 10), alice.order("BUY", 21, 10, postOnly=True)]
    plain, post_only = alice.call("POST", "/orders", legs).json

    assert (plain["errorMsg"], plain["orderID"], plain["success"]) == (POST_ONLY, "", True)
    assert post_only["status"] == "live"


def test_a_call_without_a_key_is_nobodys_in_every_mode(alice: Wallet) -> None:
    alice.app.exchange.modes.restart(down_s=30)
    alice.creds = {**alice.creds, "passphrase": "wrong"}

    assert alice.place().status == 401
