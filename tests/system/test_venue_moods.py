"""A venue that is too busy, or restarts, gets its quotes again when it wants them, and nothing is left behind."""

import json

import pytest

pytestmark = pytest.mark.slow

QUOTED = "Two-sided quote rests"


def test_a_venue_that_refuses_everybody_for_a_while_is_quoted_again(house, tmp_path):
    report = tmp_path / "r.json"
    system = house("--speed", "20", "--report", str(report))
    system.until_said(QUOTED)

    assert system.control("halt", "--reason", "drill").returncode == 0
    system.goes_wrong(kind="http_429", retry_after=1, routes=["POST /order"], times=2)
    before = system.text().count(QUOTED)
    assert system.control("resume", "--reason", "go on").returncode == 0
    system.until_said("rate limited: Too Many Requests, retry after 1 s")
    system.until_said(QUOTED, count=before + 1)

    before = system.text().count(QUOTED)
    system.goes_wrong(kind="restart", down=2, post_only=2)
    system.until_said("market stream lost")
    system.until_said(QUOTED, count=before + 1)

    assert system.stop() == 0
    told = json.loads(report.read_text())
    assert told["invariants"]["violations"] == 0, told["invariants"]
    assert sum(told["restarts"].values()) == 0
