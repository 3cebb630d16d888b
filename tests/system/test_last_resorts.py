"""When even the orderly ends fail: a stopped process without its supervisor, an exchange that answers nobody."""

import json
import os
import signal
import urllib.request

import pytest

from tests.system.houses import reading, survivors

pytestmark = pytest.mark.slow

QUOTED = "Two-sided quote rests"


def resting(system):
    with reading(system.state / "venue.db") as db:
        return db.execute("SELECT count(*) FROM orders WHERE ended_at IS NULL").fetchone()[0]


def misbehaves(system, **fault):
    body = json.dumps({"clock": "real", **fault}).encode()
    url = f"http://127.0.0.1:{system.processes()['port']}/sim/faults"
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=5) as answer:
        assert answer.status == 200


def test_a_stopped_process_without_a_supervisor_keeps_the_directory_until_it_is_taken_over(house):
    system = house("--speed", "20")
    system.until_said(QUOTED)
    stopped = system.child("alert")["pid"]
    system.process.kill()
    system.process.wait()
    os.kill(stopped, signal.SIGSTOP)  # not before: who is stopped when its parent dies is woken by the kernel
    system.until(lambda: survivors(system.state) == [stopped], 60, "end of all others")
    assert resting(system) == 0

    refused = house("--speed", "20", name="state")
    assert refused.ended(30) == 75
    assert f"is in use by process {stopped}" in refused.text()
    again = house("--speed", "20", "--takeover", name="state")
    again.until_said("ended what an earlier supervisor left: alert@")
    again.until_said(QUOTED, count=again.text().count(QUOTED) + 1)
    assert stopped not in survivors(system.state)
    assert again.stop() == 0


def test_a_stop_while_the_exchange_answers_nobody_says_that_the_book_is_not_proven_empty(house):
    system = house("--speed", "20")
    system.until_said(QUOTED)
    misbehaves(system, kind="html_502", routes=["POST /order*", "DELETE /*", "GET /data/*"])

    assert system.stop(signal.SIGTERM) == 3
    assert "the book could NOT be verified empty" in system.text().splitlines()[-1]
    assert survivors(system.state) == []
