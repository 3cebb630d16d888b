"""The Data API's second version, as its newest clients ask it."""

from __future__ import annotations

from typing import Any

import pytest

from messages.values import Size
from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App
from venue.paper.doors.spelling import question_id
from venue.wire import contracts
from venue.wire.eip712 import CHAIN_ID

MARKET = "0xmarket"


@pytest.fixture
def bench() -> Bench:
    return Bench(ask_level(0, 45, 50), ask_level(0, 46, 50))


@pytest.fixture
def app(bench: Bench) -> App:
    return a_door(bench)


@pytest.fixture
def alice(app: App) -> Wallet:
    return Wallet(app).log_in()


def get(app: App, target: str) -> Said:
    return ask(app, "GET", f"/data-api/v2{target}")


def data(app: App, target: str) -> Any:
    said = get(app, target)
    assert said.status == 200, said
    return said.json["data"]


def paged(app: App, target: str) -> list[Any]:
    """All rows, two at a time, by cursor."""
    rows, cursor = list[Any](), ""
    while True:
        said = get(app, f"{target}&limit=2&cursor={cursor}").json
        rows += said["data"]
        cursor = said["pagination"]["next_cursor"]
        assert said["pagination"]["has_more"] == (cursor is not None)
        if cursor is None:
            return rows


def test_everything_an_address_did_is_activity_page_by_page(alice: Wallet, bench: Bench) -> None:
    alice.place("BUY", 45, 10)
    bench.at(5)
    alice.place("SELL", 40, 5)
    bench.at(60)
    bank, market = bench.exchange.bank, bench.market
    bank.split(alice.address, market, Size(20_000_000))
    bench.at(70)
    bank.merge(alice.address, market, Size(5_000_000))
    asked = f"/activity?user={alice.address.lower()}"
    rows = paged(alice.app, asked)

    assert [row["type"] for row in rows] == ["MERGE", "SPLIT", "TRADE"]
    assert [(row["size"], row["usdc_size"]) for row in rows] == [(5, 5), (20, 20), (10, 4.5)]
    assert {row["proxy_wallet"] for row in rows} == {alice.address.lower()}
    assert rows[2]["token_id"] == YES
    assert [row["type"] for row in data(alice.app, f"{asked}&type=SPLIT,TRADE&sort_direction=ASC")] == [
        "TRADE",
        "SPLIT",
    ]
    assert data(alice.app, f"{asked}&side=SELL") == []
    assert data(alice.app, f"{asked}&end={rows[2]['timestamp']}") == rows[2:]
    assert data(alice.app, f"{asked}&start={rows[0]['timestamp']}") == rows[:1]
    assert data(alice.app, f"{asked}&condition_id=0x1") == []
    assert data(alice.app, f"{asked}&event_id=1") == rows
    assert data(alice.app, f"{asked}&event_id=2") == []


def test_positions_are_chosen_by_what_has_become_of_them(alice: Wallet, bench: Bench) -> None:
    bench.exchange.bank.split(alice.address, bench.market, Size(20_000_000))
    asked = f"/positions?user={alice.address}"

    def found(query: str) -> list[str]:
        return [row["token_id"] for row in data(alice.app, asked + query)]

    assert sorted(found("")) == sorted(found("&status=OPEN")) == sorted(found("&status=MERGEABLE"))
    assert found("&status=REDEEMABLE") == found("&status=CLOSED") == found("&title=nothing") == []
    assert len(found("&title=will&event_id=1")) == 2
    assert {row["status"] for row in data(alice.app, asked)} == {"OPEN"}
    bench.exchange.resolve(bench.market.id, yes_wins=True)
    assert found("&status=REDEEMABLE") == [YES]
    assert found("&status=REDEEMABLE_LOST") == [NO]
    assert found("&status=OPEN") == []
    assert found("&sort_by=PRICE&sort_direction=ASC") == [NO, YES]
    assert {row["status"] for row in data(alice.app, asked)} == {"REDEEMABLE"}
    assert get(alice.app, f"{asked}&status=SOLD").status == 400
    assert get(alice.app, "/positions").json["error"].startswith("required query param 'user'")


def test_holders_are_listed_by_token_with_their_gains_for_those_who_ask(alice: Wallet, bench: Bench) -> None:
    bench.exchange.bank.split(alice.address, bench.market, Size(20_000_000))
    alice.place("BUY", 45, 10)
    bench.at(5)
    first, second = data(alice.app, f"/holders?condition_id={MARKET}")

    assert (first["token_id"], second["token_id"]) == (YES, NO)
    assert (first["holders"][0]["amount"], second["holders"][0]["amount"]) == (30, 20)
    assert "avg_price" not in first["holders"][0]
    assert data(alice.app, f"/holders?condition={MARKET}&min_balance=25")[1]["holders"] == []
    told = data(alice.app, f"/holders?condition_id={MARKET}&include_pnl=true")[0]["holders"][0]
    gain = told["current_value"] - told["entry_cost_usdc"]
    assert told["total_pnl"] == told["unrealized_pnl"] == pytest.approx(gain)
    assert get(alice.app, "/holders").status == 400


def test_prices_of_the_past_over_an_interval_from_a_second_and_as_of_one(app: App, bench: Bench) -> None:
    bench.at(607)
    rows = data(app, f"/prices-history?token_id={YES}&interval=1h")

    assert {row["price"] for row in rows} == {0.5}
    assert [row["resolution_seconds"] for row in rows] == [60] * (len(rows) - 1) + [0]
    assert len(paged(app, f"/prices-history?token_id={YES}&interval=1d")) == len(rows) > 5
    third = rows[2]["timestamp"]
    assert data(app, f"/prices-history?token_id={YES}&start={third}") == rows[2:]
    assert data(app, f"/prices-history?token_id={YES}&as_of={third + 1}") == rows[2:3]
    assert data(app, "/prices-history?token_id=9&interval=1d") == []
    assert get(app, f"/prices-history?token_id={YES}").status == 400
    assert get(app, f"/prices-history?token_id={YES}&interval=1w&bucket_seconds=60").status == 400


def test_a_token_says_what_it_is_before_and_after_it_is_resolved(app: App, bench: Bench) -> None:
    (yes,) = data(app, f"/tokens?token_id={YES}")

    assert (yes["condition_id"], yes["opposite_token_id"], yes["outcome"]) == (MARKET, NO, "Yes")
    assert (yes["outcome_index"], yes["resolved"], yes["final_price"], yes["event_id"]) == (0, False, None, 1)
    bench.exchange.resolve(bench.market.id, yes_wins=True)
    assert [row["final_price"] for row in data(app, f"/tokens?condition={MARKET}")] == [1, 0]
    assert data(app, "/tokens?token_id=9") == []
    assert get(app, "/tokens").status == 400


def test_a_resolution_is_told_when_there_is_one(app: App, bench: Bench) -> None:
    question = question_id(bench.market)
    for query in (f"condition_id={MARKET}", "event_id=1", f"question_id={question}"):
        assert data(app, f"/resolutions?{query}") == []
    bench.exchange.resolve(bench.market.id, yes_wins=False)
    for query in (f"condition_id={MARKET}", "event_id=1", f"question_id={question}"):
        (row,) = data(app, f"/resolutions?{query}")
        assert (row["status"], row["payouts"], row["question_id"]) == ("resolved", [0, 1_000_000], question)
    assert get(app, "/resolutions").status == 400


def test_open_interest_and_volume_are_those_of_the_accounts(alice: Wallet, bench: Bench) -> None:
    bench.exchange.bank.split(alice.address, bench.market, Size(20_000_000))
    alice.place("BUY", 45, 10)
    bench.at(5)

    assert data(alice.app, f"/oi?condition_id={MARKET}") == [{"condition_id": MARKET, "value": 30}]
    assert data(alice.app, "/oi") == [{"condition_id": "GLOBAL", "value": 30}]
    assert data(alice.app, "/live-volume?event_id=1") == {
        "taker_volume_total": 10,
        "conditions": [{"condition_id": MARKET, "taker_volume": 10}],
    }
    assert ask(alice.app, "GET", f"/data-api/oi?market={MARKET}").json == [{"market": MARKET, "value": 30}]
    (first,) = ask(alice.app, "GET", "/data-api/live-volume?id=1").json
    assert first == {"total": 10, "markets": [{"market": MARKET, "value": 10}]}


def test_approvals_are_what_the_chain_says(alice: Wallet, bench: Bench) -> None:
    def told() -> dict[str, tuple[bool, str | None]]:
        found = data(alice.app, f"/approvals?user={alice.address}")
        assert (found["address"], found["chain_id"]) == (alice.address.lower(), CHAIN_ID)
        return {row["id"]: (row["approved"], row.get("amount")) for row in found["contracts"]}

    assert set(told().values()) == {(True, "max"), (True, None)}
    bench.exchange.bank.allow(alice.address, contracts.EXCHANGE, False, 5)
    bench.exchange.bank.allow(alice.address, contracts.EXCHANGE, True, 0)
    bench.exchange.bank.allow(alice.address, contracts.NEG_RISK_EXCHANGE, False, 0)
    after = told()
    assert after["UsdcExchange"] == (True, "5")
    assert after["CtfExchangeIsApprovedForAll"] == (False, None)
    assert after["UsdcNegRiskExchange"] == (False, "0")


def test_who_traded_is_counted_and_ranked(alice: Wallet, bench: Bench) -> None:
    bob = Wallet(alice.app, 2).log_in()
    alice.place("BUY", 45, 10)
    bob.place("BUY", 45, 20)
    bench.at(5)
    board = data(alice.app, "/leaderboard?sort_by=VOLUME")

    assert [(row["rank"], row["user_id"], row["volume"]) for row in board] == [
        (1, bob.address.lower(), 20),
        (2, alice.address.lower(), 10),
    ]
    mine = data(alice.app, f"/leaderboard?user={alice.address}")
    assert (mine["rank_volume"], mine["volume"]) == (2, 10)
    assert data(alice.app, f"/leaderboard?user=0x{'77' * 20}") is None
    spent = data(alice.app, f"/user-volume?user={alice.address}")
    assert spent == {"volume": 10, "volume_usdc": 4.5, "trade_count": 1}
    stats = data(alice.app, f"/user-stats?user={alice.address}")
    assert (stats["trades"], stats["all_time_pnl"]["trade_count"]) == (1, 1)
    assert stats["all_time_pnl"]["economic_pnl"] == mine["pnl"]
    assert data(alice.app, f"/user-stats?user=0x{'77' * 20}") is None
    (point,) = data(alice.app, f"/user-pnl?user={alice.address}&interval=1d&fidelity=1h")["points"]
    assert point["economic_pnl"] == point["position_pnl"] + point["wallet_income"]
    first = ask(alice.app, "GET", "/data-api/v1/leaderboard?orderBy=VOL").json[0]
    assert (first["rank"], first["proxyWallet"], first["vol"]) == ("1", bob.address, 9)
    assert ask(alice.app, "GET", f"/data-api/traded?user={bob.address}").json["traded"] == 1


@pytest.mark.parametrize("path", ["/positions/combos", "/activity/combos"])
def test_nobody_has_combos(alice: Wallet, path: str) -> None:
    assert data(alice.app, f"{path}?user={alice.address}") == []
    assert get(alice.app, path).status == 400


@pytest.mark.parametrize("path", ["/biggest-winners", "/builders/leaderboard", "/builders/volume"])
def test_rankings_of_what_is_not_here_are_empty(app: App, path: str) -> None:
    assert data(app, path) == []


def test_the_service_says_that_it_is_up_to_date(app: App) -> None:
    told = data(app, "/status")

    assert (told["age_seconds"], told["serving"]["lag_seconds"]) == (0, 0)
    assert told["ingestion"]["chain_id"] == CHAIN_ID
