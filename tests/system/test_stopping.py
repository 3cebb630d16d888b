"""A person can always stop it, four ways."""

import os
import signal
import subprocess
import sys

import pytest

from tests.patience import PATIENCE_S
from tests.system.houses import ROOT, reading, survivors

pytestmark = pytest.mark.slow


def resting(system):
    with reading(system.state / "venue.db") as db:
        return db.execute("SELECT count(*) FROM orders WHERE ended_at IS NULL").fetchone()[0]


def test_halted_frozen_panicked_and_stopped_nothing_ever_rests(house):
    system = house("--speed", "20")
    system.until_said("Two-sided quote rests")

    assert system.control("halt", "--reason", "lunch").returncode == 0
    system.until(lambda: resting(system) == 0, 5, "empty book after a halt")
    assert system.control("status").returncode == 5
    assert system.control("resume", "--reason", "back").returncode == 0
    before = system.text().count("Two-sided quote rests")
    system.until_said("Two-sided quote rests", count=before + 1)

    (system.state / "KILL_SWITCH").write_text("fire drill")
    system.until(lambda: resting(system) == 0, 5, "empty book after the kill switch")
    system.until(lambda: system.status()["level"] == "FREEZE", 5, "halt by the kill switch")
    assert "fire drill" in system.control("resume", "--reason", "no").stderr
    (system.state / "KILL_SWITCH").unlink()
    before = system.text().count("Two-sided quote rests")
    system.until_said("Two-sided quote rests", count=before + 1)

    done = subprocess.run(
        [sys.executable, "-m", "tools.panic", "--state", str(system.state)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, resting(system)) == (0, 0), done.stderr
    assert (system.state / "KILL_SWITCH").exists()

    assert system.stop(signal.SIGTERM) == 0
    assert "no order rests" in system.text()
    assert survivors(system.state) == []
    assert sorted(path.name for path in (system.state / "run").iterdir()) == ["inc.json"]


def test_panic_where_nobody_answers_says_so_in_its_own_words_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "processes.json").write_text('{"port": 1}')
    (tmp_path / "sim.key").write_text("0x" + "11" * 32)
    done = subprocess.run(
        [sys.executable, "-m", "tools.panic", "--state", str(tmp_path), "--timeout", "0.1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 4
    assert done.stdout == ""
    assert all(line.startswith("panic: ") for line in done.stderr.splitlines()), done.stderr


def verify(state):
    return subprocess.run(
        [sys.executable, "-m", "tools.panic", "--verify", "--state", str(state), "--timeout", "0.1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_a_service_manager_runs_after_a_stop_leaves_the_next_start_alone(tmp_path):
    (tmp_path / "sim.key").write_text("0x" + "11" * 32)
    assert verify(tmp_path).returncode == 0
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "processes.json").write_text('{"port": 1}')

    assert verify(tmp_path).returncode == 4
    assert not (tmp_path / "KILL_SWITCH").exists()


def test_panic_without_a_system_says_what_is_missing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tools.panic", "--state", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ},
    )

    assert done.returncode == 2
    assert (tmp_path / "KILL_SWITCH").exists()
