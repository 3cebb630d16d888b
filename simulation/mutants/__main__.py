"""`python -m simulation.mutants`: take the safety rules out one at a time and see that each is missed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from simulation.mutants.hunt import Catch, hunt_named
from simulation.mutants.rules import BY_NAME, MUTANTS
from simulation.mutants.table import write_table
from simulation.provenance import provenance

CAUGHT, SURVIVED, USAGE = 0, 1, 2

cli = App(
    name="python -m simulation.mutants",
    help="Play the simulation without one safety rule after the other: every one of them must be missed.",
    help_epilogue="Exit codes: 0 every rule was missed, 1 a program without one passed, 2 usage.",
    help_format="plaintext",
    version_flags=[],
)


@cli.default
def mutants(
    *names: str,
    seeds: Annotated[int, Parameter(validator=Number(gte=1))] = 100,
    first: Annotated[int, Parameter(validator=Number(gte=0))] = 1,
    minutes: Annotated[float, Parameter(validator=Number(gt=0, lte=1_000))] = 10.0,
    workers: Annotated[int, Parameter(validator=Number(gte=1, lte=64))] = 2,
    table: Path | None = None,
) -> int:
    """Hunt them.

    Parameters
    ----------
    names
        Of the rules to take out; all of them without any.
    seeds
        Each is given at most so many.
    first
        The first of them.
    minutes
        Real minutes with faults in each run, in virtual time.
    workers
        Programs that are played at once, each on a core.
    table
        A Markdown file to write the result into, between its marks.
    """
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        sys.stderr.write(f"mutants: {unknown[0]!r} is no rule; there are {', '.join(BY_NAME)}\n")
        return USAGE
    wanted = [mutant.name for mutant in MUTANTS if not names or mutant.name in names]
    from_ = provenance()
    catches: dict[str, Catch] = {}
    for catch in _hunted(wanted, range(first, first + seeds), minutes * 60, workers):
        catches[catch.mutant] = catch
        sys.stdout.write(in_words(catch) + f"  [{len(catches)} of {len(wanted)}]\n")
        sys.stdout.flush()
    found = [catches[name] for name in wanted]
    if table is not None:
        write_table(table, found, minutes, from_)
    survivors = [catch.mutant for catch in found if catch.seed is None]
    sys.stdout.write(
        f"{len(found) - len(survivors)} of {len(found)} rules are missed when they are gone"
        + (f"; not missed: {', '.join(survivors)}\n" if survivors else "\n")
    )
    return SURVIVED if survivors else CAUGHT


def in_words(catch: Catch) -> str:
    """One line."""
    played = f"{catch.seeds} seed{'s' if catch.seeds > 1 else ''}, {catch.simulated_s / 3600:.2f} h"
    if catch.seed is None:
        return f"{catch.mutant}: SURVIVED {played}"
    return f"{catch.mutant}: caught by {catch.by} after {played}: {catch.text}"


def _hunted(names: list[str], seeds: range, seconds: float, workers: int) -> Iterable[Catch]:
    if workers == 1:
        for name in names:
            yield hunt_named(name, seeds, seconds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        hunts = [pool.submit(hunt_named, name, seeds, seconds) for name in names]
        for done in as_completed(hunts):
            yield done.result()


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except (CycloptsError, ValueError) as error:
        sys.stderr.write(f"mutants: {' '.join(str(error).split())}\n")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
