import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from messages.orders import NEVER
from runtime.clock import real_now
from tests.venue.polymarket.world import KEY, OWNER, PASSPHRASE, SECRET, TOKEN, Says, a_world, an_order
from venue.polymarket.client import Client, Lane
from venue.polymarket.keys import Credentials, KeyFailed, PrivateKey, Redactor, Wallet
from venue.polymarket.signer import OrderSigner
from venue.polymarket.transport import KEEP_ALIVE_S, MAX_REASON, Pool, Reply, _proxy, one_line

ROOT = Path(__file__).resolve().parents[3]
SEES_IMPORTS = """
import sys, venue.polymarket.orders
heavy = ("py_clob_client_v2", "eth_account", "eth_keys", "eth_utils", "py_ecc", "web3", "pydantic")
print(sys.getrecursionlimit(), *(name for name in heavy if name in sys.modules))
"""
WALLET = Wallet(PrivateKey(KEY))
MATCHED = {"errorMsg": "", "orderID": "0x1", "status": "matched", "success": True, "tradeIDs": ["t1"]}


@pytest.fixture
def python_as_it_is():
    """Other tests import the official client, which lets Python recurse until the stack overflows."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000)
    yield
    sys.setrecursionlimit(limit)


@asynccontextmanager
async def a_client(world=None, url=None, timeout_s=5.0, wallet=WALLET):
    """A client with credentials; without a world, one whose venue is nowhere."""
    client = Client(url or world.url, 137, wallet, now=real_now, timeout_s=timeout_s, redact=Redactor())
    if world is not None:
        assert isinstance(await asyncio.to_thread(client.open), Credentials)
        world.asked.clear()
    try:
        yield client
    finally:
        client.close()


def a_signed_order():
    return OrderSigner(WALLET, 137).sign(an_order()).body


def test_the_first_key_costs_one_request_and_an_existing_one_two():
    async def story():
        async with a_world() as world, a_client(world) as client:
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
        async with a_world() as world, a_client(world) as client:
            world.says("POST /auth/api-key", answer)
            world.says("GET /auth/derive-api-key", answer)
            found = await asyncio.to_thread(client.open)
            assert isinstance(found, Reply)
            assert found.reason
            assert "not base 64" not in found.reason

    asyncio.run(story())


def test_trap_t1_a_post_that_matched_is_one_request_and_no_polling():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", MATCHED)
            reply = await asyncio.to_thread(client.post, client.placing(a_signed_order()))
            assert (reply.status, reply.body) == (200, MATCHED)
            assert [asked.path for asked in world.asked] == ["/order"]

    asyncio.run(story())


def test_trap_t1_the_body_is_the_official_one_with_execution_not_deferred():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", MATCHED)
            order = a_signed_order()
            await asyncio.to_thread(client.post, client.placing(order))
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
            reply = await asyncio.to_thread(client.post, client.placing(a_signed_order()))
            assert reply.status is None
            assert reply.left
            assert "ReadTimeout" in reply.reason
            assert began < reply.sent_at <= reply.answered_at
            assert 700_000_000 <= reply.answered_at - began < 4_000_000_000

    asyncio.run(story())


def test_trap_t8_idle_connections_outlive_the_five_seconds_of_the_official_client():
    assert KEEP_ALIVE_S > 5.0


@pytest.mark.parametrize("status", [201, 204, 403, 500])
def test_trap_t9_every_other_status_is_a_reply_and_its_body_is_never_quoted_raw(status):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says(
                "POST /order", Says(status, "" if status == 204 else "<html>Sorry, you have been blocked")
            )
            reply = await asyncio.to_thread(client.post, client.placing(a_signed_order()))
            assert (reply.status, reply.text) == (status, "")
            assert "html" not in reply.reason

    asyncio.run(story())


@pytest.mark.parametrize("answer", [Says(500, {"error": "could not insert order"}), Says(instead="reset")])
def test_trap_t10_a_failed_post_is_not_sent_again(answer):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", answer)
            reply = await asyncio.to_thread(client.post, client.placing(a_signed_order()))
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
            assert (await asyncio.to_thread(a_look, world.url)).status == 200
            beyond = await asyncio.to_thread(a_look, "http://clob.example")
            assert (beyond.status, beyond.left) == (None, False)
            assert "ConnectError" in beyond.error

    asyncio.run(story())


def test_trap_t12_a_host_that_the_environment_excludes_is_asked_without_its_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "clob.example")

    assert _proxy(httpx.URL("http://clob.example")) is None
    assert _proxy(httpx.URL("http://other.example")) == "http://127.0.0.1:1"


def test_a_proxy_that_is_not_spoken_is_refused_and_not_passed_by(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "socks5://user:secret@127.0.0.1:1")

    with pytest.raises(KeyFailed, match="socks5") as refused:
        _proxy(httpx.URL("https://clob.example"))
    assert "secret" not in str(refused.value)


def a_look(url):
    pool = Pool(url, now=real_now, redact=Redactor())
    try:
        return pool.ask(httpx.Request("GET", f"{url}/time"), 1.0)
    finally:
        pool.close()


def test_trap_t17_no_order_ever_asks_for_the_venues_version_or_for_a_tick():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("GET /version", {"version": 3})
            world.says("POST /order", MATCHED)
            await asyncio.to_thread(client.post, client.placing(a_signed_order()))
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
def test_a_body_that_is_no_json_of_ours_raises_nothing(body, python_as_it_is):
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("GET /time", Says(200, body))
            assert isinstance(await asyncio.to_thread(client.time), Reply)

    asyncio.run(story())


def test_nothing_that_the_gateway_needs_raises_the_recursion_limit_or_imports_the_official_client():
    """Which costs a second at every start, and at its limit nested brackets overflow the stack."""
    seen = subprocess.run(
        [sys.executable, "-c", SEES_IMPORTS], capture_output=True, text=True, check=True, cwd=ROOT
    )

    limit, *imported = seen.stdout.split()
    assert (int(limit) <= 1_000, imported) == (True, [])


def test_the_venues_time_to_wait_is_kept():
    async def story():
        async with a_world() as world, a_client(world) as client:
            world.says("POST /order", Says(429, {"error": "Too Many Requests"}, {"Retry-After": "3"}))
            assert (await asyncio.to_thread(client.post, client.placing(a_signed_order()))).retry_after == "3"

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


def test_places_cancels_and_reads_each_have_connections_of_their_own():
    async def story():
        async with a_world() as world, a_client(world) as client:
            before = world.connections
            for lane in (*Lane, *Lane):
                assert (await asyncio.to_thread(client.time, lane)).status == 200
            assert world.connections - before == len(Lane) - 1, "the first reads opened one"

    asyncio.run(story())


def test_an_answer_that_never_ends_costs_the_timeout_and_is_none():
    async def story():
        async with a_world() as world, a_client(world, timeout_s=1.0) as client:
            world.says("GET /time", Says(instead="trickle"))
            began = real_now()
            reply = await asyncio.to_thread(client.time)
            assert (reply.status, reply.left) == (None, True)
            assert "ReadTimeout" in reply.reason
            assert real_now() - began < 4_000_000_000

    asyncio.run(story())


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
