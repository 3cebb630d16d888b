"""The system under attack, as anybody outside sees it: its files, its processes, its exchange's side door."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import msgspec

from control.client import Unreachable, ask

ROOT = Path(__file__).resolve().parents[2]
DOOR_TIMEOUT_S = 1.0
LIQUIDATOR = "liquidator"


class Seen(msgspec.Struct, frozen=True):
    """One process as `run/processes.json` tells of it."""

    role: str
    pid: int
    incarnation: int
    state: str

    @property
    def family(self) -> str:
        """Liquidators are one family."""
        return self.role.partition(":")[0]


class Target:
    """One state directory and whatever runs on it."""

    def __init__(self, directory: Path, arguments: tuple[str, ...]) -> None:
        self.state = directory / "state"
        self.console = directory / "console.log"
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self._ledger: sqlite3.Connection | None = None
        self.starts = 0

    # Its life.

    @property
    def pid(self) -> int:
        """Of the supervisor, 0 without one."""
        return 0 if self._process is None else self._process.pid

    def start(self, *more: str) -> None:
        """`python supervisor.py` on this state directory, with these arguments beside its own."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("MM_", "EVERMAKER"))}
        with self.console.open("ab") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "supervisor.py", "--state", str(self.state), *self._arguments, *more],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env={**clean, "XDG_STATE_HOME": str(self.state.parent)},
                start_new_session=True,
            )
        self.starts += 1

    def ended(self) -> int | None:
        """The supervisor's exit code, None while it runs."""
        return None if self._process is None else self._process.poll()

    def signal(self, pid: int, number: int) -> bool:
        """Send a signal; False: there is no such process any more."""
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def holders(self) -> list[int]:
        """Every process that keeps the state directory's lock: whoever belongs to this system and lives."""
        lock = str(self.state / "evermaker.lock")
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and _has_open(int(name), lock)]

    def end(self) -> None:
        """Leave nothing behind, whatever happened before."""
        for pid in [self.pid, *self.holders()] if self.ended() is None else self.holders():
            if pid:
                self.signal(pid, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    # What is seen of it.

    def processes(self) -> list[Seen]:
        """Who runs, by the supervisor's word; none while nobody knows."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            told = self._told()["children"]
            return [Seen(role, c["pid"], c["incarnation"], c["state"]) for role, c in told.items()]
        return []

    def _told(self) -> Any:
        return json.loads((self.state / "run" / "processes.json").read_text())

    def open_orders(self) -> int:
        """Orders on the exchange's book by its own ledger."""
        return self._count("SELECT count(*) FROM orders WHERE ended_at IS NULL")

    def is_quoting(self, since: int) -> bool:
        """Two orders or more rest in one market, accepted after this moment of real time."""
        where = f"WHERE ended_at IS NULL AND accepted_real_at > {since}"
        return (
            self._count(f"SELECT count(*) FROM orders {where} GROUP BY market ORDER BY 1 DESC LIMIT 1") >= 2
        )

    def trades(self) -> int:
        """Trades that we had a part in, as taker or maker."""
        return self._count("SELECT count(*) FROM trades")

    def _count(self, sql: str) -> int:
        path = self.state / "venue.db"
        try:
            if self._ledger is None:
                self._ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0.2)
            found = self._ledger.execute(sql).fetchone()
        except sqlite3.Error:
            self._ledger = None  # not there yet, or its file was made anew
            return 0
        return int(found[0]) if found else 0

    # What may be said to it.

    def mishap(self, fault: dict[str, object] | None) -> bool:
        """Post one fault to the exchange's side door, or (None) end all; False: nobody answered."""
        body = None if fault is None else json.dumps(fault).encode()
        method = "DELETE" if fault is None else "POST"
        try:
            url = f"http://127.0.0.1:{self._told()['port']}/sim/faults"
            request = urllib.request.Request(url, body, {"Content-Type": "application/json"}, method=method)
            with urllib.request.urlopen(request, timeout=DOOR_TIMEOUT_S) as answer:
                return int(answer.status) == 200
        except (OSError, ValueError, KeyError):
            return False

    def control(self, op: str, reason: str) -> bool:
        """`python -m control` by its own client; False: refused, or nobody answered."""
        try:
            return ask(self.state, op, reason, timeout_s=DOOR_TIMEOUT_S).ok
        except Unreachable:
            return False

    def switch(self, on: bool) -> None:
        """Make or remove the kill switch."""
        path = self.state / "KILL_SWITCH"
        if on:
            path.write_text("chaos\n")
        else:
            path.unlink(missing_ok=True)


def _has_open(pid: int, path: str) -> bool:
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}") == path for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def role_of(pid: int) -> str:
    """`role@incarnation` as its command line says, "" for any other program."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return words[4].decode(errors="replace") if len(words) > 4 and words[3] == b"runtime.process" else ""
