"""How long a process needs to know again what it knew: by a full replay, and by its snapshot and the tail.

    python -m benchmarks.restart [--events 1000000] [--directory /where/the/state/will/be]

A journal of so many events is made by telling a recorded half hour again and again under new order and trade ids. Every
role then recovers as its host has it: asked for in chunks of the journal's writer, decoded, handled; sockets left out.
Seconds are of a core's time, so that what else runs on the machine does not count; the writer's part is in them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from actors.persistence import PersistenceActor
from config.command import parse
from messages import BY_KIND
from messages.base import Event
from messages.codec import decode_body, encode_envelope
from messages.liquidation import LiquidatorAssigned
from messages.system import ClockAnchor, EventsReplayed, KeepSnapshot
from messages.values import MarketNs, RealNs, RoleName
from runtime.actor import Actor
from runtime.clock import Clock
from runtime.facts import FactsClient
from runtime.house import HEARD
from runtime.image import revive
from runtime.journal import Journal
from runtime.stamp import Stamp
from runtime.topology import journaled
from runtime.twin import Twin
from supervisor import PROCESSES, Site

STORY = Path(__file__).resolve().parents[1] / "tests" / "data" / "journal" / "half_an_hour.jsonl.gz"
TAIL = 4_999
"""Events after the newest snapshot: the most there are."""
NAMES = ("order", "trade", "command")


class Somewhere:
    """A state directory that nothing is read from."""

    path = journal = logs = Path("/nowhere")


def story() -> list[dict[str, Any]]:
    """The recorded rows."""
    with gzip.open(STORY, "rt") as lines:
        return [json.loads(line) for line in lines]


def told_again(rows: list[dict[str, Any]], count: int) -> Iterator[tuple[Event, str, int]]:
    """So many events: with each telling the orders, trades and commands are other ones."""
    for n in range(count):
        telling, place = divmod(n, len(rows))
        row = rows[place]
        body = dict(row["body"])
        for name in NAMES:
            if name in body:
                body[name] = f"{body[name]}-{telling}"
        yield msgspec.convert(body, BY_KIND[row["kind"]]), row["source"], row["market_at"] + telling


def make(path: Path, count: int) -> None:
    """The journal."""
    journal, rng = Journal.open(path), random.Random(1)
    clock = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0))
    stamp = Stamp(RoleName("gateway"), 7, 1, clock)
    for event, source, market_at in told_again(story(), count):
        sealed = stamp.seal(event, "facts", None)
        sealed = msgspec.structs.replace(sealed, id=rng.randbytes(16), source=source, market_at=market_at)
        journal.stage(
            sealed.id,
            sealed.kind,
            sealed.market,
            sealed.source,
            sealed.run,
            int(sealed.real_at),
            sealed.wall_at,
            int(sealed.market_at),
            encode_envelope(sealed),
        )
        if journal.staged == 2_000:
            journal.commit()
            journal.checkpoint()
    journal.commit()
    journal.close()


def an_actor(role: str) -> Actor:
    """As the process table has it."""
    row = PROCESSES[role]
    arguments = dict(row.arguments(Site(parse([]), Somewhere(), 0)))  # type: ignore[arg-type]
    if role == "liquidator":
        assigned = next(row["body"] for row in story() if row["kind"] == "LiquidatorAssigned")
        arguments["assignment"] = msgspec.convert(assigned, LiquidatorAssigned)
    actor = row.actor(**arguments)
    actor.role = RoleName(role)
    return actor


class Line:
    """A bus to the journal's writer without sockets: an actor's snapshots go over it."""

    identity = "clerk@1"

    def __init__(self, writer: PersistenceActor) -> None:
        self.writer = writer
        self.bytes = 0

    def ask_journal(self, message: Any) -> bool:
        """At once."""
        self.bytes += len(message.data) if isinstance(message, KeepSnapshot) else 0
        self.writer.handle(message)
        return True


def replayed(writer: PersistenceActor, kinds: tuple[str, ...], after: int, actor: Actor | None) -> int:
    """Recover an actor (None: nobody) from this place on; how many events it heard."""
    client, heard = FactsClient("clerk@1", kinds), 0
    client.resume(after)
    while True:
        (answer,) = writer.handle(client.ask())
        assert isinstance(answer, EventsReplayed)
        envelopes, more = client.replayed(answer)
        for envelope in envelopes:
            client.handled(envelope)
            message = decode_body(envelope)
            if actor is not None:
                actor.now, actor.real_now = envelope.market_at, envelope.real_at
                actor.handle(message)
        heard += len(envelopes)
        if not more:
            return heard


def timed(role: str, writer: PersistenceActor) -> str:
    """One role's row."""
    kinds = tuple(kind.__name__ for kind in PROCESSES[role].actor.contract.handlers if journaled(kind))
    head = writer.journal.head
    begun = time.process_time()
    actor = an_actor(role)
    heard = replayed(writer, kinds, 0, actor)
    full_s = time.process_time() - begun
    line = Line(writer)
    twin = Twin(line, actor, "benchmark")  # type: ignore[arg-type]
    begun = time.process_time()
    twin.begin(max(1, head - TAIL))
    picture_s = time.process_time() - begun
    for _ in range(100):
        twin.step()
    begun = time.process_time()
    again = an_actor(role)
    found = writer.journal.snapshots.find(role, "benchmark", 1 << 62)
    assert found is not None
    vars(again).update(revive(found.image))
    revive(found.image)  # its twin
    replayed(writer, kinds, found.gseq, again)
    short_s = time.process_time() - begun
    return (
        f"{role:<12} full replay {full_s:6.2f} s ({heard:>9,} heard, {heard / full_s:>8,.0f}/s)  "
        f"snapshot and tail {short_s:5.2f} s  picture {picture_s * 1e3:4.0f} ms, {line.bytes >> 10:>5} KiB"
    )


def measure(directory: Path, count: int) -> Iterator[str]:
    """The table, line by line."""
    path = directory / "journal.db"
    make(path, count)
    yield f"{count:,} events, {path.stat().st_size >> 20} MiB, in {directory}"
    begun = time.process_time()
    writer = PersistenceActor(Journal.open(path))
    writer.call("begin")
    yield f"{'persistence':<12} ready after {time.process_time() - begun:6.2f} s, its files follow meanwhile"
    begun = time.process_time()
    found = replayed(writer, HEARD, 0, None)
    yield f"{'supervisor':<12} full replay {time.process_time() - begun:6.2f} s ({found:>9,} heard)"
    for role, row in PROCESSES.items():
        if any(map(journaled, row.actor.contract.handlers)):
            yield timed(role, writer)
    writer.journal.close()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--directory", type=Path, default=None, help="a temporary one is made inside")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        for line in measure(Path(directory), given.events):
            print(line, flush=True)  # noqa: T201 -- a script that reports


if __name__ == "__main__":
    main()
