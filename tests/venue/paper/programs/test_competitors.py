"""Everybody who rests competes for a market's pool, each by itself."""

import pytest

from messages.values import MICRO, MarketNs, Price, Side, Size
from tests.venue.paper.engine_bench import ALICE, BOB, NO, Bench, ask, bid, closed
from tests.venue.paper.programs.bench import NOON, a_rewarded_market
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Market
from venue.paper.programs.programs import Programs


class Quoters:
    """A crowd that fills its book and does nothing else."""

    def __init__(self, *lots: Lot) -> None:
        self._lots = lots

    @property
    def market(self) -> Market:
        return a_rewarded_market()

    def next_at(self) -> int | None:
        return None

    def open(self, pit: Pit, since: int) -> None:
        for lot in self._lots:
            assert pit.place(lot)

    def act(self, pit: Pit) -> None:
        raise AssertionError("never due")

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """Nobody cares."""


def lot(who: int, side: Side, cents: int, shares: int) -> Lot:
    return Lot(who, side, Price(cents * 10_000), shares * MICRO)


def a_bench(*lots: Lot) -> Bench:
    return Bench(participants=Quoters(*lots), starts_at=MarketNs(NOON), dollars=10_000)


def in_shares(bench: Bench) -> dict[str, float]:
    """Everybody's score now, at the bench's distance of a cent, in shares quoted on both sides."""
    found = Programs(bench.exchange).rewards.scoring(bench.market)
    unit = 3 * MICRO * (bench.market.rewards_max_spread - 10_000) ** 2
    return {maker: score / unit for maker, score in found.items()}


def test_each_maker_of_a_crowd_competes_by_itself() -> None:
    bench = a_bench(
        lot(1, Side.BID, 49, 100),
        lot(1, Side.ASK, 51, 100),
        lot(2, Side.BID, 49, 300),
        lot(3, Side.ASK, 51, 300),
    )
    bench.buy(ALICE, 49, 200)
    bench.buy(ALICE, 49, 200, token=NO)
    bench.at(30)

    assert in_shares(bench) == {"crowd 1": 100, "crowd 2": 100, "crowd 3": 100, ALICE: 200}


def test_lots_of_a_crowd_below_the_minimal_size_do_not_score() -> None:
    bench = a_bench(
        *(lot(1, side, price, 49) for side, price in ((Side.BID, 49), (Side.ASK, 51)) for _ in range(9))
    )

    assert in_shares(bench) == {}


def test_levels_of_a_recording_are_orders_of_one_maker() -> None:
    bench = Bench(
        bid(0, 49, 300), ask(0, 51, 250), bid(0, 48, 49), market=a_rewarded_market(), starts_at=MarketNs(NOON)
    )
    bench.buy(BOB, 49, 100)
    bench.at(30)
    found = in_shares(bench)

    assert found[""] == 250
    assert found[BOB] == pytest.approx(100 / 3)


def test_what_rests_is_told_with_its_owner_and_its_age_as_far_as_it_matters() -> None:
    bench = Bench(bid(0, 49, 300), bid(0, 47, 80), ask(0, 51, 250), closed(99), starts_at=MarketNs(NOON))
    bench.buy(ALICE, 30, 10)
    everything = list(bench.exchange.stakes(bench.market.id, 20_000))
    near = [(stake.maker, stake.side, stake.price // 10_000, stake.size) for stake, _ in everything]

    assert near == [
        ("", Side.BID, 49, Size(300 * MICRO)),
        ("", Side.BID, 47, Size(80 * MICRO)),
        ("", Side.ASK, 51, Size(250 * MICRO)),
        (ALICE, Side.BID, 30, Size(10 * MICRO)),
    ]
    assert [since for _, since in everything] == [None, None, None, NOON]
    assert len(list(bench.exchange.stakes(bench.market.id, 0))) == 3
    assert bench.exchange.is_quoted(bench.market.id)
    bench.at(99)
    assert not bench.exchange.is_quoted(bench.market.id)


def test_what_an_account_took_from_a_level_no_longer_competes() -> None:
    bench = Bench(bid(0, 49, 300), ask(0, 51, 250), starts_at=MarketNs(NOON))
    bench.buy(ALICE, 51, 100)
    asks = [stake for stake, _ in bench.exchange.stakes(bench.market.id, 0) if stake.side is Side.ASK]

    assert [stake.size for stake in asks] == [150 * MICRO]
