"""Playing a program that lacks a rule until something notices."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from simulation.checks.ward import Breach
from simulation.mutants.rules import BY_NAME
from simulation.mutants.surgery import Mutant, without
from simulation.world.run import Crash, run
from simulation.world.silence import silence


class Catch(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one mutant."""

    mutant: str
    rule: str
    seeds: int
    """Played, the one that caught it included."""
    seed: int | None
    """The one that caught it; None: it survived them all."""
    by: str
    """The invariant that was broken, or who crashed; empty when it survived."""
    text: str
    """What was found first."""
    simulated_s: float
    cpu_s: float


def hunt(mutant: Mutant, seeds: Iterable[int], seconds: float) -> Catch:
    """Play these seeds, so many seconds with faults each, until one of them is wrong."""
    played, simulated_s, cpu_s = 0, 0.0, 0.0
    found: tuple[int, str, str] | None = None
    with silence(), without(mutant):
        for seed in seeds:
            outcome = run(seed, seconds)
            played += 1
            simulated_s += outcome.simulated_s
            cpu_s += outcome.cpu_s
            if outcome.is_wrong:
                by, text = what_first(outcome.breaches, outcome.crashes)
                found = (seed, by, text)
                break
    return Catch(
        mutant=mutant.name,
        rule=mutant.rule,
        seeds=played,
        seed=found[0] if found else None,
        by=found[1] if found else "",
        text=found[2] if found else "",
        simulated_s=simulated_s,
        cpu_s=cpu_s,
    )


def hunt_named(name: str, seeds: Iterable[int], seconds: float) -> Catch:
    """The same for a rule by its name, for a process of its own."""
    return hunt(BY_NAME[name], seeds, seconds)


def what_first(breaches: tuple[Breach, ...], crashes: tuple[Crash, ...]) -> tuple[str, str]:
    """The number of the first broken invariant and its line; of a run without one, who crashed and of what."""
    if breaches:
        return breaches[0].invariant, str(breaches[0])
    last = crashes[0].traceback.rstrip().rpartition("\n")[2]
    return f"{crashes[0].role} crashed", last
