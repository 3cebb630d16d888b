"""The account is read whole or not believed; one trade that cannot be read spoils no other."""

import pytest

from messages.account import AccountReadFailed, OpenOrder, ReadAccount
from messages.orders import Answer, TakeAllOff, VenueMode
from messages.values import SECOND, MarketNs, TokenId
from tests.venue.polymarket.frames import MAKER, ORDER, TRADE
from tests.venue.polymarket.world import TOKEN, Says, play, prepared, said, sent


def a_page(*rows, following="LTE="):
    return {"limit": 100, "next_cursor": following, "count": len(rows), "data": list(rows)}


def test_a_token_the_venue_does_not_know_is_left_out_and_the_chain_is_looked_at_where_that_is_wanted(
    tmp_path,
):
    async def story(world, port):
        world.says("GET /data/orders", a_page())
        world.says("GET /data/trades", a_page())
        world.says("GET /balance-allowance/update", "")
        unknown = Says(404, {"error": "no such token"})
        world.says("GET /balance-allowance", {"balance": "7"}, unknown, {"balance": "5000000"})
        other = TokenId("404")
        [read] = await said(port, ReadAccount(since=MarketNs(0), tokens=(other, TOKEN), refresh=True))
        paths = [asked.path for asked in world.asked]
        assert paths[2:] == ["/balance-allowance/update"] * 2 + ["/balance-allowance"] * 3
        assert [asked.query.get("token_id") for asked in world.asked[2:4]] == [other, TOKEN]
        assert (read.collateral, read.balances) == (7, ((TOKEN, 5_000_000),))

    play(tmp_path, story)


def test_the_account_is_read_orders_first_trades_second_balances_last_all_pages(tmp_path):
    async def story(world, port):
        world.says(
            "GET /data/orders",
            a_page({**ORDER, "id": "0x1"}, following="MTAw"),
            a_page({**ORDER, "id": "0x2"}),
        )
        world.says(
            "GET /data/trades", a_page(TRADE, following="MTAw"), a_page(TRADE, {**TRADE, "id": "second"})
        )
        world.says("GET /balance-allowance", {"balance": "1000000000"}, {"balance": "5000000"})
        began = port.real_now
        [read] = await said(port, ReadAccount(since=MarketNs(100 * SECOND), tokens=(TOKEN,)))
        assert [asked.path for asked in world.asked] == [
            "/data/orders",
            "/data/orders",
            "/data/trades",
            "/data/trades",
            "/balance-allowance",
            "/balance-allowance",
        ]
        assert [asked.query.get("next_cursor") for asked in world.asked[:4]] == ["MA==", "MTAw"] * 2
        assert [asked.query.get("after") for asked in world.asked[2:4]] == ["99", "99"]
        assert began <= read.begun_at < port.real_now
        assert read.orders[0] == OpenOrder(order="0x1", market="0xmarket", token="1", matched=0)
        assert [(leg.trade, leg.order) for leg in read.legs] == [("28c4d2eb", "0xmine"), ("second", "0xmine")]
        assert (read.collateral, read.balances) == (1_000_000_000, ((TOKEN, 5_000_000),))

    play(tmp_path, story)


@pytest.mark.parametrize("end", ["", None, "LTE="])
def test_trap_t16_a_list_ends_with_its_last_page_however_that_is_spelled(tmp_path, end):
    async def story(world, port):
        world.says("GET /data/orders", {"data": None, "next_cursor": end})
        world.says("GET /data/trades", {"data": []})
        world.says("GET /balance-allowance", {"balance": "1"})
        [read] = await said(port, ReadAccount(since=MarketNs(0)))
        assert (read.orders, read.legs) == ((), ())

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        ("GET /data/orders", a_page(following="MTAw")),
        ("GET /data/orders", {"next_cursor": "LTE="}),
        ("GET /data/orders", a_page({"status": "LIVE"})),
        ("GET /data/orders", a_page("an order")),
        ("GET /data/orders", Says(500, {"error": "Internal server error"})),
        ("GET /data/trades", Says(instead="reset")),
        ("GET /data/trades", Says(429, {"error": "Too Many Requests"}, {"Retry-After": "7"})),
        ("GET /balance-allowance", {"balance": "1.5"}),
        ("GET /balance-allowance", {"balance": None}),
        ("GET /balance-allowance", Says(400, {"error": "Invalid asset type"})),
    ],
)
def test_an_account_that_is_not_read_whole_is_not_believed(tmp_path, what, answer):
    async def story(world, port):
        world.says("GET /data/orders", a_page())
        world.says("GET /data/trades", a_page())
        world.says("GET /balance-allowance", {"balance": "1"})
        world.says(what, answer)
        [failed] = await said(port, ReadAccount(since=MarketNs(0)))
        assert isinstance(failed, AccountReadFailed)
        assert failed.reason

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("broken", "named", "unnamed"),
    [
        (
            {**TRADE, "maker_orders": [{**MAKER, "price": "two", "order_id": "0xours"}]},
            ("0xtheirs", "0xours"),
            False,
        ),
        ({**TRADE, "status": "TRADE_STATUS_DREAMT"}, ("0xtheirs", "0xother", "0xmine"), False),
        ({"taker_order_id": "0xtaker"}, ("0xtaker",), True),
        ({**TRADE, "maker_orders": []}, ("0xtheirs",), True),
        ({**TRADE, "maker_orders": [MAKER, {"orderID": "0xours"}]}, ("0xtheirs", MAKER["order_id"]), True),
        ({**TRADE, "maker_orders": [7], "taker_order_id": None}, (), True),
        ("a trade", (), True),
    ],
)
def test_a_trade_that_cannot_be_read_spoils_no_other_and_names_the_orders_in_doubt(
    tmp_path, broken, named, unnamed
):
    async def story(world, port):
        world.says("GET /data/orders", a_page())
        world.says("GET /data/trades", a_page(broken, {**TRADE, "id": "good"}))
        world.says("GET /balance-allowance", {"balance": "1"})
        [read] = await said(port, ReadAccount(since=MarketNs(0)))
        assert [leg.trade for leg in read.legs] == ["good"]
        assert (read.doubtful, read.unnamed, len(read.skipped)) == (named, unnamed, 1)

    play(tmp_path, story)


def test_an_open_order_that_cannot_be_read_is_there_all_the_same(tmp_path):
    async def story(world, port):
        world.says("GET /data/orders", a_page({**ORDER, "size_matched": "some"}, {"id": "0xbare"}))
        world.says("GET /data/trades", a_page())
        world.says("GET /balance-allowance", {"balance": "1"})
        [read] = await said(port, ReadAccount(since=MarketNs(0)))
        assert [order.order for order in read.orders] == ["0xmine", "0xbare"]

    play(tmp_path, story)


def test_how_long_the_venue_wants_to_be_left_alone_is_passed_on(tmp_path):
    busy = Says(429, {"error": "Too Many Requests"}, {"Retry-After": "7"})

    async def story(world, port):
        for what in ("POST /order", "DELETE /cancel-all", "GET /data/orders"):
            world.says(what, busy)
        answer = await sent(port, await prepared(port))
        [cancel] = await said(port, TakeAllOff())
        [read] = await said(port, ReadAccount(since=MarketNs(0)))
        assert (answer.answer, answer.mode) == (Answer.REJECTED, VenueMode.BUSY)
        assert (answer.wait_ms, cancel.wait_ms, read.wait_ms) == (7_000, 7_000, 7_000)
        assert len(world.asked) == 3

    play(tmp_path, story)
