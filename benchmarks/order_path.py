"""From a frame to an order on the wire, restarts, hand-overs: read from the journal of a whole system that really runs.

Everything is as it is on a server: `python supervisor.py` with its embedded exchange, every process, socket, signature
and commit included. The crowd's frames cause what is measured. A market's book is wider than the settings allow most of
the time, so that both quotes are placed at once whenever it is not.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from messages.orders import NEVER, OrderAccepted, OrderIntended
from messages.system import ActorExited
from messages.values import OrderId, RealNs
from runtime.clock import real_now
from runtime.journal_reader import read_journal
from simulation.chaos.target import Seen, Target
from simulation.story import entries

SPEED = 60
MEMORY = Path("/dev/shm")
"""A file system on which a commit costs nothing, where there is one."""
QUOTES = """
[sim]
fund = 100000.0
[maker.strategy]
spread = 0.06
requote_threshold = 0.005
[limits.gapped_book]
max_spread = 0.02
[limits.position_limit]
max_net = 5000.0
[limits.daily_loss]
max_loss = 100000.0
"""
HAND_OVERS = """
[sim]
fund = 100000.0
[maker.strategy]
spread = 0.02
[limits.position_limit]
max_net = 10.0
[limits.daily_loss]
max_loss = 100000.0
"""
START_PATIENCE_S, STOP_PATIENCE_S, READY_PATIENCE_S = 60.0, 60.0, 30.0
LOOK_S = 0.002
SETTLE_S = 3.0
"""Between a replacement being ready and the next kill."""
KILLED = ("feed", "maker", "risk", "alert", "persistence", "gateway")
BARE = "import pykka, zmq, msgspec, loguru"
"""What every process imports before anything of ours."""


@contextmanager
def a_house(settings: str, place: Path | None = None) -> Iterator[Target]:
    """A whole system on a directory of its own, quoting when it is handed over; stopped in order."""
    with tempfile.TemporaryDirectory(prefix="order-path", dir=place) as name:
        directory = Path(name)
        config = directory / "bench.toml"
        config.write_text(settings, encoding="utf-8")
        arguments = ("--config", str(config), "--speed", str(SPEED), "--report", str(directory / "r.json"))
        house = Target(directory, arguments)
        house.start()
        try:
            until(lambda: house.open_orders() > 0 or house.ended() is not None, START_PATIENCE_S)
            yield house
        finally:
            house.end()


def stopped(house: Target) -> Path:
    """Its directory, once it has ended in order."""
    house.signal(house.pid, signal.SIGTERM)
    until(lambda: house.ended() is not None, STOP_PATIENCE_S)
    return house.state


def until(done: Callable[[], bool], patience_s: float) -> bool:
    """Look again and again; False: it did not come to be."""
    end = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(LOOK_S)
    return True


# Frame, decision, wire.


class Way:
    """One order's moments."""

    def __init__(self, intended: OrderIntended, intended_at: RealNs) -> None:
        self.frame = intended.frame_at if intended.moved_at == NEVER else NEVER
        self.decided, self.intended = intended.decided_at, intended_at
        self.durable = self.sent = self.answered = NEVER


def ways(state: Path) -> list[Way]:
    """Every order of a journal that was answered."""
    found: dict[OrderId, Way] = {}
    for entry in entries(read_journal(state / "journal.db")):
        if isinstance(entry.message, OrderIntended):
            found[entry.message.order] = Way(entry.message, entry.real_at)
        elif isinstance(entry.message, OrderAccepted) and entry.message.order in found:
            way, said = found[entry.message.order], entry.message
            way.durable, way.sent, way.answered = said.durable_at, said.sent_at, said.answered_at
    return [way for way in found.values() if NEVER not in (way.durable, way.sent, way.answered)]


def us(begun: RealNs, ended: RealNs) -> float:
    """Microseconds between two moments."""
    return (ended - begun) / 1e3


def quoting(seconds: float, place: Path | None = None) -> list[Way]:
    """The orders of a system that quoted for so long."""
    with a_house(QUOTES, place) as house:
        time.sleep(seconds)
        return ways(stopped(house))


def measure_ways(seconds: float, floor: list[float]) -> list[Figure]:
    """On the disk, and where there is one on a file system in memory. `floor`: one bare hop."""
    found, quick = quoting(seconds), quoting(seconds, MEMORY) if MEMORY.is_dir() else []
    framed, framed_quick = ([way for way in each if way.frame != NEVER] for each in (found, quick))
    to_wire = "frame -> signed order on the wire"
    return [
        Figure(
            "frame -> quote decided, two processes",
            [us(way.frame, way.decided) for way in framed],
            "p50 <= 150 us, p99 <= 1 ms",
        ),
        Figure("one bare hop", floor, is_baseline=True),
        Figure(
            f"{to_wire}, intent durable on the disk",
            [us(way.frame, way.sent) for way in framed],
            "p50 <= 1 ms, p99 <= 8 ms",
        ),
        Figure(
            "the same without the intent's way through the journal",
            [us(way.frame, way.sent) - us(way.intended, way.durable) for way in framed],
            "p50 <= 0.4 ms",
            is_baseline=True,
        ),
        Figure(
            "the same, state directory in memory",
            [us(way.frame, way.sent) for way in framed_quick],
            is_baseline=True,
        ),
        Figure("decision -> intent said, signed", [us(way.decided, way.intended) for way in found]),
        Figure("intent said -> durable and heard", [us(way.intended, way.durable) for way in found]),
        Figure(
            "the same, state directory in memory",
            [us(way.intended, way.durable) for way in quick],
            is_baseline=True,
        ),
        Figure("durable -> bytes on the socket", [us(way.durable, way.sent) for way in found]),
        Figure(
            "bytes on the socket -> answer of the exchange", [us(way.sent, way.answered) for way in found]
        ),
    ]


# Restarts.


def measure_restarts(kills: int) -> list[Figure]:
    """SIGKILL to each process in turn: when it was seen, and when its replacement was ready."""
    struck: dict[tuple[str, int], RealNs] = {}
    ready: dict[str, list[float]] = {role: [] for role in KILLED}
    with a_house(QUOTES) as house:
        for role in [role for _ in range(kills) for role in KILLED]:
            victim = next((seen for seen in house.processes() if seen.role == role), None)
            if victim is None:
                continue
            at = struck[role, victim.incarnation] = real_now()
            house.signal(victim.pid, signal.SIGKILL)
            if until(lambda victim=victim: is_back(house.processes(), victim), READY_PATIENCE_S):  # type: ignore[misc]
                ready[role].append(us(at, real_now()))
            time.sleep(SETTLE_S)
        seen = noticed(stopped(house), struck)
    goals = {"gateway": "p99 <= 5 s"}
    return [
        Figure("killed -> seen and written down", seen, "<= 5 ms"),
        *(
            Figure(f"killed -> ready again, {role}", ready[role], goals.get(role, "p99 <= 1.5 s"))
            for role in KILLED
        ),
        Figure("a Python that imports pykka, zmq, msgspec, loguru", bare_starts(kills), is_baseline=True),
    ]


def is_back(present: list[Seen], victim: Seen) -> bool:
    """Whether a later incarnation of it is ready."""
    return any(
        seen.role == victim.role and seen.incarnation > victim.incarnation and seen.state == "ready"
        for seen in present
    )


def noticed(state: Path, struck: dict[tuple[str, int], RealNs]) -> list[float]:
    """From each kill to the supervisor's word on it."""
    return [
        us(struck[entry.message.role, entry.message.incarnation], entry.real_at)
        for entry in entries(read_journal(state / "journal.db"))
        if isinstance(entry.message, ActorExited)
        and (entry.message.role, entry.message.incarnation) in struck
    ]


def bare_starts(count: int) -> list[float]:
    """From Popen to the end of a process that only imports."""
    spans = []
    for _ in range(max(3, count)):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", BARE], check=True)
        spans.append((time.perf_counter() - began) * 1e6)
    return spans


# Hand-overs.


def measure_hand_overs(seconds: float) -> list[Figure]:
    """A position limit of one order: each fill of a whole order hands the market over."""
    with a_house(HAND_OVERS) as house:
        time.sleep(seconds)
        state = stopped(house)
        report = json.loads((state.parent / "r.json").read_text(encoding="utf-8"))
        resting = [us(way.decided, way.answered) for way in ways(state)]
    gaps = [each["gap_ms"] * 1e3 for each in report["handovers"] if each["gap_ms"] is not None]
    return [
        Figure("market retired -> both quotes rest on the next", gaps, "p50 <= 250 ms, p99 <= 1 s"),
        Figure("one order, decided -> resting", resting, is_baseline=True),
    ]
