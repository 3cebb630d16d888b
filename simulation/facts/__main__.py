"""`python -m simulation.facts`: the stylised facts of recorded games and of the crowd, side by side."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Table

from simulation.facts.bounds import BOOK, CHARACTERS, TRADES, Row, judged
from simulation.facts.crowd import HOURS, Played, named, play_all
from simulation.facts.facts import Facts, measure, together
from simulation.facts.games import Game, Phase, games
from simulation.facts.observed import Observed
from venue.paper.replay.frames import RecordingError

DONE, WRONG, USAGE = 0, 1, 2
LEAST_HOURS = 0.15
"""Judged hours from which a game counts for the range of its phase."""

cli = App(
    name="python -m simulation.facts",
    help="What recorded games look like in numbers, and what the simulated crowd does.",
    help_epilogue="Exit codes: 0 all as it has to be, 1 something is not (marked), 2 usage.",
    help_format="plaintext",
    version_flags=[],
)


@cli.default
def run(
    *,
    recordings: Annotated[Path | None, Parameter(show_default=False)] = None,
    seeds: Annotated[int, Parameter(validator=Number(gte=0, lte=10_000))] = 6,
    characters: str = ",".join(CHARACTERS),
    as_json: Annotated[bool, Parameter(name="--json", negative=(), show_default=False)] = False,
) -> int:
    """Print the table.

    Parameters
    ----------
    recordings
        A directory with recorded games; without it the table has the crowd alone.
    seeds
        How many of each character. Facts of the book are judged from six on, facts of trades from sixty on.
    characters
        Which, by their letters: A politics, B before a game, C weather, B2 in play, D a crypto window.
    as_json
        One object on stdout instead of a table.
    """
    wanted = named(characters)
    recorded = _recorded(recordings) if recordings else {}
    crowd = _crowd(wanted, seeds)
    wrong = missed(crowd, seeds)
    if as_json:
        sys.stdout.write(f"{json.dumps(_as_object(recorded, crowd, wrong), indent=2)}\n")
    else:
        Console(width=None if sys.stdout.isatty() else 160).print(table(recorded, crowd, wrong))
    return WRONG if wrong else DONE


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except (CycloptsError, RecordingError, ValueError) as error:
        words = " ".join(str(error).split())
    except OSError as error:
        words = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    sys.stderr.write(f"facts: {words}\n")
    return USAGE


class Recorded(msgspec.Struct, frozen=True):
    """The games of one phase, each by itself and all in one."""

    each: list[Facts]
    together: Facts


def missed(crowd: Mapping[str, Facts], seeds: int) -> list[tuple[str, Row]]:
    """The character and the row of everything that so many seeds say is not as it has to be."""
    return [
        (name, row) for row in judged(seeds) for name, facts in crowd.items() if not row.holds(name, facts)
    ]


def table(
    recorded: Mapping[Phase, Recorded], crowd: Mapping[str, Facts], wrong: Sequence[tuple[str, Row]]
) -> Table:
    """Facts down, kinds of markets across; the range over the games, and the crowd's seeds together."""
    drawn = Table("fact", *recorded, *crowd, "has to be")
    for column in drawn.columns[1:]:
        column.justify = "right"
    for row in (*BOOK, *TRADES):
        ranges = [_range(row, games) for games in recorded.values()]
        cells = [_cell(row, facts, (name, row) in wrong) for name, facts in crowd.items()]
        drawn.add_row(row.words, *ranges, *cells, _bounds(row, crowd))
    drawn.add_section()
    hours = [f"{games.together.hours:.1f}" for games in recorded.values()]
    trades = [str(games.together.trades) for games in recorded.values()]
    drawn.add_row("judged hours", *hours, *(f"{facts.hours:.0f}" for facts in crowd.values()))
    drawn.add_row("trades", *trades, *(str(facts.trades) for facts in crowd.values()))
    return drawn


def _recorded(directory: Path) -> dict[Phase, Recorded]:
    sys.stderr.write(f"reading {directory}\n")
    found: list[Game] = list(games(directory))
    if not found:
        raise ValueError(f"--recordings: {directory} has no games")
    return {phase: _phase([game.seen for game in found if game.phase is phase]) for phase in Phase}


def _phase(markets: Sequence[Observed]) -> Recorded:
    each = [facts for facts in (measure([seen]) for seen in markets) if facts.hours >= LEAST_HOURS]
    return Recorded(each, measure(markets))


def _crowd(characters: Sequence[str], seeds: int) -> dict[str, Facts]:
    runs: dict[str, list[Played]] = {name: [] for name in characters} if seeds else {}
    for n, run in enumerate(play_all({name: HOURS[name] for name in characters}, range(1, seeds + 1)), 1):
        runs[run.character].append(run)
        sys.stderr.write(f"\rplayed {n} of {seeds * len(characters)}")
    if runs:
        sys.stderr.write("\n")
    for each in runs.values():
        each.sort(key=lambda run: run.seed)
    return {
        name: measure([run.seen for run in each], together([run.asked for run in each]))
        for name, each in runs.items()
    }


def _range(row: Row, games: Recorded) -> str:
    told = [games.together] if row.is_joint else games.each
    values = sorted(value for facts in told if not math.isnan(value := row.shown(facts)))
    if not values:
        return "–"
    least, most = (f"{value:.{row.digits}f}" for value in (values[0], values[-1]))
    return least if least == most else f"{least} … {most}"


def _cell(row: Row, facts: Facts, is_wrong: bool) -> str:
    value = row.shown(facts)
    text = "–" if math.isnan(value) else f"{value:.{row.digits}f}"
    return f"[bold red]{text} ![/]" if is_wrong else text


def _bounds(row: Row, crowd: Mapping[str, Facts]) -> str:
    bounds = {name: bound for name, bound in row.bounds.items() if name in crowd}
    if len(set(bounds.values())) != 1:
        return "by character" if bounds else ""
    (bound,) = set(bounds.values())
    if math.isinf(bound.most):
        return f"≥ {bound.least:g}"
    return f"≤ {bound.most:g}" if math.isinf(bound.least) else f"{bound.least:g} … {bound.most:g}"


def _as_object(
    recorded: Mapping[Phase, Recorded], crowd: Mapping[str, Facts], wrong: Sequence[tuple[str, Row]]
) -> dict[str, object]:
    return {
        "recordings": {phase: [_known(facts) for facts in games.each] for phase, games in recorded.items()},
        "crowd": {name: _known(facts) for name, facts in crowd.items()},
        "missed": [{"character": name, "fact": row.fact} for name, row in wrong],
    }


def _known(facts: Facts) -> dict[str, float | None]:
    """JSON knows no NaN."""
    return {
        name: None if math.isnan(value) else value for name, value in msgspec.structs.asdict(facts).items()
    }


if __name__ == "__main__":
    sys.exit(main())
