"""What is due in a block, whatever happens to the book: one list of plain entries in the order of their times."""

from __future__ import annotations

import numpy as np

from messages.values import SECOND
from venue.paper.crowd.grid import BLOCK_NS, STEP_NS, STEPS, Floats, Ints
from venue.paper.crowd.makers import Makers
from venue.paper.crowd.takers import Takers

PLACE, NOISE, INFORMED, TURN = range(4)
"""A maker places an order; a taker of either kind comes; the block is over."""

Entry = tuple[int, int, int, int, int, float, int, int]
"""Nanoseconds since the market began; one of the above; step of the block; who (a maker's side, or of a noise taker 1
if it buys); size in millionths; reach (a maker's half-spread in ticks, a noise taker's patience in dollars); offset
in levels; when the order ends, in nanoseconds."""

_Columns = tuple[Ints, Ints, Ints, Floats, Ints, Ints]


def script(block: int, makers: Makers, takers: Takers) -> list[Entry]:
    """A block's entries; the last one is its end."""
    parts = (_orders(block, makers), _noise(block, takers), _informed(block, takers))
    kinds = np.concatenate([np.full(len(part[0]), kind) for kind, part in enumerate(parts)])
    at, who, size, reach, offset, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    steps = at // STEP_NS - block * STEPS
    order = np.argsort(at, kind="stable")
    columns = (at, kinds, steps, who, size, reach, offset, ends)
    entries = list(zip(*(column[order].tolist() for column in columns), strict=True))
    entries.append(((block + 1) * BLOCK_NS, TURN, STEPS, 0, 0, 0.0, 0, 0))
    return entries


def nanoseconds(seconds: Floats) -> Ints:
    """Whole nanoseconds."""
    return np.floor(seconds * SECOND).astype(np.int64)


def _orders(block: int, makers: Makers) -> _Columns:
    orders = makers.orders(block)
    return (
        _at(orders.at, block),
        orders.who,
        orders.size,
        orders.half,
        orders.offset,
        nanoseconds(orders.ends),
    )


def _noise(block: int, takers: Takers) -> _Columns:
    noise, buys = takers.noise(block)
    none = np.zeros(len(noise.at), dtype=np.int64)
    return _at(noise.at, block), buys.astype(np.int64), noise.size, noise.patience, none, none


def _informed(block: int, takers: Takers) -> _Columns:
    informed = takers.informed(block)
    none = np.zeros(len(informed.at), dtype=np.int64)
    return _at(informed.at, block), none, informed.size, none.astype(np.float64), none, none


def _at(seconds: Floats, block: int) -> Ints:
    """Inside the block, whatever rounding does."""
    return nanoseconds(seconds).clip(block * BLOCK_NS, (block + 1) * BLOCK_NS - 1)
