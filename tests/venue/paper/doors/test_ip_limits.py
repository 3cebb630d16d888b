"""What the proxy before the venue lets one address send (VENUE §8.1)."""

import asyncio

import pytest

from messages.values import SECOND, RealNs
from tests.venue.paper.engine_bench import Bench
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.ip_limits import IP_LIMITS, IpLimits
from venue.paper.engine.terms import Refused


class Proxy:
    """Limits whose time is turned by hand."""

    def __init__(self) -> None:
        self.now = 0
        self._limits = IpLimits(lambda: RealNs(self.now))

    def ask(self, method: str, path: str, client: str = "127.0.0.1") -> float:
        return self._limits.delay_ns(client, method, path) / SECOND


def test_a_windows_worth_passes_at_once_then_requests_wait_then_they_are_refused() -> None:
    proxy = Proxy()
    assert {proxy.ask("GET", "/ok") for _ in range(100)} == {0.0}

    waits = [proxy.ask("GET", "/ok") for _ in range(20)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.1, 2.0)
    with pytest.raises(Refused) as refused:
        proxy.ask("GET", "/ok")
    assert (refused.value.status, refused.value.text, refused.value.retry_after_s) == (
        429,
        "Too Many Requests",
        3,
    )
    proxy.now += 13 * SECOND
    assert proxy.ask("GET", "/ok") == 0.0


def test_what_is_refused_does_not_count() -> None:
    proxy = Proxy()
    for _ in range(1_000):
        try:
            proxy.ask("GET", "/ok")
        except Refused:
            pass
    proxy.now += 2 * SECOND + SECOND // 10

    assert proxy.ask("GET", "/ok") <= 2


def test_an_address_shares_nothing_with_another() -> None:
    proxy = Proxy()
    for _ in range(110):
        proxy.ask("GET", "/ok")

    assert proxy.ask("GET", "/ok") > 0
    assert proxy.ask("GET", "/ok", client="127.0.0.2") == 0.0


def test_all_of_the_clob_has_one_limit_and_gamma_is_not_part_of_it() -> None:
    proxy = Proxy()
    for _ in range(9_000):
        proxy.ask("GET", "/version")

    assert proxy.ask("GET", "/time") > 0
    assert proxy.ask("GET", "/gamma/tags") == 0.0


def test_the_sustained_limit_of_orders_is_below_their_burst() -> None:
    rates = {(limit.method, limit.paths, limit.window_s): limit.limit / limit.window_s for limit in IP_LIMITS}

    assert rates["POST", ("/order",), 10] == 500
    assert rates["POST", ("/order",), 600] == 200


def test_a_delayed_request_is_answered_late_and_the_private_door_never() -> None:
    async def scene() -> None:
        bench = Bench()
        app = App(bench.exchange, Dialect(ip_limits=True))
        loop = asyncio.get_running_loop()

        async def get(path: str) -> tuple[int, float]:
            said: list[int] = []
            begun = loop.time()

            async def receive() -> dict[str, object]:
                return {"type": "http.request", "body": b""}

            async def send(event: dict[str, object]) -> None:
                if event["type"] == "http.response.start":
                    said.append(int(str(event["status"])))

            scope = {
                "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
                "client": ("127.0.0.1", 1),
            }  # fmt: skip
            await app(scope, receive, send)
            return said[0], loop.time() - begun

        assert {(await get("/ok"))[0] for _ in range(100)} == {200}
        status, took = await get("/ok")
        assert status == 200
        assert took >= 0.09
        for _ in range(200):
            assert (await get("/sim/clock"))[1] < 0.09

    asyncio.run(scene())
