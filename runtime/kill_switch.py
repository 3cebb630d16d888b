"""The kill switch: a file that anybody with a shell can make, looked for four times a second."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from messages.risk import KillSwitchSeen
from runtime.ports import Port, runs

MAX_REASON = 200
"""Bytes of the file that are read as the reason."""


def look(paths: tuple[Path, ...]) -> KillSwitchSeen:
    """Whether one of these files is there, and what it says. What cannot be looked at counts as there."""
    for path in paths:
        reason = _read(path)
        if reason is not None:
            return KillSwitchSeen(present=True, reason=reason)
    return KillSwitchSeen(present=False)


def _read(path: Path) -> str | None:
    """The file's first line in printable characters, its path where that is empty; None without a file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return str(path) if path.is_symlink() else None
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    try:
        text = os.read(handle, MAX_REASON).decode(errors="replace")
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    finally:
        os.close(handle)
    line = "".join(c for c in text.partition("\n")[0] if c.isprintable()).strip()
    return line or str(path)


class KillSwitch(Port):
    """Says how the kill switch is: once at the start, then whenever that changes."""

    def __init__(self, paths: tuple[Path, ...], period_s: float = 0.25) -> None:
        self._paths = paths
        self._period_s = period_s

    @runs
    async def watch(self) -> AsyncIterator[KillSwitchSeen]:
        """Look again each period of real time."""
        said: KillSwitchSeen | None = None
        while True:
            seen = look(self._paths)
            if seen != said:
                said = seen
                yield seen
            await asyncio.sleep(self._period_s)
