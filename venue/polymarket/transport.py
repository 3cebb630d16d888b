"""One request at a time to one host over connections that stay warm, and an honest word on what came of it.

A `Reply` tells a request of which nothing left from one that the venue may have, because only the first was
certainly not carried out. Nothing is ever sent twice here, no redirect is followed, no cookie kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx
import msgspec

from messages.orders import NEVER
from messages.values import MS, SECOND, RealNs
from venue.polymarket.keys import KeyFailed, Redactor

KEEP_ALIVE_S = 60.0
"""Idle connections are kept this long, if the venue keeps them: longer than anything here is idle."""
CONNECT_SHARE = 0.4
"""Of a request's time goes to connecting at most: two of its five seconds. The answer has what is left."""
MAX_WAIT_S = 600
"""A venue that wants us to stay away for longer is asked again after this."""
MAX_DIGITS = 10
MAX_REASON = 200
"""Characters of somebody else's words that are passed on."""


def one_line(words: str) -> str:
    """Somebody else's words as one short line that no terminal stumbles over."""
    printable = "".join(letter if letter.isprintable() else " " for letter in words)
    return " ".join(printable.split())[:MAX_REASON]


def _whole(said: str) -> int | None:
    """A header that is a whole number; None where it is none, or an absurd one."""
    digits = said.removeprefix("-")
    return int(said) if digits.isdecimal() and digits.isascii() and len(digits) < MAX_DIGITS else None


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
    tokens_left: int | None = None
    """What the venue's limit of rate leaves after this request, by its header; below zero: overdrawn."""

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


class TooLate(httpx.RequestError):
    """There is a connection, and the request should have left before."""


class _Trip:
    """What one request went through, noted by the transport's hooks in the thread that makes it."""

    def __init__(self, timeout_s: float, now: Callable[[], RealNs], leaves_before: RealNs | None) -> None:
        self._now = now
        self._leaves_before = leaves_before
        self._deadline = now() + round(timeout_s * SECOND)
        connect = timeout_s * CONNECT_SHARE
        self._timeouts = {"connect": connect, "pool": connect, "read": timeout_s, "write": timeout_s}
        self.extensions = {"timeout": self._timeouts, "trace": self._trace}
        self.left = False
        self.sent_at = NEVER
        self.status: int | None = None
        self.retry_after = ""
        self.tokens_left: int | None = None

    def _trace(self, name: str, info: dict[str, Any]) -> None:
        if name.endswith("send_request_headers.started"):
            if self._leaves_before is not None and self._now() >= self._leaves_before:
                raise TooLate("it took too long to connect")
            self.left = True
        elif name.endswith("send_request_body.complete"):
            self.sent_at = self._now()
            self._timeouts["read"] = max(MS, self._deadline - self.sent_at) / SECOND

    def read(self, response: httpx.Response) -> bytes:
        """The whole body. Raises ReadTimeout where it trickles in for longer than the request may take."""
        self.retry_after = response.headers.get("retry-after", "")[:20]
        self.tokens_left = _whole(response.headers.get("poly-ratelimit-remaining", ""))
        found = []
        for part in response.iter_bytes():
            found.append(part)
            if self._now() > self._deadline:
                raise httpx.ReadTimeout("the answer does not end")
        self.status = response.status_code
        return b"".join(found)


class Pool:
    """Connections to one host, one for each request under way: over HTTP/2, which the venue offers, they would share
    one, and what is held back there holds up everybody's answers and is itself never given up."""

    def __init__(self, url: str, *, now: Callable[[], RealNs], redact: Redactor) -> None:
        """`now` is real time; `redact` cleans what the venue says. The environment's proxies and certificates are
        honoured, but for no host that they exclude and never on this machine."""
        self._host = url
        self._now = now
        self._redact = redact
        self._transport = httpx.HTTPTransport(
            proxy=_proxy(httpx.URL(url)),
            limits=httpx.Limits(
                max_connections=32, max_keepalive_connections=32, keepalive_expiry=KEEP_ALIVE_S
            ),
        )

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def ask(self, request: httpx.Request, timeout_s: float, leaves_before: RealNs | None = None) -> Reply:
        """Send it once and wait for the answer, real seconds, connecting included; nothing of it is sent from
        `leaves_before` on. Raises nothing of the world's."""
        trip = _Trip(timeout_s, self._now, leaves_before)
        body, error = None, ""
        try:
            content = self._send(request, trip)
            body = self._read(content, trip.status)
        except (httpx.HTTPError, httpx.InvalidURL) as caught:
            error = self._unanswered(caught)
        except (ValueError, RecursionError) as caught:
            error = f"an answer of another shape ({type(caught).__name__})"
        return Reply(
            status=None if error else trip.status,
            body=body,
            error=error,
            left=trip.left,
            sent_at=trip.sent_at,
            answered_at=self._now(),
            retry_after=trip.retry_after,
            tokens_left=trip.tokens_left,
        )

    def _send(self, request: httpx.Request, trip: _Trip) -> bytes:
        request.extensions = trip.extensions
        response = self._transport.handle_request(request)
        response.request = request
        try:
            return trip.read(response)
        finally:
            response.close()

    def _read(self, content: bytes, status: int | None) -> Any:
        """JSON, or the text it is. Words of a refusal lose our secrets. Raises RecursionError."""
        try:
            body = json.loads(content)
        except ValueError:
            body = content.decode("utf-8", "replace")
        return body if status == 200 else self._cleaned(body)

    def _unanswered(self, caught: Exception) -> str:
        words = one_line(self._redact(str(caught)))
        return f"no answer from {self._host}: {type(caught).__name__} {words}".rstrip()

    def _cleaned(self, body: Any) -> Any:
        """Words of the venue with our secrets taken out; everything else as it came."""
        if isinstance(body, dict):
            return {
                key: self._redact(value) if isinstance(value, str) else value for key, value in body.items()
            }
        return self._redact(body) if isinstance(body, str) else body


def _proxy(url: httpx.URL) -> str | None:
    """The environment's proxy for this host, if it has one. Raises KeyFailed for one that is not spoken here."""
    if url.host in ("127.0.0.1", "localhost", "::1") or proxy_bypass(url.host):
        return None
    given = getproxies()
    found = given.get(url.scheme) or given.get("all")
    if found is None:
        return None
    proxy = found if "://" in found else f"http://{found}"
    if not proxy.startswith(("http://", "https://")):
        raise KeyFailed(
            f"the environment wants a proxy of the kind {proxy.partition(':')[0]}: only http and https work"
        )
    return proxy
