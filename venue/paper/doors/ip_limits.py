"""What the proxy before the venue lets one address send: some wait, more is refused (VENUE §8.1).

The venue counts in sliding windows; here a request has a place in an even flow of `limit` requests a window, of
which a whole window's worth may come at once. That is the same over any window, and needs two numbers. How long
a request is held before it is refused is not documented: assumed two seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from messages.values import SECOND, RealNs
from venue.paper.engine.terms import Refused
from venue.wire.errors import TOO_MANY_REQUESTS

MAX_DELAY_NS = 2 * SECOND


class IpLimit(NamedTuple):
    """So many requests in so many seconds, for one method (`*`: any) and some paths (ending in `*`: and below)."""

    method: str
    paths: tuple[str, ...]
    limit: int
    window_s: int = 10


IP_LIMITS = (
    IpLimit("*", ("/gamma/*",), 4_000),
    IpLimit("*", ("/gamma/events*", "/gamma/markets*"), 900),
    IpLimit("*", ("/gamma/events*",), 500),
    IpLimit("*", ("/gamma/markets*",), 300),
    IpLimit("*", ("/gamma/public-search",), 350),
    IpLimit("*", ("/gamma/tags*", "/gamma/comments*"), 200),
    IpLimit("*", ("/data-api/*",), 1_000),
    IpLimit("*", ("/data-api/trades",), 200),
    IpLimit("*", ("/data-api/positions",), 150),
    IpLimit("*", ("/data-api/v2/*",), 800),
    IpLimit("*", ("/data-api/v2/trades",), 300),
    IpLimit("GET", ("/ok",), 100),
    IpLimit("POST", ("/order",), 5_000),
    IpLimit("POST", ("/order",), 120_000, 600),
    IpLimit("DELETE", ("/order",), 5_000),
    IpLimit("DELETE", ("/order",), 120_000, 600),
    IpLimit("POST", ("/orders",), 2_000),
    IpLimit("POST", ("/orders",), 21_000, 600),
    IpLimit("DELETE", ("/orders",), 2_000),
    IpLimit("DELETE", ("/orders",), 15_000, 600),
    IpLimit("DELETE", ("/cancel-all",), 250),
    IpLimit("DELETE", ("/cancel-all",), 6_000, 600),
    IpLimit("DELETE", ("/cancel-market-orders",), 1_500),
    IpLimit("DELETE", ("/cancel-market-orders",), 21_000, 600),
    IpLimit("GET", ("/book",), 1_500),
    IpLimit("GET", ("/price",), 1_500),
    IpLimit("GET", ("/midpoint",), 1_500),
    IpLimit("POST", ("/books",), 500),
    IpLimit("POST", ("/prices",), 500),
    IpLimit("POST", ("/midpoints",), 500),
    IpLimit("GET", ("/prices-history",), 1_000),
    IpLimit("GET", ("/tick-size",), 200),
    IpLimit("GET", ("/data/orders",), 500),
    IpLimit("GET", ("/data/trades",), 500),
    IpLimit("GET", ("/data/*", "/notifications"), 900),
    IpLimit("GET", ("/notifications",), 125),
    IpLimit("GET", ("/balance-allowance",), 200),
    IpLimit("GET", ("/balance-allowance/update",), 50),
    IpLimit("*", ("/auth/*",), 100),
)
CLOB_LIMIT = IpLimit("*", ("*",), 9_000)
"""All of the CLOB together; Gamma and the Data API stand on hosts of their own."""
MAX_FLOWS = 65_536
"""Addresses and limits remembered; beyond that all are forgotten."""


class IpLimits:
    """When the next request of an address may pass, for every limit it falls under."""

    def __init__(self, real_now: Callable[[], RealNs]) -> None:
        self._real_now = real_now
        self._limits: dict[tuple[str, str], tuple[IpLimit, ...]] = {}
        self._flows: dict[tuple[str, IpLimit], int] = {}
        """When the flow would have passed all that was sent, by real time in nanoseconds."""

    def delay_ns(self, client: str, method: str, path: str) -> int:
        """How long a request is held. Raises Declined with status 429 when that is too long."""
        now, delay = int(self._real_now()), 0
        limits = self._limits_of(method, path)
        for limit in limits:
            flow = max(now, self._flows.get((client, limit), 0)) + _gap(limit)
            delay = max(delay, flow - now - limit.window_s * SECOND)
        if delay > MAX_DELAY_NS:
            raise Refused(TOO_MANY_REQUESTS, 429, retry_after_s=-(-delay // SECOND))
        if len(self._flows) > MAX_FLOWS:
            self._flows.clear()
        for limit in limits:
            self._flows[client, limit] = max(now, self._flows.get((client, limit), 0)) + _gap(limit)
        return max(0, delay)

    def _limits_of(self, method: str, path: str) -> tuple[IpLimit, ...]:
        known = self._limits.get((method, path))
        if known is None:
            found = [limit for limit in IP_LIMITS if _covers(limit, method, path)]
            if not path.startswith(("/gamma/", "/data-api/")):
                found.append(CLOB_LIMIT)
            known = tuple(found)
            if len(self._limits) < 4_096:
                self._limits[method, path] = known
        return known


def _gap(limit: IpLimit) -> int:
    return limit.window_s * SECOND // limit.limit


def _covers(limit: IpLimit, method: str, path: str) -> bool:
    if limit.method not in ("*", method):
        return False
    return any(
        path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern for pattern in limit.paths
    )
