"""The official client as the ports of this process use it: one request a call, nothing looked up, nothing polled.

What it would do on its own and must not, each measured against version 1.2.1:

- after a matched post it polls for transaction hashes for up to 30 s: switched off in `_Official`, which leaves
  the body alone (`defer_exec` would change it);
- it keeps its transport in a module global that honours the environment's proxies even for loopback, closes idle
  connections after 5 s and has no other timeouts than 5 s for everything: replaced once per process by `Transport`,
  which touches no environment variable, so other processes keep theirs;
- it raises for every status but 200 and hides headers: a `Reply` says what came, and whether anything left at all;
- its loops over pages end on one cursor only: `venue.polymarket.account` walks pages itself;
- it logs what the venue answered: silenced, answers are worded by us and redacted.
"""

from __future__ import annotations

import binascii
import logging
import sys
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import httpx
import msgspec
from py_clob_client_v2.client import ClobClient
from py_clob_client_v2.clob_types import ApiCreds, BalanceAllowanceParams, OrderType
from py_clob_client_v2.exceptions import PolyApiException, PolyException
from py_clob_client_v2.http_helpers import helpers
from py_clob_client_v2.order_utils.model.order_data_v2 import SignedOrderV2

from messages.orders import NEVER
from messages.values import OrderId, RealNs, TokenId
from venue.polymarket.keys import Credentials, Redactor, Wallet

sys.setrecursionlimit(1_000)
"""As Python has it. A package that came with the client raises it to 100,000, and at that depth a body of nested
brackets overflows the C stack instead of raising RecursionError."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
KEEP_ALIVE_S = 10.0
"""Idle connections are kept this long; the gateway uses one every few seconds."""
TALKATIVE = ("py_clob_client_v2", "httpx", "httpcore", "hpack", "h2")
"""Loggers that write down bodies or headers, and with them secrets."""
CONNECT_SHARE = 0.3
"""Of a call's time goes to connecting at most, the rest to each wait for the answer."""
MAX_WAIT_S = 600
"""A venue that wants us to stay away for longer is asked again after this."""
MAX_DIGITS = 10
MAX_REASON = 200
"""Characters of somebody else's words that are passed on."""


def one_line(words: str) -> str:
    """Somebody else's words as one short line that no terminal stumbles over."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:MAX_REASON]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one request."""

    status: int | None
    """HTTP status; None: no answer came, see `error`."""
    body: Any
    """Decoded JSON, or the text that was no JSON."""
    error: str = ""
    """What kept the answer away, one line."""
    left: bool = False
    """Some of the request may have reached the venue."""
    sent_at: RealNs = NEVER
    """When the last byte was handed to the socket."""
    answered_at: RealNs = NEVER
    retry_after: str = ""
    """The venue's header of that name, seconds."""

    @property
    def text(self) -> str:
        """The venue's own words for what is wrong, in one short line; "" where it gave none."""
        if isinstance(self.body, dict):
            found = (self.body.get(key) for key in ("error", "error_msg", "errorMsg"))
            return one_line(next((word for word in found if isinstance(word, str) and word), ""))
        return ""

    @property
    def wait_ms(self) -> int:
        """How long the venue wants no other request of this kind, by its header or its body; 0: it does not say."""
        said = self.retry_after
        if not said and isinstance(self.body, dict):
            said = str(self.body.get("retry_after_seconds", ""))
        return min(int(said), MAX_WAIT_S) * 1_000 if said.isdecimal() and len(said) < MAX_DIGITS else 0

    @property
    def reason(self) -> str:
        """Why it is no success, for people: status and words, or what kept the answer away."""
        if self.status is None:
            return self.error
        return f"HTTP {self.status}: {self.text or 'an answer that is no JSON error'}"


class _Trip:
    """What one request went through, noted by the transport's hooks in the thread that makes it."""

    def __init__(self, timeout_s: float, now: Callable[[], RealNs]) -> None:
        self.timeout_s = timeout_s
        self.now = now
        self.left = False
        self.sent_at = NEVER
        self.status: int | None = None
        self.retry_after = ""

    def trace(self, name: str, info: dict[str, Any]) -> None:
        if name.endswith("send_request_headers.started"):
            self.left = True
        elif name.endswith("send_request_body.complete"):
            self.sent_at = self.now()


_trip: ContextVar[_Trip | None] = ContextVar("trip", default=None)


def _on_request(request: httpx.Request) -> None:
    trip = _trip.get()
    if trip is not None:
        wait = trip.timeout_s * (1 - CONNECT_SHARE)
        connect = trip.timeout_s * CONNECT_SHARE
        request.extensions["timeout"] = {"connect": connect, "pool": connect, "read": wait, "write": wait}
        request.extensions["trace"] = trip.trace


def _on_response(response: httpx.Response) -> None:
    trip = _trip.get()
    if trip is not None:
        trip.status = response.status_code
        trip.retry_after = response.headers.get("retry-after", "")[:20]


class Transport(httpx.Client):
    """Warm for longer than the official client's, never through a proxy on this host, watched by `_Trip`."""

    def __init__(self) -> None:
        super().__init__(
            http2=True,
            limits=httpx.Limits(
                max_connections=64, max_keepalive_connections=32, keepalive_expiry=KEEP_ALIVE_S
            ),
            mounts={f"all://{host}": None for host in LOOPBACK},
            event_hooks={"request": [_on_request], "response": [_on_response]},
        )


def prepare_process() -> None:
    """Give the official client this process's transport and silence it; once, repeats are harmless."""
    if not isinstance(helpers._http_client, Transport):
        helpers._http_client.close()
        helpers._http_client = Transport()
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class _Official(ClobClient):  # type: ignore[misc]  # the package has no types
    """The official client that posts and is done."""

    def _resolve_transactions_hashes(self, response: Any) -> Any:
        return response


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
        prepare_process()
        self._official = _Official(
            url,
            chain_id,
            key=wallet.key.reveal(),
            signature_type=wallet.signature_type,
            funder=wallet.funder or None,
        )
        self._host: str = self._official.host
        self._now = now
        self._timeout_s = timeout_s
        self._redact = redact
        redact.know(wallet.key.reveal())

    def __repr__(self) -> str:
        return f"Client({self._host})"

    def open(self) -> Credentials | Reply:
        """Create the wallet's API key, or derive the one it has; the Reply says why there is none."""
        found: list[ApiCreds] = []
        reply = self._ask(lambda: found.append(self._official.create_or_derive_api_key()))
        if not found:
            return reply
        given = found[0]
        try:
            urlsafe_b64decode(given.api_secret)
            credentials = Credentials(str(given.api_key), given.api_secret, str(given.api_passphrase))
        except (binascii.Error, TypeError, ValueError, AttributeError):
            return Reply(status=None, body=None, error="the venue's credentials cannot be used", left=True)
        self._redact.know(credentials.owner, given.api_secret, credentials.passphrase.reveal())
        self._official.set_api_creds(given)
        return credentials

    def post(self, order: SignedOrderV2) -> Reply:
        """Send one order, post-only, good till canceled; never a second time."""
        return self._ask(lambda: self._official.post_order(order, OrderType.GTC, post_only=True))

    def cancel(self, orders: tuple[OrderId, ...]) -> Reply:
        """Cancel these; at most 1000."""
        return self._ask(lambda: self._official.cancel_orders(list(orders)))

    def cancel_all(self) -> Reply:
        """Cancel everything this API key has resting."""
        return self._ask(self._official.cancel_all)

    def beat(self, heartbeat: str, timeout_s: float) -> Reply:
        """One link of the dead-man switch's chain."""
        return self._ask(lambda: self._official.post_heartbeat(heartbeat), timeout_s)

    def page(self, path: str, query: dict[str, Any]) -> Reply:
        """One page of a signed list; the query is not part of the signature."""
        return self._ask(
            lambda: self._official._get(
                f"{self._host}{path}", headers=self._official._l2_headers("GET", path), params=query
            )
        )

    def balance(self, token: TokenId | None) -> Reply:
        """The balance of a token, or of the collateral. The wallet's own signature type is what is asked for."""
        kind = "COLLATERAL" if token is None else "CONDITIONAL"
        asked = BalanceAllowanceParams(asset_type=kind, token_id=token)
        return self._ask(lambda: self._official.get_balance_allowance(asked))

    def time(self) -> Reply:
        """The venue's clock; what it is good for is a connection that stays warm."""
        return self._ask(self._official.get_server_time)

    def _ask(self, call: Callable[[], Any], timeout_s: float | None = None) -> Reply:
        trip = _Trip(timeout_s or self._timeout_s, self._now)
        token = _trip.set(trip)
        body, status, error = None, None, ""
        try:
            body, status = call(), 200
        except PolyApiException as caught:
            status, body = caught.status_code, self._cleaned(caught.error_msg)
            error = "" if status is not None else self._unanswered(caught)
        except (PolyException, httpx.HTTPError, httpx.InvalidURL) as caught:
            error = self._unanswered(caught)
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as caught:
            error = f"an answer of another shape ({type(caught).__name__})"
        finally:
            _trip.reset(token)
        return Reply(
            status=status,
            body=body,
            error=error,
            left=trip.left,
            sent_at=trip.sent_at,
            answered_at=self._now(),
            retry_after=trip.retry_after,
        )

    def _unanswered(self, caught: Exception) -> str:
        cause = caught.__context__ if isinstance(caught.__context__, httpx.HTTPError) else caught
        words = one_line(self._redact(str(cause)))
        return f"no answer from {self._host}: {type(cause).__name__} {words}".rstrip()

    def _cleaned(self, body: Any) -> Any:
        """Words of the venue with our secrets taken out; everything else as it came."""
        if isinstance(body, dict):
            return {
                key: self._redact(value) if isinstance(value, str) else value for key, value in body.items()
            }
        return self._redact(body) if isinstance(body, str) else body
