"""The life of an order, asked for while it runs and after a restart; and credentials that nobody can use."""

import json

import pytest

from runtime.journal_reader import read_journal
from runtime.restarts import ExitCode
from simulation.story import entries
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.slow
CROWD = ("--seed", "7", "--speed", "60")


def told(house, order):
    """What `control order --json` says of one."""
    done = house.control("order", order, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["order"]


def test_every_order_is_told_while_the_system_runs_and_when_it_was_started_again(house, tmp_path):
    first = house(*CROWD)
    first.until_said("Two-sided quote rests")
    first.until(lambda: list((tmp_path / "state").glob("fills-*.json")), PATIENCE_S, "fill")
    assert first.stop() == ExitCode.OK
    kinds = {}
    for entry in entries(read_journal(tmp_path / "state" / "journal.db")):
        if order := getattr(entry.message, "order", None):
            kinds.setdefault(order, []).append(type(entry.message).__name__)
    filled = next(order for order, said in kinds.items() if "FillConfirmed" in said)
    canceled = next(order for order, said in kinds.items() if "OrderCanceled" in said)

    second = house(*CROWD)
    second.until(lambda: second.status()["actors"]["maker"] == "ready", PATIENCE_S, "maker")
    trail = told(second, filled[:14])
    assert trail["order"] == filled
    assert trail["fills"][0]["settlement"] == "CONFIRMED"
    assert [step["what"] for step in trail["steps"]][:5] == [
        "decided",
        "intended",
        "durable",
        "sent",
        "answered",
    ]
    assert all(span >= 0 for span in trail["latency"].values())
    assert trail["slippage"]["price"] <= 0, "a post-only order never pays more than it says"
    assert told(second, trail["command"]) == trail
    assert told(second, canceled)["state"] == "CANCELLED"
    people = second.control("order", filled)
    assert "sent to answered" in people.stdout
    unknown = second.control("order", "0x" + "0" * 64)
    assert (unknown.returncode, unknown.stdout, unknown.stderr.count("\n")) == (1, "", 1)


def test_a_key_that_others_can_read_ends_everything_with_its_code_and_one_sentence(house, tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "sim.key").write_text("0x" + "11" * 32)
    (state / "sim.key").chmod(0o644)

    refused = house(*CROWD)
    assert refused.ended(PATIENCE_S) == ExitCode.CREDENTIALS
    assert f"{state}/sim.key: mode 0644 lets others at it; chmod 600 it" in refused.text()
    assert "11" * 32 not in refused.text()
