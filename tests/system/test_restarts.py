"""Whatever is killed comes back, and nothing is lost, doubled or left behind."""

import json
import os
import signal
import time

import pytest

from tests.system.houses import reading, survivors

pytestmark = pytest.mark.slow

ACTORS = ("persistence", "risk", "gateway", "feed", "alert", "maker")


def venue_legs(state):
    """Our fills by the venue's own ledger."""
    with reading(state / "venue.db") as db:
        return sorted(db.execute("SELECT trade, order_id, size FROM legs WHERE owner != ''").fetchall())


def report_of(path):
    return json.loads(path.read_text())


def test_every_actor_in_turn_is_killed_and_the_run_ends_clean(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "20", "--seed", "7", "--report", str(report))
    system.until_said("Two-sided quote rests")
    for role in ACTORS:
        system.until_replaced(role, system.kill(role))
    before = system.text().count("Two-sided quote rests")
    system.until_said("Two-sided quote rests", count=before + 1)

    assert system.stop() == 0
    told = report_of(report)
    assert told["invariants"]["violations"] == 0, told["invariants"]
    assert told["orders"]["resting_at_exit"] == 0
    assert all(told["restarts"][role] >= 1 for role in ACTORS)
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


def test_a_hung_maker_is_noticed_and_replaced(house):
    system = house("--speed", "20")
    system.until_said("Two-sided quote rests")
    pid = system.child("maker")["pid"]
    system.until_replaced("maker", system.kill("maker", signal.SIGSTOP))

    assert not os.path.exists(f"/proc/{pid}")
    assert "is killed: silent" in system.text()
    assert system.stop() == 0


def test_a_killed_venue_is_back_with_the_same_balances_and_quoting_goes_on(house):
    system = house("--speed", "60")
    system.until_said("Fill detected", 90)
    system.kill("venue")
    before = system.text().count("Two-sided quote rests")
    system.until_said("Two-sided quote rests", count=before + 1)

    assert system.stop() == 0
    assert "balance of a token is not" not in system.text()


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
