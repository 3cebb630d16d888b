"""The console: lines for people on the terminal, and the same lines in files."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from messages.system import AlertKind, Announce, Severity
from runtime.ports import Port, handles
from telemetry.outlet import Outlet, RotatingFile, printable, write_all
from telemetry.redact import Redactor

HEALTH = frozenset({AlertKind.SYSTEM, AlertKind.RISK, AlertKind.PERFORMANCE})
"""What goes to `health.log` however quiet it is."""
COLOURS = {Severity.INFO: "", Severity.WARNING: "33", Severity.ERROR: "31", Severity.CRITICAL: "1;37;41"}


class Console(Port):
    """Writes announcements to the terminal, to `bot_stdout.log` and, what concerns health, to `health.log`."""

    def __init__(self, directory: Path, colour: bool | None = None, terminal: int = 2) -> None:
        self._colour = may_colour(terminal) if colour is None else colour
        self._redactor = Redactor()
        self.terminal = Outlet("terminal", lambda text: write_all(terminal, text.encode("utf-8", "replace")))
        self.stdout = Outlet("bot_stdout", RotatingFile(directory / "bot_stdout.log").write)
        self.health = Outlet("health", RotatingFile(directory / "health.log").write)

    @handles
    async def announce(self, line: Announce) -> None:
        """One line to wherever it belongs; nothing here waits."""
        now = datetime.now(UTC)
        loud = line.severity is not Severity.INFO
        text = printable(self._redactor.text(line.text))
        written = f"{now:%Y-%m-%d %H:%M:%S} {line.severity:<8} {text}"
        self.terminal.put(self._painted(f"{now:%H:%M:%S} {line.severity:<8} {text}", line.severity), loud)
        self.stdout.put(written, loud)
        if loud or line.about in HEALTH:
            self.health.put(written, loud)

    async def close(self) -> None:
        """Write what is left."""
        for outlet in (self.stdout, self.health, self.terminal):
            outlet.close(0.3)

    def _painted(self, text: str, severity: Severity) -> str:
        colour = COLOURS[severity]
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour else text


def may_colour(fd: int) -> bool:
    """Whether people look at it, and did not ask for plain text with NO_COLOR."""
    try:
        return os.isatty(fd) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    except OSError:
        return False
