"""A world put together: the ledger of a state directory, and recordings or the crowd played on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from messages.values import Money
from venue.paper.crowd import rolling, rotation
from venue.paper.crowd.demo_world import DEMO
from venue.paper.crowd.listings import poisoned
from venue.paper.crowd.reference import Reference
from venue.paper.crowd.rolling import Windows, crowd_of
from venue.paper.crowd.rotation import Rotation
from venue.paper.crowd.wide_world import WIDE
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.queue_models import PESSIMISTIC, QueueModel
from venue.paper.ledger.ledger import Ledger, World, WorldMismatch
from venue.paper.replay.frames import RecordingError
from venue.paper.replay.recording import Recording

__all__ = ["CROWD", "WORLDS", "Crowd", "RecordingError", "WorldMismatch", "load_world"]

WORLDS = {world.name: world for world in (DEMO, WIDE)}


class Crowd(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the crowd's worlds is played where there are no recordings."""

    world: str = "demo"
    """One of `WORLDS`."""
    toxicity: float = 1.0
    """Multiplies informed takers, snipers and the noise that knows."""

    @property
    def version(self) -> str:
        """What a state remembers of it."""
        world = f"{rotation.VERSION}, {rolling.VERSION}, {self.world} world"
        return world if self.toxicity == 1 else f"{world} with toxicity {self.toxicity:g}"


CROWD = Crowd()


def load_world(
    ledger_path: Path | str,
    recordings: Sequence[Path],
    seed: int,
    clock: VenueClock,
    fund: Money,
    queue: QueueModel = PESSIMISTIC,
    crowd: Crowd = CROWD,
) -> Exchange:
    """The exchange as this state left it, its background where market time stands; no order of ours rests.

    `ledger_path` may be `:memory:`. `fund` is what an address gets with its first key, in millionths of a
    dollar; `queue` guesses where cancels in a recording hit. Raises RecordingError for a file that cannot be
    played, WorldMismatch for a state that began with another world, OSError for files that cannot be used.
    """
    played = [Recording(path) for path in recordings]
    _check_distinct(played)
    world = World(
        recordings=tuple((recording.name, recording.digest) for recording in played),
        seed=seed,
        crowd="" if played else crowd.version,
    )
    ledger = Ledger(ledger_path)
    try:
        ledger.begin(world)
    except WorldMismatch:
        ledger.close()
        raise
    _resume(ledger, clock)
    exchange = Exchange(clock, ledger, first_funds=fund)
    for recording in played:
        exchange.add_tape(recording, queue)
    if not played:
        Rotation(exchange, poisoned(WORLDS[crowd.world], crowd.toxicity), seed).begin()
        Windows(exchange, Reference(seed), crowd_of(seed, crowd.toxicity)).begin()
    exchange.advance()
    return exchange


def _resume(ledger: Ledger, clock: VenueClock) -> None:
    """Market time goes on where it was, and whatever rested then is history."""
    reached = ledger.reached
    if reached is not None:
        clock.resume(ledger.origin, max(reached, ledger.origin or reached))
    ledger.end_all(clock.now(), clock.real_now(), "venue restart")


def _check_distinct(recordings: Sequence[Recording]) -> None:
    seen = dict[str, Recording]()
    for recording in recordings:
        for mark in (recording.yes, recording.no, recording.market.slug):
            if mark in seen and seen[mark] is not recording:
                raise RecordingError(recording.path, 0, f"is the same market as {seen[mark].path}")
            seen[mark] = recording
