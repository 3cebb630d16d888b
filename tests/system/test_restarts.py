"""Whatever is killed comes back, and nothing is lost, doubled or left behind."""

import json
import os
import signal
import time

import pytest

from tests.system.houses import reading, survivors

pytestmark = pytest.mark.slow

ROLES = ("venue", "persistence", "risk", "gateway", "feed", "alert", "maker")


def report_of(path):
    return json.loads(path.read_text())


def test_whoever_is_killed_or_hangs_is_replaced_and_the_run_ends_clean(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "20", "--seed", "7", "--report", str(report))
    system.until_said("Two-sided quote rests")
    for role in ROLES:
        others = {other: system.child(other)["incarnation"] for other in ROLES if other != role}
        system.until_replaced(role, system.kill(role))
        assert {other: system.child(other)["incarnation"] for other in others} == others, role
    pid = system.child("maker")["pid"]
    system.until_replaced("maker", system.kill("maker", signal.SIGSTOP))
    assert not os.path.exists(f"/proc/{pid}")
    system.until_said("is killed: ")
    before = system.text().count("Two-sided quote rests")
    system.until_said("Two-sided quote rests", count=before + 1)

    assert system.stop() == 0
    assert "Position mismatch" not in system.text()
    told = report_of(report)
    assert told["invariants"]["violations"] == 0, told["invariants"]
    assert told["orders"]["resting_at_exit"] == 0
    assert all(told["restarts"][role] >= 1 for role in ROLES)
    assert survivors(system.state) == []


def test_a_maker_that_dies_too_often_stops_the_quotes_until_a_person_resumes(house):
    system = house("--speed", "20")
    system.until_said("Two-sided quote rests")

    def failed():
        return system.status()["actors"]["maker"] == "failed"

    while not failed():
        incarnation = system.kill("maker")
        system.until(lambda i=incarnation: failed() or system.child("maker")["incarnation"] > i, 30, "end")
    system.until(lambda: system.status()["level"] == "HALT_QUOTES", 5, "halt")

    said = system.status()
    assert said["orders_resting"] == 0
    assert said["details"]["engine"] == "ERROR"
    assert "maker ended too often and stays down" in said["details"]["halt process_failed"]
    before = system.text().count("Two-sided quote rests")
    assert system.control("resume", "--reason", "seen to").returncode == 0
    system.until_said("Two-sided quote rests", count=before + 1)
    assert system.status()["details"]["engine"] == "RUNNING"
    assert system.stop() == 0


def test_no_child_and_no_order_outlives_a_killed_supervisor(house):
    system = house("--speed", "20")
    system.until_said("Two-sided quote rests")
    started = time.monotonic()
    system.process.kill()
    system.until(lambda: not survivors(system.state), 15, "end of the children")
    system.process.wait()

    assert time.monotonic() - started < 15
    with reading(system.state / "venue.db") as db:
        open_orders = db.execute("SELECT count(*) FROM orders WHERE ended_at IS NULL").fetchone()[0]
    assert open_orders == 0
