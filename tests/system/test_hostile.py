"""What a hostile hand does to a running system: signals at the worst moments, stopped processes, garbage."""

import json
import os
import signal
import socket
import time

import msgspec
import pytest
import zmq

from messages.base import Envelope
from messages.codec import encode_envelope
from messages.system import EngineChanged, EngineState, ReplayEvents, StopActor
from messages.values import MarketNs, RealNs
from tests.system.houses import reading, survivors

pytestmark = pytest.mark.slow

QUOTED = "Two-sided quote rests"
JUNK = ([b""], [b"\xc1"], [b"\x9f" * 5_000], [b"\x00" * 900_000], [b"a", b"b", b"c"], [os.urandom(2_000)])


def resting(system):
    with reading(system.state / "venue.db") as db:
        return db.execute("SELECT count(*) FROM orders WHERE ended_at IS NULL").fetchone()[0]


def incarnations(system):
    return {role: child["incarnation"] for role, child in system.processes()["children"].items()}


def quotes_again(system):
    system.until_said(QUOTED, count=system.text().count(QUOTED) + 1)


def test_a_stop_while_the_gateway_still_starts_is_an_orderly_stop(house):
    system = house("--speed", "20")
    system.until(lambda: system.child("gateway"), 30, "start of the gateway")

    assert system.stop(signal.SIGTERM) == 0
    assert system.text().endswith("supervisor: stopped by SIGTERM; no order rests\n")
    assert survivors(system.state) == []


def test_while_the_supervisor_is_stopped_nothing_rests_and_afterwards_it_blames_nobody(house):
    system = house("--speed", "20")
    system.until_said(QUOTED)
    before = incarnations(system)
    system.process.send_signal(signal.SIGSTOP)
    system.until(lambda: resting(system) == 0 and quiet_s(system) > 1.5, 20, "end of the trading")
    system.process.send_signal(signal.SIGCONT)
    quotes_again(system)

    assert incarnations(system) == before
    assert system.stop() == 0


def test_garbage_and_false_orders_on_every_socket_harm_nobody(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "20", "--report", str(report))
    system.until_said(QUOTED)
    before = incarnations(system)
    with Stranger(system) as stranger:
        for name in ("ctl", "cmd", "jrn", "sup"):
            stranger.sends(name, zmq.DEALER, *JUNK)
        stranger.sends("tel.in", zmq.PUSH, *JUNK)
        stranger.says("tel.in", zmq.PUSH, StopActor(reason="no business of yours"))
        stranger.says("jrn", zmq.DEALER, StopActor(reason="no business of yours"))
        stranger.says("jrn", zmq.DEALER, ReplayEvents(sender="stranger@1", after=-1, limit=0))
        stranger.says("jrn", zmq.DEALER, EngineChanged(state=EngineState.RUNNING), body=b"\x81\xa5state\xa1X")
        stranger.says("jrn", zmq.DEALER, EngineChanged(state=EngineState.RUNNING), identity=b"short")
        stranger.says("jrn", zmq.DEALER, EngineChanged(state=EngineState.ERROR, reason="forged"))
        stranger.alias = f"maker@{before['maker']}"
        stranger.says("jrn", zmq.DEALER, EngineChanged(state=EngineState.ERROR, reason="forged"))
        stranger.alias = ""
        for name in ("facts", "md", "permit", "tel"):
            stranger.sends(name, zmq.XSUB, *JUNK)
        for name in ("ctl", "cmd", "jrn", "sup", "tel.in", "facts", "md", "permit", "tel"):
            stranger.scrawls(name)
    system.until_replaced("alert", system.kill("alert"))

    assert system.control("halt", "--reason", "drill").returncode == 0
    system.until(lambda: resting(system) == 0, 5, "empty book")
    assert {**incarnations(system), "alert": before["alert"]} == before
    assert system.stop() == 0
    assert json.loads(report.read_text())["invariants"]["violations"] == 0
    with reading(system.state / "journal.db") as db:
        said_by = db.execute("SELECT DISTINCT source FROM journal WHERE kind = 'EngineChanged'").fetchall()
    assert [source.split("@")[0] for (source,) in said_by] == ["supervisor"]


def test_killed_together_and_just_before_the_stop_they_lose_no_fill_and_leave_no_order(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "60", "--report", str(report))
    system.until_said("Fill detected", 90)
    pids = [system.child(role)["pid"] for role in ("gateway", "venue", "maker")]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    quotes_again(system)

    system.kill("gateway")
    assert system.stop() == 0
    assert resting(system) == 0
    assert json.loads(report.read_text())["invariants"]["violations"] == 0
    assert survivors(system.state) == []


def quiet_s(system):
    """Real seconds since the venue took the last order."""
    with reading(system.state / "venue.db") as db:
        newest = db.execute("SELECT max(accepted_real_at) FROM orders").fetchone()[0]
    return time.clock_gettime(time.CLOCK_BOOTTIME) - newest / 1e9


class Stranger:
    """A process of the same user that found the sockets."""

    def __init__(self, system):
        self.directory = (system.state / "run" / "sockets").read_text().strip()
        self.run = int(system.processes()["run"], 16)
        self.context = zmq.Context()
        self.calls = 0
        self.alias = ""

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.context.destroy(linger=500)

    @property
    def name(self):
        """Another one for each socket: the first of two peers of one name is the only one heard."""
        return self.alias or f"stranger@{self.calls}"

    def sends(self, name, kind, *messages):
        """Frames, on a socket of this kind."""
        end = self.context.socket(kind)
        end.setsockopt(zmq.SNDTIMEO, 2_000)
        if kind == zmq.DEALER:
            end.setsockopt(zmq.IDENTITY, self.name.encode())
        end.connect(f"ipc://{self.directory}/{name}")
        for frames in messages:
            end.send_multipart(frames)
        end.close(linger=500)
        self.calls += 1

    def says(self, name, kind, message, body=None, identity=None):
        """A message in an envelope that is right but for what is given."""
        envelope = Envelope(
            version=1,
            kind=type(message).__name__,
            schema=1,
            source=self.name,
            run=self.run,
            sequence=1,
            id=os.urandom(16) if identity is None else identity,
            correlation=os.urandom(16),
            cause=b"",
            real_at=RealNs(time.clock_gettime_ns(time.CLOCK_BOOTTIME)),
            wall_at=time.time_ns(),
            market_at=MarketNs(0),
            ttl_ms=0,
            market="",
            body=msgspec.Raw(msgspec.msgpack.encode(message) if body is None else body),
        )
        self.sends(name, kind, [encode_envelope(envelope)])

    def scrawls(self, name):
        """Bytes that are not even ZeroMQ's protocol."""
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(f"{self.directory}/{name}")
            end.sendall(os.urandom(500))
