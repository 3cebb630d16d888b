import pytest

from tests.venue.paper.door_bench import Said, Wallet, a_door, ask
from tests.venue.paper.engine_bench import NO, YES, Bench
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors.app import App

CODE, OTHER = "0x" + "ab" * 32, "0x" + "cd" * 32


@pytest.fixture
def app() -> App:
    return a_door(Bench(ask_level(0, 45, 50)))


def trades(app: App, query: str = "") -> Said:
    return ask(app, "GET", f"/builder/trades?builder_code={CODE}{query}")


def place(wallet: Wallet, side: str, cents: float, shares: float, code: str, token: str = YES) -> Said:
    """POST /order with a builder's code."""
    body = wallet.order(side, cents, shares, token=token)
    body["order"]["builder"] = code
    wallet.sign_order(body["order"])
    return wallet.call("POST", "/order", body)


def test_a_builder_finds_what_its_software_traded_and_nothing_else(app: App) -> None:
    alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
    assert place(alice, "BUY", 44, 10, CODE).status == 200
    place(bob, "BUY", 56, 10, OTHER, token=NO)
    bob.place("BUY", 45, 5)
    (row,) = trades(app).json["data"]

    assert (row["tradeType"], row["builderCode"], row["builder"]) == ("MAKER", CODE, "")
    assert (row["assetId"], row["side"], row["size"], row["sizeUsdc"], row["price"]) == (
        YES, "BUY", "10", "4.4", "0.44",
    )  # fmt: skip
    assert (row["maker"], row["owner"]) == (alice.address, alice.creds["apiKey"])
    (his,) = ask(app, "GET", f"/builder/trades?builder_code={OTHER}").json["data"]
    assert (his["tradeType"], his["assetId"], his["id"]) == ("TAKER", NO, row["id"])


def test_trades_of_a_builder_are_filtered_and_paged(app: App) -> None:
    alice = Wallet(app).log_in()
    place(alice, "BUY", 45, 10, CODE)
    page = trades(app).json

    assert (page["limit"], page["count"], page["next_cursor"]) == (300, 1, "LTE=")
    assert (
        trades(app, f"&asset_id={YES}&market=0xmarket&maker_address={alice.address.lower()}").json["count"]
        == 1
    )
    for query in (f"&asset_id={NO}", "&market=0x9", "&id=9", "&after=4000000000", "&before=1"):
        assert trades(app, query).json["count"] == 0, query
    assert trades(app, "&after=x").status == trades(app, "&next_cursor=LTE=").status == 400


def test_no_builder_charges_and_a_code_must_be_one(app: App) -> None:
    assert ask(app, "GET", f"/fees/builder-fees/{CODE}").json == {
        "builder_maker_fee_rate_bps": 0,
        "builder_taker_fee_rate_bps": 0,
    }
    for path in ("/fees/builder-fees/0x12", "/builder/trades", "/builder/trades?builder_code=x"):
        assert ask(app, "GET", path) == Said(400, {"error": "Invalid builder_code"})
