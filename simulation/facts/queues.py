"""`python -m simulation.facts.queues`: each queue model's bias, predicted by true fills in the crowd (TRADING §8)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Annotated

import msgspec
from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from simulation.facts.bounds import CHARACTERS
from simulation.facts.crowd import HOURS, named
from simulation.facts.late_cancels import LateCancels
from simulation.facts.probes import ProbedStage, predicted
from venue.paper.crowd.characters import CHARACTERS as BY_LETTER
from venue.paper.engine.queue_models import queue_model

DONE, USAGE = 0, 2
MODELS = ("pessimistic", "proportional", "power", "power:1")
WAYS = ("uniform", "back")
"""How the crowd cancels: anybody, or the last 60 % of a level twice as often."""

cli = App(
    name="python -m simulation.facts.queues",
    help="How far each queue model's fills are from the true ones, in a crowd whose queues are known.",
    help_epilogue="Exit codes: 0 done, 2 usage.",
    help_format="plaintext",
    version_flags=[],
)


class Counts(msgspec.Struct, frozen=True):
    """One seed of a character with one way to cancel."""

    character: str
    way: str
    seed: int
    probes: int
    fills: int
    predicted: tuple[int, ...]
    """By the models, in their order."""


def count(character: str, way: str, seed: int, hours: float) -> Counts:
    """Play it with probes, and give its tape to each model."""
    stage = ProbedStage(BY_LETTER[character], seed, LateCancels(seed) if way == "back" else None)
    stage.run(hours)
    guesses = tuple(sum(predicted(stage.events, stage.probes, queue_model(name))) for name in MODELS)
    fills = sum(probe.is_filled for probe in stage.probes)
    return Counts(character, way, seed, len(stage.probes), fills, guesses)


def bias(runs: Sequence[Counts], model: int) -> tuple[float, float]:
    """Predicted by true fills of all seeds together, and the half width of its 95 % interval (by leaving seeds out)."""
    guessed, true = (sum(run.predicted[model] for run in runs), sum(run.fills for run in runs))
    if not true or any(run.fills == true for run in runs):
        return math.nan, math.nan
    without = [(guessed - run.predicted[model]) / (true - run.fills) for run in runs]
    middle = sum(without) / len(without)
    spread = sum((ratio - middle) ** 2 for ratio in without) * (len(without) - 1) / len(without)
    return guessed / true, 1.96 * math.sqrt(spread)


@cli.default
def run(
    *,
    seeds: Annotated[int, Parameter(validator=Number(gte=1, lte=10_000))] = 6,
    characters: str = ",".join(CHARACTERS),
    as_json: Annotated[bool, Parameter(name="--json", negative=(), show_default=False)] = False,
) -> int:
    """Print the table.

    Parameters
    ----------
    seeds
        How many of each character.
    characters
        Which, by their letters.
    as_json
        All counts as one array on stdout instead of a table.
    """
    wanted = named(characters)
    runs = sorted(_all(wanted, seeds), key=lambda run: (wanted.index(run.character), run.way, run.seed))
    if as_json:
        sys.stdout.write(f"{json.dumps([msgspec.structs.asdict(each) for each in runs], indent=2)}\n")
    else:
        Console(width=None if sys.stdout.isatty() else 120).print(table(runs))
    return DONE


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except (CycloptsError, ValueError) as error:
        sys.stderr.write(f"queues: {' '.join(str(error).split())}\n")
        return USAGE


def table(runs: Sequence[Counts]) -> Table:
    """A row for each character and way to cancel."""
    drawn = Table("crowd", "cancels", "probes", "fills", *MODELS)
    for column in drawn.columns[2:]:
        column.justify = "right"
    for character, way in dict.fromkeys((run.character, run.way) for run in runs):
        each = [run for run in runs if (run.character, run.way) == (character, way)]
        cells = [f"{ratio:.2f} ±{half:.2f}" for ratio, half in (bias(each, n) for n in range(len(MODELS)))]
        probes, fills = sum(run.probes for run in each), sum(run.fills for run in each)
        drawn.add_row(character, way, str(probes), str(fills), *cells)
    return drawn


def _all(characters: Sequence[str], seeds: int) -> Iterator[Counts]:
    wanted = [(name, way, seed) for seed in range(1, seeds + 1) for name in characters for way in WAYS]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(count, name, way, seed, HOURS[name]) for name, way, seed in wanted]
        for n, future in enumerate(futures, 1):
            yield future.result()
            sys.stderr.write(f"\rplayed {n} of {len(futures)}")
    sys.stderr.write("\n")


if __name__ == "__main__":
    sys.exit(main())
