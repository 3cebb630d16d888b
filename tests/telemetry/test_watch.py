import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import zmq

from telemetry.watch import CALM_S, Calm, lines
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def a_frame(kind="OrderFilled", text="Fill detected", **body):
    said = {"severity": "INFO", "text": text} | body
    return json.dumps({"kind": kind, "market_time": "2025-06-19T17:05:00.000Z", "body": said}).encode()


def test_what_people_are_told_is_printed_with_its_market_time():
    assert list(lines(iter([("line.INFO", a_frame())]), False)) == ["17:05:00  INFO     Fill detected"]


def test_a_frame_that_can_not_be_read_is_passed_over():
    assert len(list(lines(iter([("line.INFO", b"\xff"), ("line.INFO", a_frame())]), False))) == 1


def test_for_scripts_every_message_is_one_object_with_its_topic():
    (line,) = lines(iter([("event.OrderFilled", a_frame(price=1))]), True)

    assert json.loads(line)["topic"] == "event.OrderFilled"
    assert json.loads(line)["body"]["price"] == 1


def test_a_state_is_printed_when_it_changed_and_not_too_often():
    calm = Calm()

    passed = [
        calm.passes("state.MakerStatus.m", text, at)
        for text, at in (("a", 0.0), ("b", CALM_S / 2), ("a", CALM_S), ("b", CALM_S), ("b", 3 * CALM_S))
    ]

    assert passed == [True, False, False, True, False]


def test_a_fact_is_always_printed():
    calm = Calm()

    assert calm.passes("event.OrderFilled", "a", 0.0)
    assert calm.passes("event.OrderFilled", "a", 0.0)


@pytest.fixture
def publisher(tmp_path):
    """A system's telemetry socket, and where its state directory is."""
    directory = Path(tempfile.mkdtemp(prefix="tel", dir="/tmp"))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sockets").write_text(f"{directory}\n")
    context = zmq.Context()
    socket = context.socket(zmq.XPUB)
    socket.bind(f"ipc://{directory}/tel")
    yield socket
    context.destroy(linger=0)
    shutil.rmtree(directory)


@pytest.fixture
def start():
    """Starts programs; none of them outlives the test."""
    started = []

    def start_one(*command):
        pipe = subprocess.PIPE
        command = [sys.executable, *map(str, command)]
        started.append(subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start_one
    for program in started:
        program.kill()
        program.communicate()


def test_it_attaches_to_a_running_system_and_ends_after_its_count(start, publisher, tmp_path):
    watch = start("-m", "telemetry.watch", "--state", tmp_path, "--topic", "line.", "--count", 2)
    assert publisher.poll(PATIENCE_S * 1_000)
    assert publisher.recv() == b"\x01line."

    for text in ("one", "two"):
        publisher.send_multipart([b"line.INFO", a_frame(text=text)])

    out, _ = watch.communicate(timeout=PATIENCE_S)
    assert [line.split()[-1] for line in out.splitlines()] == ["one", "two"]
    assert watch.returncode == 0


def test_ctrl_c_ends_it_cleanly(start, publisher, tmp_path):
    watch = start("-m", "telemetry.watch", "--state", tmp_path)
    assert publisher.poll(PATIENCE_S * 1_000)

    watch.send_signal(2)

    _, err = watch.communicate(timeout=PATIENCE_S)
    assert watch.returncode == 0
    assert "Traceback" not in err


def test_without_a_system_it_says_once_that_it_waits_and_how_one_is_started(start, tmp_path):
    watch = start("-m", "telemetry.watch", "--state", tmp_path, "--wait", 1.2)

    _, err = watch.communicate(timeout=PATIENCE_S)

    assert err.count("waiting for the system") == 1
    assert watch.returncode == 4


def test_the_ten_lines_for_those_who_write_their_own_work(start, publisher, tmp_path):
    subscriber = start("examples/subscriber.py", tmp_path)
    assert publisher.poll(PATIENCE_S * 1_000)

    publisher.send_multipart([b"event.OrderFilled", a_frame(price=630_000)])

    assert "event.OrderFilled {'severity': 'INFO'" in subscriber.stdout.readline()
