"""An order through the port: prepared without a request, sent once, its answer believed only if it can be."""

import asyncio
import logging
import time
from contextlib import aclosing

import pytest
from loguru import logger

from messages.account import AccountRead, BeatDeadMan, DeadManBeaten, OpenAccount, ReadAccount
from messages.orders import (
    NEVER,
    Answer,
    CancelAnswered,
    ForgetOrder,
    PrepareFailed,
    SendOrder,
    TakeAllOff,
    TakeOrdersOff,
)
from messages.values import SECOND, MarketNs, Price, RealNs
from tests.patience import PATIENCE_S
from tests.venue.polymarket.world import (
    FAR_OFF,
    KEY,
    OWNER,
    PASSPHRASE,
    SECRET,
    TOKEN,
    Says,
    an_order,
    play,
    prepared,
    said,
    sent,
)
from venue.polymarket.answers import ROWS
from venue.polymarket.orders import PLACES, WARM


async def until(done):
    """Let the others go on until something is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():
            await asyncio.sleep(0)


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


def test_preparing_an_order_takes_milliseconds(tmp_path):
    async def story(world, port):
        await prepared(port, number=0)
        began = time.process_time()
        for number in range(20):
            await prepared(port, number=number)
        assert (time.process_time() - began) / 20 < 0.05

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
