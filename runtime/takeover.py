"""Orphans of a dead supervisor: proven to be its children, or left alone."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from pathlib import Path

import msgspec

from runtime.ground import alive

BIRTHS = "births.json"
"""In `run`: who was started by this supervisor, and when to the tick; what `--takeover` goes by."""
RUN_VARIABLE = "EVERMAKER_RUN"
"""In the environment of every child: the run it belongs to, 16 hex digits."""
KILLED_WITHIN_MS = 5_000
_STARTED_AT = 19
"""Field of /proc/<pid>/stat behind the name's bracket: clock ticks from boot to its start."""


class Birth(msgspec.Struct, frozen=True):
    """One process, and when it was started, in clock ticks since boot: no other one ever has both numbers."""

    pid: int
    born: int
    name: str
    """`role@incarnation`, as on its command line."""


class Births(msgspec.Struct):
    """Everybody whom one supervisor started, itself first."""

    run: str
    supervisor: Birth
    children: dict[str, Birth]
    """By role, the latest of each."""


class Register:
    """Writes down whom this supervisor starts, before it may have to be proven. Best effort, like all evidence."""

    def __init__(self, directory: Path, run: str) -> None:
        self._path = directory / BIRTHS
        self._births = Births(run, _birth(os.getpid(), "supervisor"), {})
        self._write()

    def started(self, role: str, name: str, pid: int) -> None:
        """One more."""
        self._births.children[role] = _birth(pid, name)
        self._write()

    def _write(self) -> None:
        beside = self._path.with_name(f"{BIRTHS}.new")
        with contextlib.suppress(OSError):
            beside.write_bytes(msgspec.json.encode(self._births))
            beside.replace(self._path)


def end_orphans(directory: Path) -> tuple[list[str], str]:
    """Kill what is proven to be left of the run that is written down here: names, and why nobody else was.

    A process is killed when its number and its start time are those written down, and its environment names
    the run; where that may not be read, because it holds keys, its command line must name the role.
    Nobody is while the supervisor of that run lives.
    """
    try:
        births = msgspec.json.decode((directory / BIRTHS).read_bytes(), type=Births)
    except FileNotFoundError:
        return [], "nothing is written down of an earlier run"
    except (OSError, msgspec.DecodeError) as error:
        return [], f"{directory / BIRTHS} cannot be read: {error}"
    if _is_same(births.supervisor):
        return [], f"its supervisor, process {births.supervisor.pid}, lives: stop it"
    return [birth.name for birth in births.children.values() if _end(birth, births.run)], ""


def _end(birth: Birth, run: str) -> bool:
    """Whether it was proven to be that one, and is gone now. The descriptor is taken before the proof."""
    try:
        fd = os.pidfd_open(birth.pid)
    except OSError:
        return False
    try:
        if not _is_same(birth) or not _belongs(birth, run):
            return False
        signal.pidfd_send_signal(fd, signal.SIGKILL)
        ended = select.poll()
        ended.register(fd, select.POLLIN)
        return bool(ended.poll(KILLED_WITHIN_MS))
    except ProcessLookupError:
        return False
    finally:
        os.close(fd)


def _is_same(birth: Birth) -> bool:
    return birth.born != 0 and alive(birth.pid) and born(birth.pid) == birth.born


def _belongs(birth: Birth, run: str) -> bool:
    try:
        environment = Path(f"/proc/{birth.pid}/environ").read_bytes().split(b"\0")
    except PermissionError:
        return birth.name.encode() in _command_line(birth.pid)
    except OSError:
        return False
    return f"{RUN_VARIABLE}={run}".encode() in environment


def _command_line(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def _birth(pid: int, name: str) -> Birth:
    return Birth(pid, born(pid), name)


def born(pid: int) -> int:
    """Clock ticks from boot to the start of a process; 0 where there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        return int(text.rpartition(")")[2].split()[_STARTED_AT])
    except (OSError, IndexError, ValueError):
        return 0
