import asyncio
import sys
from contextlib import asynccontextmanager

import httpx
import pytest
from py_clob_client_v2.http_helpers import helpers

from messages.orders import NEVER
from messages.values import RealNs
from runtime.clock import real_now
from tests.venue.polymarket.world import KEY, OWNER, PASSPHRASE, SECRET, TOKEN, Says, a_world, an_order
from venue.polymarket.client import MAX_REASON, Client, Reply, Transport, one_line, prepare_process
from venue.polymarket.keys import Credentials, PrivateKey, Redactor, Wallet
from venue.polymarket.signer import OrderSigner

WALLET = Wallet(PrivateKey(KEY))
PLAIN = {"now": real_now, "timeout_s": 5.0, "redact": Redactor()}
MATCHED = {"errorMsg": "", "orderID": "0x1", "status": "matched", "success": True, "tradeIDs": ["t1"]}


@asynccontextmanager
async def a_client(world=None, url=None, timeout_s=5.0, wallet=WALLET):
    """A client with credentials; without a world, one whose venue is nowhere."""
    client = Client(url or world.url, 137, wallet, now=real_now, timeout_s=timeout_s, redact=Redactor())
    if world is not None:
        assert isinstance(await asyncio.to_thread(client.open), Credentials)
        world.asked.clear()
    yield client


def a_signed_order():
    return OrderSigner(WALLET, 137).sign(an_order()).body


def test_the_first_key_costs_one_request_and_an_existing_one_two():
    async def story():
        async with a_world() as world:
            client = Client(world.url, 137, WALLET, **PLAIN)
            created = await asyncio.to_thread(client.open)
            assert (created.owner, created.secret.reveal(), created.passphrase.reveal()) == (
                OWNER,
                SECRET,
                PASSPHRASE,
            )
            world.says("POST /auth/api-key", Says(400, {"error": "Could not create api key"}))
            world.says(
                "GET /auth/derive-api-key", Says(200, {"apiKey": "k", "secret": SECRET, "passphrase": "p"})
            )
            derived = await asyncio.to_thread(client.open)
            assert derived.owner == "k"
            assert [f"{asked.method} {asked.path}" for asked in world.asked] == [
                "POST /auth/api-key",
                "POST /auth/api-key",
                "GET /auth/derive-api-key",
            ]

    asyncio.run(story())


@pytest.mark.parametrize(
    "answer",
    [
        {},
        "OK",
        [],
        {"apiKey": "k", "secret": "not base 64!", "passphrase": "p"},
        {"apiKey": "k", "secret": 7},
    ],
)
def test_credentials_that_cannot_be_used_are_no_credentials(answer):
    async def story():
        async with a_world() as world:
            world.says("POST /auth/api-key", answer)
            world.says("GET /auth/derive-api-key", answer)
            found = await asyncio.to_thread(Client(world.url, 137, WALLET, **PLAIN).open)
            assert isinstance(found, Reply)
            assert found.reason
            assert "not base 64" not in found.reason

    asyncio.run(story())


def test_trap_t1_a_post_that_matched_is_one_request_and_no_polling():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", MATCHED)
            reply = await asyncio.to_thread(client.post, a_signed_order())
            assert (reply.status, reply.body) == (200, MATCHED)
            assert [asked.path for asked in world.asked] == ["/order"]

    asyncio.run(story())


def test_trap_t1_the_body_is_the_official_one_with_execution_not_deferred():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", MATCHED)
            order = a_signed_order()
            await asyncio.to_thread(client.post, order)
            sent = world.asked[0].json
            assert (sent["owner"], sent["orderType"], sent["postOnly"], sent["deferExec"]) == (
                OWNER,
                "GTC",
                True,
                False,
            )
            assert sent["order"]["signature"] == order.signature
            assert sent["order"]["expiration"] == "0"

    asyncio.run(story())


def test_trap_t7_a_silent_venue_costs_the_timeout_and_may_have_the_order():
    async def story():
        async with a_world() as world, a_client(world, timeout_s=1.0) as client:
            world.says("POST /order", Says(instead="silence"))
            began = real_now()
            reply = await asyncio.to_thread(client.post, a_signed_order())
            assert reply.status is None
            assert reply.left
            assert "ReadTimeout" in reply.reason
            assert began < reply.sent_at <= reply.answered_at
            assert 700_000_000 <= reply.answered_at - began < 4_000_000_000

    asyncio.run(story())


def test_trap_t8_idle_connections_outlive_the_five_seconds_of_the_official_client():
    assert Transport()._transport._pool._keepalive_expiry > 5.0


@pytest.mark.parametrize("status", [201, 204, 403, 500])
def test_trap_t9_every_other_status_is_a_reply_and_its_body_is_never_quoted_raw(status):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says(
                "POST /order", Says(status, "" if status == 204 else "<html>Sorry, you have been blocked")
            )
            reply = await asyncio.to_thread(client.post, a_signed_order())
            assert (reply.status, reply.text) == (status, "")
            assert "html" not in reply.reason

    asyncio.run(story())


@pytest.mark.parametrize("answer", [Says(500, {"error": "could not insert order"}), Says(instead="reset")])
def test_trap_t10_a_failed_post_is_not_sent_again(answer):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", answer)
            reply = await asyncio.to_thread(client.post, a_signed_order())
            assert reply.left
            assert len(world.asked_for("POST /order")) == 1

    asyncio.run(story())


def test_trap_t12_a_proxy_of_the_environment_is_never_asked_for_this_host(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    async def story():
        async with a_world() as world:
            with Transport() as transport:
                answer = await asyncio.to_thread(transport.get, f"{world.url}/time")
                assert answer.status_code == 200
                with pytest.raises(httpx.ConnectError):
                    await asyncio.to_thread(transport.get, "http://clob.example/time")

    asyncio.run(story())


def test_trap_t17_no_order_ever_asks_for_the_venues_version_or_for_a_tick():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("GET /version", {"version": 3})
            world.says("POST /order", MATCHED)
            await asyncio.to_thread(client.post, a_signed_order())
            assert [asked.path for asked in world.asked] == ["/order"]

    asyncio.run(story())


def test_trap_t18_balances_are_asked_for_with_the_wallets_own_signature_type():
    async def story():
        wallet = Wallet(PrivateKey(KEY), 3, "0x" + "22" * 20)
        async with a_world() as world, a_client(world, wallet=wallet) as client:
            world.says("GET /balance-allowance", {"balance": "1"})
            await asyncio.to_thread(client.balance, None)
            await asyncio.to_thread(client.balance, TOKEN)
            assert [asked.query for asked in world.asked] == [
                {"signature_type": "3", "asset_type": "COLLATERAL"},
                {"signature_type": "3", "asset_type": "CONDITIONAL", "token_id": TOKEN},
            ]

    asyncio.run(story())


def test_a_venue_that_is_not_there_got_nothing():
    async def story():
        async with a_world() as gone:
            url = gone.url
        async with a_client(url=url) as client:
            reply = await asyncio.to_thread(client.time)
            assert (reply.status, reply.left, reply.sent_at) == (None, False, NEVER)
            assert "ConnectError" in reply.reason

    asyncio.run(story())


@pytest.mark.parametrize("body", ["[" * 200_000, b"\xff\xfe\x00", "NaN", "null"])
def test_a_body_that_is_no_json_of_ours_raises_nothing(body):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("GET /time", Says(200, body))
            assert isinstance(await asyncio.to_thread(client.time), Reply)

    asyncio.run(story())


def test_brackets_nested_without_end_do_not_overflow_the_stack():
    assert sys.getrecursionlimit() <= 1_000


def test_the_venues_time_to_wait_is_kept():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", Says(429, {"error": "Too Many Requests"}, {"Retry-After": "3"}))
            assert (await asyncio.to_thread(client.post, a_signed_order())).retry_after == "3"

    asyncio.run(story())


def test_words_that_quote_our_headers_back_lose_the_secrets():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says(
                "DELETE /cancel-all",
                lambda asked: Says(401, {"error": f"bad {asked.headers} {SECRET} {KEY}"}),
            )
            reply = await asyncio.to_thread(client.cancel_all)
            shown = f"{reply!r} {reply.reason}"
            for canary in (SECRET, PASSPHRASE, OWNER, KEY[2:]):
                assert canary not in shown

    asyncio.run(story())


def test_words_for_people_are_one_printable_line():
    assert one_line("a\x1b[31m\n b\r\n" + "c" * 300) == ("a [31m b " + "c" * 300)[:MAX_REASON]


def test_the_process_is_prepared_once():
    prepare_process()
    first = helpers._http_client
    prepare_process()

    assert helpers._http_client is first
    assert RealNs(0) <= real_now()


@pytest.mark.parametrize(
    ("header", "body", "wait_ms"),
    [
        ("3", "", 3_000),
        ("3", {"retry_after_seconds": 79}, 3_000),
        ("", {"retry_after_seconds": 79}, 79_000),
        ("", {"retry_after_seconds": "soon"}, 0),
        ("", {"retry_after_seconds": -5}, 0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "", 0),
        ("99999999999999999999", "", 0),
        ("86400", "", 600_000),
        ("", [], 0),
    ],
)
def test_how_long_the_venue_wants_to_be_left_alone_is_read_within_reason(header, body, wait_ms):
    assert Reply(status=429, body=body, retry_after=header).wait_ms == wait_ms
