import asyncio
import logging
import os
import time
from contextlib import aclosing

import pytest
from loguru import logger

from messages.account import (
    AccountOpened,
    AccountRead,
    AccountReadFailed,
    AccountRefused,
    BeatDeadMan,
    DeadManBeaten,
    DeadManMissed,
    OpenAccount,
    OpenOrder,
    ReadAccount,
)
from messages.orders import (
    NEVER,
    Answer,
    CancelAnswered,
    CancelFailed,
    ForgetOrder,
    OrderAnswered,
    OrderPrepared,
    PrepareFailed,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
    VenueMode,
)
from messages.values import SECOND, MarketNs, Price, RealNs, TokenId
from runtime.locks import AccountLock
from tests.patience import PATIENCE_S
from tests.venue.polymarket.test_account import MAKER, ORDER, TRADE
from tests.venue.polymarket.world import (
    ADDRESS,
    FAR_OFF,
    KEY,
    OWNER,
    PASSPHRASE,
    SECRET,
    TOKEN,
    Says,
    a_gateway,
    a_world,
    an_order,
    said,
)
from venue.polymarket.answers import ROWS
from venue.polymarket.cancels import MAX_IDS
from venue.polymarket.orders import NOT_OPEN, PLACES, WARM


def play(tmp_path, story, *, opened=True, **options):
    """The story, told with a world and a gateway on it."""

    async def told():
        async with a_world() as world, a_gateway(world, tmp_path, **options) as port:
            if opened:
                assert [type(word) for word in await said(port, OpenAccount())] == [AccountOpened]
                world.asked.clear()
            world.says("POST /order", accepted)
            await story(world, port)

    asyncio.run(told())


def accepted(asked):
    """What the venue says to a good order: its own idea of the hash is what ours must be."""
    return Says(200, {"errorMsg": "", "orderID": accepted.order, "status": "live", "success": True})


async def prepared(port, **fields):
    [word] = await said(port, an_order(**fields))
    assert isinstance(word, OrderPrepared)
    accepted.order = word.order
    return word.order


async def until(done):
    """Let the others go on until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():
            await asyncio.sleep(0)


async def sent(port, order, send_before=FAR_OFF):
    [word] = await said(port, SendOrder(order=order, send_before=send_before))
    assert isinstance(word, OrderAnswered)
    return word


# Opening.


def test_an_account_is_opened_under_its_key_and_its_funder(tmp_path):
    async def story(world, port):
        assert await said(port, OpenAccount()) == [AccountOpened(address=ADDRESS, funder=ADDRESS)]
        assert world.asked_for("POST /auth/api-key")[0].headers["poly_address"] == ADDRESS

    play(tmp_path, story, opened=False)


def test_a_deposit_wallet_has_a_funder_of_its_own(tmp_path):
    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert (word.address, word.funder) == (ADDRESS, "0x" + "22" * 20)

    play(tmp_path, story, opened=False, signature_type=3, funder="0x" + "22" * 20)


def test_an_account_that_is_traded_already_is_left_alone(tmp_path):
    async def story(world, port):
        other = AccountLock(tmp_path / "accounts")
        other.take(ADDRESS)
        [word] = await said(port, OpenAccount())
        assert (word.final, word.in_use) == (True, True)
        assert f"in use by process {os.getpid()}" in word.reason
        assert world.asked == []
        other.release()
        [word] = await said(port, OpenAccount())
        assert word.address == ADDRESS

    play(tmp_path, story, opened=False, accounts=tmp_path / "accounts")


def test_an_account_that_cannot_be_locked_is_not_traded(tmp_path):
    (tmp_path / "accounts").write_text("in the way")

    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert (word.final, word.in_use) == (True, False)
        assert "cannot be locked" in word.reason

    play(tmp_path, story, opened=False, accounts=tmp_path / "accounts")


@pytest.mark.parametrize(
    ("status", "final"), [(401, True), (403, True), (400, False), (500, False), (503, False)]
)
def test_credentials_that_are_refused_are_final_only_where_trying_again_is_vain(tmp_path, status, final):
    async def story(world, port):
        world.says("POST /auth/api-key", Says(status, {"error": "no"}))
        world.says("GET /auth/derive-api-key", Says(status, {"error": "no"}))
        assert await said(port, OpenAccount()) == [AccountRefused(reason=f"HTTP {status}: no", final=final)]

    play(tmp_path, story, opened=False)


def test_a_venue_that_cannot_be_reached_may_be_tried_again(tmp_path):
    async def story(world, port):
        world.says("POST /auth/api-key", Says(instead="reset"))
        world.says("GET /auth/derive-api-key", Says(instead="reset"))
        [word] = await said(port, OpenAccount())
        assert not word.final

    play(tmp_path, story, opened=False)


def test_a_key_that_cannot_be_read_is_final_and_names_its_file(tmp_path):
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text("not a key")

    async def story(world, port):
        [word] = await said(port, OpenAccount())
        assert word.final
        assert str(tmp_path / "key") in word.reason
        assert world.asked == []

    play(tmp_path, story, opened=False)


def test_before_the_account_is_open_every_command_is_answered_with_that(tmp_path):
    async def story(world, port):
        answers = [
            (await said(port, command))[0]
            for command in (
                an_order(),
                SendOrder(order="0xa", send_before=FAR_OFF),
                TakeOrdersOff(orders=("0xa",)),
                TakeAllOff(),
                ReadAccount(since=MarketNs(0)),
                BeatDeadMan(),
            )
        ]
        assert {answer.reason for answer in answers} == {NOT_OPEN}
        assert answers[1].answer is Answer.NOT_SENT
        assert (answers[2].orders, answers[3].everything) == (("0xa",), True)
        assert world.asked == []

    play(tmp_path, story, opened=False)


# Preparing and sending.


def test_an_order_is_prepared_without_a_request_and_sent_with_one(tmp_path):
    async def story(world, port):
        order = await prepared(port)
        assert world.asked == []
        answer = await sent(port, order)
        assert (answer.answer, answer.reason) == (Answer.RESTING, "")
        assert NEVER < answer.sent_at <= answer.answered_at
        assert [asked.path for asked in world.asked] == ["/order"]
        assert (world.asked[0].json["order"]["makerAmount"], world.asked[0].json["order"]["tokenId"]) == (
            "4100000",
            TOKEN,
        )

    play(tmp_path, story)


def test_an_order_that_cannot_be_built_says_so_and_nothing_leaves(tmp_path):
    async def story(world, port):
        [word] = await said(port, an_order(price=Price(455_000)))
        assert isinstance(word, PrepareFailed)
        assert world.asked == []

    play(tmp_path, story)


def test_an_order_is_not_sent_when_its_time_is_over(tmp_path):
    async def story(world, port):
        order = await prepared(port)
        answer = await sent(port, order, send_before=RealNs(1))
        assert (answer.answer, answer.reason, answer.sent_at) == (Answer.NOT_SENT, "too late", NEVER)
        assert world.asked == []

    play(tmp_path, story)


def test_an_order_that_waited_too_long_for_a_thread_is_not_sent(tmp_path):
    async def story(world, port):
        world.says("POST /order", Says(instead="silence"))
        *orders, last = [await prepared(port, number=number) for number in range(PLACES + 1)]
        hanging = [asyncio.create_task(sent(port, order)) for order in orders]
        await until(lambda: len(world.asked_for("POST /order")) == PLACES)
        soon = port.real_now + SECOND // 20
        waiting = asyncio.create_task(sent(port, last, soon))
        await until(lambda: port.real_now > soon)
        await world.close()
        assert {answer.answer for answer in await asyncio.gather(*hanging)} == {Answer.LOST}
        assert (await waiting).answer is Answer.NOT_SENT

    play(tmp_path, story)


def test_a_forgotten_order_and_a_stranger_are_not_sent(tmp_path):
    async def story(world, port):
        order = await prepared(port)
        assert await said(port, ForgetOrder(order=order)) is None
        assert (await sent(port, order)).answer is Answer.NOT_SENT
        assert (await sent(port, "0xstranger")).answer is Answer.NOT_SENT
        assert world.asked == []

    play(tmp_path, story)


def test_an_order_is_sent_once_however_often_it_is_asked_for(tmp_path):
    async def story(world, port):
        order = await prepared(port)
        command = SendOrder(order=order, send_before=FAR_OFF)
        answers = await asyncio.gather(*(said(port, command) for _ in range(3)))
        assert sorted(len(words) for words in answers) == [0, 0, 1]
        assert len(world.asked_for("POST /order")) == 1

    play(tmp_path, story)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.status} {row.text or '*'}")
def test_every_row_of_the_answer_table_means_what_it_says(tmp_path, row):
    async def story(world, port):
        order = await prepared(port)
        words = f"order {order}: {row.text.upper() or 'whatever'}, sorry"
        key = "errorMsg" if row.status == 200 else "error"
        world.says("POST /order", Says(row.status, {key: words}))
        answer = await sent(port, order)
        assert answer.answer is row.answer
        assert answer.reason.startswith(row.code or "order 0x")
        assert NEVER < answer.sent_at <= answer.answered_at

    play(tmp_path, story)


@pytest.mark.parametrize(
    "answer",
    [
        Says(500, {"error": "could not insert order"}),
        Says(502, "<html>Bad gateway</html>"),
        Says(503, "<html>Service unavailable</html>"),
        Says(520, ""),
        Says(400, "<html>what?</html>"),
        Says(201, {"success": True}),
        Says(200, "<html>hello</html>"),
        Says(200, '{"success":true,'),
        Says(200, "[" * 50_000),
        Says(instead="reset"),
        Says(instead="silence"),
    ],
    ids=lambda answer: f"{answer.status} {str(answer.body)[:12]}{answer.instead}",
)
def test_an_answer_that_cannot_be_believed_is_lost(tmp_path, answer):
    async def story(world, port):
        order = await prepared(port)
        world.says("POST /order", answer)
        heard = await sent(port, order)
        assert heard.answer is Answer.LOST
        assert heard.reason
        assert "\n" not in heard.reason
        assert NEVER < heard.sent_at <= heard.answered_at

    play(tmp_path, story, timeout_s=0.5 if answer.instead == "silence" else PATIENCE_S)


@pytest.mark.parametrize(
    ("header", "left"), [("17", 17), ("-4", -4), ("", None), ("many", None), ("--1", None), ("9" * 20, None)]
)
def test_what_the_limits_of_rate_leave_is_told(tmp_path, header, left):
    async def story(world, port):
        headers = {"Poly-RateLimit-Remaining": header}
        order = await prepared(port)
        world.says("POST /order", Says(429, {"error": "Too Many Requests"}, headers))
        assert (await sent(port, order)).tokens_left == left
        world.says("DELETE /cancel-all", Says(200, {"canceled": [], "not_canceled": {}}, headers))
        [canceled] = await said(port, TakeAllOff())
        assert canceled.tokens_left == left

    play(tmp_path, story)


def test_an_order_that_found_nobody_listening_was_not_sent(tmp_path):
    async def story(world, port):
        order = await prepared(port)
        await world.leave()
        answer = await sent(port, order)
        assert (answer.answer, answer.sent_at) == (Answer.NOT_SENT, NEVER)

    play(tmp_path, story)


def test_places_that_hang_do_not_hold_a_cancel_a_read_or_a_beat(tmp_path):
    async def story(world, port):
        world.says("POST /order", Says(instead="silence"))
        world.says("DELETE /cancel-all", {"canceled": [], "not_canceled": {}})
        world.says("POST /v1/heartbeats", {"heartbeat_id": "a"})
        world.says("GET /data/orders", {"data": [], "next_cursor": "LTE="})
        world.says("GET /data/trades", {"data": [], "next_cursor": "LTE="})
        world.says("GET /balance-allowance", {"balance": "1"})
        orders = [await prepared(port, number=number) for number in range(2 * PLACES)]
        places = [asyncio.create_task(sent(port, order)) for order in orders]
        await until(lambda: len(world.asked_for("POST /order")) == PLACES)
        assert isinstance((await said(port, TakeAllOff()))[0], CancelAnswered)
        assert isinstance((await said(port, BeatDeadMan()))[0], DeadManBeaten)
        assert isinstance((await said(port, ReadAccount(since=MarketNs(0))))[0], AccountRead)
        assert not any(place.done() for place in places)
        world.says("POST /order", Says(500))
        await world.close()
        await asyncio.gather(*places)

    play(tmp_path, story, timeout_s=PATIENCE_S)


# Canceling.


def test_orders_are_taken_off_a_thousand_at_a_time(tmp_path):
    async def story(world, port):
        world.says("DELETE /orders", lambda asked: {"canceled": asked.json, "not_canceled": {}})
        orders = tuple(f"0x{number:064x}" for number in range(MAX_IDS + 2))
        answers = await said(port, TakeOrdersOff(orders=orders))
        assert [len(answer.canceled) for answer in answers] == [MAX_IDS, 2]
        assert len(world.asked) == 2

    play(tmp_path, story)


def test_a_thousand_that_failed_do_not_take_the_next_with_them(tmp_path):
    async def story(world, port):
        world.says(
            "DELETE /orders",
            Says(425, ""),
            lambda asked: Says(200, {"canceled": asked.json, "not_canceled": {}}),
        )
        orders = tuple(f"0x{number:064x}" for number in range(MAX_IDS + 2))
        answers = await said(port, TakeOrdersOff(orders=orders))
        assert [type(answer) for answer in answers] == [CancelFailed, CancelAnswered]
        assert len(answers[0].orders) == MAX_IDS

    play(tmp_path, story)


def test_everything_is_taken_off_with_one_request(tmp_path):
    async def story(world, port):
        world.says("DELETE /cancel-all", {"canceled": ["0xa"], "not_canceled": {}})
        assert await said(port, TakeAllOff()) == [
            CancelAnswered(canceled=("0xa",), not_canceled=(), everything=True)
        ]
        world.says("DELETE /cancel-all", Says(503, {"error": "Trading is currently disabled."}))
        assert await said(port, TakeAllOff()) == [
            CancelFailed(
                orders=(),
                reason="HTTP 503: Trading is currently disabled.",
                everything=True,
                mode=VenueMode.DISABLED,
            )
        ]

    play(tmp_path, story)


# Reading.


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


# The dead-man switch.


def test_beats_carry_the_chain_and_are_corrected_at_once(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "left over"}),
            {"heartbeat_id": "a"},
            {"heartbeat_id": "b"},
        )
        assert [type(word) for word in await said(port, BeatDeadMan())] == [DeadManBeaten]
        assert [type(word) for word in await said(port, BeatDeadMan())] == [DeadManBeaten]
        assert [asked.json["heartbeat_id"] for asked in world.asked] == ["", "left over", "a"]

    play(tmp_path, story)


def test_a_beat_whose_answer_is_lost_is_missed_and_the_next_one_is_corrected(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            {"heartbeat_id": "a"},
            Says(instead="reset"),
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "b"}),
            {"heartbeat_id": "c"},
        )
        words = [(await said(port, BeatDeadMan()))[0] for _ in range(3)]
        assert [type(word) for word in words] == [DeadManBeaten, DeadManMissed, DeadManBeaten]
        assert not words[1].foreign

    play(tmp_path, story)


def test_somebody_else_on_our_key_is_noticed(tmp_path):
    async def story(world, port):
        world.says(
            "POST /v1/heartbeats",
            {"heartbeat_id": "a"},
            Says(400, {"error_msg": "Invalid Heartbeat ID", "heartbeat_id": "theirs"}),
        )
        await said(port, BeatDeadMan())
        [missed] = await said(port, BeatDeadMan())
        assert missed.foreign

    play(tmp_path, story)


def test_a_venue_that_corrects_for_ever_is_given_up(tmp_path):
    async def story(world, port):
        ids = iter(range(100))
        world.says("POST /v1/heartbeats", lambda asked: Says(400, {"heartbeat_id": str(next(ids))}))
        [missed] = await said(port, BeatDeadMan())
        assert not missed.foreign
        assert len(world.asked) == 3

    play(tmp_path, story)


# Staying warm, staying silent.


def test_trap_t8_connections_are_used_before_they_go_cold(tmp_path):
    async def story(world, port):
        async with aclosing(port.keep_warm()) as words:
            while len(world.asked_for("GET /time")) < 6:
                await anext(words)
        assert world.connections <= len(WARM) + 1, "one more to open the account"

    play(tmp_path, story, warm_s=0.001)


def test_no_secret_is_ever_shown_logged_or_said(tmp_path, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    lines = []
    sink = logger.add(lines.append, level=0)
    shown = []

    async def story(world, port):
        def quotes(asked):
            return Says(401, {"error": f"{asked.headers} {asked.body} {SECRET} {KEY}", "secret": SECRET})

        for what in (
            "POST /order",
            "DELETE /orders",
            "DELETE /cancel-all",
            "POST /v1/heartbeats",
            "GET /data/orders",
        ):
            world.says(what, quotes)
        order = await prepared(port)
        for command in (
            SendOrder(order=order, send_before=FAR_OFF),
            TakeOrdersOff(orders=(order,)),
            TakeAllOff(),
            BeatDeadMan(),
            ReadAccount(since=MarketNs(0)),
        ):
            shown.extend(map(repr, await said(port, command)))
        for what in ("POST /auth/api-key", "GET /auth/derive-api-key"):
            world.says(what, lambda asked: Says(201, {"error": KEY, "secret": SECRET, "apiKey": OWNER}))
        shown.extend(map(repr, await said(port, OpenAccount())))
        shown.append(f"{port!r} {vars(port)!r} {vars(port._account)!r}")

    try:
        play(tmp_path, story)
    finally:
        logger.remove(sink)
    everything = "\n".join([*shown, *map(str, lines), caplog.text])
    assert "unauthorized" in everything
    for canary in (KEY[2:], SECRET, PASSPHRASE, OWNER):
        assert canary.lower() not in everything.lower()


def test_preparing_an_order_takes_milliseconds(tmp_path):
    async def story(world, port):
        await prepared(port, number=0)
        began = time.process_time()
        for number in range(20):
            await prepared(port, number=number)
        assert (time.process_time() - began) / 20 < 0.05

    play(tmp_path, story)
