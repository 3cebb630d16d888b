from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from messages.values import SECOND, Side
from venue.paper.crowd.characters import CHARACTERS, INPLAY, PREGAME
from venue.paper.crowd.play import play
from venue.paper.engine.tape import BookSet, LevelSet, Printed
from venue.paper.engine.terms import TokenSide

ROOT = Path(__file__).parents[4]

FINGERPRINT = """
import hashlib, sys
from venue.paper.crowd.characters import CHARACTERS
from venue.paper.crowd.play import play
said = hashlib.sha256()
for character in CHARACTERS.values():
    for event in play(character, int(sys.argv[1]), 0.4):
        said.update(repr(event).encode())
print(said.hexdigest())
"""


def fingerprint(seed: int, hash_seed: int) -> str:
    """A hash of a tape of each character, taken by a Python of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FINGERPRINT, str(seed)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_tape_is_the_same_byte_for_byte_whatever_pythons_own_hashing_does() -> None:
    assert fingerprint(7, hash_seed=1) == fingerprint(7, hash_seed=2) != fingerprint(8, hash_seed=1)


@pytest.mark.parametrize("character", CHARACTERS.values(), ids=CHARACTERS)
def test_a_tape_never_crosses_goes_back_in_time_or_prints_what_was_not_there(character: object) -> None:
    sides: dict[Side, dict[int, int]] = {Side.BID: {}, Side.ASK: {}}
    last, prints = -1, 0
    for event in play(character, 3, 1.0):  # type: ignore[arg-type]
        assert event.at >= last
        last = event.at
        if isinstance(event, BookSet):
            sides = {Side.BID: {**dict(event.bids)}, Side.ASK: {**dict(event.asks)}}
        elif isinstance(event, LevelSet):
            assert sides[event.side].get(event.price, 0) != event.size
            sides[event.side][event.price] = event.size
            sides[event.side] = {p: s for p, s in sides[event.side].items() if s}
        elif isinstance(event, Printed):
            taken_from = sides[Side.ASK if event.taker is TokenSide.BUY else Side.BID]
            assert taken_from[event.price] >= event.size > 0
            prints += 1
        if sides[Side.BID] and sides[Side.ASK]:
            assert max(sides[Side.BID]) < min(sides[Side.ASK])
    assert last > 3_500 * SECOND


def test_a_longer_play_begins_with_the_shorter_one() -> None:
    short = list(play(PREGAME, 5, 0.3))

    assert list(play(PREGAME, 5, 0.6))[: len(short)] == short
    assert isinstance(short[0], BookSet)


def test_a_market_begins_where_it_is_told_to_or_anywhere_in_the_middle() -> None:
    def mid(seed: int, start: float | None) -> float:
        book = next(play(INPLAY, seed, 0.1, start))
        assert isinstance(book, BookSet)
        return (max(p for p, _ in book.bids) + min(p for p, _ in book.asks)) / 2e6

    assert mid(1, 0.8) == pytest.approx(0.8, abs=0.016)
    anywhere = [mid(seed, None) for seed in range(30)]
    assert 0.23 < min(anywhere) < 0.4
    assert 0.6 < max(anywhere) < 0.77
