"""What a wallet does on the chain without a trade, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from messages.values import MICRO
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine.test_conversions import at_the_race
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.engine.terms import Event
from venue.wire.contracts import EXCHANGE, UNLIMITED

FUNDER = "0x" + "33" * 20


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50))


@pytest.fixture
def alice(bench: Bench) -> Wallet:
    return Wallet(a_door(bench)).log_in()


def refused(words: str, status: int = 400) -> Said:
    return Said(status, {"error": words})


def balances(alice: Wallet, *tokens: str) -> list[str]:
    """Dollars and tokens as the venue shows them."""
    asked = ["asset_type=COLLATERAL", *(f"asset_type=CONDITIONAL&token_id={token}" for token in tokens)]
    return [
        alice.call("GET", f"/balance-allowance?signature_type=0&{what}").json["balance"] for what in asked
    ]


def test_a_split_makes_pairs_and_a_merge_unmakes_them(alice: Wallet) -> None:
    said = alice.call("POST", "/sim/split", {"condition_id": "0xmarket", "amount": "10.5"})
    assert said.status == 200
    assert said.json == {
        "kind": "SPLIT",
        "maker": alice.address,
        "market": "0xmarket",
        "amount": "10.5",
        "collateral": "-10.5",
        "transaction_hash": said.json["transaction_hash"],
    }
    assert balances(alice, YES, NO) == ["989500000", "10500000", "10500000"]

    said = alice.call("POST", "/sim/merge", {"condition_id": "0xmarket", "amount": 4})
    assert (said.json["amount"], said.json["collateral"]) == ("4", "4")
    assert balances(alice, YES, NO) == ["993500000", "6500000", "6500000"]


def test_no_is_converted_and_winners_are_redeemed() -> None:
    bench, event = at_the_race()
    alice = Wallet(a_door(bench)).log_in()
    one, two, three = event.markets
    alice.call("POST", "/sim/split", {"condition_id": one.id, "amount": "10"})
    for name in ("the-race", "0xrace"):
        body = {"event": name, "condition_ids": [one.id], "amount": "5"}
        said = alice.call("POST", "/sim/convert", body)
        assert (said.json["kind"], said.json["market"], said.json["collateral"]) == ("CONVERT", "0xrace", "0")
    assert balances(alice, one.yes, two.yes, three.yes)[1:] == ["10000000"] * 3

    assert alice.call("POST", "/sim/redeem", {"condition_id": two.id}) == refused(
        "the market is not resolved yet, so nothing can be redeemed"
    )
    resolved = ask(alice.app, "POST", "/sim/resolve", {"condition_id": two.id, "winner": "YES"})
    assert resolved.status == 200
    said = alice.call("POST", "/sim/redeem", {"condition_id": two.id})
    assert (said.json["amount"], said.json["collateral"]) == ("10", "10")
    assert balances(alice) == ["1000000000"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (
            "split",
            {"condition_id": "0xmarket", "amount": "1000.000001"},
            "not enough collateral: 1000 settled",
        ),
        ("split", {"condition_id": "0xmarket", "amount": "0"}, "the amount must be more than nothing"),
        (
            "split",
            {"condition_id": "0xmarket", "amount": "-1"},
            "Invalid payload: the amount is out of range",
        ),
        ("split", {"condition_id": "0xmarket", "amount": "1e30"}, "Invalid payload: "),
        ("split", {"condition_id": "0xmarket", "amount": "NaN"}, "Invalid payload: "),
        ("split", {"condition_id": "0xmarket", "amount": "0.0000001"}, "Invalid payload: "),
        ("split", {"condition_id": "0xmarket"}, "Invalid payload: Object missing required field `amount`"),
        ("split", {"condition_id": "0xmarket", "amount": "1", "x": 1}, "Invalid payload: "),
        ("split", b"[", "Invalid payload: "),
        ("merge", {"condition_id": "0xmarket", "amount": "1"}, "not enough YES: 0 settled, 1 needed"),
        ("merge", {"condition_id": "0xother", "amount": "1"}, "market not found"),
        ("redeem", {"condition_id": "0xmarket"}, "the market is not resolved yet"),
        ("convert", {"event": "a-market", "condition_ids": [], "amount": "1"}, "the event is not neg-risk"),
        ("convert", {"event": "", "condition_ids": [], "amount": "1"}, "event not found"),
        ("approve", {"spender": "somebody", "asset_type": "COLLATERAL"}, "Invalid payload: "),
        (
            "split",
            {"condition_id": "0xmarket", "amount": "1", "maker": FUNDER},
            f"{FUNDER} is no wallet of 0x",
        ),
        ("split", {"condition_id": "0xmarket", "amount": "1", "maker": "0x12"}, "Invalid payload: "),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_sentence(
    alice: Wallet, path: str, body: Any, words: str
) -> None:
    said = alice.call("POST", f"/sim/{path}", body)
    assert said.status in (400, 404)
    assert said.json["error"].startswith(words)
    assert "\n" not in said.json["error"]
    assert balances(alice, YES, NO) == ["1000000000", "0", "0"]


def test_every_call_is_signed(alice: Wallet) -> None:
    for path in ("split", "merge", "redeem", "convert", "approve"):
        assert ask(alice.app, "POST", f"/sim/{path}", b"{}").status == 401


def test_a_wallet_acts_through_its_owners_key(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 40, 10, funder=FUNDER, signature_type=3)
    said = alice.call("POST", "/sim/split", {"condition_id": "0xmarket", "amount": "1"})
    assert said.json["maker"] == FUNDER
    said = alice.call(
        "POST", "/sim/split", {"condition_id": "0xmarket", "amount": "2", "maker": alice.address}
    )
    assert said.json["maker"] == alice.address
    assert bench.exchange.bank.on_chain(FUNDER, YES) == 1 * MICRO
    bob = Wallet(alice.app, 2).log_in()
    said = bob.call("POST", "/sim/split", {"condition_id": "0xmarket", "amount": "1", "maker": FUNDER})
    assert said == refused(f"{FUNDER} is no wallet of {bob.address}")


def test_allowances_are_shown_as_they_were_approved(alice: Wallet) -> None:
    def shown(asset: str) -> int:
        said = alice.call("GET", f"/balance-allowance?signature_type=0&asset_type={asset}")
        return int(said.json["allowances"][EXCHANGE])

    assert shown("COLLATERAL") == UNLIMITED
    told = {"spender": "exchange", "asset_type": "COLLATERAL", "amount": "4"}
    assert alice.call("POST", "/sim/approve", told) == Said(200, {})
    assert shown("COLLATERAL") == 4 * MICRO
    assert (
        alice.place("BUY", 40, 11)
        .json["error"]
        .startswith(
            f"not enough balance / allowance: the allowance is not enough -> spender: {EXCHANGE}, allowance: 4000000"
        )
    )
    assert alice.place("BUY", 40, 10).status == 200
    alice.call("POST", "/sim/approve", {"spender": "exchange", "asset_type": "CONDITIONAL", "amount": "0"})
    assert shown(f"CONDITIONAL&token_id={YES}") == 0
    alice.call("POST", "/sim/approve", {"spender": "exchange", "asset_type": "CONDITIONAL", "amount": "7"})
    assert shown(f"CONDITIONAL&token_id={NO}") == UNLIMITED
    alice.call("POST", "/sim/approve", {"spender": "exchange", "asset_type": "COLLATERAL"})
    assert shown("COLLATERAL") == UNLIMITED


def test_an_event_is_found_by_either_name_only(alice: Wallet) -> None:
    event = alice.app.exchange.events[0]
    assert isinstance(event, Event)
    assert alice.call(
        "POST", "/sim/convert", {"event": "the-race", "condition_ids": [], "amount": "1"}
    ) == refused("event not found", 404)
