"""One run: a seed, so much time with faults, then everything is healed and must come back, then an ordered stop."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

import msgspec

from config.settings import Settings, completed
from messages.values import SECOND, Size
from simulation.checks.ward import Breach
from simulation.checks.watch import Watch
from simulation.exchange.lies import Lies, draw
from simulation.exchange.mischief import Mischief
from simulation.exchange.venue import Scenery, SimulatedVenue
from simulation.report import RunFacts
from simulation.world.box import Box
from simulation.world.cast import casting
from simulation.world.eyes import Eyes
from simulation.world.nemesis import Nemesis
from simulation.world.operator import Operator
from simulation.world.strokes import Stroke, strokes
from simulation.world.world import World
from supervisor import PROCESSES

SPEEDS = (1, 1, 1, 2)
"""Market seconds in a real one: what a run draws from."""
SLOWNESS = (1.0, 1.0, 4.0, 40.0)
"""How much longer than on a quiet machine every hop takes: what a run draws from."""
KNOWN_S = 5
"""Market seconds of observation before the first ranking: after every death of the feed it begins anew."""
HEALED_S = 135
"""At most so long everything has to come back; then the stop is asked for."""


class Crash(msgspec.Struct, frozen=True, kw_only=True):
    """A process that ended by a mistake of its own."""

    role: str
    code: int
    traceback: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a run; with the same commit the same seed gives the same, but for the time it took."""

    seed: int
    breaches: tuple[Breach, ...]
    crashes: tuple[Crash, ...]
    strokes: tuple[Stroke, ...]
    """What was done to processes, connections, disk and clocks: give some of them to have a run with only those."""
    severities: dict[str, float]
    """The faults that were on, the venue's among them, as how bad they were."""
    struck: dict[str, int]
    """How often each of the venue's faults struck."""
    codes: tuple[int, ...]
    """What supervisors ended with."""
    journal: str
    """Seal of the journal's last record."""
    events: int
    steps: int
    simulated_s: float
    cpu_s: float
    account: tuple[str, ...]
    """The last things that happened."""
    report: dict[str, object]

    @property
    def is_wrong(self) -> bool:
        """An invariant was broken, or a process ended by a mistake of its own."""
        return bool(self.breaches or self.crashes)

    @property
    def speed(self) -> float:
        """Simulated seconds for each second of one core."""
        return self.simulated_s / self.cpu_s


def run(
    seed: int,
    seconds: float,
    *,
    severities: Mapping[str, float] | None = None,
    planned: tuple[Stroke, ...] | None = None,
    file: Path | None = None,
) -> Outcome:
    """Play a seed. `severities` and `planned` in the place of what the seed draws; `file` for a real journal."""
    return Run(seed, seconds, severities, planned, file).play()


class Run:
    """One run, put together."""

    def __init__(
        self,
        seed: int,
        seconds: float,
        severities: Mapping[str, float] | None,
        planned: tuple[Stroke, ...] | None,
        file: Path | None,
    ) -> None:
        chance = Random(seed)
        drawn = draw(chance)
        scenery = Scenery(markets=chance.randrange(3, 6))
        self.speed = chance.choice(SPEEDS)
        slowness = chance.choice(SLOWNESS)
        span_ns = round(seconds * SECOND)
        own = strokes(chance, drawn if severities is None else severities, span_ns)
        self.severities = dict(drawn if severities is None else severities)
        self.world = World(seed)
        with self.world.telling_time():
            self.lies = Lies(self.world, self.severities)
            self.venue = SimulatedVenue(self.world, self.lies, scenery)
            Mischief(self.venue)
            files: dict[str, str] = {}
            self.box = Box(
                self.world,
                settings_of(self.speed),
                casting(self.world, self.venue, files, lambda order, at: self.watch.sent(order, at)),
                self.venue,
                file,
            )
            self.box.net.slowness = slowness
            self.eyes = Eyes(self.box)
            self.watch = Watch(
                seed,
                self.venue,
                self.eyes.believed,
                self.eyes,
                cap=cap(),
                allowed={name: (row.spec.intensity, row.spec.period_s) for name, row in PROCESSES.items()},
            )
            self.eyes.tell(self.watch)
            self.operator = Operator(self.world, self.box.net, self.eyes.may_quote, self.watch.ward.violated)
            self.watch.hears.append(self.operator.hear)
            self.nemesis = Nemesis(self.box, own if planned is None else planned, self.lies.play_fair)
        self._run_id = 0
        self._stop_at = 0
        self.box.on_house = self._begun
        self.world.call_in(span_ns, self._heal)
        self.world.call_in(SECOND, self._second)
        self.lies.begin()

    def _begun(self, run_id: int) -> None:
        self._run_id = run_id

    def play(self) -> Outcome:
        """From the first start to the last stop."""
        began = time.process_time()
        code = self.box.live()
        world, disk = self.world, self.box.disk
        facts = RunFacts(
            run=self._run_id,
            mode="sim",
            seed=world.seed,
            speed=self.speed,
            market_seconds=world.elapsed_ns / SECOND * self.speed,
            wall_seconds=world.elapsed_ns / SECOND,
            exit_code=code,
            cap=cap(),
        )
        report = self.watch.end(disk.records(), facts)
        return Outcome(
            seed=world.seed,
            breaches=tuple(self.watch.breaches),
            crashes=tuple(
                Crash(role=p.role, code=p.code or 0, traceback=p.failure) for p in self.box.machine.ended
            ),
            strokes=tuple(self.nemesis.done),
            severities=self.severities,
            struck={id_: count for id_, count in self.lies.counts.items() if count},
            codes=tuple(self.box.codes),
            journal=disk.seal().hex(),
            events=disk.head,
            steps=world.steps,
            simulated_s=world.elapsed_ns / SECOND,
            cpu_s=time.process_time() - began,
            account=tuple(str(line) for line in world.account),
            report=report,
        )

    def _heal(self) -> None:
        """Nothing goes wrong from now on, and all must come back."""
        self.world.note("healed")
        self.lies.heal()
        self.nemesis.heal()
        self.operator.heal()
        self.watch.progress.heal()
        self._stop_at = self.world.ns + HEALED_S * SECOND

    def _second(self) -> None:
        self.watch.second()
        progress = self.watch.progress
        if self._stop_at and (progress.is_restored or self.world.ns >= self._stop_at):
            self._stop_at = 0
            self.world.note("stopping")
            progress.stop()
            self.box.stop()
        self.world.call_in(SECOND, self._second)


def settings_of(speed: int) -> Settings:
    """The defaults, with so many market seconds in a real one, and a feed that knows soon which market is best."""
    settings, replace = Settings(), msgspec.structs.replace
    ranking = replace(settings.feed.ranking, first_s=KNOWN_S)
    return replace(
        settings, sim=replace(settings.sim, speed=speed), feed=replace(settings.feed, ranking=ranking)
    )


def cap() -> Size:
    """Position limit plus one order."""
    return Size(completed(Settings(), False).gateway.limits.cap)
