import asyncio
import os
import re

import pytest

from messages.system import AlertKind, Announce, Severity
from telemetry.console import Console


@pytest.fixture
def said(tmp_path):
    """Have a console say these lines; gives terminal, bot_stdout.log and health.log."""

    def say(*lines, colour=None):
        reader, writer = os.pipe()
        console = Console(tmp_path, colour=colour, terminal=writer)

        async def play():
            await console.open()
            for line in lines:
                await console.announce(line)
            await console.close()

        asyncio.run(play())
        os.close(writer)
        with os.fdopen(reader) as terminal:
            texts = [terminal.read()]
        files = [tmp_path / name for name in ("bot_stdout.log", "health.log")]
        return [*texts, *(path.read_text() if path.exists() else "" for path in files)]

    return say


def a_line(text, severity=Severity.INFO, about=AlertKind.TRADING):
    return Announce(severity=severity, text=text, about=about)


def test_a_line_has_its_time_and_severity_and_is_copied_to_the_file(said):
    terminal, stdout, health = said(a_line("Fill detected"))

    assert re.fullmatch(r"\d\d:\d\d:\d\d INFO     Fill detected\n", terminal)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO     Fill detected\n", stdout)
    assert health == ""


def test_health_has_warnings_and_what_concerns_the_system(said):
    _, _, health = said(
        a_line("quote"),
        a_line("loss", Severity.WARNING),
        a_line("maker started", about=AlertKind.SYSTEM),
        a_line("Status: RUNNING", about=AlertKind.PERFORMANCE),
    )

    assert [line[29:] for line in health.splitlines()] == ["loss", "maker started", "Status: RUNNING"]


def test_a_pipe_gets_no_colour_and_files_never_do(said):
    assert "\x1b" not in "".join(said(a_line("x", Severity.ERROR)))


def test_a_terminal_gets_warnings_in_colour(said):
    terminal, stdout, _ = said(a_line("x", Severity.ERROR), a_line("y"), colour=True)

    assert terminal.count("\x1b[31m") == 1
    assert "\x1b" not in stdout


def test_a_line_from_the_venue_can_not_steer_the_terminal(said):
    terminal, stdout, _ = said(a_line("evil \x1b[2J\nslug"))

    assert "evil ?[2J?slug" in terminal
    assert len(stdout.splitlines()) == 1
