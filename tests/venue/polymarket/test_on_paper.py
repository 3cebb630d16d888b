"""The port against the embedded exchange: both ends of the wire, each checked by the other."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import msgspec
import pytest
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import OrderArgs

from messages.account import (
    AccountOpened,
    BeatDeadMan,
    DeadManBeaten,
    LegsSeen,
    OpenAccount,
    OrderSeen,
    OrderSeenKind,
    ReadAccount,
    UserStreamOpened,
)
from messages.orders import Answer, CancelAnswered, SendOrder, TakeAllOff, TakeOrdersOff
from messages.values import MICRO, Action, MarketNs, Price, Size, TokenId
from tests.patience import PATIENCE_S
from tests.venue.polymarket.world import FAR_OFF, an_order, said
from venue.polymarket.orders import OrderGateway

FUNDED = 1_000 * MICRO
WELL_BELOW, WELL_ABOVE = Price(20_000), Price(980_000)


@asynccontextmanager
async def an_open_gateway(exchange, tmp_path, name="key", **options):
    port = OrderGateway(
        exchange, exchange.replace("http", "ws"), key_file=tmp_path / name, ping_s=0.05, **options
    )
    await port.open()
    try:
        [opened] = await said(port, OpenAccount())
        assert isinstance(opened, AccountOpened)
        yield port
    finally:
        await port.close()


def play(exchange, tmp_path, story):
    async def told():
        async with an_open_gateway(exchange, tmp_path) as port:
            await story(port)

    asyncio.run(told())


async def placed(port, token, **fields):
    """Prepare and send; the answer, which names the order."""
    [prepared] = await said(port, an_order(token=token, **fields))
    [answer] = await said(port, SendOrder(order=prepared.order, send_before=FAR_OFF))
    return answer


async def read(port, *tokens):
    [account] = await said(port, ReadAccount(since=MarketNs(0), tokens=tokens))
    return account


async def hears(words, kind):
    async with asyncio.timeout(PATIENCE_S):
        async for word in words:
            if isinstance(word, kind):
                return word
    raise AssertionError("the stream ended")


def test_an_order_rests_is_read_back_and_is_taken_off(exchange, token, tmp_path):
    async def story(port):
        answer = await placed(port, token, price=WELL_BELOW)
        assert (answer.answer, answer.reason) == (Answer.RESTING, "")
        account = await read(port, token)
        assert [(row.order, row.token, row.matched) for row in account.orders] == [(answer.order, token, 0)]
        assert (account.collateral, account.legs, account.balances) == (FUNDED, (), ((token, 0),))
        [canceled] = await said(port, TakeOrdersOff(orders=(answer.order,)))
        assert isinstance(canceled, CancelAnswered)
        assert (canceled.canceled, canceled.not_canceled) == ((answer.order,), ())
        assert (await read(port)).orders == ()

    play(exchange, tmp_path, story)


@pytest.mark.parametrize("price", [10_000, 290_000, 310_000, 490_000])
@pytest.mark.parametrize("size", [5_100_000, 8_200_000, 10_200_000, 33_330_000])
def test_the_exchange_reads_the_very_price_and_size_that_were_meant(exchange, token, tmp_path, price, size):
    async def story(port):
        answer = await placed(port, token, price=Price(price), size=Size(size))
        assert answer.answer is Answer.RESTING
        client = port._account.client
        row = (await asyncio.to_thread(client.page, "/data/orders", {})).body["data"][0]
        assert (float(row["price"]), float(row["original_size"])) == (price / MICRO, size / MICRO)
        await said(port, TakeAllOff())

    play(exchange, tmp_path, story)


def test_what_the_exchange_refuses_is_rejected_in_its_own_words(exchange, token, tmp_path):
    async def story(port):
        crossing = await placed(port, token, price=WELL_ABOVE)
        assert (crossing.answer, crossing.reason.split(":")[0]) == (Answer.REJECTED, "crossing")
        small = await placed(port, token, price=WELL_BELOW, size=Size(10_000))
        assert (small.answer, "lower than the minimum" in small.reason) == (Answer.REJECTED, True)
        dear = await placed(port, token, price=WELL_BELOW, size=Size(100_000 * MICRO))
        assert (dear.answer, "not enough balance" in dear.reason) == (Answer.REJECTED, True)
        naked = await placed(port, token, action=Action.SELL, price=WELL_ABOVE)
        assert (naked.answer, "not enough balance" in naked.reason) == (Answer.REJECTED, True)
        fine = await placed(port, token, price=Price(20_500), tick=Price(500))
        assert (fine.answer, "tick size rule" in fine.reason) == (Answer.REJECTED, True)
        nobodys = await placed(port, TokenId("12345"))
        assert nobodys.answer is Answer.REJECTED
        assert (await read(port)).orders == ()

    play(exchange, tmp_path, story)


def test_the_same_bytes_twice_are_said_to_exist_and_rest_once(exchange, token, tmp_path):
    async def story(port):
        [prepared] = await said(port, an_order(token=token, price=WELL_BELOW))
        body = port._outbox.take(prepared.order)
        for expected in (Answer.RESTING, Answer.LOST):
            port._outbox = type(port._outbox)()
            port._outbox.put(prepared.order, body)
            [answer] = await said(port, SendOrder(order=prepared.order, send_before=FAR_OFF))
            assert answer.answer is expected
        assert answer.reason == "duplicated: exists"
        assert [row.order for row in (await read(port)).orders] == [prepared.order]

    play(exchange, tmp_path, story)


def test_everything_is_taken_off_and_an_order_that_is_gone_says_why(exchange, token, tmp_path):
    async def story(port):
        answers = [await placed(port, token, number=number, price=WELL_BELOW) for number in range(3)]
        orders = tuple(answer.order for answer in answers)
        [canceled] = await said(port, TakeAllOff())
        assert (set(canceled.canceled), canceled.everything) == (set(orders), True)
        [again] = await said(port, TakeOrdersOff(orders=orders))
        assert {order for order, why in again.not_canceled if why} == set(orders)

    play(exchange, tmp_path, story)


def test_a_fill_is_heard_on_the_stream_and_read_back_as_the_same_leg(exchange, market, token, tmp_path):
    """Somebody bids for the complement: a mint, in which each leg has its own token and price."""
    inside = Price(round(market["bestAsk"] * MICRO) - 10_000)
    no_token = msgspec.json.decode(market["clobTokenIds"])[1]

    async def story(port):
        async with aclosing(port.listen()) as words:
            await hears(words, UserStreamOpened)
            answer = await placed(port, token, price=inside, size=Size(6_000_000))
            assert answer.answer is Answer.RESTING
            assert (await hears(words, OrderSeen)).kind is OrderSeenKind.PLACED
            await asyncio.to_thread(buy, exchange, no_token, 1 - inside / MICRO)
            heard = (await hears(words, LegsSeen)).legs
            assert [(leg.order, leg.token, leg.action, leg.price, leg.size, leg.taker) for leg in heard] == [
                (answer.order, token, Action.BUY, inside, 6_000_000, False)
            ]
            account = await read(port, token)
            assert account.legs == heard
            assert account.orders == ()
            assert account.collateral == FUNDED, "market time stands still, so the chain has not moved"

    play(exchange, tmp_path, story)


def test_two_processes_on_one_key_are_told_from_a_restart(exchange, token, tmp_path):
    async def told():
        async with (
            an_open_gateway(exchange, tmp_path) as first,
            an_open_gateway(exchange, tmp_path) as second,
        ):
            assert await beats(first, first, second, second) == ["beaten"] * 4
            assert await beats(first, second, first) == ["foreign", "beaten", "foreign"]

    async def beats(*ports):
        said_ = [(await said(port, BeatDeadMan()))[0] for port in ports]
        return ["beaten" if isinstance(word, DeadManBeaten) else word.foreign and "foreign" for word in said_]

    asyncio.run(told())


def test_a_deposit_wallet_signs_what_the_exchange_accepts(exchange, token, tmp_path):
    async def told():
        wallet = {"signature_type": 3, "funder": "0x" + "33" * 20}
        async with an_open_gateway(exchange, tmp_path, "deposit", **wallet) as port:
            answer = await placed(port, token, price=WELL_BELOW)
            assert answer.answer in (Answer.RESTING, Answer.REJECTED)
            assert "signature" not in answer.reason
            await said(port, TakeAllOff())

    asyncio.run(told())


def buy(exchange, token, price):
    """Somebody else takes six shares; the flag keeps the official client from waiting for their settlement."""
    somebody = ClobClient(exchange, 137, key="0x" + "22" * 32)
    somebody.set_api_creds(somebody.create_or_derive_api_key())
    order = somebody.create_order(OrderArgs(token, round(price, 2), 6, "BUY"))
    assert somebody.post_order(order, defer_exec=True)["status"] == "matched"
