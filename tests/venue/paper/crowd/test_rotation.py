"""Worlds as they are listed: what the demo and the wide world hold, rounds that follow each other, races, restarts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from messages.system import ClockAnchor
from messages.values import MICRO, SECOND, Money, RealNs
from tests.venue.paper.engine_bench import ALICE, an_order, key_of
from venue.paper.crowd.characters import PREGAME, WEATHER
from venue.paper.crowd.demo_world import DEMO
from venue.paper.crowd.listings import Listing, Race, Rounds, World, poisoned
from venue.paper.crowd.rotation import KEPT_S, Rotation
from venue.paper.crowd.wide_world import WIDE
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, OrderType, Refused, TokenSide
from venue.paper.ledger.ledger import Ledger

HOUR = 3_600
SMALL = World(
    name="small",
    listings=(
        Listing(slug="stays", question="Stays?", category="weather", character=WEATHER),
        Listing(
            slug="game-{}",
            question="Game {}?",
            category="sports",
            character=PREGAME,
            start=0.5,
            rounds=Rounds(2 * HOUR, 3 * HOUR),
            first_round=7,
        ),
    ),
    races=(
        Race(
            slug="race",
            title="Who?",
            category="politics",
            character=WEATHER,
            candidates=(("one", "One?", 0.6), ("two", "Two?", 0.4)),
        ),
    ),
)


class Fair:
    """An exchange on which a world is listed, and time in seconds since it began."""

    def __init__(self, world: World = SMALL, seed: int = 7, ledger: Ledger | None = None) -> None:
        self.real = 50 * SECOND
        self.clock = VenueClock(lambda: RealNs(self.real))
        self.ledger = ledger or Ledger(":memory:")
        if self.ledger.reached is not None:
            self.clock.resume(self.ledger.origin, self.ledger.reached)
        self.exchange = Exchange(self.clock, self.ledger)
        Rotation(self.exchange, world, seed).begin()

    def start(self) -> None:
        self.clock.start_here()
        self.exchange.fund(ALICE, Money(1_000 * MICRO))

    def run(self, seconds: float) -> None:
        for _ in range(max(1, int(seconds // 600))):
            self.real += round(seconds / max(1, int(seconds // 600)) * SECOND)
            self.exchange.advance()

    def listed(self) -> dict[str, str]:
        """By slug: open, closed, resolved."""
        return {market.slug: _state(market) for market in self.exchange.markets}

    def market(self, slug: str) -> Market:
        return next(market for market in self.exchange.markets if market.slug == slug)


def _state(market: Market) -> str:
    return "open" if market.accepting_orders else "resolved" if market.resolved else "closed"


def test_each_round_is_listed_when_the_one_before_ends_and_forgotten_an_hour_later() -> None:
    fair = Fair()
    always = {"stays": "open", "one": "open", "two": "open"}
    assert fair.listed() == always | {"game-7": "open"}
    fair.start()
    fair.run(2 * HOUR + 1)
    assert fair.listed() == always | {"game-7": "closed", "game-8": "open"}
    fair.run(700)
    assert fair.listed() == always | {"game-7": "resolved", "game-8": "open"}
    fair.run(KEPT_S - 700)
    assert fair.listed() == always | {"game-8": "open"}
    fair.run(2 * HOUR)
    assert fair.listed() == always | {"game-8": "closed", "game-9": "open"}


def test_a_round_says_when_it_ends_also_if_the_clock_was_started_late() -> None:
    fair = Fair()
    began = fair.clock.now() + 100 * HOUR * SECOND
    fair.clock.start(ClockAnchor(real_at=fair.clock.real_now(), market_at=began, speed=1))
    fair.run(1)

    assert fair.market("game-7").ends_at == began + 2 * HOUR * SECOND
    assert fair.market("stays").ends_at is None


def test_what_nobody_redeemed_is_redeemed_before_a_round_is_forgotten() -> None:
    fair = Fair()
    fair.start()
    fair.run(10)
    game = fair.market("game-7")
    for token in (game.yes, game.no):
        fair.exchange.place(an_order(ALICE, TokenSide.BUY, 90, 50, token=token, type=OrderType.FAK))
    fair.run(60)
    paid = 1_000 * MICRO - fair.exchange.balance(ALICE, None)
    assert paid > 40 * MICRO
    fair.run(2 * HOUR + KEPT_S)

    assert "game-7" not in fair.listed()
    assert fair.exchange.balance(ALICE, None) == 1_000 * MICRO - paid + 50 * MICRO


def test_a_restart_lists_what_was_listed_under_the_same_numbers(tmp_path: Path) -> None:
    path = tmp_path / "venue.db"
    first = Fair(ledger=Ledger(path))
    first.start()
    first.run(2 * HOUR + 30)
    first.exchange.save_clock()
    before = {market.slug: (market.number, market.id, market.ends_at) for market in first.exchange.markets}
    first.ledger.close()

    again = Fair(ledger=Ledger(path))
    again.start()
    again.run(1)

    assert {m.slug: (m.number, m.id, m.ends_at) for m in again.exchange.markets} == before
    assert again.listed()["game-7"] == "closed"


def test_a_restart_long_after_an_end_resolves_and_redeems_it(tmp_path: Path) -> None:
    """Market time may go on without the exchange."""
    path = tmp_path / "venue.db"
    first = Fair(ledger=Ledger(path))
    first.start()
    first.run(10)
    game = first.market("game-7")
    first.exchange.place(an_order(ALICE, TokenSide.BUY, 90, 50, token=game.yes, type=OrderType.FAK))
    first.run(60)
    left = first.exchange.balance(ALICE, None)
    first.exchange.save_clock()
    first.ledger.close()

    again = Fair(ledger=Ledger(path))
    late = again.clock.origin + 6 * HOUR * SECOND
    again.clock.start(ClockAnchor(real_at=again.clock.real_now(), market_at=late, speed=1))
    again.run(700)

    ended = again.exchange.market(game.id)
    assert ended is not None
    assert ended.winner in (game.yes, game.no)
    assert again.exchange.balance(ALICE, game.yes) == 0
    assert again.exchange.balance(ALICE, None) == left + (50 * MICRO if ended.winner == game.yes else 0)
    assert again.listed() == {"stays": "open", "game-9": "open", "one": "open", "two": "open"}


@pytest.mark.parametrize(("world", "least"), [(DEMO, 15), (WIDE, 60)])
def test_a_world_has_distinct_questions_of_all_kinds(world: World, least: int) -> None:
    markets = Fair(world).exchange.markets
    marks = [mark for m in markets for mark in (m.id, m.yes, m.no, m.slug, m.question, m.number)]

    assert len(markets) >= least
    assert len(set(marks)) == 6 * len(markets)
    assert {m.category for m in markets} >= {
        "sports",
        "politics",
        "weather",
        "crypto",
        "culture",
        "economics",
    }
    assert all(m.fee_rate and m.rebate_rate and m.min_size == 5 * MICRO and m.volume_24h for m in markets)
    rewarded = [m for m in markets if m.rewards_daily]
    assert len(rewarded) > len(markets) / 2
    assert all(m.rewards_min_size == 50 * MICRO and m.rewards_max_spread == 45_000 for m in rewarded)
    assert len({m.rewards_daily for m in rewarded}) > 5


def test_the_demo_world_has_something_to_choose_and_something_to_avoid() -> None:
    """A race of rivals, one market near its end, one thin, one toxic, one ten times as deep as a usual one."""
    fair = Fair(DEMO)
    fair.start()
    fair.run(1)
    markets = {market.slug: market for market in fair.exchange.markets}
    depth = dict[str, float]()
    mids = dict[str, float]()
    for slug, market in markets.items():
        view = fair.exchange.book(market.yes)
        assert view is not None
        depth[slug] = sum(size for _, size in view.bids) / MICRO
        mids[slug] = (view.bids[-1][0] + view.asks[-1][0]) / 2 / MICRO
    race = [m for m in markets.values() if m.neg_risk]
    ends_soon = [m for m in markets.values() if m.ends_at and m.ends_at - fair.clock.now() < HOUR * SECOND]

    assert len(race) == 4
    assert len({(m.neg_risk_market, m.event, m.event_title) for m in race}) == 1
    assert sum(mids[m.slug] for m in race) == pytest.approx(1, abs=0.04)
    assert [mids[m.slug] > 0.88 for m in ends_soon] == [True]
    assert depth["eastport-win-cup-44"] > 50_000
    assert 2_000 < depth["westbrook-win-derby-19"] < 20_000
    assert depth["snow-in-lakeside-in-week-47"] < 1_200


def test_a_poisoned_world_asks_the_same_questions_among_more_who_know() -> None:
    usual, worse = DEMO, poisoned(DEMO, 2)

    assert [msgspec.structs.replace(l, character=PREGAME) for l in worse.listings] == [  # noqa: E741
        msgspec.structs.replace(l, character=PREGAME)
        for l in usual.listings  # noqa: E741
    ]
    pairs = zip([*usual.listings, *usual.races], [*worse.listings, *worse.races], strict=True)
    assert all(b.character.informed == 2 * a.character.informed for a, b in pairs)


def test_the_same_seed_makes_the_same_world_and_another_one_another() -> None:
    def books(seed: int) -> list[object]:
        fair = Fair(SMALL, seed)
        found = [fair.exchange.book(market.yes) for market in fair.exchange.markets]
        return [(view.bids, view.asks) for view in found if view]

    assert books(7) == books(7) != books(8)


def test_orders_in_a_closed_round_are_refused() -> None:
    fair = Fair()
    fair.start()
    game = fair.market("game-7")
    fair.run(2 * HOUR + 1)
    with pytest.raises(Refused):
        fair.exchange.place(an_order(ALICE, TokenSide.BUY, 50, 10, token=game.yes))
    assert fair.exchange.open_orders(key_of(ALICE)) == []
