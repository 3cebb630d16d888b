"""The port against an embedded exchange that lies, restarts and closes: what answers mean, and what is true."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from messages.account import BeatDeadMan, DeadManBeaten, DeadManMissed
from messages.orders import (
    Answer,
    CancelAnswered,
    CancelFailed,
    OrderFound,
    OrderRead,
    OrderReadFailed,
    ReadOrder,
    TakeAllOff,
    TakeOrdersOff,
    VenueMode,
)
from messages.values import SECOND, MarketNs
from tests.patience import PATIENCE_S
from tests.venue.polymarket.test_on_paper import WELL_BELOW, an_open_gateway, placed, read
from tests.venue.polymarket.world import said


@asynccontextmanager
async def a_fault(exchange, kind, **scope):
    """While it lasts the exchange does this to everybody."""
    async with httpx.AsyncClient(base_url=exchange, trust_env=False) as sim:
        (await sim.post("/sim/faults", json={"kind": kind, **scope})).raise_for_status()
        try:
            yield
        finally:
            (await sim.delete("/sim/faults")).raise_for_status()


def play(exchange, tmp_path, story):
    async def told():
        async with an_open_gateway(exchange, tmp_path, "liar") as port:
            await story(port)
            await said(port, TakeAllOff())

    asyncio.run(told())


async def look(port, order):
    [word] = await said(port, ReadOrder(order=order))
    return word


async def until_it_is_up(port):
    """A restart is no fault that can be taken back: it takes its second."""
    async with asyncio.timeout(PATIENCE_S):
        while isinstance(await look(port, "0x" + "12" * 32), OrderReadFailed):
            await asyncio.sleep(0)


RESTART = {"down": 1, "post_only": 1}
LIES = [
    ("drop_answer", {}, Answer.LOST, VenueMode.OPEN, True),
    ("unknown_answer", {}, Answer.LOST, VenueMode.OPEN, True),
    ("html_502", {"accepted": True}, Answer.LOST, VenueMode.OPEN, True),
    ("html_502", {}, Answer.LOST, VenueMode.OPEN, False),
    ("http_500", {"accepted": True}, Answer.LOST, VenueMode.OPEN, True),
    ("http_500", {}, Answer.LOST, VenueMode.OPEN, False),
    ("html_403", {}, Answer.REJECTED, VenueMode.REFUSING, False),
    ("http_429", {"retry_after": 2}, Answer.REJECTED, VenueMode.BUSY, False),
    ("restart", RESTART, Answer.LOST, VenueMode.RESTARTING, False),
    ("cancel_only", {}, Answer.REJECTED, VenueMode.CANCEL_ONLY, False),
    ("disabled", {}, Answer.REJECTED, VenueMode.DISABLED, False),
    ("post_only", {}, Answer.RESTING, VenueMode.OPEN, True),
]


@pytest.mark.parametrize(("kind", "how", "answer", "mode", "exists"), LIES)
def test_what_an_answer_means_is_never_more_than_what_is_true(
    exchange, token, tmp_path, kind, how, answer, mode, exists
):
    async def story(port):
        routes = (
            {} if kind in ("restart", "cancel_only", "disabled", "post_only") else {"routes": ["POST /order"]}
        )
        async with a_fault(exchange, kind, **routes, **how):
            heard = await placed(port, token, price=WELL_BELOW)
            assert (heard.answer, heard.mode) == (answer, mode)
            assert heard.wait_ms == 1_000 * how.get("retry_after", 0)
        await until_it_is_up(port)
        found = await look(port, heard.order)
        assert found.found is (OrderFound.OPEN if exists else OrderFound.NONE)
        assert (heard.order in [order.order for order in (await read(port)).orders]) is exists

    play(exchange, tmp_path, story)


@pytest.mark.parametrize(
    ("kind", "how", "mode"),
    [("restart", RESTART, VenueMode.RESTARTING), ("disabled", {}, VenueMode.DISABLED)],
)
def test_a_venue_that_is_down_takes_no_cancel_and_says_why(exchange, token, tmp_path, kind, how, mode):
    async def story(port):
        order = (await placed(port, token, price=WELL_BELOW)).order
        async with a_fault(exchange, kind, **how):
            for cancel in (TakeOrdersOff(orders=(order,)), TakeAllOff()):
                [failed] = await said(port, cancel)
                assert isinstance(failed, CancelFailed)
                assert failed.mode is mode
        await until_it_is_up(port)
        [answered] = await said(port, TakeOrdersOff(orders=(order,)))
        assert isinstance(answered, CancelAnswered)
        assert answered.canceled == (order,)

    play(exchange, tmp_path, story)


def test_one_order_is_read_by_its_name_while_it_rests_and_not_after(exchange, token, tmp_path):
    async def story(port):
        before = port.real_now
        order = (await placed(port, token, price=WELL_BELOW)).order
        there = await look(port, order)
        assert (there.order, there.found, there.matched) == (order, OrderFound.OPEN, 0)
        assert before <= there.begun_at <= port.real_now
        await said(port, TakeOrdersOff(orders=(order,)))
        assert (await look(port, order)).found is OrderFound.NONE
        never = "0x" + "12" * 32
        assert (await look(port, never)).found is OrderFound.NONE
        async with a_fault(exchange, "http_500", routes=["GET /data/order/*"]):
            failed = await look(port, order)
            assert isinstance(failed, OrderReadFailed)
            assert failed.order == order
        assert isinstance(await look(port, order), OrderRead)

    play(exchange, tmp_path, story)


def test_an_order_ends_a_minute_before_what_it_states_and_not_too_soon(exchange, token, tmp_path):
    async def story(port):
        venue_s = (await asyncio.to_thread(port._account.client.time)).body
        ends = MarketNs((int(venue_s) + 300) * SECOND)
        answer = await placed(port, token, price=WELL_BELOW, expires_at=ends)
        assert answer.answer is Answer.RESTING
        rows = (await asyncio.to_thread(port._account.client.page, "/data/orders", {})).body["data"]
        assert [(row["order_type"], int(row["expiration"])) for row in rows] == [("GTD", int(venue_s) + 360)]
        soon = MarketNs((int(venue_s) + 60) * SECOND)
        refused = await placed(port, token, number=2, price=WELL_BELOW, expires_at=soon)
        assert (refused.answer, "invalid expiration" in refused.reason) == (Answer.REJECTED, True)

    play(exchange, tmp_path, story)


def test_a_beat_whose_answer_was_lost_is_made_up_for_at_once_and_blames_nobody(exchange, tmp_path):
    async def story(port):
        assert isinstance((await said(port, BeatDeadMan()))[0], DeadManBeaten)
        async with a_fault(exchange, "drop_answer", routes=["POST /v1/heartbeats"], times=1):
            [missed] = await said(port, BeatDeadMan())
            assert isinstance(missed, DeadManMissed)
            assert not missed.foreign
            [beaten] = await said(port, BeatDeadMan())
        assert isinstance(beaten, DeadManBeaten)

    play(exchange, tmp_path, story)
