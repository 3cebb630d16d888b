"""The table of the queue models' bias."""

from __future__ import annotations

import json
import math

import pytest
from rich.console import Console

from simulation.facts import queues
from simulation.facts.queues import MODELS, Counts, bias, count, main, table


def counted(*pairs: tuple[int, int], character: str = "B", way: str = "uniform") -> list[Counts]:
    """Seeds with so many true fills and so many predicted by every model."""
    return [
        Counts(character, way, seed, 100, fills, (guessed,) * len(MODELS))
        for seed, (fills, guessed) in enumerate(pairs)
    ]


def test_the_bias_is_that_of_all_seeds_together_and_sure_when_they_agree() -> None:
    assert bias(counted((100, 50), (300, 150), (10, 5)), 0) == (0.5, 0)
    middle, half = bias(counted((100, 50), (100, 150), (100, 100)), 1)
    assert middle == 1
    assert half == pytest.approx(1.96 * math.sqrt((0.25**2 + 0.25**2) * 2 / 3))


def test_without_true_fills_there_is_no_bias() -> None:
    assert math.isnan(bias(counted((0, 3), (0, 0)), 0)[0])
    assert math.isnan(bias(counted((5, 3)), 0)[0])


def test_the_table_has_a_row_for_each_crowd_and_each_way_to_cancel() -> None:
    runs = counted((100, 50), (300, 150)) + counted((10, 20), (10, 20), way="back")
    console = Console(width=120, record=True, quiet=True)
    console.quiet = False
    with console.capture() as page:
        console.print(table(runs))
    uniform, back = [line for line in page.get().splitlines() if " B " in line]

    assert "200" in uniform
    assert "0.50 ±0.00" in uniform
    assert "2.00 ±0.00" in back


def test_a_seed_is_counted_the_same_each_time() -> None:
    first = count("D", "uniform", 2, 0.1)

    assert first == count("D", "uniform", 2, 0.1)
    assert first.probes > 50
    assert max(first.predicted) <= first.probes


def test_what_is_printed_are_all_counts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(queues.HOURS, "D", 0.1)
    assert main(["--characters", "D", "--seeds", "1", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert [(row["character"], row["way"], row["seed"]) for row in said] == [
        ("D", "back", 1),
        ("D", "uniform", 1),
    ]


@pytest.mark.parametrize("arguments", [["--seeds", "0"], ["--characters", "Z"], ["--wat"]])
def test_what_cannot_be_done_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith("queues: ")
    assert said.count("\n") == 1
