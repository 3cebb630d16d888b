"""A venue that is too busy, or restarts, gets its quotes again when it wants them, and nothing is left behind."""

import json
import urllib.request

import pytest

pytestmark = pytest.mark.slow

QUOTED = "Two-sided quote rests"


def goes_wrong(system, **fault):
    """Something goes wrong at the venue from now on."""
    url = f"http://127.0.0.1:{system.processes()['port']}/sim/faults"
    with urllib.request.urlopen(urllib.request.Request(url, data=json.dumps(fault).encode())) as answer:
        assert answer.status == 200


def test_a_venue_that_refuses_everybody_for_a_while_is_quoted_again(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "20", "--report", str(report))
    system.until_said(QUOTED)

    assert system.control("halt", "--reason", "drill").returncode == 0
    goes_wrong(system, kind="http_429", retry_after=1, routes=["POST /order"], times=2)
    before = system.text().count(QUOTED)
    assert system.control("resume", "--reason", "go on").returncode == 0
    system.until_said("rate limited: Too Many Requests, retry after 1 s")
    system.until_said(QUOTED, count=before + 1)

    before = system.text().count(QUOTED)
    goes_wrong(system, kind="restart", down=2, post_only=2)
    system.until_said("market stream lost")
    system.until_said(QUOTED, count=before + 1)

    assert system.stop() == 0
    told = json.loads(report.read_text())
    assert told["invariants"]["violations"] == 0, told["invariants"]
    assert sum(told["restarts"].values()) == 0
