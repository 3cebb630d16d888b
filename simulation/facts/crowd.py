"""The crowd's characters, each played by itself on some seeds, as markets to be measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import msgspec
import numpy as np

from messages.values import MICRO
from simulation.facts.observed import Observed, observe
from simulation.facts.sampling import Floats
from venue.paper.crowd.characters import CHARACTERS
from venue.paper.crowd.grid import BLOCK_S, HOUR_S
from venue.paper.crowd.play import a_market, play

HOURS = {"A": 24.0, "B": 12.0, "C": 24.0, "B2": 3.0, "D": 3.0}
"""How long each character is played; slow ones need longer for the same number of moves."""


def named(letters: str) -> list[str]:
    """The characters of a list such as `A,B2`. Raises ValueError for one that there is not."""
    wanted = [name for name in letters.split(",") if name]
    if unknown := [name for name in wanted if name not in HOURS]:
        raise ValueError(f"--characters: there is no {unknown[0]!r}, only {', '.join(HOURS)}")
    return wanted


class Flow(msgspec.Struct, frozen=True):
    """Takers as they come: seconds, +1 for who buys, shares asked for."""

    at: Floats
    sides: Floats
    sizes: Floats


class Played(msgspec.Struct, frozen=True):
    """One seed of a character."""

    character: str
    seed: int
    seen: Observed
    asked: Floats
    """Shares that noise takers wanted."""


def played(character: str, seed: int, hours: float) -> Played:
    """A market of a character, by its letter."""
    seen = observe(play(CHARACTERS[character], seed, hours))
    return Played(character, seed, seen, flow(character, seed, hours).sizes)


def flow(character: str, seed: int, hours: float) -> Flow:
    """The noise takers of the first hours, whom no book can disturb."""
    takers = a_market(CHARACTERS[character], seed).takers
    told = [takers.noise(block) for block in range(round(hours * HOUR_S / BLOCK_S))]
    return Flow(
        at=np.concatenate([noise.at for noise, _ in told]),
        sides=np.concatenate([np.where(buys, 1.0, -1.0) for _, buys in told]),
        sizes=np.concatenate([noise.size for noise, _ in told]) / MICRO,
    )


def play_all(hours: Mapping[str, float], seeds: Iterable[int]) -> Iterator[Played]:
    """Each of these characters on every seed, for so many hours, on all cores; as they get ready."""
    wanted = [(name, seed) for seed in seeds for name in hours]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(played, name, seed, hours[name]) for name, seed in wanted]
        for future in as_completed(futures):
            yield future.result()
