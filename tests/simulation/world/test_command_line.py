"""`python -m simulation.world`: one line for a good run, everything that helps for another one."""

import json

import msgspec
import pytest

import simulation.world.__main__ as command
from simulation.checks.ward import Breach
from simulation.world.run import Crash, run


@pytest.fixture(scope="module")
def played():
    """A short run in which nothing was wrong."""
    return run(3, 8, severities={})


@pytest.fixture
def plays(monkeypatch, played):
    """The command plays this outcome instead of a seed."""

    def have(**changes):
        outcome = msgspec.structs.replace(played, **changes)
        monkeypatch.setattr(command, "run", lambda seed, seconds, **given: outcome)

    return have


def test_a_good_run_is_one_line_and_exit_code_0(plays, capsys):
    plays()

    assert command.main(["--seed", "3", "--minutes", "0.1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("seed 3: ")
    assert "0 violations, 0 crashes" in line


def test_a_violation_is_told_with_what_happened_last_and_how_to_see_it_again(plays, capsys):
    plays(breaches=(Breach(invariant="I2", seed=3, at_ns=5, text="too much rests"),))

    assert command.main(["--seed", "3", "--minutes", "2", "--tail", "2"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "I2 at 0.000000 s, seed 3: too much rests" in lines[1]
    assert len(lines) == 5
    assert lines[-1].endswith("python -m simulation.world --seed 3 --minutes 2")


def test_a_crash_is_told_with_its_traceback(plays, capsys):
    plays(crashes=(Crash(role="maker", code=70, traceback="Traceback\nValueError: oh\n"),))

    assert command.main(["--tail", "0"]) == 1
    assert "maker crashed, exit 70\n    Traceback\n    ValueError: oh\n" in capsys.readouterr().out


def test_for_programs_a_run_is_one_object(plays, capsys):
    plays()

    assert command.main(["--seeds", "2", "--json"]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == second
    assert first["journal"] == run(3, 8, severities={}).journal


@pytest.mark.parametrize("wrong", [["--seed", "-1"], ["--minutes", "0"], ["--nonsense"]])
def test_a_wrong_option_is_one_line(wrong, capsys):
    assert command.main(wrong) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
