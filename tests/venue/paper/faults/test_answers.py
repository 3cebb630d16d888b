"""REST answers that are late, lost or false; what was asked is done where the fault says so, and only there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.venue.paper.door_bench import connected, wait_for
from tests.venue.paper.engine_bench import NO, YES
from tests.venue.paper.faults.stage import Scene
from venue.paper.faults.answers import check_routes, covers
from venue.paper.faults.fault import NoSuchThing

SOON = 0.05
"""Real seconds of a fault that has to be waited for."""


async def took(answering: Any) -> tuple[float, Any]:
    """Real seconds until there was an answer, and the answer."""
    begun = asyncio.get_running_loop().time()
    said = await answering
    return asyncio.get_running_loop().time() - begun, said


def test_a_stalled_answer_comes_late_but_the_order_rests_at_once(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "stall", "seconds": SOON, "routes": ["POST /order"]})
        placing = asyncio.ensure_future(took(scene.place()))
        await asyncio.sleep(0)
        assert len(scene.alice.resting()) == 1
        seconds, said = await placing
        assert (seconds >= SOON, said.status, said.json["status"]) == (True, 200, "live")
        assert (await took(scene.call("GET", "/data/orders")))[0] < SOON

    asyncio.run(play())


def test_a_stalled_request_is_done_late(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "stall", "seconds": SOON, "late": "request"})
        placing = asyncio.ensure_future(scene.place())
        await asyncio.sleep(0)
        scene.sim("DELETE", "/sim/faults")
        assert scene.alice.resting() == []
        await placing
        assert len(scene.alice.resting()) == 1

    asyncio.run(play())


def test_a_delayed_ack_lets_the_user_channel_speak_first(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "delayed_ack", "seconds": SOON})
        async with connected(scene.app, "/ws/user") as socket:
            socket.say({"auth": scene.alice.creds, "type": "user"})
            assert await socket.is_quiet()
            placing = asyncio.ensure_future(scene.place())
            frame = await socket.hear()
            assert not placing.done()
            said = await placing
            assert said is not None
            assert frame["id"] == said.json["orderID"]
        assert (await took(scene.call("DELETE", "/cancel-all")))[0] < SOON

    asyncio.run(play())


def test_a_dropped_answer_is_of_an_order_that_rests(scene: Scene) -> None:
    async def play() -> None:
        run = scene.play({"kind": "drop_answer", "routes": ["POST /order"], "times": 1})
        assert await scene.place() is None
        assert (len(scene.alice.resting()), run.hits) == (1, 1)
        assert await scene.place() is not None

    asyncio.run(play())


@pytest.mark.parametrize(
    ("fault", "status", "rests"),
    [
        ({"kind": "html_403"}, 403, 0),
        ({"kind": "html_502"}, 502, 0),
        ({"kind": "html_502", "accepted": True}, 502, 1),
        ({"kind": "http_500"}, 500, 0),
        ({"kind": "http_500", "accepted": True}, 500, 1),
        ({"kind": "http_429"}, 429, 0),
        ({"kind": "unknown_answer"}, 200, 1),
    ],
)
def test_a_false_answer_says_nothing_about_what_was_done(
    scene: Scene, fault: dict[str, Any], status: int, rests: int
) -> None:
    async def play() -> None:
        scene.play({**fault, "routes": ["POST /order"]})
        said = await scene.place()
        assert said is not None
        assert said.status == status
        assert len(scene.alice.resting()) == rests

    asyncio.run(play())


def test_proxies_speak_html_and_the_venue_json(scene: Scene) -> None:
    async def play(fault: dict[str, Any]) -> Any:
        scene.sim("DELETE", "/sim/faults")
        scene.play(fault)
        return await scene.call("GET", "/data/orders")

    blocked = asyncio.run(play({"kind": "html_403"}))
    assert blocked.headers["content-type"].startswith("text/html")
    assert "Sorry, you have been blocked" in blocked.json
    assert "502 Bad Gateway" in asyncio.run(play({"kind": "html_502"})).json
    assert asyncio.run(play({"kind": "http_500"})).json == {"error": "Internal server error"}
    assert asyncio.run(play({"kind": "http_500", "error": "could not insert order"})).json == {
        "error": "could not insert order"
    }
    many = asyncio.run(play({"kind": "http_429", "retry_after": 7}))
    assert (many.json, many.headers["retry-after"]) == ({"error": "Too Many Requests"}, "7")
    torn = asyncio.run(play({"kind": "unknown_answer"}))
    assert isinstance(torn.json, str)
    assert torn.json.startswith('{"limit"')


def test_a_slow_answer_trickles_in_whole(scene: Scene) -> None:
    async def play() -> None:
        plain = await scene.call("GET", "/markets")
        scene.play({"kind": "slow_read", "seconds": SOON})
        seconds, slow = await took(scene.call("GET", "/markets"))
        assert seconds >= SOON
        assert plain is not None
        assert slow.json == plain.json

    asyncio.run(play())


def test_a_stale_book_is_the_book_of_then(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "stale_book", "seconds": 10})

        async def best(token: str = YES) -> str:
            said = await wait_for(scene.app, "GET", f"/book?token_id={token}")
            assert said is not None
            return str(said.json["bids"][-1]["price"])

        scene.alice.place("BUY", 40, 10)
        scene.wait(1)
        scene.wait(4)
        scene.alice.place("BUY", 42, 10)
        assert await best() == "0.38"
        scene.wait(6.5)
        assert await best() == "0.4"
        several = await wait_for(
            scene.app, "POST", "/books", [{"token_id": YES}, {"token_id": "9"}, {"token_id": NO}]
        )
        assert several is not None
        yes, no = several.json
        assert (yes["bids"][-1]["price"], no["asks"][-1]["price"]) == ("0.4", "0.6")
        price = await wait_for(scene.app, "GET", f"/price?token_id={YES}&side=BUY")
        assert price is not None
        assert price.json == {"price": "0.42"}
        scene.wait(10)
        assert await best() == "0.42"
        scene.alice.place("BUY", 43, 10)
        scene.sim("DELETE", "/sim/faults")
        assert await best() == "0.43"

    asyncio.run(play())


def test_a_stale_book_is_still_no_answer_to_nonsense(scene: Scene) -> None:
    async def play() -> None:
        scene.play({"kind": "stale_book", "seconds": 10, "markets": ["a-market"]})
        for method, path, body in (
            ("GET", "/book", b""),
            ("GET", "/book?token_id=9", b""),
            ("POST", "/books", b"{"),
        ):
            said = await wait_for(scene.app, method, path, body)
            assert said is not None
            assert said.status in (400, 404)

    asyncio.run(play())


def test_faults_meet_whom_they_mean(scene: Scene) -> None:
    async def play() -> None:
        await scene.place()
        for scope in (
            {"owners": ["0x" + "1" * 40]},
            {"owners": ["00000000-0000-0000-0000-000000000000"]},
            {"routes": ["DELETE /order"]},
            {"tokens": [NO]},
        ):
            scene.sim("DELETE", "/sim/faults")
            run = scene.play({"kind": "http_500", **scope})
            said = await scene.place("BUY", 30, 5, token=YES)
            assert said is not None
            assert (said.status, run.hits) == (200, 0), scope
        for scope in (
            {"owners": [scene.alice.address.lower()]},
            {"owners": [scene.alice.creds["apiKey"]]},
            {"routes": ["POST /*"]},
            {"routes": ["/order"]},
            {"tokens": [YES]},
            {"markets": ["a-market"]},
            {"markets": ["0xmarket"], "owners": [scene.alice.address]},
        ):
            scene.sim("DELETE", "/sim/faults")
            run = scene.play({"kind": "http_500", **scope})
            said = await scene.place("BUY", 30, 5, token=YES)
            assert said is not None
            assert (said.status, run.hits) == (500, 1), scope

    asyncio.run(play())


def test_faults_lie_around_each_other_in_the_order_of_the_script(scene: Scene) -> None:
    async def play() -> None:
        late, lost = {"kind": "stall", "seconds": SOON}, {"kind": "html_502"}
        scene.play(late, lost)
        seconds, said = await took(scene.place())
        assert (seconds >= SOON, said.status) == (True, 502)
        scene.sim("DELETE", "/sim/faults")
        scene.play(lost, late)
        seconds, said = await took(scene.place())
        assert (seconds < SOON, said.status) == (True, 502)

    asyncio.run(play())


def test_the_private_door_is_never_hit(scene: Scene) -> None:
    scene.play({"kind": "drop_answer"}, {"kind": "html_403"})

    assert scene.sim("GET", "/sim/faults").status == 200
    assert scene.sim("GET", "/sim/clock").status == 200


@pytest.mark.parametrize(
    ("pattern", "method", "path", "means"),
    [
        ("/book", "GET", "/book", True),
        ("/book", "POST", "/books", False),
        ("POST /order*", "POST", "/orders", True),
        ("POST /order*", "DELETE", "/orders", False),
        ("* /data/*", "GET", "/data/orders", True),
        ("GET /data/order", "GET", "/data/orders", False),
    ],
)
def test_a_route_is_a_method_and_a_path_or_its_beginning(
    pattern: str, method: str, path: str, means: bool
) -> None:
    assert covers(pattern, method, path) is means


def test_a_route_that_nobody_serves_is_refused() -> None:
    routes = [("GET", "/book"), ("GET", "/markets/*")]
    check_routes(("GET /book", "/markets/*", "GET /markets/0xabc", "/boo*"), routes)

    for wrong in ("POST /book", "/markets", "book", "", "GET /markets/"):
        with pytest.raises(NoSuchThing, match="no route is"):
            check_routes((wrong,), routes)


def test_a_market_that_nobody_lists_is_no_scope(scene: Scene) -> None:
    answer = scene.sim("POST", "/sim/faults", {"kind": "http_500", "markets": ["other"]})
    assert answer.json == {"error": "no faults: fault http_500: markets: no market is called 'other'"}
