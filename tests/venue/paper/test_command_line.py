"""What `python -m venue.paper` says to those who ask for what cannot be done: one line, and exit code 2."""

import socket
from contextlib import suppress
from inspect import signature
from pathlib import Path

import pytest

from venue.paper.__main__ import main, run
from venue.paper.port import listen


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line."""
    assert main([*arguments, "--quiet"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("venue: ")
    assert said.err.count("\n") == 1
    return said.err


def test_an_occupied_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with listen(0) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}: Address already in use" in refused(capsys, "--port", str(port))


def test_an_answer_is_not_held_back_for_more() -> None:
    with listen(0) as opened:
        assert opened.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_socket_that_does_not_listen_is_no_door(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as deaf:
        fd = deaf.detach()
        assert "is not a listening socket" in refused(capsys, "--fd", str(fd))
    assert "Bad file descriptor" in refused(capsys, "--fd", "9999")


def test_a_bad_line_of_a_recording_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"t":1,"m":\n')

    assert f"{bad}: line 1: " in refused(capsys, "--port", "0", "--recording", str(bad))
    missing = tmp_path / "missing.jsonl"
    assert f"{missing}: No such file" in refused(capsys, "--port", "0", "--recording", str(missing))


def test_a_state_that_cannot_be_used_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no directory")

    assert str(file) in refused(capsys, "--port", "0", "--state", str(file))
    (tmp_path / "venue.db").write_text("no ledger, surely" * 1_000)
    assert str(tmp_path / "venue.db") in refused(capsys, "--port", "0", "--state", str(tmp_path))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x"),
        ("--port", "70000"),
        ("--speed", "-1"),
        ("--fund", "x"),
        ("--fund", "-1"),
        ("--queue-model", "hopeful"),
        ("--latency", "slow"),
        ("--limits", "maybe"),
        ("--dump-limit", "-1"),
        ("--queue-model", "guess"),
        ("--wat",),
        ("extra",),
    ],
)
def test_an_option_that_makes_no_sense_is_named(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert arguments[0].lstrip("-") in refused(capsys, *arguments)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[fault]]\nkind = 'stall'\n", "fault 1: seconds: is missing"),
        ("[[fault]]\nname = 'x'\nkind = 'stal'\n", "fault 1 (x): kind: 'stal' is none of "),
        (
            "[[fault]]\nkind = 'http_500'\nroutes = ['/nowhere']\n",
            "fault http_500: routes: no route is '/nowhere'",
        ),
        (
            "[[fault]]\nkind = 'ws_lost'\nmarkets = ['no-such']\n",
            "fault ws_lost: markets: no market is called",
        ),
        ("fault = 7", "fault 1: is no table of keys"),
        ("[", "Invalid initial character"),
    ],
)
def test_a_script_of_faults_that_makes_no_sense_is_refused_with_file_key_and_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "faults.toml"
    file.write_text(text)

    assert f"{file}: {said}" in refused(capsys, "--port", "0", "--faults", str(file))


def test_a_script_of_faults_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "missing.toml"

    assert f"{file}: No such file" in refused(capsys, "--port", "0", "--faults", str(file))


def test_a_control_socket_that_cannot_be_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "no" / "where"

    assert f"--control {path}: " in refused(capsys, "--port", "0", "--control", str(path))


def test_help_has_every_option_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with suppress(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out

    groups = ["World", "Accounts", "Manners", "Trouble", "Process"]
    assert [line for group in groups for line in said.splitlines() if f"─ {group} ─" in line]
    assert sorted(groups, key=said.index) == groups
    options = {f"--{name.replace('_', '-')}" for name in signature(run).parameters} - {"--control-socket"}
    for option in {*options, "--control"}:
        assert option in said, option
    assert "Parameters" not in said
