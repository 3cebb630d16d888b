"""`python -m simulation.chaos`: the whole system, real processes, killed from all sides, judged from outside."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import msgspec
from cyclopts import App, CycloptsError, Parameter

from config.sources import Sources
from messages.values import Size
from runtime.clock import real_now
from simulation.chaos.campaign import Campaign
from simulation.chaos.diary import Diary, say
from simulation.chaos.nemesis import Act, Budget, Nemesis
from simulation.chaos.oracle import Evidence, NobodyGivenUp, NoStorm, judge, last_run, leaked, recoveries
from simulation.chaos.summary import add_row, in_words, row_of
from simulation.chaos.target import ROOT, Target
from simulation.report import RunFacts
from supervisor import PROCESSES, VENUE_SPEC

CLEAN, VIOLATED, USAGE = 0, 1, 2
VENUE = "venue"
FAMILIES = (VENUE, *PROCESSES)
CONFIG = """# What chaos changes; supervision is as always.
[sim]
fund = 100000.0                   # it trades for long

[limits.position_limit]
max_net = 20.0                    # hands its markets over often, so that there are liquidators to strike

[limits.daily_loss]
max_loss = 100000.0               # a loss is no reason to stop here
"""

app = App(
    name="python -m simulation.chaos",
    help="Run the whole system on its embedded exchange, kill and stop its processes, and judge the ledgers.",
    help_epilogue="Exit codes: 0 no violation, 1 violations (each in words), 2 usage.",
    help_format="plaintext",
)


class Campaigned(msgspec.Struct, frozen=True, kw_only=True):
    """What one campaign was asked to do."""

    minutes: float
    kills: int
    seed: int
    speed: int
    directory: Path
    acts: tuple[Act, ...]


def allowed(family: str) -> tuple[int, float]:
    """Restarts of a family, within so many seconds, that its row of the process table forgives."""
    spec = VENUE_SPEC if family == VENUE else PROCESSES[family].spec
    return spec.intensity, spec.period_s


@app.default
def chaos(
    *,
    minutes: Annotated[float, Parameter(help="How long it strikes.")] = 3.0,
    kills: Annotated[int | None, Parameter(help="SIGKILLs to aim at; default ten a minute.")] = None,
    seed: Annotated[int | None, Parameter(help="Of the strikes; default: any.")] = None,
    speed: Annotated[int, Parameter(help="Market seconds per real second.")] = 20,
    into: Annotated[Path | None, Parameter(help="Empty or new directory for everything it leaves.")] = None,
    only: Annotated[tuple[Act, ...], Parameter(help="Only these kinds of strikes.", negative="")] = tuple(
        Act
    ),
    table: Annotated[Path | None, Parameter(help="Add a row to the table of results in this page.")] = None,
) -> int:
    """Strike, heal, stop, judge."""
    directory = Path(tempfile.mkdtemp(prefix="evermaker-chaos-")) if into is None else into.absolute()
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        say(f"{directory} is not empty")
        return USAGE
    asked = Campaigned(
        minutes=minutes,
        kills=round(10 * minutes) if kills is None else kills,
        seed=random.SystemRandom().randrange(1 << 31) if seed is None else seed,
        speed=speed,
        directory=directory,
        acts=only,
    )
    found = run(asked)
    (directory / "chaos.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    sys.stdout.write(in_words(found))
    if table is not None:
        add_row(table, row_of(found))
    return VIOLATED if found["violations"] else CLEAN


def run(asked: Campaigned) -> dict[str, Any]:
    """One campaign and its judgement, as the report has it."""
    say(f"seed {asked.seed}, {asked.minutes:g} minutes, {asked.kills} kills, everything in {asked.directory}")
    config = asked.directory / "chaos.toml"
    config.write_text(CONFIG)
    arguments = ("--config", str(config), "--seed", str(asked.seed), "--speed", str(asked.speed))
    target = Target(asked.directory, arguments)
    diary = Diary(asked.directory / "actions.jsonl")
    nemesis = Nemesis(asked.seed, FAMILIES, asked.acts, Budget(allowed))
    campaign = Campaign(target, nemesis, diary, seconds=asked.minutes * 60, goal=asked.kills)
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        campaign.run()
    finally:
        target.end()
    return told(asked, campaign, diary)


def told(asked: Campaigned, campaign: Campaign, diary: Diary) -> dict[str, Any]:
    """Everything that was done, measured and found."""
    until, directory = real_now(), asked.directory
    found: dict[str, Any] = {
        "seed": asked.seed,
        "minutes": asked.minutes,
        "speed": asked.speed,
        "commit": commit(),
        "load": round(os.getloadavg()[1], 2),
        "directory": str(directory),
        "wall_s": round(diary.seconds(until), 1),
        "exit_code": campaign.exit_code,
        "kills": {"all": diary.kills, **diary.killed},
        "strikes": dict(diary.counts),
        "orphans_s": [round(ns / 1e9, 3) for ns in campaign.orphan_ns],
        "supervisor_restarts_s": [
            round((kill.ready_at - kill.at) / 1e9, 3)
            for kill in campaign.restarts
            if kill.ready_at is not None
        ],
    }
    violations = list(diary.troubles)
    try:
        evidence = Evidence.collect(directory / "state", directory / "evidence")
        found |= judged(asked, campaign, evidence, diary.seconds(until))
        found |= recoveries(evidence, campaign.sightings.kills, until)
        violations += found["report"]["invariants"]["details"]
    except (OSError, sqlite3.Error) as error:
        violations.append(f"the evidence cannot be read: {error}")
    violations += [f"I19: {name} holds the wallet's key" for name in leaked(directory, directory / "state")]
    return {"violations": len(violations), "details": violations, **found}


def judged(asked: Campaigned, campaign: Campaign, evidence: Evidence, wall_s: float) -> dict[str, Any]:
    """The ledgers against each other."""
    run, events = last_run(evidence)
    sources = Sources()
    sources.file(asked.directory / "chaos.toml")
    facts = RunFacts(
        run=run,
        mode="sim",
        seed=asked.seed,
        speed=asked.speed,
        market_seconds=wall_s * asked.speed,
        wall_seconds=wall_s,
        exit_code=1 if campaign.exit_code is None else campaign.exit_code,
        cap=Size(sources.settings.gateway.limits.cap),
    )
    report = asked.directory / "report.json"
    return {"events": events, "report": judge(evidence, facts, (NoStorm(allowed), NobodyGivenUp()), report)}


def commit() -> str:
    """Which code this is, "" outside a checkout."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def _interrupted(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Entry point; the exit code."""
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return USAGE
    except KeyboardInterrupt:
        say("interrupted: everything it started is ended")
        return VIOLATED
    return code if isinstance(code, int) else CLEAN


if __name__ == "__main__":
    sys.exit(main())
