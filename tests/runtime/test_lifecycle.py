"""The whole house goes up in waves and down in order; on tiny real processes and a tiny real venue."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from messages.system import ActorExited, EngineChanged, EngineState
from messages.values import SECOND, RoleName
from runtime.child import Child, Phase
from runtime.clock import real_now
from runtime.lifecycle import STOP_ORDER, Foreign, Lifecycle
from runtime.machine import listen, listening
from runtime.probe import Probe
from runtime.restarts import Restart
from runtime.running import Spawned
from tests.runtime.ends import JournalEnd
from tests.runtime.test_supervision import Nursery, a_spec

VENUE = """
import http.server, socket, sys
class Door(http.server.BaseHTTPRequestHandler):
    refused = int(sys.argv[2])
    def do_GET(self):
        self.say(200, b'{"market_ns": 1000000000000, "speed": 0, "running": false}')
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if Door.refused:
            Door.refused -= 1
            self.say(503, b"")
        else:
            open(sys.argv[3], "ab").write(body + b"\\n")
            self.say(200, b"{}")
    def say(self, code, text):
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("", 0), Door, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""
ENDS = "import signal, sys; signal.signal(15, lambda *_: sys.exit({})); signal.pause()"
DEAF = "import signal; signal.signal(15, lambda *_: None)\nwhile True: signal.pause()"


def catches_term(pid):
    """Whether a process has its handler for SIGTERM by now."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


class Small(Nursery):
    """A venue, a journal, and children that are ready once they can be told to end."""

    def __init__(self, directory, children, *, duration_ns=None, refused=0):
        super().__init__(directory, journal=True)
        self.journal = JournalEnd(directory)
        self.told = directory / "told"
        self.listener = listen(0)
        self.refused = refused
        venue = Child(RoleName("venue"), a_spec(), 0)
        self.tree.add(venue)
        self.foreign = Foreign(venue, Probe(self.listener.getsockname()[1], self.bus.wake), 100)
        for role, (wave, program, changes) in children.items():
            self.programs[RoleName(role)] = program
            self.tree.add(Child(RoleName(role), a_spec(**changes), wave))
        self.running = []
        self.steps = []
        self.lifecycle = Lifecycle(
            self.tree, self.foreign, duration_ns, "sim", self.running.append, self.on_step
        )

    def start(self, child):
        if child.role != "venue":
            super().start(child)
            return
        fd = self.listener.fileno()
        command = [sys.executable, "-c", VENUE, str(fd), str(self.refused), str(self.told)]
        self.refused = 0
        process = subprocess.Popen(command, pass_fds=(fd,))
        child.started(Spawned(process), child.incarnation, real_now())

    def on_step(self):
        self.journal.bus.receive(0)
        self.journal.answer()
        for child in list(self.tree.children.values()):
            if child.phase is Phase.STARTING and child.role != "venue" and catches_term(child.pid):
                self.tree.ready(child)
        for step in list(self.steps):
            step()

    @property
    def phases(self):
        """How everybody is."""
        return {role: child.phase for role, child in self.tree.children.items()}

    @property
    def ended(self):
        """Who ended, in that order."""
        return [event.role for event in self.of(ActorExited)]

    @property
    def engine(self):
        """The states the engine came into."""
        return [event.state for event in self.of(EngineChanged)]

    def close(self):
        self.foreign.close()
        super().close()
        self.journal.bus.close()
        self.listener.close()


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.setattr("runtime.lifecycle.STEP_NS", SECOND // 200)
    monkeypatch.setattr("runtime.lifecycle.PROBE_NS", SECOND // 20)
    built = []

    def build(children, **options):
        built.append(Small(tmp_path, children, **options))
        return built[-1]

    yield build
    for each in built:
        each.close()


GOOD = ENDS.format(0)
EVERYBODY = {
    "persistence": (0, GOOD, {}),
    "risk": (1, GOOD, {}),
    "alert": (1, GOOD, {"vital": False}),
    "gateway": (2, GOOD, {}),
    "feed": (2, GOOD, {}),
    "maker": (3, GOOD, {}),
    "liquidator:aa": (3, GOOD, {"restart": Restart.TRANSIENT}),
}


def test_everybody_comes_up_wave_by_wave_and_goes_down_in_order(small):
    house = small(EVERYBODY, duration_ns=SECOND)
    seen = []
    house.steps.append(lambda: seen.append(dict(house.phases)))

    assert house.lifecycle.run() == 0
    assert house.lifecycle.why_stopped == "the time is up"
    assert house.engine == [
        EngineState.STARTING,
        EngineState.RUNNING,
        EngineState.STOPPING,
        EngineState.STOPPED,
    ]
    waves = {role: wave for role, (wave, _, _) in EVERYBODY.items()}
    for phases in seen:
        for role, wave in waves.items():
            if phases[role] is Phase.STARTING:
                assert all(phases[other] is Phase.READY for other, earlier in waves.items() if earlier < wave)
    place = {family: number for number, families in enumerate(STOP_ORDER) for family in families}
    order = [place[role.split(":")[0]] for role in house.ended]
    assert order == sorted(order)
    assert len(order) == len(EVERYBODY) + 1


def test_the_market_clock_is_set_when_all_are_ready_and_everybody_gets_the_same(small):
    house = small({"persistence": (0, GOOD, {})}, duration_ns=100 * SECOND)
    house.lifecycle.run()
    (anchor,) = house.running

    assert (anchor.market_at, anchor.speed) == (1_000_000_000_000, 100)
    assert f'"boot_ns":{int(anchor.real_at)}' in house.told.read_text()
    assert house.foreign.anchor == house.lifecycle.anchor == anchor


def test_the_venue_is_told_the_clock_until_it_has_it_and_after_a_restart_again(small):
    house = small({"persistence": (0, GOOD, {})}, refused=1)
    venue = house.foreign.child
    told = lambda: house.told.read_text().count("boot_ns") if house.told.exists() else 0  # noqa: E731

    def play():
        if told() == 1 and venue.incarnation == 1:
            venue.signal(signal.SIGKILL)
        elif told() == 2:
            house.lifecycle.why_stopped = "enough"

    house.steps.append(play)
    house.lifecycle.run()

    assert told() == 2


def test_a_child_that_was_given_up_and_is_not_vital_holds_nobody_up(small):
    house = small(
        {
            "persistence": (0, GOOD, {}),
            "alert": (1, "raise SystemExit(2)", {"vital": False, "needed": False}),
            "gateway": (2, GOOD, {}),
        },
        duration_ns=SECOND,
    )

    assert house.lifecycle.run() == 0
    assert house.running
    assert house.phases["alert"] is Phase.FAILED


def test_who_is_needed_and_was_given_up_is_a_software_fault_at_the_end(small):
    maker = (1, "raise SystemExit(70)", {"vital": False, "intensity": 1})
    house = small({"persistence": (0, GOOD, {}), "maker": maker}, duration_ns=SECOND)

    assert house.lifecycle.run() == 70
    assert house.lifecycle.is_empty
    assert house.phases["maker"] is Phase.FAILED


def test_who_was_given_up_is_started_again_when_a_person_says_so(small):
    house = small({"persistence": (0, GOOD, {}), "maker": (1, "raise SystemExit(2)", {"vital": False})})

    def play():
        if house.running and list(house.tree.ends.given_up()) == ["maker"]:
            house.programs[RoleName("maker")] = GOOD
            house.tree.revive()
        elif house.phases["maker"] is Phase.READY:
            house.lifecycle.why_stopped = "enough"

    house.steps.append(play)

    assert house.lifecycle.run() == 0


def test_a_vital_child_that_cannot_live_ends_everything_with_its_code(small):
    house = small({"persistence": (0, "raise SystemExit(78)", {}), "gateway": (2, GOOD, {})})

    assert house.lifecycle.run() == 78
    assert EngineState.ERROR in house.engine
    assert house.running == []


@pytest.mark.parametrize(("program", "code"), [(ENDS.format(3), 3), (ENDS.format(70), 3), (GOOD, 0)])
def test_only_a_gateway_that_ends_well_proves_the_book_empty(small, program, code):
    house = small({"persistence": (0, GOOD, {}), "gateway": (2, program, {})}, duration_ns=SECOND)

    assert house.lifecycle.run() == code


@pytest.mark.parametrize("role", ["gateway", "persistence"])
def test_what_empties_the_book_is_started_again_even_in_the_stop(small, role):
    house = small({"persistence": (0, GOOD, {}), "gateway": (2, GOOD, {}), "maker": (3, GOOD, {})})

    def die_and_stop():
        if house.running and not house.lifecycle.why_stopped:
            house.tree.children[RoleName(role)].signal(signal.SIGKILL)
            house.lifecycle.signaled(signal.SIGINT)

    house.steps.append(die_and_stop)

    assert house.lifecycle.run() == 0
    assert house.ended.count(role) == 2


def test_a_gateway_that_hangs_in_the_stop_is_replaced_long_before_its_grace_is_over(small, monkeypatch):
    monkeypatch.setattr("runtime.child.LAST_WORDS_S", 0.0)
    slow = {"grace_s": 600, "deadline_s": 1.0}
    house = small({"persistence": (0, GOOD, {}), "gateway": (1, GOOD, slow), "maker": (1, GOOD, {})})
    gateway = house.tree.children[RoleName("gateway")]

    def hang_and_stop():
        if house.running and not house.lifecycle.why_stopped:
            gateway.answers = True
            gateway.signal(signal.SIGSTOP)
            house.lifecycle.signaled(signal.SIGINT)
        elif gateway.phase is Phase.READY:
            gateway.heard_at = real_now()

    house.steps.append(hang_and_stop)

    assert house.lifecycle.run() == 0
    assert [event.reason.split()[0] for event in house.of(ActorExited) if event.role == "gateway"] == [
        "silent",
        "exit",
    ]


def test_on_a_full_disk_what_was_kept_of_it_lets_the_journal_come_back_for_the_stop(small):
    house = small({"persistence": (0, GOOD, {}), "gateway": (1, GOOD, {})})
    house.lifecycle._on_full = lambda: house.programs.update({RoleName("persistence"): GOOD})

    def fill():
        if house.running and not house.of(ActorExited):
            house.programs[RoleName("persistence")] = "raise SystemExit(74)"
            house.tree.children[RoleName("persistence")].signal(signal.SIGKILL)

    house.steps.append(fill)

    assert house.lifecycle.run() == 74
    assert house.lifecycle.is_empty
    assert [event.code for event in house.of(ActorExited) if event.role == "persistence"][-3:] == [74, 74, 0]


def test_a_stop_before_everything_is_up_is_in_order_and_nothing_was_placed(small):
    house = small(EVERYBODY)
    first = (Phase.READY, Phase.READY)
    house.steps.append(
        lambda: (
            (house.phases["risk"], house.phases["alert"]) == first and house.lifecycle.signaled(signal.SIGINT)
        )
    )

    assert house.lifecycle.run() == 0
    assert house.lifecycle.why_stopped == "stopped by SIGINT"
    assert house.tree.children[RoleName("gateway")].incarnation == 0
    assert house.ended[-1] == "venue"
    assert house.engine[-1] is EngineState.STOPPED


def test_a_second_signal_does_not_wait_for_long_graces(small, monkeypatch):
    monkeypatch.setattr("runtime.lifecycle.HURRIED_S", 0.1)
    house = small(
        {"persistence": (0, GOOD, {}), "gateway": (1, GOOD, {}), "maker": (2, DEAF, {"grace_s": 60})}
    )
    house.steps.append(lambda: house.running and house.lifecycle.signaled(signal.SIGTERM))

    assert house.lifecycle.run() == 0
    reasons = {event.role: event.reason for event in house.of(ActorExited)}
    assert "did not stop" in reasons["maker"]


def test_a_halt_pauses_the_engine_a_failure_is_an_error_and_the_end_of_both_lets_it_run(small):
    house = small({"persistence": (0, GOOD, {})})
    told = iter([("", "operator"), ("", "operator"), ("maker", "operator"), ("", "operator"), ("", "")])

    def play():
        if house.running:
            judged = next(told, None)
            if judged is None:
                house.lifecycle.why_stopped = "enough"
            else:
                house.lifecycle.judge(*judged)

    house.steps.append(play)
    house.lifecycle.run()

    assert [(event.state, event.reason) for event in house.of(EngineChanged)[1:6]] == [
        (EngineState.RUNNING, ""),
        (EngineState.PAUSED, "operator"),
        (EngineState.ERROR, "maker"),
        (EngineState.PAUSED, "operator"),
        (EngineState.RUNNING, ""),
    ]
    house.lifecycle.judge("", "too late")
    assert house.engine[-1] is EngineState.STOPPED


def test_a_hung_venue_is_killed_and_started_again(small):
    house = small({"persistence": (0, GOOD, {})})
    house.foreign.child.spec = a_spec(deadline_s=1.5)
    venue = house.foreign.child

    def play():
        if house.running and venue.incarnation == 1 and venue.alive and not venue.killed_for:
            venue.signal(signal.SIGSTOP)
        if venue.incarnation > 2 and venue.phase is Phase.READY:
            house.lifecycle.why_stopped = "enough"

    house.steps.append(play)
    house.lifecycle.run()

    assert any(event.role == "venue" and event.reason.startswith("silent") for event in house.of(ActorExited))


def test_a_listening_socket_that_was_shut_is_made_again_on_its_port():
    listener = listen(0)
    port = listener.getsockname()[1]
    assert listening(listener) is listener
    listener.shutdown(socket.SHUT_RDWR)
    again = listening(listener)

    with again, socket.create_connection(("127.0.0.1", port)):
        assert again.getsockname()[1] == port


def test_a_port_that_is_taken_says_so():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            listen(other.getsockname()[1])
