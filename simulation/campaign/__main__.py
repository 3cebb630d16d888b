"""`python -m simulation.campaign`: play many seeds on all cores, keep account, make failures small."""

from __future__ import annotations

import sys
import time
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from simulation.campaign.crew import ending_softly, play, played, until
from simulation.campaign.ledger import Row, add_row, next_seed
from simulation.campaign.shrink import shrunk
from simulation.provenance import ROOT, provenance
from simulation.world.run import Outcome
from simulation.world.silence import silence
from simulation.world.telling import as_text

CLEAN, WRONG, USAGE = 0, 1, 2
LEDGER = ROOT / "docs" / "simulation-ledger.md"

cli = App(
    name="python -m simulation.campaign",
    help="Play seeds of the simulation side by side for as long as is said, and keep account of them.",
    help_epilogue="Exit codes: 0 nothing wrong, 1 an invariant was broken or a process crashed, 2 usage.",
    help_format="plaintext",
    version_flags=[],
)


@cli.default
def campaign(
    *,
    minutes: Annotated[float | None, Parameter(validator=Number(gt=0))] = None,
    seeds: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    first: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    length: Annotated[float, Parameter(validator=Number(gt=0, lte=100_000))] = 10.0,
    workers: Annotated[int, Parameter(validator=Number(gte=1, lte=64))] = 2,
    tail: Annotated[int, Parameter(validator=Number(gte=0, lte=400))] = 20,
    record: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> int:
    """Play.

    Parameters
    ----------
    minutes
        Of the wall clock; no seed begins after them. Without it and without --seeds: one minute.
    seeds
        At most so many.
    first
        The first one; without it the first that the ledger does not have.
    length
        Real minutes with faults in each, in virtual time; healing and stopping come on top.
    workers
        Seeds that are played at once, each on a core.
    tail
        Lines of what happened last, printed for a run in which something was wrong.
    record
        Add a row to docs/simulation-ledger.md; only for a program that is as committed.
    """
    from_ = provenance()
    if record and not from_.is_reproducible:
        sys.stderr.write(f"campaign: --record: the program is {from_.commit}, nobody else has it\n")
        return USAGE
    begin = next_seed(LEDGER) if first is None else first
    if minutes is None and seeds is None:
        minutes = 1.0
    account = Account(begin)
    with ending_softly() as is_asked_to_end:
        for outcome in played(begin, length * 60, workers, until(seeds, minutes, is_asked_to_end)):
            account.add(outcome)
            if outcome.is_wrong:
                sys.stdout.write("\n" + as_text(outcome, tail, length))
            account.show()
    sys.stdout.write("\n" + account.in_words() + "\n")
    if record and account.outcomes:
        add_row(LEDGER, account.row(from_.day, from_.commit, length))
    return WRONG if account.wrong else CLEAN


@cli.command
def shrink(
    seed: int,
    *,
    length: Annotated[float, Parameter(validator=Number(gt=0, lte=100_000))] = 10.0,
    tail: Annotated[int, Parameter(validator=Number(gte=0, lte=400))] = 40,
) -> int:
    """Play a seed that fails again and again with fewer faults, and show the smallest run that fails alike.

    Parameters
    ----------
    seed
        The one that failed.
    length
        As in the run that failed.
    tail
        Lines of what happened last.
    """
    outcome = play(seed, length * 60)
    if not outcome.is_wrong:
        sys.stdout.write(f"seed {seed} does not fail\n")
        return CLEAN

    def show(tries: int, left: int) -> None:
        sys.stdout.write(f"\r{tries} runs, {left} faults and strokes left   ")
        sys.stdout.flush()

    with silence():
        small = shrunk(outcome, length * 60, show)
    sys.stdout.write("\n" + as_text(small, tail, length))
    sys.stdout.write(f"  lies: {', '.join(sorted(small.severities)) or 'none'}\n")
    for stroke in small.strokes:
        sys.stdout.write(f"  stroke: {stroke}\n")
    return WRONG


class Account:
    """What was played so far."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.outcomes = 0
        self.wrong: list[int] = []
        self.simulated_s = self.cpu_s = 0.0
        self.events = self.strokes = self.lies = 0
        self._last = first - 1
        self._began = time.monotonic()

    def add(self, outcome: Outcome) -> None:
        """One run more."""
        self.outcomes += 1
        self._last = max(self._last, outcome.seed)
        self.simulated_s += outcome.simulated_s
        self.cpu_s += outcome.cpu_s
        self.events += outcome.events
        self.strokes += len(outcome.strokes)
        self.lies += sum(outcome.struck.values())
        if outcome.is_wrong:
            self.wrong.append(outcome.seed)

    def show(self) -> None:
        """The line that is written again and again."""
        sys.stdout.write("\r" + self.in_words())
        sys.stdout.flush()

    def in_words(self) -> str:
        """How far it is."""
        wrong = f"wrong: {', '.join(map(str, sorted(self.wrong)))}" if self.wrong else "nothing wrong"
        return (
            f"seeds {self.first} to {self._last}: {self.simulated_s / 3600:.2f} h simulated in "
            f"{time.monotonic() - self._began:.0f} s, {self.simulated_s / max(self.cpu_s, 1e-9):.0f} times real time "
            f"per core, {self.events} events, {wrong}"
        )

    def row(self, day: str, commit: str, minutes: float) -> Row:
        """For the ledger."""
        return Row(
            day=day,
            commit=commit,
            first=self.first,
            last=self._last,
            minutes=minutes,
            hours=self.simulated_s / 3600,
            events=self.events,
            strokes=self.strokes,
            lies=self.lies,
            wrong=len(self.wrong),
        )


def main(arguments: list[str] | None = None) -> int:
    """The exit code."""
    try:
        return int(cli(arguments, exit_on_error=False, print_error=False, result_action="return_value") or 0)
    except (CycloptsError, ValueError) as error:
        sys.stderr.write(f"campaign: {' '.join(str(error).split())}\n")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
