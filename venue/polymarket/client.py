"""The venue's REST interface as the ports of this process use it: one request a call, nothing looked up or polled.

Requests are those of the official client (VENUE §1.3, §2, §3.5): the same paths, the same bodies to the last byte,
signed the same way. What the official client does beside that is not done: nothing is polled after a post, nothing
sent a second time, nothing logged, no cache asked.
"""

from __future__ import annotations

import binascii
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal

import httpx
import msgspec
from coincurve import PrivateKey

from messages.values import OrderId, RealNs, TokenId
from venue.polymarket.keys import Credentials, Redactor, Wallet
from venue.polymarket.transport import Pool, Reply, one_line
from venue.wire.eip712 import address_of, auth_digest, sign
from venue.wire.hmac import l2_signature
from venue.wire.orders import OrderRequest, SignedOrder

__all__ = ["Client", "Lane", "Reply", "one_line"]

AGENT = "evermaker"
NO_CREDENTIALS = Reply(status=None, body=None, error="the venue's credentials cannot be used", left=True)
ORDER, ORDERS, CANCEL_ALL, BEATS = "/order", "/orders", "/cancel-all", "/v1/heartbeats"
NEW_KEY, OLD_KEY, BALANCE, TIME = "/auth/api-key", "/auth/derive-api-key", "/balance-allowance", "/time"
REFRESH = "/balance-allowance/update"


class Lane(StrEnum):
    """Connections that do not wait for each other."""

    PLACES = "places"
    CANCELS = "cancels"
    READS = "reads"
    """And everything else."""


def order_body(order: SignedOrder, owner: str) -> bytes:
    """The request that places this order, post-only, as it is signed and sent; `owner` is the API key."""
    kind: Literal["GTC", "GTD"] = "GTC" if order.expiration == "0" else "GTD"
    return msgspec.json.encode(OrderRequest(order=order, owner=owner, orderType=kind, postOnly=True))


class Client:
    """Blocking: every method is one request (but `open`, which is one or two) and belongs on a thread.

    Nothing that the world does raises here; a `Reply` says it.
    """

    def __init__(
        self,
        url: str,
        chain_id: int,
        wallet: Wallet,
        *,
        now: Callable[[], RealNs],
        timeout_s: float,
        redact: Redactor,
    ) -> None:
        """`now` is real time; `timeout_s` real seconds for one request, connecting included; `redact` learns our
        secrets and cleans what the venue says."""
        self._host = url.rstrip("/")
        self._chain_id = chain_id
        self._key = PrivateKey.from_hex(wallet.key.reveal().removeprefix("0x"))
        self._address = address_of(self._key)
        self._wallet = wallet.funder or self._address
        self._signature_type = wallet.signature_type
        self._timeout_s = timeout_s
        self._redact = redact
        self._credentials: Credentials | None = None
        self._urls: dict[str, httpx.URL] = {}
        self._pools = {lane: Pool(self._host, now=now, redact=redact) for lane in Lane}
        redact.know(wallet.key.reveal())

    def __repr__(self) -> str:
        return f"Client({self._host})"

    def close(self) -> None:
        """Hang up."""
        for pool in self._pools.values():
            pool.close()

    def open(self) -> Credentials | Reply:
        """Create the wallet's API key, or derive the one it has; the Reply says why there is none."""
        found = self._given(self._ask(Lane.READS, "POST", NEW_KEY, self._l1(), b""))
        if not isinstance(found, Credentials):
            found = self._given(self._ask(Lane.READS, "GET", OLD_KEY, self._l1()))
        if isinstance(found, Credentials):
            self._redact.know(found.owner, found.secret.reveal(), found.passphrase.reveal())
            self._credentials = found
        return found

    def placing(self, order: SignedOrder) -> httpx.Request:
        """The request that places one order, post-only, good till canceled or till its expiration; it is not sent."""
        assert self._credentials is not None, "an order before there are credentials"
        body = order_body(order, self._credentials.owner)
        return self._request("POST", ORDER, self._l2("POST", ORDER, body), body)

    def post(self, placing: httpx.Request, send_before: RealNs | None = None) -> Reply:
        """Send one order; never a second time, and not where connecting took until `send_before`."""
        return self._pools[Lane.PLACES].ask(placing, self._timeout_s, send_before)

    def cancel(self, orders: tuple[OrderId, ...]) -> Reply:
        """Cancel these; at most 1000."""
        body = msgspec.json.encode(orders)
        return self._ask(Lane.CANCELS, "DELETE", ORDERS, self._l2("DELETE", ORDERS, body), body)

    def cancel_all(self) -> Reply:
        """Cancel everything this API key has resting."""
        return self._ask(Lane.CANCELS, "DELETE", CANCEL_ALL, self._l2("DELETE", CANCEL_ALL))

    def beat(self, heartbeat: str, timeout_s: float) -> Reply:
        """One link of the dead-man switch's chain."""
        body = msgspec.json.encode({"heartbeat_id": heartbeat})
        headers = self._l2("POST", BEATS, body)
        return self._ask(Lane.READS, "POST", BEATS, headers, body, timeout_s=timeout_s)

    def page(self, path: str, query: dict[str, Any]) -> Reply:
        """One page of a signed list; the query is not part of the signature."""
        return self._ask(Lane.READS, "GET", path, self._l2("GET", path), query=query)

    def balance(self, token: TokenId | None) -> Reply:
        """The balance of a token, or of the collateral. The wallet's own signature type is what is asked for."""
        return self._asset(BALANCE, token)

    def refresh(self, token: TokenId | None) -> Reply:
        """Have the venue look at the chain before it says this balance again; the answer is empty."""
        return self._asset(REFRESH, token)

    def _asset(self, path: str, token: TokenId | None) -> Reply:
        query: dict[str, Any] = {"signature_type": self._signature_type}
        query["asset_type"] = "COLLATERAL" if token is None else "CONDITIONAL"
        if token is not None:
            query["token_id"] = token
        return self._ask(Lane.READS, "GET", path, self._l2("GET", path), query=query)

    def time(self, lane: Lane = Lane.READS) -> Reply:
        """The venue's clock; what it is good for is a connection of that lane that stays warm."""
        return self._ask(lane, "GET", TIME, [])

    def _ask(
        self,
        lane: Lane,
        method: str,
        path: str,
        signed: list[tuple[str, str]],
        body: bytes | None = None,
        *,
        query: dict[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        request = self._request(method, path, signed, body, query)
        return self._pools[lane].ask(request, timeout_s or self._timeout_s)

    def _request(
        self,
        method: str,
        path: str,
        signed: list[tuple[str, str]],
        body: bytes | None = None,
        query: dict[str, Any] | None = None,
    ) -> httpx.Request:
        return httpx.Request(method, self._url(path, query), headers=[*signed, *_PLAIN], content=body)

    def _url(self, path: str, query: dict[str, Any] | None) -> httpx.URL:
        if query is not None:
            return httpx.URL(f"{self._host}{path}", params=query)
        if path not in self._urls:
            self._urls[path] = httpx.URL(f"{self._host}{path}")
        return self._urls[path]

    def _l1(self) -> list[tuple[str, str]]:
        """What proves that the wallet is ours (VENUE §2.1)."""
        at = str(int(time.time()))
        signature = sign(auth_digest(self._address, at, 0, self._chain_id), self._key)
        return [
            ("POLY_ADDRESS", self._address),
            ("POLY_SIGNATURE", f"0x{signature.hex()}"),
            ("POLY_TIMESTAMP", at),
            ("POLY_NONCE", "0"),
        ]

    def _l2(self, method: str, path: str, body: bytes = b"") -> list[tuple[str, str]]:
        """What proves that the request is ours (VENUE §2.2)."""
        given = self._credentials
        assert given is not None, "a signed request before there are credentials"
        at = str(int(time.time()))
        return [
            ("POLY_ADDRESS", self._address),
            ("POLY_SIGNATURE", l2_signature(given.secret.reveal(), at, method, path, body)),
            ("POLY_TIMESTAMP", at),
            ("POLY_API_KEY", given.owner),
            ("POLY_PASSPHRASE", given.passphrase.reveal()),
        ]

    def _given(self, reply: Reply) -> Credentials | Reply:
        """The key in an answer; a Reply that says why there is none."""
        if reply.status != 200:
            return reply
        try:
            key, secret, passphrase = (reply.body[name] for name in ("apiKey", "secret", "passphrase"))
            urlsafe_b64decode(secret)
            f"{key}{passphrase}".encode("ascii")
        except (binascii.Error, KeyError, TypeError, ValueError, AttributeError):
            return NO_CREDENTIALS
        return Credentials(str(key), secret, str(passphrase), self._wallet)


_PLAIN = [("User-Agent", AGENT), ("Accept", "*/*"), ("Content-Type", "application/json")]
