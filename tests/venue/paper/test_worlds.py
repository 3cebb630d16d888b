from __future__ import annotations

from pathlib import Path

import pytest

from messages.system import ClockAnchor
from messages.values import MICRO, SECOND, Money, RealNs
from tests.venue.paper.engine_bench import ALICE, RECORDINGS, an_order, key_of
from tests.venue.paper.replay.test_recording import A, B, a_file, book, old_change, recorded
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.queue_models import queue_model
from venue.paper.engine.terms import TokenSide
from venue.paper.ledger.history import History
from venue.paper.worlds import Crowd, RecordingError, WorldMismatch, load_world

FUND = Money(1_000 * MICRO)


class Boot:
    """Real time, turned by hand."""

    def __init__(self, seconds: int = 50) -> None:
        self.at = seconds * SECOND

    def __call__(self) -> RealNs:
        return RealNs(self.at)


def a_game(path: Path) -> Path:
    lines = [(n * 1_000, old_change(A, "BUY", f"0.{n:02}", "5")) for n in range(11, 31)]
    return a_file(path, (10_000, book(A, {"0.1": "5"}, {"0.9": "5"})), *lines)


def best_bid(exchange: Exchange) -> int:
    view = exchange.book(exchange.markets[0].yes)
    assert view is not None
    return view.bids[-1][0] // 10_000


def test_a_recording_waits_at_its_first_second_until_the_clock_is_started(tmp_path: Path) -> None:
    boot = Boot()
    clock = VenueClock(boot)
    exchange = load_world(":memory:", [a_game(tmp_path)], 7, clock, FUND)
    boot.at += 100 * SECOND
    assert best_bid(exchange) == 10

    began = clock.now() + 3_600 * SECOND
    clock.start(ClockAnchor(real_at=boot(), market_at=began, speed=2))
    assert best_bid(exchange) == 10
    boot.at += 3 * SECOND
    assert best_bid(exchange) == 16
    assert exchange.next_due() == began + 7 * SECOND


@pytest.mark.parametrize(("model", "fills"), [("pessimistic", 0), ("power:1", 1)])
def test_the_queue_model_decides_what_a_cancel_in_a_recording_is_worth(
    tmp_path: Path, model: str, fills: int
) -> None:
    game = a_file(
        tmp_path,
        (0, book(A, {"0.4": "100"}, {"0.9": "5"})),
        (2_000, old_change(A, "BUY", "0.4", "200")),
        (4_000, old_change(A, "BUY", "0.4", "100")),
        (6_000, book(A, {"0.4": "40"}, {"0.9": "5"})),
    )
    boot = Boot()
    clock = VenueClock(boot)
    exchange = load_world(":memory:", [game], 7, clock, FUND, queue_model(model))
    clock.start_here()
    exchange.fund(ALICE)
    exchange.place(an_order(ALICE, TokenSide.BUY, 40, 5, token=exchange.markets[0].yes))
    boot.at += 10 * SECOND

    assert len(exchange.trades(key_of(ALICE))) == fills


def test_a_restart_goes_on_where_market_time_stood_with_an_empty_book_of_ours(tmp_path: Path) -> None:
    boot, path = Boot(), tmp_path / "venue.db"
    clock = VenueClock(boot)
    exchange = load_world(path, [a_game(tmp_path)], 7, clock, FUND)
    clock.start_here()
    exchange.fund(ALICE)
    boot.at += 5 * SECOND
    placed = exchange.place(an_order(ALICE, TokenSide.BUY, 50, 10, token=exchange.markets[0].yes))
    assert best_bid(exchange) == 50
    stood = clock.now()

    later = VenueClock(Boot(9))
    again = load_world(path, [a_game(tmp_path)], 7, later, FUND)

    assert later.now() == stood
    assert later.origin == clock.origin
    assert best_bid(again) == 15
    assert again.open_orders(key_of(ALICE)) == []
    assert again.balance(ALICE, None) == 1_000 * MICRO
    (order,) = History(path).orders()
    assert (order.id, order.end_reason, order.ended_at) == (placed.order, "venue restart", stood)


def test_a_restart_under_a_clock_that_went_on_catches_up(tmp_path: Path) -> None:
    boot, path = Boot(), tmp_path / "venue.db"
    clock = VenueClock(boot)
    anchor = ClockAnchor(real_at=boot(), market_at=clock.now(), speed=1)
    exchange = load_world(path, [a_game(tmp_path)], 7, clock, FUND)
    clock.start(anchor)
    exchange.advance()
    boot.at += 2 * SECOND
    again_clock = VenueClock(boot)
    again = load_world(path, [a_game(tmp_path)], 7, again_clock, FUND)
    again_clock.start(anchor)
    boot.at += 6 * SECOND

    assert best_bid(again) == 18


def test_a_state_refuses_another_seed_and_other_recordings(tmp_path: Path) -> None:
    path, game = tmp_path / "venue.db", a_game(tmp_path)
    load_world(path, [game], 7, VenueClock(), FUND)
    with pytest.raises(WorldMismatch, match="--fresh"):
        load_world(path, [game], 8, VenueClock(), FUND)
    with pytest.raises(WorldMismatch, match="--fresh"):
        load_world(path, [], 7, VenueClock(), FUND)
    game.write_bytes(a_file(tmp_path, (1, book(A, {"0.1": "5"}, {}))).read_bytes())
    with pytest.raises(WorldMismatch, match="--fresh"):
        load_world(path, [game], 7, VenueClock(), FUND)


def test_two_files_of_one_market_are_refused(tmp_path: Path) -> None:
    first = a_game(tmp_path)
    second = a_file(tmp_path, (1, book(B, {"0.1": "5"}, {})), (1, book(A, {}, {})), name="b.jsonl")
    with pytest.raises(RecordingError, match="is the same market as"):
        load_world(":memory:", [first, second], 7, VenueClock(), FUND)


def test_the_crowd_restarts_at_the_prices_at_which_it_stood(tmp_path: Path) -> None:
    def mids(exchange: Exchange) -> dict[str, int]:
        found = dict[str, int]()
        for market in exchange.markets:
            view = exchange.book(market.yes)
            if view is not None and view.bids and view.asks and "-updown-" not in market.slug:
                found[market.slug] = (view.bids[-1][0] + view.asks[-1][0]) // 2
        return found

    boot, path = Boot(), tmp_path / "venue.db"
    clock = VenueClock(boot)
    exchange = load_world(path, [], 7, clock, FUND)
    began = mids(exchange)
    clock.start_here(60)
    boot.at += 40 * SECOND
    exchange.advance()
    exchange.save_clock()
    before = mids(exchange)

    again = mids(load_world(path, [], 7, VenueClock(boot), FUND))

    assert again.keys() == before.keys()
    assert len(again) >= 15
    assert all(abs(again[slug] - before[slug]) <= 25_000 for slug in before)
    assert any(abs(again[slug] - began[slug]) > 25_000 for slug in before), "time went on"


def test_a_state_refuses_another_world_and_another_toxicity(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    load_world(path, [], 7, VenueClock(), FUND)
    for other in (Crowd(world="wide"), Crowd(toxicity=2)):
        with pytest.raises(WorldMismatch, match="--fresh"):
            load_world(path, [], 7, VenueClock(), FUND, crowd=other)
    load_world(path, [], 7, VenueClock(), FUND)


def test_the_crowds_world_has_crypto_windows_and_a_restart_finds_them_again(tmp_path: Path) -> None:
    def windows(exchange: Exchange) -> list[str]:
        return [market.slug for market in exchange.markets if "-updown-" in market.slug]

    boot, path = Boot(), tmp_path / "venue.db"
    clock = VenueClock(boot)
    exchange = load_world(path, [], 7, clock, FUND)
    assert windows(exchange) == [], "they begin with the market clock"
    clock.start_here(60)
    boot.at += 75 * SECOND
    exchange.advance()
    exchange.save_clock()

    again = load_world(path, [], 7, VenueClock(boot), FUND)

    assert windows(again) == windows(exchange)
    assert {slug.rpartition("-")[0] for slug in windows(again)} == {
        "btc-updown-5m",
        "btc-updown-15m",
        "btc-updown-1h",
        "eth-updown-15m",
    }


@pytest.mark.recordings
def test_the_games_of_one_evening_play_side_by_side_to_their_ends() -> None:
    boot = Boot()
    clock = VenueClock(boot)
    exchange = load_world(":memory:", recorded("mlb-*2025-06-19*.gz"), 7, clock, FUND)
    clock.start_here()
    exchange.fund(ALICE)
    assert len(exchange.markets) == len(list(RECORDINGS.glob("mlb-*2025-06-19*.gz")))
    for market in exchange.markets:
        assert exchange.book(market.yes) is not None
        exchange.place(an_order(ALICE, TokenSide.BUY, 1, 5, token=market.yes))
    boot.at += 99 * 60 * SECOND
    exchange.advance()

    assert not any(market.accepting_orders for market in exchange.markets)
    assert exchange.open_orders(key_of(ALICE)) == []
    assert exchange.next_due() is None or exchange.trades(key_of(ALICE))
