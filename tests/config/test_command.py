"""The command line: what it takes, what it refuses, and what it is told by the settings."""

from pathlib import Path

import pytest
from cyclopts import CycloptsError

from config.command import duration_ns, parse
from config.settings import Mode
from config.units import ConfigError
from messages.values import SECOND


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No `.env` and no names of ours in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("MM_SPREAD", "MM_SIZE", "MM_POSITION_LIMIT"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_word_it_is_the_simulation_in_the_state_directory_for_ever():
    options = parse([])

    assert (options.mode, options.state, options.duration_ns) == (Mode.SIM, Path("state"), None)
    assert (options.recordings, options.report, options.fresh, options.dry_run) == ((), None, False, False)
    assert options.notes == ()


def test_everything_can_be_asked_for():
    line = "--recording a.gz b.gz --speed 60 --for 45m --seed 3 --report r.json --state s --fresh --dry-run"
    options = parse([*line.split(), "--no-enable-switching", "--mode", "paper"])

    assert options.recordings == (Path("a.gz"), Path("b.gz"))
    assert (options.settings.sim.speed, options.settings.sim.seed) == (60, 3)
    assert (options.duration_ns, options.report, options.state) == (2_700 * SECOND, Path("r.json"), Path("s"))
    assert (options.fresh, options.dry_run, options.mode) == (True, True, Mode.PAPER)
    assert options.settings.gateway.dry_run
    assert not options.settings.maker.enable_switching


def test_the_command_line_outdoes_the_file_and_the_environment(monkeypatch, tmp_path):
    Path("my.toml").write_text("[sim]\nspeed = 5\nseed = 5\n[maker.strategy]\nsize = 5\n")
    Path(".env").write_text("EVERMAKER__SIM__SPEED=6\nEVERMAKER__SIM__SEED=6\n")
    monkeypatch.setenv("EVERMAKER__SIM__SPEED", "7")
    options = parse(["--config", "my.toml", "--speed", "8"])

    assert (options.settings.sim.speed, options.settings.sim.seed) == (8, 6)
    assert options.settings.maker.strategy.size == 5_000_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--bogus", "--bogus"),
        ("--mode demo", "demo"),
        ("--speed fast", "fast"),
        ("--speed 0.5", "0.5"),
        ("--for never", "'never' is no duration"),
        ("--for 0m", "longer than 0"),
        ("--recording", "expected one file or more"),
        ("--recording --speed 3", "expected one file or more"),
        ("--config .", "directory"),
        ("stray", "stray"),
    ],
)
def test_a_wrong_command_line_is_refused_and_says_what_is_wrong(line, said):
    with pytest.raises((CycloptsError, ConfigError)) as refused:
        parse(line.split())

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--speed 0", "command line --speed: sim.speed: speed must be 1 to 1000"),
        ("--seed -1", "command line --seed: sim.seed: seed must not be below 0"),
        ("--config no.toml", "no.toml: No such file or directory"),
    ],
)
def test_a_value_that_is_out_of_range_names_its_option(line, said):
    with pytest.raises(ConfigError) as refused:
        parse(line.split())

    assert str(refused.value) == said


def test_what_people_should_know_of_their_settings_comes_with_them(monkeypatch):
    monkeypatch.setenv("MM_LOOP_INTERVAL", "1.0")
    monkeypatch.setenv("MM_SIZE", "4")

    assert [note.split(":")[0] for note in parse([]).notes] == [
        "environment MM_LOOP_INTERVAL",
        "environment MM_SIZE",
    ]


def test_settings_that_cannot_work_together_are_refused(monkeypatch):
    monkeypatch.setenv("MM_POSITION_LIMIT", "9")

    with pytest.raises(ConfigError, match="a position limit of 9 shares is less than one order of 10"):
        parse([])


def test_help_is_an_answer_and_no_run(capsys):
    assert parse(["--help"]) is None
    said = capsys.readouterr().out
    assert "--recording" in said
    assert "Exit codes" in said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45m", 2_700), ("1h30m", 5_400), ("90s", 90), ("90", 90), ("2d", 172_800), ("1d2h3m4s", 93_784)],
)
def test_a_duration_is_written_as_people_write_it(text, seconds):
    assert duration_ns(text) == seconds * SECOND


@pytest.mark.parametrize("text", ["", "m", "1.5h", "-5m", "5 m", "1m1h", "0s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        duration_ns(text)
