"""What cannot be run is refused at once, with one line that says why and the documented exit code."""

import json
import os
import shutil
import socket
import sqlite3
import time
from contextlib import closing

import pytest
import zmq

from runtime.restarts import ExitCode
from tests.system.houses import reading

pytestmark = pytest.mark.slow

SOON_S = 30


def a_recording(path, *assets):
    """One frame with both books of a market."""
    levels = {"bids": [{"price": "0.4", "size": "100"}], "asks": [{"price": "0.6", "size": "100"}]}
    frame = [{"event_type": "book", "asset_id": asset, "market": "", **levels} for asset in assets]
    path.write_text(json.dumps({"t": 0, "m": frame}) + "\n")
    return path


def refused(system, code=ExitCode.USAGE):
    """The reason: the one line below the banner, or the only line where it did not come to a banner."""
    assert system.ended(SOON_S) == code, system.text()
    lines = system.text().splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("===")]
    reasons = lines[rules[1] + 1 :] if rules else lines
    assert len(reasons) == 1, system.text()
    return reasons[0].removeprefix("supervisor: ")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--bogus"], "Unknown option: --bogus."),
        (["--speed", "0"], "command line --speed: sim.speed: speed must be 1 to 1000"),
        (
            ["--mode", "live"],
            "mode live comes later: this version trades on its embedded exchange only (--mode sim)",
        ),
        (
            ["--mode", "paper"],
            "mode paper comes later: this version trades on its embedded exchange only (--mode sim)",
        ),
        (["--recording", "missing.jsonl.gz"], "--recording missing.jsonl.gz: no such file"),
        (["--config", "missing.toml"], "missing.toml: No such file or directory"),
        (
            ["--report", os.devnull + "/r.json"],
            f"--report {os.devnull}/r.json: {os.devnull} is not a directory",
        ),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_is_made(house, arguments, reason):
    system = house(*arguments)

    assert refused(system) == reason
    assert not system.state.exists()


def test_a_wrong_configuration_is_refused_with_file_key_and_reason(house, tmp_path):
    config = tmp_path / "my.toml"
    config.write_text("[maker.strategy]\nspraed = 0.04\n")

    reason = refused(house("--config", str(config)))
    assert reason == f"{config}: maker.strategy.spraed: unknown key, did you mean 'spread'?"


def test_a_wrong_name_of_the_environment_is_refused(house):
    reason = refused(house(EVERMAKER__SIM__SPEED="fast"))

    assert reason == "environment EVERMAKER__SIM__SPEED: sim.speed: expected a whole number, got 'fast'"


def test_a_state_directory_that_cannot_be_used_is_refused(house, tmp_path):
    (tmp_path / "state").write_text("")

    assert refused(house()) == f"state directory {tmp_path / 'state'}: not a directory"


def test_an_occupied_port_is_refused(house):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        reason = refused(house(EVERMAKER__SIM__PORT=str(port)))

    assert reason == f"sim.port {port}: Address already in use"


def test_a_malformed_line_of_a_recording_ends_it_at_once_with_file_and_line(house, tmp_path):
    recording = a_recording(tmp_path / "a-game.new-format.jsonl", "11", "22")
    with recording.open("a") as file:
        file.write('{"t": 1, "m": \n')

    reason = refused(house("--recording", str(recording)))
    assert f"{recording}: line 2: " in reason
    assert reason.endswith("; exit 2")


def test_other_recordings_than_the_state_began_with_are_refused_and_the_ways_out_are_named(house, tmp_path):
    first = a_recording(tmp_path / "first.new-format.jsonl", "11", "22")
    other = a_recording(tmp_path / "other.new-format.jsonl", "33", "44")
    begun = house("--recording", str(first))
    begun.until(begun.status, SOON_S, "status")
    assert begun.stop() == ExitCode.OK
    begun.output.unlink()

    reason = refused(house("--recording", str(other)))
    assert "first.new-format.jsonl" in reason
    assert "--fresh" in reason
    assert "--state" in reason


def test_a_journal_that_is_none_is_refused_and_left_as_it_is(house, tmp_path):
    (tmp_path / "state").mkdir()
    journal = tmp_path / "state" / "journal.db"
    journal.write_text("my diary")
    system = house()

    assert system.ended(SOON_S) == ExitCode.IO
    assert system.text().count(f"cannot start: {journal}: file is not a database") == 1
    assert "Traceback" not in system.text()
    assert journal.read_text() == "my diary"


def test_interrupted_at_any_moment_of_its_first_second_it_ends_without_a_traceback(house):
    for delay_s in (0.15, 0.4, 0.8):
        system = house(name=f"after {delay_s}")
        time.sleep(delay_s)

        assert system.stop() == 0, system.text()
        assert "Traceback" not in system.text()
        assert system.text().splitlines()[-1].startswith("supervisor: stopped "), system.text()


def garbage(system):
    """Nonsense on every socket that anything connects to."""
    directory = (system.state / "run" / "sockets").read_text().strip()
    with zmq.Context() as context:
        for name in ("sup", "jrn", "cmd", "ctl", "tel.in"):
            kind = zmq.PUSH if name == "tel.in" else zmq.DEALER
            with context.socket(kind) as peer:
                peer.setsockopt(zmq.LINGER, 500)
                peer.connect(f"ipc://{directory}/{name}")
                for frames in ([b""], [b"\xff" * 900], [b"{}", b"two"], [b"\x95\x01\xa4Ping\x01"]):
                    peer.send_multipart(frames)
                if name == "ctl":
                    assert peer.poll(2_000), "no answer to garbage"
                    assert json.loads(peer.recv())["ok"] is False


def test_a_second_instance_is_refused_and_garbage_changes_nothing(house):
    system = house()
    system.until_said("Two-sided quote rests")
    garbage(system)
    second = house()

    assert second.ended(SOON_S) == ExitCode.LOCKED
    assert f"is in use by process {system.process.pid}" in second.text()
    said = system.status()
    assert said["level"] == "RUN"
    assert {how.split()[0] for how in said["actors"].values()} == {"ready"}
    assert "ended" not in system.text()
    assert system.stop() == ExitCode.OK
    dropped = "".join(path.read_text() for path in (system.state / "logs").glob("*.jsonl"))
    assert all(f"dropped a frame on {name}" in dropped for name in ("sup", "jrn", "cmd", "tel.in"))
    with closing(sqlite3.connect(system.state / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM journal WHERE kind = 'ActorExited'").fetchone()[0] > 0


def test_two_state_directories_never_trade_one_account(house):
    first = house("--speed", "20")
    first.until_said("Two-sided quote rests")
    gateway = first.child("gateway")["pid"]
    (first.state.parent / "copy").mkdir()
    shutil.copy(first.state / "sim.key", first.state.parent / "copy" / "sim.key")
    second = house("--speed", "20", name="copy")

    assert second.ended(60) == 75
    assert f"is in use by process {gateway}" in second.text().splitlines()[-1]
    assert accepted(second) == 0
    assert first.stop() == 0


def accepted(system):
    with reading(system.state / "venue.db") as db:
        return db.execute("SELECT count(*) FROM orders").fetchone()[0]
