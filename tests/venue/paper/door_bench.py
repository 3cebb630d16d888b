"""The doors of an exchange on a bench, called in process: HTTP requests, websockets, and wallets that sign."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, NamedTuple

import pytest
from coincurve import PrivateKey

from messages.values import MICRO
from tests.venue.paper.engine_bench import YES, Bench
from venue.paper.doors.app import App
from venue.paper.doors.asgi import ABORT
from venue.wire.eip712 import (
    ORDER_TYPE,
    WRAPPED_TYPE,
    ZERO_BYTES32,
    OrderFields,
    auth_digest,
    checksummed,
    domain_of,
    keccak,
    order_digest,
    order_struct_hash,
    typed_digest,
)
from venue.wire.hmac import l2_signature
from venue.wire.orders import SignedOrder, signed_fields

CLIENT = ("127.0.0.1", 50_000)
_salts = count(1)


class Said(NamedTuple):
    """An answer: its status and its JSON, or text where it is none."""

    status: int
    json: Any


class Whole(NamedTuple):
    """An answer with its headers, by lower-case name."""

    status: int
    json: Any
    headers: dict[str, str]


def ask(
    app: App, method: str, target: str, body: object = b"", headers: dict[str, str] | None = None
) -> Said:
    """One request, answered without waiting for anything. A body that is no bytes goes as compact JSON."""
    return Said(*ask_whole(app, method, target, body, headers)[:2])


def ask_whole(
    app: App, method: str, target: str, body: object = b"", headers: dict[str, str] | None = None
) -> Whole:
    """The same, with the headers of the answer."""
    said: list[dict[str, Any]] = []
    answering = app(*http(method, target, body, headers, said))
    with pytest.raises(StopIteration):
        answering.send(None)
    return whole(said)


async def wait_for(
    app: App, method: str, target: str, body: object = b"", headers: dict[str, str] | None = None
) -> Whole | None:
    """The same of an app that may take its time; None when the line is cut."""
    said: list[dict[str, Any]] = []
    await app(*http(method, target, body, headers, said))
    return whole(said) if said else None


def http(
    method: str, target: str, body: object, headers: dict[str, str] | None, said: list[dict[str, Any]]
) -> tuple[dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]]:
    """Scope, receive and send of a request whose answer is collected in `said`."""
    path, _, query = target.partition("?")
    data = body if isinstance(body, bytes) else compact(body)
    incoming = [{"type": "http.request", "body": data, "more_body": False}]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()
        ],
        "client": CLIENT,
        "extensions": {ABORT: lambda: None},
    }

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        said.append(event)

    return scope, receive, send


def whole(said: list[dict[str, Any]]) -> Whole:
    """What the events of an answer come to."""
    start, body = said[0], b"".join(event["body"] for event in said[1:])
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert headers["content-length"] == str(len(body))
    try:
        return Whole(start["status"], json.loads(body), headers)
    except ValueError:
        return Whole(start["status"], body.decode("latin-1"), headers)


class Wallet:
    """A key pair that logs in, signs calls and orders."""

    def __init__(self, app: App, number: int = 1) -> None:
        self.app = app
        self._key = PrivateKey(bytes([number]) * 32)
        self.address = checksummed(keccak(self._key.public_key.format(compressed=False)[1:])[12:])
        self.creds: dict[str, str] = {}

    def sign(self, digest: bytes) -> str:
        """65 bytes over a digest."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return "0x" + (signature[:64] + bytes([signature[64] + 27])).hex()

    def l1(self, nonce: int = 0, at: int | None = None) -> dict[str, str]:
        """Headers of a call that the wallet itself signs."""
        timestamp = str(int(time.time()) if at is None else at)
        return {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": self.sign(auth_digest(self.address, timestamp, nonce)),
            "POLY_TIMESTAMP": timestamp,
            "POLY_NONCE": str(nonce),
        }

    def log_in(self, nonce: int = 0) -> Wallet:
        """Create a key and use it from now on."""
        said = ask(self.app, "POST", "/auth/api-key", headers=self.l1(nonce))
        assert said.status == 200, said
        self.creds = said.json
        return self

    def l2(self, method: str, path: str, body: bytes = b"", at: int | None = None) -> dict[str, str]:
        """Headers of a call that the API key signs."""
        timestamp = str(int(time.time()) if at is None else at)
        return {
            "POLY_ADDRESS": self.address,
            "POLY_SIGNATURE": l2_signature(self.creds["secret"], timestamp, method, path, body),
            "POLY_TIMESTAMP": timestamp,
            "POLY_API_KEY": self.creds["apiKey"],
            "POLY_PASSPHRASE": self.creds["passphrase"],
        }

    def call(self, method: str, target: str, body: object = b"") -> Said:
        """A signed call."""
        return ask(self.app, method, target, body, self.signed(method, target, body))

    def signed(self, method: str, target: str, body: object = b"") -> dict[str, str]:
        """Headers of a call, whatever its body and query."""
        data = body if isinstance(body, bytes) else compact(body)
        return self.l2(method, target.partition("?")[0], data)

    def order(
        self,
        side: str = "BUY",
        cents: float = 40,
        shares: float = 10,
        *,
        token: str = YES,
        kind: str = "GTC",
        funder: str = "",
        signature_type: int = 0,
        neg_risk: bool = False,
        expiration: int = 0,
        **request: object,
    ) -> dict[str, Any]:
        """A signed order body."""
        dollars, amount = round(cents * shares * 10_000), round(shares * MICRO)
        given, got = (dollars, amount) if side == "BUY" else (amount, dollars)
        maker = funder or self.address
        order: dict[str, Any] = {
            "salt": next(_salts),
            "maker": maker,
            "signer": maker if signature_type == 3 else self.address,
            "tokenId": token,
            "makerAmount": str(given),
            "takerAmount": str(got),
            "side": side,
            "expiration": str(expiration),
            "signatureType": signature_type,
            "timestamp": str(time.time_ns() // 1_000_000),
            "metadata": ZERO_BYTES32,
            "builder": ZERO_BYTES32,
            "signature": "0x",
        }
        self.sign_order(order, neg_risk)
        body: dict[str, Any] = {"order": order, "owner": self.creds["apiKey"], "orderType": kind}
        return {**body, "deferExec": False, "postOnly": False, **request}

    def sign_order(self, order: dict[str, Any], neg_risk: bool = False) -> None:
        """Put the signature in that belongs to its type."""
        fields, domain = signed_fields(SignedOrder(**order)), domain_of(neg_risk)
        if fields.signature_type == 3:
            order["signature"] = self._wrapped(fields, domain)
        else:
            order["signature"] = self.sign(order_digest(fields, domain))

    def place(self, *args: Any, **terms: Any) -> Said:
        """POST /order."""
        return self.call("POST", "/order", self.order(*args, **terms))

    def resting(self) -> list[dict[str, Any]]:
        """Open orders."""
        rows: list[dict[str, Any]] = self.call("GET", "/data/orders").json["data"]
        return rows

    def _wrapped(self, fields: OrderFields, domain: bytes) -> str:
        contents = order_struct_hash(fields)
        struct_hash = keccak(
            keccak(WRAPPED_TYPE.encode())
            + contents
            + keccak(b"DepositWallet")
            + keccak(b"1")
            + (137).to_bytes(32, "big")
            + bytes(12)
            + fields.signer
            + bytes(32)
        )
        tail = ORDER_TYPE.encode() + len(ORDER_TYPE).to_bytes(2, "big")
        return self.sign(typed_digest(domain, struct_hash)) + (domain + contents + tail).hex()


class Socket:
    """The client's end of a websocket."""

    def __init__(self, unread: int = 0) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue(unread)

    def say(self, frame: object) -> None:
        """Send text as it is, and anything else as JSON."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.inbox.put_nowait({"type": "websocket.receive", "text": text})

    async def raw(self) -> str:
        """The next frame's text."""
        event = await asyncio.wait_for(self.outbox.get(), 5)
        assert event["type"] == "websocket.send", event
        return str(event["text"])

    async def hear(self) -> Any:
        """The next frame's JSON."""
        return json.loads(await self.raw())

    async def hear_kind(self, kind: str) -> Any:
        """The next frame of an event type; others are passed over."""
        while True:
            frame = await self.hear()
            if isinstance(frame, dict) and frame["event_type"] == kind:
                return frame

    async def is_quiet(self) -> bool:
        """Whether nothing more was sent: an answer to PING comes first."""
        self.say("PING")
        return await self.raw() == "PONG"

    async def closed(self) -> int:
        """Wait until the other side closes; its code."""
        while True:
            event = await asyncio.wait_for(self.outbox.get(), 5)
            if event["type"] == "websocket.close":
                return int(event["code"])


@asynccontextmanager
async def connected(
    app: App,
    path: str,
    extensions: dict[str, Any] | None = None,
    unread: int = 0,
    query_string: bytes = b"",
) -> AsyncIterator[Socket]:
    """A websocket, accepted. The line takes `unread` frames that nobody read, 0: any number."""
    socket = Socket(unread)
    socket.inbox.put_nowait({"type": "websocket.connect"})
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query_string,
        "extensions": extensions or {},
    }
    serving = asyncio.ensure_future(app(scope, socket.inbox.get, socket.outbox.put))
    try:
        accepted = await asyncio.wait_for(socket.outbox.get(), 5)
        assert accepted["type"] == "websocket.accept"
        yield socket
    finally:
        socket.inbox.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(serving, 5)


def a_door(bench: Bench | None = None) -> App:
    """The doors of a bench."""
    return App((bench or Bench()).exchange)


def compact(value: object) -> bytes:
    """JSON as the official client writes it."""
    return json.dumps(value, separators=(",", ":")).encode()
