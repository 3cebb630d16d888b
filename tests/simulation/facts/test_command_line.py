"""What `python -m simulation.facts` prints, and with which exit code it ends."""

from __future__ import annotations

import json
from io import StringIO

import msgspec
import pytest
from rich.console import Console

from simulation.facts.__main__ import DONE, USAGE, Recorded, main, missed, table
from simulation.facts.bounds import BOOK, TRADES
from simulation.facts.facts import Facts, measure
from simulation.facts.games import Phase
from tests.venue.paper.engine_bench import RECORDINGS

NOTHING = measure([])


def printed(recorded: dict[Phase, Recorded], crowd: dict[str, Facts], seeds: int) -> list[str]:
    page = StringIO()
    Console(width=200, file=page).print(table(recorded, crowd, missed(crowd, seeds)))
    return page.getvalue().splitlines()


def line(text: list[str], words: str) -> str:
    (found,) = [line for line in text if words in line]
    return found


def test_the_table_has_the_range_of_the_games_beside_the_crowd() -> None:
    games = [msgspec.structs.replace(NOTHING, touch=float(size)) for size in (300, 100, 200)]
    crowd = {"B": msgspec.structs.replace(NOTHING, touch=381.0)}
    together = msgspec.structs.replace(NOTHING, touch=1_000.0, depth_r2=0.018)
    text = printed({Phase.IN_PLAY: Recorded(games, together)}, crowd, 1)
    touch = line(text, "touch size")

    assert "100 … 300" in touch
    assert "381" in touch
    assert "0.018" in line(text, "depth of 18 levels")
    assert "–" in line(text, "kurtosis of changes, 1 s")
    assert all(line(text, row.words) for row in (*BOOK, *TRADES))


def test_what_is_not_as_it_has_to_be_is_marked_once_there_are_enough_seeds() -> None:
    crowd = {"B": msgspec.structs.replace(NOTHING, touch=3_000.0)}

    assert "3000 !" not in line(printed({}, crowd, 5), "touch size")
    assert "3000 !" in line(printed({}, crowd, 6), "touch size")


@pytest.mark.recordings
def test_recordings_alone_are_judged_by_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    if not RECORDINGS.is_dir():
        pytest.skip(f"NO RECORDED DATA: {RECORDINGS}")
    assert main(["--recordings", str(RECORDINGS), "--seeds", "0", "--json"]) == DONE
    said = json.loads(capsys.readouterr().out)

    assert [len(said["recordings"][phase]) for phase in ("before", "in play")] == [8, 10]
    assert (said["crowd"], said["missed"]) == ({}, [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--characters", "A,Z"], "there is no 'Z'"),
        (["--seeds", "-1"], "seeds"),
        (["--recordings", "/nowhere/at/all"], "/nowhere/at/all has no games"),
        (["--wat"], "--wat"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(arguments) == USAGE
    last = capsys.readouterr().err.splitlines()[-1]

    assert last.startswith("facts: ")
    assert words in last
