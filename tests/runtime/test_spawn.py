"""A child's surroundings: what it inherits, and nothing else."""

import sys

import msgspec
import pytest

from messages.values import RoleName
from runtime.process import Part, Plan
from runtime.spawn import PASSED_ON, environment, spawn_child, spawn_program
from tests.runtime.ends import STILL, a_wiring


def test_secrets_of_the_surroundings_are_not_passed_on(monkeypatch):
    monkeypatch.setenv("PATH", "/bin")
    monkeypatch.setenv("PRIVATE_KEY", "0xsecret")
    monkeypatch.setenv("PYTHONPATH", "/tmp")
    given = environment({"EXTRA": "1"})

    assert given["PATH"] == "/bin"
    assert given["EXTRA"] == "1"
    assert set(given) <= {*PASSED_ON, "EXTRA"}


def test_what_a_program_prints_comes_into_its_file(tmp_path):
    log = tmp_path / "venue.log"
    for line in ("one", "two"):
        process = spawn_program([sys.executable, "-S", "-c", f"print({line!r})"], [], log, {})
        assert process.wait() == 0

    assert log.read_text().split() == ["one", "two"]


@pytest.mark.slow
def test_a_child_that_ends_before_it_reads_its_plan_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    plan = Plan(
        role=RoleName("clerk"),
        incarnation=1,
        run=1,
        parent=1,
        actor=Part(name="x:Y", arguments={"long": "x" * 1_000_000}),
        ports=(),
        wiring=a_wiring("clerk"),
        sockets=str(tmp_path),
        clock=STILL,
        logs=str(tmp_path),
    )

    assert spawn_child(plan, [], {}).wait() == 1
    assert msgspec.json.decode(msgspec.json.encode(plan), type=Plan) == plan
