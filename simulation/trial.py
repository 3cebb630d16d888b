"""One simulated run: a house in a box at a lying venue, watched in every step, healed, and stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from actors.feed import FeedSettings
from actors.gateway import GatewayActor
from config.settings import Settings, SimSettings
from messages.codec import decode_body, decode_envelope
from messages.market import FeedStatus
from messages.risk import TradingPermit
from messages.system import Announce
from messages.values import MICRO, SECOND, MarketNs, Money, RealNs, Size
from runtime.journal import Record
from simulation.casting import Casting
from simulation.checks.watch import Watch
from simulation.exchange.kill_switch import KillFile
from simulation.exchange.lies import Lies, draw
from simulation.exchange.mischief import Mischief
from simulation.exchange.venue import Scenery, SimulatedVenue
from simulation.report import RunFacts
from simulation.story import Entry
from simulation.troubles import Troubles
from simulation.world.box import Box
from simulation.world.memory_journal import Store
from simulation.world.world import World
from supervisor import PROCESSES
from trading.account import Account
from trading.ranking import RankingSettings
from trading.risk import RiskLimits
from trading.risk.daily_loss import DailyLoss

HEAL_S = 120
"""After the faults the house gets so long to come back."""
STOP_S = 40
UNPUBLISHED = 1
"""Bytes before the envelope in a frame that is published."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one run."""

    seed: int
    codes: tuple[int, ...]
    """What each supervisor ended with."""
    breaches: tuple[str, ...]
    mistakes: tuple[str, ...]
    """Tracebacks of processes that ended by our own mistake."""
    digest: str
    simulated_s: float
    accepted: int
    fills: int
    handovers: int
    struck: dict[str, int]
    """How often each fault struck."""


def settings_of(seed: int, speed: int) -> Settings:
    """The defaults, with a ranking that needs no minute and a loss limit that ends no run."""
    return Settings(
        sim=SimSettings(seed=seed % 2**31, speed=speed),
        feed=FeedSettings(ranking=RankingSettings(first_s=5, window_s=60)),
        limits=RiskLimits(daily_loss=DailyLoss(max_loss=Money(10**6 * MICRO))),
    )


class Trial:
    """Everything of one run. The seed alone decides what happens."""

    def __init__(
        self,
        seed: int,
        severities: Mapping[str, float] | None = None,
        scenery: Scenery = Scenery(),  # noqa: B008
        speed: int = 1,
    ) -> None:
        """`severities` of faults by id; drawn by the seed where they are not given."""
        self.world = World(seed)
        self.lies = Lies(self.world, draw(self.world.rng) if severities is None else severities)
        self.venue = SimulatedVenue(self.world, self.lies, scenery)
        self.kill_file = KillFile()
        self.said: list[Announce] = []
        settings = settings_of(seed, speed)
        self.box = Box(self.world, settings, lambda plan, p: self._casting.ports(plan, p), self.venue)
        self.box.disk.store = WatchedStore(self._committed)
        cap = settings.limits.position_limit.max_net + settings.maker.strategy.size
        self.watch = Watch(
            seed,
            self.venue,
            self.believed,
            self,
            cap=Size(cap),
            allowed={role: (row.spec.intensity, row.spec.period_s) for role, row in PROCESSES.items()},
        )
        self._casting = Casting(self.venue, self.box.disk, self.kill_file, self.watch.sent, self.said.append)
        self._mischief = Mischief(self.venue)
        self._troubles = Troubles(self.world, self.box, self.lies)
        self._handled = (0, 0)
        self._is_restored = False
        self.box.net.heard.append(self._published)
        self.world.on_step.append(lambda world: self._stepped())

    # The course of it.

    def run(self, seconds: float) -> Ending:
        """Faults for so long, then everything heals, then it is told to stop."""
        heal_at = self.world.now() + round(seconds * SECOND)
        self.world.call_at(self.world.now(), self.lies.begin)
        self.world.call_at(heal_at, self._heal)
        self.world.call_at(heal_at + HEAL_S * SECOND, self._stop)
        self.world.call_in(SECOND, self._second)
        code = self.box.live()
        return self._end(code)

    def _heal(self) -> None:
        self.lies.heal()
        self._troubles.heal()
        self.watch.progress.heal()

    def _stop(self) -> None:
        self.box.stop()
        self.watch.progress.stop()

    def _second(self) -> None:
        self.watch.second()
        self.world.call_in(SECOND, self._second)

    def _end(self, code: int) -> Ending:
        self.watch.second()
        records = self.box.disk.store.records
        run = records[-1].run if records else 0
        facts = RunFacts(
            run=run,
            mode="sim",
            seed=self.world.seed,
            speed=self.venue.speed,
            market_seconds=0.0,
            wall_seconds=self.world.elapsed_ns / SECOND,
            exit_code=code,
        )
        report = self.watch.end(records, facts)
        handovers = report["handovers"]
        return Ending(
            seed=self.world.seed,
            codes=tuple(self.box.codes),
            breaches=tuple(str(breach) for breach in self.watch.breaches),
            mistakes=tuple(process.failure for process in self.box.machine.ended),
            digest=self.box.disk.seal().hex(),
            simulated_s=self.world.elapsed_ns / SECOND,
            accepted=len(self.venue.records.orders),
            fills=len(self.venue.records.legs),
            handovers=len(handovers) if isinstance(handovers, list) else 0,
            struck={id_: count for id_, count in self.lies.counts.items() if count},
        )

    # What is believed, and how the house is (see `HouseView`).

    def believed(self) -> Account | None:
        """The account of a gateway that is ready."""
        process = self.box.process("gateway")
        actor = process.host.actor if process is not None and process.host is not None else None
        return actor.account if isinstance(actor, GatewayActor) and actor.is_ready else None

    def waiting(self) -> list[str]:
        """Permanent roles that are not ready."""
        return [role for role in PROCESSES if role != "liquidator" and not self._is_ready(role)]

    def _is_ready(self, role: str) -> bool:
        process = self.box.process(role)
        return process is not None and process.host is not None and process.host.actor.is_ready

    def orphaned(self) -> list[str]:
        """Open exits without a living liquidator."""
        house = self.box.house
        if house is None:
            return ["everybody: there is no supervisor"]
        alive = {process.role for process in self.box.machine.processes.values()}
        exits = house.exits
        lonely = [retired.slug for retired in exits.unassigned()]
        return lonely + [a.slug for a in exits.assignments() if a.liquidator not in alive]

    def behind(self) -> list[str]:
        """Roles that have not heard the newest fact."""
        return []

    def may_quote(self) -> bool:
        """Nothing that only a person can lift forbids quotes."""
        house = self.box.house
        return house is None or not house.halts

    # What is told.

    def _committed(self, records: tuple[Record, ...]) -> None:
        for record in records:
            envelope = decode_envelope(record.envelope)
            entry = Entry(
                record.gseq,
                record.run,
                record.source,
                RealNs(record.real_at),
                record.wall_at,
                MarketNs(record.market_at),
                decode_body(envelope),
            )
            self.watch.fact(entry)

    def _published(self, name: str, frames: list[bytes]) -> None:
        if name not in ("permit", "md"):
            return
        envelope = decode_envelope(frames[0][UNPUBLISHED:])
        if envelope.kind == "TradingPermit":
            permit = decode_body(envelope)
            assert isinstance(permit, TradingPermit)
            self.watch.permit(permit)
        elif envelope.kind == "FeedStatus":
            status = decode_body(envelope)
            assert isinstance(status, FeedStatus)
            self.watch.word(status)

    def _stepped(self) -> None:
        """The gateway's steps alone are looked at."""
        process = self.box.process("gateway")
        if process is None or process.host is None:
            return
        handled = (process.pid, process.host.mailbox.handled)
        if handled != self._handled:
            self._handled = handled
            self.watch.stepped()


class WatchedStore(Store):
    """Tells of every commit."""

    def __init__(self, committed: Callable[[tuple[Record, ...]], None]) -> None:
        super().__init__()
        self._committed = committed

    def keep(self, records: tuple[Record, ...]) -> None:
        """These are durable now."""
        super().keep(records)
        self._committed(records)
