"""Polymarket's official client, and nothing of ours, against the embedded venue in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

os.environ["NO_PROXY"] = "127.0.0.1,localhost"

import pytest
from py_clob_client_v2 import (
    AssetType,
    BalanceAllowanceParams,
    ClobClient,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderMarketCancelParams,
    OrderPayload,
    OrderType,
    PostOrdersV2Args,
    Side,
    SignatureTypeV2,
    TradeParams,
)
from py_clob_client_v2.clob_types import BookParams
from py_clob_client_v2.exceptions import PolyApiException

from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
KEY = "0x" + "11" * 32


class Venue:
    """`python -m venue.paper`, and where it is."""

    def __init__(self, *arguments: str, **started: Any) -> None:
        command = [sys.executable, "-m", "venue.paper", "--seed", "7", "--quiet", *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **started)
        self.ready = _line(self.process.stdout).split()
        assert self.ready[:2] == ["venue", "ready"], self.ready
        self.url = self.ready[2]

    def client(self, key: str = KEY, **terms: Any) -> ClobClient:
        """An official client with its API key."""
        client = ClobClient(self.url, 137, key=key, **terms)
        client.set_api_creds(client.create_or_derive_api_key())
        return client

    def end(self, sent: int = signal.SIGINT) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(sent)
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.close()

    def close(self) -> None:
        """Whatever happened, it is gone."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture(scope="module")
def venue() -> Iterator[Venue]:
    """One venue for all who only trade on it; its clock runs fast, so that trades settle soon."""
    venue = Venue("--port", "0", "--speed", "20")
    try:
        yield venue
    finally:
        venue.close()


@pytest.fixture
def client(venue: Venue) -> Iterator[ClobClient]:
    """A client with nothing resting."""
    client = venue.client()
    client.cancel_all()
    yield client
    client.cancel_all()


@pytest.fixture
def token(client: ClobClient) -> str:
    """YES of the first market."""
    return str(client.get_markets()["data"][0]["tokens"][0]["token_id"])


def refusal(error: pytest.ExceptionInfo[PolyApiException]) -> tuple[int | None, Any]:
    """Status and words."""
    words = error.value.error_msg
    return error.value.status_code, words["error"] if isinstance(words, dict) else words


def dollars(client: ClobClient) -> float:
    """Collateral."""
    found = client.get_balance_allowance(BalanceAllowanceParams(asset_type=AssetType.COLLATERAL))
    return int(found["balance"]) / 1_000_000


def test_it_says_on_its_first_line_that_it_is_ready_and_where(venue: Venue) -> None:
    assert venue.url.startswith("http://127.0.0.1:")
    markets, speed = venue.ready[3:]
    assert int(markets.removeprefix("markets=")) > 12, "windows come and go"
    assert speed == "speed=20"
    assert ClobClient(venue.url, 137).get_ok() == "OK"


def test_a_key_is_created_once_and_derived_again(venue: Venue) -> None:
    client = ClobClient(venue.url, 137, key="0x" + "21" * 32)
    created = client.create_api_key()

    assert client.create_or_derive_api_key() == client.derive_api_key() == created
    client.set_api_creds(created)
    assert client.get_api_keys()["apiKeys"] == [created.api_key]
    assert client.get_closed_only_mode()["closed_only"] is False
    assert dollars(client) == 1_000


def test_an_order_is_placed_read_and_canceled(client: ClobClient, token: str) -> None:
    placed = client.create_and_post_order(OrderArgs(token_id=token, price=0.02, size=12.5, side=Side.BUY))
    order = placed["orderID"]

    assert placed["status"] == "live"
    assert client.get_order(order) == client.get_open_orders()[0]
    assert [row["original_size"] for row in client.get_open_orders(OpenOrderParams(asset_id=token))] == [
        "12.5"
    ]
    assert client.cancel_order(OrderPayload(orderID=order))["canceled"] == [order]
    assert order in client.cancel_order(OrderPayload(orderID=order))["not_canceled"]
    assert client.get_open_orders() == []


def test_market_data_is_what_the_client_takes_it_for(client: ClobClient, token: str) -> None:
    book = client.get_order_book(token)
    market = client.get_market(book["market"])

    assert client.get_clob_market_info(book["market"])["t"][0]["t"] == token
    assert client.get_tick_size(token) == book["tick_size"]
    assert client.get_neg_risk(token) is market["neg_risk"] is False
    assert float(book["bids"][-1]["price"]) > float(book["bids"][0]["price"])
    assert float(book["asks"][-1]["price"]) < float(book["asks"][0]["price"])
    params = [BookParams(token_id=token, side="BUY")]
    assert [found["asset_id"] for found in client.get_order_books(params)] == [token]
    for single, several in (
        (client.get_midpoint(token)["mid"], client.get_midpoints(params)[token]),
        (client.get_spread(token)["spread"], client.get_spreads(params)[token]),
        (client.get_price(token, "BUY")["price"], client.get_prices(params)[token]["BUY"]),
    ):
        assert 0 < float(single) < 1
        assert 0 < float(several) < 1
    assert client.get_last_trade_price(token)["price"]
    for listing in (
        client.get_simplified_markets,
        client.get_sampling_markets,
        client.get_sampling_simplified_markets,
    ):
        assert listing()["next_cursor"] == "LTE="
    assert abs(client.get_server_time() - time.time()) < 5


def test_a_batch_is_placed_and_canceled_in_each_way(client: ClobClient, token: str) -> None:
    def place(count: int) -> list[str]:
        legs = [
            client.create_order(OrderArgs(token_id=token, price=0.01, size=5, side=Side.BUY))
            for _ in range(count)
        ]
        answers = client.post_orders([PostOrdersV2Args(order=leg, orderType=OrderType.GTC) for leg in legs])
        return [answer["orderID"] for answer in answers]

    ids = place(3)
    assert client.cancel_orders(ids[:2])["canceled"] == ids[:2]
    assert client.cancel_market_orders(OrderMarketCancelParams(asset_id=token))["canceled"] == ids[2:]
    ids = place(15)
    assert sorted(client.cancel_all()["canceled"]) == sorted(ids)
    with pytest.raises(PolyApiException) as error:
        place(16)
    assert refusal(error) == (400, "Too many orders in payload: 16, max allowed: 15")


def test_a_market_order_trades_and_its_trade_settles(client: ClobClient, token: str) -> None:
    before = dollars(client)
    answer = client.create_and_post_market_order(
        MarketOrderArgs(token_id=token, amount=10, side=Side.BUY, price=0.99, order_type=OrderType.FAK),
        order_type=OrderType.FAK,
    )

    assert answer["status"] == "matched"
    assert all(hash_.startswith("0x") for hash_ in answer["transactionsHashes"])
    assert dollars(client) < before
    trades = [client.get_trades(TradeParams(id=id_))[0] for id_ in answer["tradeIDs"]]
    assert {trade["trader_side"] for trade in trades} == {"TAKER"}
    held = client.get_balance_allowance(
        BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=token)
    )
    sold = client.create_and_post_market_order(
        MarketOrderArgs(
            token_id=token, amount=int(held["balance"]) // 10_000 / 100, side=Side.SELL, price=0.01
        ),
        order_type=OrderType.FAK,
        defer_exec=True,
    )
    assert sold["status"] == "matched"


def test_refusals_come_in_the_venues_words(client: ClobClient, token: str) -> None:
    book = client.get_order_book(token)
    ask = float(book["asks"][-1]["price"])

    with pytest.raises(PolyApiException) as error:
        client.create_and_post_order(
            OrderArgs(token_id=token, price=min(0.99, ask + 0.1), size=5, side=Side.BUY), post_only=True
        )
    assert refusal(error) == (400, "invalid post-only order: order crosses book")
    with pytest.raises(PolyApiException) as error:
        client.create_and_post_order(OrderArgs(token_id=token, price=0.02, size=1, side=Side.BUY))
    assert refusal(error)[1].endswith("is invalid. Size (1) lower than the minimum: 5")
    with pytest.raises(PolyApiException) as error:
        client.create_and_post_order(OrderArgs(token_id=token, price=0.9, size=90_000, side=Side.BUY))
    assert refusal(error)[1].startswith("not enough balance / allowance")
    with pytest.raises(PolyApiException) as error:
        client.create_and_post_order(
            OrderArgs(token_id=token, price=0.02, size=5, side=Side.BUY), order_type=OrderType.FOK
        )
    assert refusal(error)[1].startswith("order couldn't be fully filled")
    signed = client.create_order(OrderArgs(token_id=token, price=0.01, size=5, side=Side.BUY))
    first = client.post_order(signed)
    with pytest.raises(PolyApiException) as error:
        client.post_order(signed)
    assert refusal(error) == (400, f"order {first['orderID']} is invalid. Duplicated.")


def test_a_heartbeat_names_its_successor(client: ClobClient) -> None:
    with pytest.raises(PolyApiException) as error:
        client.post_heartbeat("stale")
    first = client.post_heartbeat(error.value.error_msg["heartbeat_id"])["heartbeat_id"]

    assert client.post_heartbeat(first)["heartbeat_id"] != first


@pytest.mark.parametrize("kind", list(SignatureTypeV2))
def test_every_kind_of_wallet_trades(venue: Venue, kind: SignatureTypeV2) -> None:
    funder = None if kind is SignatureTypeV2.EOA else f"0x{int(kind):040x}"
    client = venue.client("0x" + f"{40 + kind:02x}" * 32, signature_type=kind, funder=funder)
    token = client.get_markets()["data"][0]["tokens"][1]["token_id"]
    placed = client.create_and_post_order(OrderArgs(token_id=token, price=0.02, size=5, side=Side.BUY))

    assert placed["status"] == "live"
    assert dollars(client) == 1_000
    assert client.get_open_orders()[0]["maker_address"].lower() == (funder or client.get_address()).lower()
    assert client.cancel_all()["canceled"] == [placed["orderID"]]


def test_the_example_runs_as_it_stands(venue: Venue) -> None:
    command = [sys.executable, "examples/official_client.py", "--host", venue.url]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert ran.returncode == 0, ran.stderr
    assert "it owns $1000.00" in ran.stdout
    assert "a market order gave" in ran.stdout


def test_the_example_of_live_data_follows_a_window(venue: Venue) -> None:
    command = [sys.executable, "examples/live_data.py", "--host", venue.url, "--ticks", "20"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 20
    assert all("now " in line and "Up 0" in line for line in ran.stdout.splitlines())


def test_the_quoting_bot_runs_as_it_stands(venue: Venue) -> None:
    command = [sys.executable, "examples/quoting_bot.py", venue.url, "4"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("quoting ")
    assert "canceled " in ran.stdout


def test_accounts_outlive_the_process_and_orders_do_not(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        passed = {"pass_fds": (opened.fileno(),)}
        arguments = ("--fd", str(opened.fileno()), "--state", str(tmp_path), "--speed", "20")
        venue = Venue(*arguments, **passed)
        client = venue.client()
        token = client.get_markets()["data"][0]["tokens"][0]["token_id"]
        client.create_and_post_market_order(
            MarketOrderArgs(token_id=token, amount=50, side=Side.BUY, price=0.99), order_type=OrderType.FAK
        )
        client.create_and_post_order(OrderArgs(token_id=token, price=0.01, size=5, side=Side.BUY))
        left, trades = dollars(client), len(client.get_trades())
        assert venue.end(signal.SIGKILL) == -signal.SIGKILL

        venue = Venue(*arguments, **passed)
        assert venue.url == f"http://127.0.0.1:{opened.getsockname()[1]}"
        assert (dollars(client), len(client.get_trades()), client.get_open_orders()) == (left, trades, [])
        assert venue.end() == 0
    other = [sys.executable, "-m", "venue.paper", "--port", "0", "--state", str(tmp_path), "--seed", "8"]
    refused = subprocess.run(other, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert refused.returncode == 2
    assert "--fresh" in refused.stderr
    assert "--state" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_it_stops_at_once_when_interrupted_and_waits_for_the_last_client_when_terminated() -> None:
    venue = Venue("--port", "0", "--hold")
    started = time.monotonic()
    assert venue.end(signal.SIGINT) == 0
    assert time.monotonic() - started < 8

    venue = Venue("--port", "0", "--hold", "--drain", "10")
    client = ClobClient(venue.url, 137)
    client.get_version()
    started = time.monotonic()
    venue.process.send_signal(signal.SIGTERM)
    for _ in range(16):
        time.sleep(0.1)
        assert client.get_server_time()
    assert venue.process.wait(PATIENCE_S) == 0
    assert 1.6 < time.monotonic() - started < 8
    venue.close()


def test_it_does_not_outlive_its_parent() -> None:
    parent = (
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-m', 'venue.paper', '--port', '0', '--quiet',"
        " '--parent', str(os.getpid())], stdout=subprocess.PIPE, text=True)\n"
        "print(child.pid, child.stdout.readline(), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        pid = int(_line(process.stdout).split()[0])
        process.kill()
    end = time.monotonic() + PATIENCE_S
    while _is_alive(pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()
