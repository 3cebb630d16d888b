"""What became of a run, for people."""

from __future__ import annotations

from simulation.world.run import Outcome


def as_text(outcome: Outcome, tail: int, minutes: float) -> str:
    """A line for a good run; for another one everything that helps to understand it."""
    summary = (
        f"seed {outcome.seed}: {outcome.simulated_s:.0f} s simulated, {outcome.speed:.0f} times real time, "
        f"{outcome.events} events, {len(outcome.strokes)} strokes, {sum(outcome.struck.values())} lies, "
        f"{len(outcome.breaches)} violations, {len(outcome.crashes)} crashes, journal {outcome.journal}"
    )
    lines = [summary]
    if outcome.is_wrong:
        lines += [f"  {breach}" for breach in outcome.breaches]
        for crash in outcome.crashes:
            lines += [f"  {crash.role} crashed, exit {crash.code}", _indented(crash.traceback)]
        lines += [f"  {line}" for line in (outcome.account[-tail:] if tail else ())]
        lines.append(f"  again: python -m simulation.world --seed {outcome.seed} --minutes {minutes:g}")
    return "\n".join(lines) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())
