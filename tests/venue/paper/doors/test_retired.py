"""Markets that come and go: what every door knows of one that left the floor."""

from __future__ import annotations

import asyncio

from messages.values import MICRO, MarketId, MarketNs, Size, TokenId
from tests.venue.paper.door_bench import Wallet, a_door, ask, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market
from tests.venue.paper.programs.bench import ProgramBench
from venue.paper.doors.app import App
from venue.paper.engine.terms import Market

GOES = MarketId("0xgoes")
GOES_YES, GOES_NO = TokenId("9001"), TokenId("9002")


def a_passing_market() -> Market:
    return a_market(id=GOES, slug="goes", yes=GOES_YES, no=GOES_NO, number=777, ends_at=MarketNs(10**18))


def a_bench() -> Bench:
    bench = Bench()
    bench.exchange.add_market(a_passing_market())
    return bench


def leave(bench: Bench) -> None:
    bench.exchange.resolve(GOES, True)
    assert bench.exchange.retire(GOES)


def listed(app: App, target: str) -> list[tuple[str, str]]:
    return [(row["id"], row["slug"]) for row in ask(app, "GET", f"/gamma/{target}?closed=false").json]


def test_gamma_lists_it_no_more_and_numbers_stay_as_they_were() -> None:
    bench = a_bench()
    app = a_door(bench)
    assert listed(app, "markets") == listed(app, "events") == [("1", "a-market"), ("777", "goes")]

    leave(bench)
    bench.exchange.add_market(a_market(id=MarketId("0xnew"), slug="new", yes=TokenId("5"), no=TokenId("6")))

    later = [("1", "a-market"), ("3", "new")]
    assert listed(app, "markets") == listed(app, "events") == later
    assert ask(app, "GET", "/gamma/markets/777").status == 404
    assert ask(app, "GET", "/gamma/events/slug/goes").status == 404


def test_the_clob_still_says_how_it_ended_but_has_no_book_and_takes_no_orders() -> None:
    bench = a_bench()
    app = a_door(bench)
    alice = Wallet(app).log_in()
    leave(bench)

    row = ask(app, "GET", f"/markets/{GOES}").json
    assert [(token["outcome"], token["winner"]) for token in row["tokens"]] == [("Yes", True), ("No", False)]
    assert ask(app, "GET", f"/clob-markets/{GOES}").json["c"] == GOES
    assert ask(app, "GET", f"/book?token_id={GOES_YES}").status == 404
    assert ask(app, "GET", f"/midpoint?token_id={GOES_NO}").status == 404
    assert alice.place(token=GOES_YES).status == 400


def test_who_watched_it_hears_no_more_and_watching_it_again_is_asking_for_nothing() -> None:
    async def scene() -> None:
        bench = a_bench()
        app = a_door(bench)
        async with connected(app, "/ws/market") as socket:
            socket.say({"assets_ids": [GOES_YES, YES], "type": "market", "custom_feature_enabled": True})
            assert len(await socket.hear()) == 2
            bench.exchange.resolve(GOES, True)
            assert (await socket.hear_kind("market_resolved"))["winning_asset_id"] == GOES_YES
            assert bench.exchange.retire(GOES)
            socket.say({"operation": "subscribe", "assets_ids": [GOES_YES, GOES_NO]})
            assert await socket.is_quiet()
            socket.say({"operation": "unsubscribe", "assets_ids": [GOES_YES]})
            socket.say({"operation": "subscribe", "assets_ids": [NO]})
            assert (await socket.hear())["asset_id"] == NO

    asyncio.run(scene())


def test_its_prices_are_forgotten() -> None:
    bench = ProgramBench()
    bench.exchange.add_market(a_passing_market())
    recorder = bench.programs.prices
    bench.minutes(3)
    assert recorder.prices(GOES).first is not None

    bench.exchange.resolve(GOES, True)
    assert bench.exchange.retire(GOES)
    bench.minutes(5)

    assert recorder.prices(GOES).first is None
    assert recorder.prices(bench.market.id).first is not None


def test_trades_in_it_keep_their_names() -> None:
    bench = Bench()
    bench.exchange.add_market(a_passing_market())
    app = a_door(bench)
    alice, bob = Wallet(app).log_in(), Wallet(app, 2).log_in()
    market = bench.exchange.market(GOES)
    assert market is not None
    bench.exchange.bank.split(alice.address, market, Size(10 * MICRO))
    assert alice.place("SELL", 40, 10, token=GOES_NO).json["success"]
    assert bob.place("BUY", 40, 10, token=GOES_NO).json["status"] == "matched"
    bench.at(30)
    bench.exchange.resolve(GOES, True)
    for wallet in (alice, bob):
        bench.exchange.bank.redeem(wallet.address, market)
    bench.at(60)
    assert bench.exchange.retire(GOES)

    (trade,) = bob.call("GET", "/data/trades").json["data"]
    assert trade["outcome"] == "No"
    positions = ask(app, "GET", f"/data-api/positions?user={bob.address}")
    assert positions == (200, [])
