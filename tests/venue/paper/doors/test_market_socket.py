import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from messages.values import SECOND, MarketId, TokenId
from tests.venue.paper.door_bench import Socket, Wallet, a_door, ask, connected
from tests.venue.paper.engine_bench import NO, YES, Bench, a_market, bid, bought, tick, whole
from tests.venue.paper.engine_bench import ask as ask_level
from venue.paper.doors import connection
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.paper.engine.participants import Lot, Pit
from venue.wire.market_channel import BookSummary, Level, book_hash

Scene = Callable[[Bench, App], Coroutine[Any, Any, None]]
SUBSCRIBE = {"assets_ids": [YES, NO], "type": "market"}


def play(scene: Scene, *events: Any) -> None:
    """A scene on a bench with these events behind a bid of 38 and an ask of 45."""
    bench = Bench(bid(0, 38, 50), ask_level(0, 45, 50), *events)
    asyncio.run(scene(bench, a_door(bench)))


async def heard(socket: Socket) -> list[Any]:
    """Everything that was sent up to now."""
    socket.say("PING")
    frames = []
    while (text := await socket.raw()) != "PONG":
        frames.append(json.loads(text))
    return frames


def test_the_first_frame_is_an_array_of_books_in_the_order_asked_for() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say({"assets_ids": [NO, "9", YES], "type": "market"})
            no, yes = await socket.hear()
            assert [no["asset_id"], yes["asset_id"]] == [NO, YES]
            assert yes["bids"] == [{"price": "0.38", "size": "50"}]
            assert no["bids"] == [{"price": "0.55", "size": "50"}]
            assert (yes["tick_size"], yes["last_trade_price"]) == ("0.01", "")
            assert not yes.keys() & {"min_order_size", "neg_risk"}
            assert list(yes)[-1] == "event_type"

    play(scene)


def test_a_changed_level_is_told_for_both_tokens_with_the_new_tops() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say({**SUBSCRIBE, "assets_ids": [YES]})
            await socket.hear()
            bench.at(1)
            frame = await socket.hear()
            yes, no = frame["price_changes"]
            assert frame["market"] == "0xmarket"
            assert (yes["asset_id"], yes["side"], yes["price"], yes["size"]) == (YES, "BUY", "0.4", "7.5")
            assert (no["asset_id"], no["side"], no["price"], no["size"]) == (NO, "SELL", "0.6", "7.5")
            assert (yes["best_bid"], yes["best_ask"], no["best_bid"], no["best_ask"]) == (
                "0.4",
                "0.45",
                "0.55",
                "0.6",
            )
            assert list(frame)[-1] == "event_type"
            assert yes["hash"] == book_hash(
                BookSummary(
                    market="0xmarket",
                    asset_id=YES,
                    timestamp=frame["timestamp"],
                    bids=[Level("0.38", "50"), Level("0.4", "7.5")],
                    asks=[Level("0.45", "50")],
                    min_order_size="5",
                    tick_size="0.01",
                )
            )

    play(scene, bid(1, 40, 7.5))


def test_an_empty_side_is_nothing_or_one_dollar() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            await socket.hear()
            bench.at(1)
            gone = (await socket.hear())["price_changes"][0]
            assert (gone["size"], gone["best_bid"]) == ("0", "0")
            gone = (await socket.hear())["price_changes"][0]
            assert (gone["best_bid"], gone["best_ask"]) == ("0", "1")

    play(scene, bid(1, 38, 0), ask_level(1, 45, 0))


def test_a_book_replaced_as_a_whole_is_sent_again_without_tick_and_last_price() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            await socket.hear()
            bench.at(1)
            books = [await socket.hear_kind("book") for _ in range(2)]
            assert [book["asset_id"] for book in books] == [YES, NO]
            assert books[0]["bids"] == [{"price": "0.3", "size": "5"}]
            assert not books[0].keys() & {"tick_size", "last_trade_price"}
            bench.at(2)
            assert (await socket.hear_kind("price_change"))["price_changes"][0]["best_bid"] == "0.31"

    play(scene, whole(1, {30: 5}, {50: 6}), bid(2, 31, 9))


def test_a_print_is_told_once_in_the_takers_terms_to_both_tokens_subscribers() -> None:
    async def scene(bench: Bench, app: App) -> None:
        alice = Wallet(app).log_in()
        async with connected(app, "/ws/market") as yes, connected(app, "/ws/market") as both:
            yes.say({**SUBSCRIBE, "assets_ids": [YES]})
            both.say(SUBSCRIBE)
            await yes.hear()
            await both.hear()
            bench.at(1)
            for socket in (yes, both):
                print_ = await socket.hear_kind("last_trade_price")
                assert (print_["asset_id"], print_["side"], print_["price"], print_["size"]) == (
                    YES,
                    "BUY",
                    "0.45",
                    "3",
                )
                assert (print_["fee_rate_bps"], len(print_["transaction_hash"])) == ("0", 66)
            alice.place("BUY", 62, 5, token=NO)
            for socket in (yes, both):
                mine = await socket.hear_kind("last_trade_price")
                assert (mine["asset_id"], mine["side"], mine["price"], mine["size"]) == (
                    NO,
                    "BUY",
                    "0.62",
                    "5",
                )
                assert await socket.is_quiet()

    play(scene, bought(1, 45, 3))


def test_a_match_is_told_as_a_change_then_whole_books_then_the_print() -> None:
    async def scene(bench: Bench, app: App) -> None:
        alice = Wallet(app).log_in()
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            await socket.hear()
            alice.place("BUY", 45, 20)
            change, yes, no, print_ = [await socket.hear() for _ in range(4)]
            kinds = [frame["event_type"] for frame in (change, yes, no, print_)]
            assert kinds == ["price_change", "book", "book", "last_trade_price"]
            assert (yes["asset_id"], yes["asks"]) == (YES, [{"price": "0.45", "size": "30"}])
            assert [entry["hash"] for entry in change["price_changes"]] == [yes["hash"], no["hash"]]
            assert yes["timestamp"] == change["timestamp"]
            assert not yes.keys() & {"tick_size", "last_trade_price"}
            assert await socket.is_quiet()

    play(scene)


def test_books_show_the_last_price_of_the_takers_token_for_either_token() -> None:
    async def scene(bench: Bench, app: App) -> None:
        Wallet(app).log_in().place("BUY", 62, 5, token=NO)
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            assert [book["last_trade_price"] for book in await socket.hear()] == ["0.620", "0.620"]
        for token in (YES, NO):
            assert ask(app, "GET", f"/book?token_id={token}").json["last_trade_price"] == "0.620"

    play(scene)


def test_a_book_after_a_subscription_carries_the_time_and_hash_of_its_last_change() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as early, connected(app, "/ws/market") as late:
            early.say(SUBSCRIBE)
            await early.hear()
            bench.at(1)
            change = await early.hear_kind("price_change")
            bench.at(9)
            late.say(SUBSCRIBE)
            yes, no = await late.hear()
            assert [yes["hash"], no["hash"]] == [entry["hash"] for entry in change["price_changes"]]
            assert yes["timestamp"] == change["timestamp"]
            for book in (yes, no):
                shown = ask(app, "GET", f"/book?token_id={book['asset_id']}").json
                assert (shown["hash"], shown["timestamp"]) == (book["hash"], book["timestamp"])

    play(scene, bid(1, 40, 5))


@pytest.mark.parametrize(("limit", "told"), [(1, False), (2, True), (0, True)])
def test_too_many_tokens_of_one_connection_get_changes_but_no_books(limit: int, told: bool) -> None:
    async def scene(bench: Bench, app: App) -> None:
        app = App(bench.exchange, Dialect(dump_limit=limit))
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            if told:
                assert len(await socket.hear()) == 2
            assert await socket.is_quiet()
            bench.at(1)
            assert (await socket.hear())["event_type"] == "price_change"

    play(scene, bid(1, 40, 5))


@pytest.mark.parametrize(("twice", "tokens"), [(True, [YES, NO, YES, NO]), (False, [YES, NO])])
def test_a_new_grid_is_told_for_both_tokens_twice_unless_told_otherwise(
    twice: bool, tokens: list[str]
) -> None:
    async def scene(bench: Bench, app: App) -> None:
        app = App(bench.exchange, Dialect(tick_change_twice=twice))
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            await socket.hear()
            bench.at(1)
            frames = [await socket.hear() for _ in tokens]
            assert [frame["asset_id"] for frame in frames] == tokens
            assert (frames[0]["old_tick_size"], frames[0]["new_tick_size"]) == ("0.01", "0.001")
            assert await socket.is_quiet()

    play(scene, tick(1, 0.1))


class Umpire:
    """Nobody trades; after a second the market is resolved."""

    def __init__(self, yes_wins: bool) -> None:
        self.market = a_market()
        self.yes_wins = yes_wins
        self.is_over = False

    def next_at(self) -> int | None:
        return None if self.is_over else SECOND

    def open(self, pit: Pit, since: int) -> None:
        """An empty book."""

    def act(self, pit: Pit) -> None:
        self.is_over = True
        pit.resolve(self.yes_wins)

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """Nobody is hit."""


def test_a_resolved_market_is_told_to_all_who_asked_for_extras() -> None:
    async def scene() -> None:
        bench = Bench(participants=Umpire(yes_wins=False))
        app = a_door(bench)
        async with connected(app, "/ws/market") as plain, connected(app, "/ws/market") as keen:
            plain.say(SUBSCRIBE)
            keen.say({"assets_ids": ["9"], "type": "market", "custom_feature_enabled": True})
            await plain.hear()
            assert await keen.hear() == []
            bench.at(1)
            said = await keen.hear()
            assert (said["event_type"], said["market"], said["assets_ids"]) == (
                "market_resolved",
                "0xmarket",
                [YES, NO],
            )
            assert (said["winning_asset_id"], said["winning_outcome"], said["id"]) == (NO, "No", "1")
            assert "market_resolved" not in {frame["event_type"] for frame in await heard(plain)}
        async with connected(app, "/ws/market") as late:
            late.say(SUBSCRIBE)
            assert await late.hear() == []

    asyncio.run(scene())


def test_tops_and_new_markets_are_extras_for_those_who_ask() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as plain, connected(app, "/ws/market") as keen:
            plain.say(SUBSCRIBE)
            keen.say({**SUBSCRIBE, "custom_feature_enabled": True})
            await plain.hear()
            await keen.hear()
            bench.at(1)
            top = await keen.hear_kind("best_bid_ask")
            assert (top["asset_id"], top["best_bid"], top["best_ask"], top["spread"]) == (
                YES,
                "0.4",
                "0.45",
                "0.05",
            )
            bench.exchange.add_market(
                a_market(
                    id=MarketId("0x2"),
                    slug="two",
                    yes=TokenId("21"),
                    no=TokenId("22"),
                    fee_rate=70_000,
                    rebate_rate=200_000,
                )
            )
            listed = await keen.hear_kind("new_market")
            assert (listed["market"], listed["assets_ids"]) == ("0x2", ["21", "22"])
            assert (listed["fees_enabled"], listed["outcomes"]) == (True, ["Yes", "No"])
            assert (listed["id"], listed["event_message"]["slug"]) == ("2", "two")
            assert listed["fee_schedule"] == {
                "exponent": "1",
                "rate": "0.07",
                "taker_only": True,
                "rebate_rate": "0.2",
            }
            assert (await plain.hear())["event_type"] == "price_change"
            assert await plain.is_quiet()

    play(scene, bid(1, 40, 5))


def test_subscriptions_come_and_go_on_one_connection() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say({"assets_ids": ["9"], "type": "market"})
            assert await socket.hear() == []
            socket.say({"operation": "subscribe", "assets_ids": [YES]})
            assert (await socket.hear())["asset_id"] == YES
            socket.say({"operation": "subscribe", "assets_ids": [YES]})
            assert await socket.is_quiet()
            socket.say({"operation": "unsubscribe", "assets_ids": [YES, "9"]})
            assert await socket.is_quiet()
            bench.at(1)
            assert await socket.is_quiet()

    play(scene, bid(1, 40, 5))


def test_an_empty_side_is_an_empty_list_and_levels_come_worst_first() -> None:
    async def scene(bench: Bench, app: App) -> None:
        bench.at(1)
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            yes, no = await socket.hear()
            assert (yes["asks"], no["bids"]) == ([], [])
            assert [row["price"] for row in yes["bids"]] == ["0.36", "0.37", "0.38"]
            assert [row["price"] for row in no["asks"]] == ["0.64", "0.63", "0.62"]

    play(scene, ask_level(1, 45, 0), bid(1, 37, 5), bid(1, 36, 5))


def test_nothing_that_happened_before_is_told_again() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            await socket.hear()
        bench.at(1)
        async with connected(app, "/ws/market") as socket:
            assert await socket.is_quiet()
            socket.say(SUBSCRIBE)
            yes, _ = await socket.hear()
            assert yes["bids"][-1]["price"] == "0.4"
            assert await socket.is_quiet()

    play(scene, bid(1, 40, 5))


def test_a_dump_can_be_declined() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say({**SUBSCRIBE, "initial_dump": False})
            assert await socket.is_quiet()
            bench.at(1)
            assert (await socket.hear())["event_type"] == "price_change"

    play(scene, bid(1, 40, 5))


@pytest.mark.parametrize(
    "frame", ["", "hello", "[]", '{"asset_id":"1111","type":"market"}', '{"assets_ids":7}', "pong"]
)
def test_a_frame_that_makes_no_sense_is_ignored(frame: str) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say(frame)
            assert await socket.is_quiet()

    play(scene)


def test_no_frame_is_made_for_what_nobody_watches() -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            assert await socket.is_quiet()
            bench.at(1)
            assert await socket.is_quiet()

    play(scene, bid(1, 40, 5))


def test_a_client_that_never_says_ping_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(bench: Bench, app: App) -> None:
        async with connected(app, "/ws/market") as socket:
            socket.say(SUBSCRIBE)
            assert await socket.closed() == connection.POLICY
        assert app.open_sockets == 0

    monkeypatch.setattr(connection, "SILENCE_S", 0.05)
    play(scene)


def test_a_client_that_does_not_read_is_cut_off_and_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(bench: Bench, app: App) -> None:
        cut = asyncio.Event()
        async with (
            connected(app, "/ws/market", {connection.ABORT: cut.set}, unread=1) as slow,
            connected(app, "/ws/market") as quick,
        ):
            slow.say(SUBSCRIBE)
            await slow.hear()
            quick.say(SUBSCRIBE)
            await quick.hear()
            for second in range(1, 6):
                bench.at(second)
                assert (await quick.hear())["price_changes"][0]["price"] == f"0.{20 + second}"
            assert cut.is_set()

    monkeypatch.setattr(connection, "MAX_QUEUED", 2)
    play(scene, *(bid(second, 20 + second, 5) for second in range(1, 6)))


def test_a_socket_nobody_serves_is_refused() -> None:
    async def scene(bench: Bench, app: App) -> None:
        with pytest.raises(AssertionError):
            async with connected(app, "/ws/sports"):
                pass

    play(scene)
