"""`python -m simulation.world`: play seeds, one after the other, and say what happened."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from simulation.world.run import Outcome, run
from simulation.world.silence import silence
from simulation.world.telling import as_text

DONE, WRONG, USAGE = 0, 1, 2

cli = App(
    name="python -m simulation.world",
    help="The whole house in one thread on virtual time, with every fault, judged at every step.",
    help_epilogue="Exit codes: 0 nothing wrong, 1 an invariant was broken or a process crashed, 2 usage.",
    help_format="plaintext",
    version_flags=[],
)


@cli.default
def play(
    *,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 1,
    seeds: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    minutes: Annotated[float, Parameter(validator=Number(gt=0, lte=100_000))] = 10.0,
    quiet: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    file: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    tail: Annotated[int, Parameter(validator=Number(gte=0, lte=400))] = 40,
    as_json: Annotated[bool, Parameter(name="--json", negative=(), show_default=False)] = False,
) -> int:
    """Play seeds.

    Parameters
    ----------
    seed
        The first one. The same seed of the same program is the same run, to the last byte of its journal.
    seeds
        How many, counted up from there.
    minutes
        Real minutes with faults in each, in virtual time; healing and stopping come on top.
    quiet
        Without any fault.
    file
        The journal is a real SQLite file in a temporary directory; slower.
    tail
        Lines of what happened last, printed for a run in which something was wrong.
    as_json
        One object a run instead of text.
    """
    is_wrong = False
    with silence():
        for number in range(seed, seed + seeds):
            outcome = _played(number, minutes * 60, quiet, file)
            is_wrong = is_wrong or outcome.is_wrong
            sys.stdout.write(_as_json(outcome) if as_json else as_text(outcome, tail, minutes))
            sys.stdout.flush()
    return WRONG if is_wrong else DONE


def _played(seed: int, seconds: float, quiet: bool, file: bool) -> Outcome:
    severities: dict[str, float] | None = {} if quiet else None
    if not file:
        return run(seed, seconds, severities=severities)
    with tempfile.TemporaryDirectory() as directory:
        return run(seed, seconds, severities=severities, file=Path(directory) / "journal.db")


def _as_json(outcome: Outcome) -> str:
    return json.dumps(msgspec.to_builtins(outcome)) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except CycloptsError as error:
        sys.stderr.write(f"simulation: {' '.join(str(error).split())}\n")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
