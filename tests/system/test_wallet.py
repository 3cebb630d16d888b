"""What others do with the wallet: before the system ever ran, while it was off, and while it runs."""

import json
import os
import time

import pytest

from tests.system.houses import House
from tests.system.test_official_client import Venue

os.environ["NO_PROXY"] = "127.0.0.1,localhost"

from py_clob_client_v2 import AssetType, BalanceAllowanceParams, ClobClient, MarketOrderArgs, OrderType, Side

from tests.patience import PATIENCE_S
from venue.polymarket.keys import read_or_create_key

pytestmark = pytest.mark.slow
CROWD = ("--seed", "7", "--speed", "20")


def held(client: ClobClient, token: str) -> int:
    """Millionths of a share, as the chain has them."""
    found = client.get_balance_allowance(
        BalanceAllowanceParams(asset_type=AssetType.CONDITIONAL, token_id=token)
    )
    return int(found["balance"])


def buy(client: ClobClient, token: str) -> None:
    """About fifteen dollars' worth, by hand, until it is settled."""
    client.create_and_post_market_order(
        MarketOrderArgs(token_id=token, amount=15, side=Side.BUY, price=0.99), order_type=OrderType.FAK
    )
    end = time.monotonic() + PATIENCE_S
    while not held(client, token) and time.monotonic() < end:
        time.sleep(0.05)
    assert held(client, token)


def by_hand(url: str, house: House) -> ClobClient:
    """The official client with the key of a house."""
    key = read_or_create_key(house.state / "sim.key").reveal()
    client = ClobClient(url, 137, key=key)
    client.set_api_creds(client.create_or_derive_api_key())
    return client


def tokens_of(market: dict) -> dict[str, str]:
    return {each["outcome"].upper(): each["token_id"] for each in market["tokens"]}


def test_a_position_bought_before_is_found_listed_and_worked_off_when_that_is_wanted(house, tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    key = read_or_create_key(state / "sim.key").reveal()
    venue = Venue("--speed", "20", "--port", "0", "--state", str(state), "--fund", "1000")
    try:
        client = ClobClient(venue.url, 137, key=key)
        client.set_api_creds(client.create_or_derive_api_key())
        market = [each for each in client.get_markets()["data"] if "YES" in tokens_of(each)][1]
        token = tokens_of(market)["YES"]
        buy(client, token)
        slug, condition = market["market_slug"], market["condition_id"]
    finally:
        venue.end()

    system = house(*CROWD)
    system.until_said("Position found in the wallet: ")
    system.until_said("Two-sided quote rests")
    assert f"python -m control liquidate {slug}" in system.text()
    assert f"liquidate {slug}" in system.status()["details"][f"found {slug}"]
    fills = json.loads((state / f"fills-{condition}.json").read_text())
    assert {fill["owner"] for fill in fills["fills"]} == {"external"}
    assert "Market in liquidation" not in system.text()
    assert system.stop() == 0

    system = house(*CROWD, "--auto-resume")
    system.until_said(f"[Liquidation] {slug}")
    assert "dirty" not in system.text()
    assert system.stop() == 0
    again = json.loads((state / "liquidations.json").read_text())["markets"]
    assert not again or again[0]["reason"] == "found"


def test_a_trade_by_hand_makes_its_market_dirty_until_a_person_accepts_it(house):
    system = house(*CROWD)
    system.until_said("Two-sided quote rests")
    client = by_hand(f"http://127.0.0.1:{system.processes()['port']}", system)
    condition = system.status()["market"]
    token = tokens_of(client.get_market(condition))["YES"]
    client.create_and_post_market_order(
        MarketOrderArgs(token_id=token, amount=15, side=Side.BUY, price=0.99), order_type=OrderType.FAK
    )
    system.until_said("is dirty and paused: a trade of ")
    (name,) = [key for key in system.status()["details"] if key.startswith("paused ")]
    slug = name.removeprefix("paused ")
    assert system.control("accept", slug).returncode == 2, "a reason is needed"
    assert system.control("accept", "no-such", "--reason", "mine").returncode == 1
    assert system.control("accept", slug, "--reason", "mine").returncode == 0
    system.until_said(f"{slug} goes on: mine (by ")

    assert name not in system.status()["details"]
    assert system.stop() == 0
