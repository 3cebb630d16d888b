"""One message from one process to another: a whole book over the bus, as it is published, sealed and read; one way."""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.figures import Figure
from messages.codec import decode_body, decode_envelope, encode_envelope
from messages.market import BookSnapshot
from messages.system import ClockAnchor
from messages.values import MarketId, MarketNs, Price, RealNs, RoleName, Size
from runtime.clock import Clock, real_now
from runtime.stamp import Stamp
from runtime.wire import Pattern
from runtime.zmq_wire import ZmqWire

PERIOD_S = 0.001
PATIENCE_S = 10.0
BOOK = BookSnapshot(
    market=MarketId("0x" + "ab" * 32),
    bids=tuple((Price(480_000 - 10_000 * n), Size(10_000_000 + n)) for n in range(10)),
    asks=tuple((Price(500_000 + 10_000 * n), Size(10_000_000 + n)) for n in range(10)),
    tick=Price(10_000),
    seen_at=RealNs(1),
)
CLOCK = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=1))
Spawn = multiprocessing.get_context("spawn")


def hear_bus(directory: str, count: int, out: Connection) -> None:
    """The receiving process: when each was read, after when it was sealed, in microseconds."""
    wire, spans = ZmqWire(Path(directory), "hearer@1"), list[float]()

    def read(frames: list[bytes]) -> None:
        envelope = decode_envelope(frames[-1])
        decode_body(envelope)
        spans.append((real_now() - envelope.real_at) / 1e3)

    wire.open("md", Pattern.SUBSCRIBER, read)
    out.send("ready")
    began = time.monotonic()
    while len(spans) < count and time.monotonic() - began < PATIENCE_S + count * PERIOD_S * 2:
        wire.receive(100_000_000)
    out.send(spans)
    wire.close()


def over_the_bus(count: int) -> list[float]:
    """What the receiver measured."""
    with tempfile.TemporaryDirectory(prefix="hop") as directory:
        wire = ZmqWire(Path(directory), "feed@1")
        wire.open("md", Pattern.PUBLISHER, lambda frames: None)
        ours, theirs = Spawn.Pipe()
        hearer = Spawn.Process(target=hear_bus, args=(directory, count, theirs))
        hearer.start()
        ours.recv()
        stamp, due = Stamp(RoleName("feed"), 1, 7, CLOCK), time.monotonic() + 0.5
        while not ours.poll():
            time.sleep(max(0.0, due - time.monotonic()))
            due += PERIOD_S
            wire.send("md", [encode_envelope(stamp.seal(BOOK, "md", None))])
            wire.receive(0)
        spans: list[float] = ours.recv()
        hearer.join()
        wire.close()
        return spans


def hear_socket(path: str, count: int, out: Connection) -> None:
    """The receiving process, over a bare socket."""
    spans = list[float]()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as hearer:
        hearer.bind(path)
        hearer.settimeout(PATIENCE_S)
        out.send("ready")
        while len(spans) < count:
            sent_at = int.from_bytes(hearer.recv(65_536)[:8], "big")
            spans.append((int(real_now()) - sent_at) / 1e3)
    out.send(spans)


def over_a_socket(count: int) -> list[float]:
    """The floor: as many bytes, nothing read of them but when they left."""
    size = len(encode_envelope(Stamp(RoleName("feed"), 1, 7, CLOCK).seal(BOOK, "md", None)))
    with tempfile.TemporaryDirectory(prefix="hop") as directory:
        path = f"{directory}/floor"
        ours, theirs = Spawn.Pipe()
        hearer = Spawn.Process(target=hear_socket, args=(path, count, theirs))
        hearer.start()
        ours.recv()
        due = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(path)
            for _ in range(count):
                time.sleep(max(0.0, due - time.monotonic()))
                due += PERIOD_S
                sender.send(int(real_now()).to_bytes(8, "big") + bytes(size - 8))
        spans: list[float] = ours.recv()
        hearer.join()
        return spans


def measure(count: int) -> list[Figure]:
    """The bus, and the floor under it."""
    return [
        Figure("one hop, a book of ten levels at 1,000 a second", over_the_bus(count)),
        Figure("bare AF_UNIX socket, as many bytes", over_a_socket(count), is_baseline=True),
    ]
