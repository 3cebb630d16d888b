from __future__ import annotations

import numpy as np

from venue.paper.crowd.draws import Draws, Kept


def test_a_block_is_drawn_without_those_before_it() -> None:
    in_order, alone = Draws(7, "a-market"), Draws(7, "a-market")
    blocks = [in_order.stream("orders", n).random(50).tolist() for n in range(5)]

    assert alone.stream("orders", 4).random(50).tolist() == blocks[4]
    assert alone.stream("orders", -1).random(50).tolist() not in blocks


def test_seeds_markets_streams_and_blocks_have_chance_of_their_own() -> None:
    firsts = [
        Draws(seed, market).stream(name, block).random()
        for seed in (7, 8)
        for market in ("a-market", "another")
        for name in ("orders", "noise")
        for block in (-1, 0, 1, 10**12)
    ]

    assert len(set(firsts)) == len(firsts)
    assert abs(np.corrcoef(*(Draws(s, "a").stream("x").random(4_000) for s in (1, 2)))[0, 1]) < 0.05


def test_a_kept_result_is_made_once_and_made_again_when_it_was_forgotten() -> None:
    made = list[int]()

    def make(n: int) -> int:
        made.append(n)
        return n * n

    kept = Kept(make, 2)

    assert [kept(n) for n in (1, 1, 2, 1, 3, 1)] == [1, 1, 4, 1, 9, 1]
    assert made == [1, 2, 3, 1]
