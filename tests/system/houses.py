"""Runs the real system in a directory of its own, watches it from outside, and cleans up after it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from control.__main__ import as_object
from control.client import ask
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = ROOT.parent / "shared" / "data" / "recordings"
STEP_S = 0.02


class House:
    """One `python supervisor.py`."""

    def __init__(self, state: Path, *arguments: str, **environment: str) -> None:
        self.state = state
        self.output = state.parent / f"{state.name}.out"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MM_", "EVERMAKER"))}
        with self.output.open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "supervisor.py", "--state", str(state), *arguments],
                cwd=ROOT,
                stdout=sink,
                stderr=sink,
                env={**env, "XDG_STATE_HOME": str(state.parent), **environment},
                start_new_session=True,
            )

    def text(self) -> str:
        """Everything it printed."""
        return self.output.read_text(errors="replace")

    def until(self, done: Callable[[], Any], timeout_s: float, what: str) -> Any:
        """Look again and again until something is so; its absence within the time fails the test."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError, KeyError):
                found = done()
                if found:
                    return found
            time.sleep(STEP_S)
        raise AssertionError(f"no {what} within {timeout_s} s:\n{self.text()[-6000:]}")

    def until_said(self, phrase: str, timeout_s: float = PATIENCE_S, count: int = 1) -> None:
        """Until it has printed this so often."""
        self.until(lambda: self.text().count(phrase) >= count, timeout_s, f"{phrase!r} x{count}")

    def processes(self) -> dict[str, Any]:
        """Who runs, by its own word."""
        return json.loads((self.state / "run" / "processes.json").read_text())

    def child(self, role: str) -> dict[str, int]:
        """One child's pid and incarnation."""
        return self.processes()["children"][role]

    def kill(self, role: str, number: int = signal.SIGKILL) -> int:
        """Send one child a signal; its incarnation then."""
        child = self.child(role)
        os.kill(child["pid"], number)
        return child["incarnation"]

    def until_replaced(self, role: str, incarnation: int, timeout_s: float = PATIENCE_S) -> None:
        """Until a later incarnation of this role is ready."""

        def ready() -> bool:
            said = self.status()
            return self.child(role)["incarnation"] > incarnation and said["actors"].get(role, "").startswith(
                "ready"
            )

        self.until(ready, timeout_s, f"replacement of {role}")

    def status(self) -> dict[str, Any]:
        """What `python -m control status --json` says, without a process for each time it is asked."""
        return as_object(ask(self.state, "status", timeout_s=PATIENCE_S))

    def control(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Any other control command."""
        return subprocess.run(
            [sys.executable, "-m", "control", *arguments, "--state", str(self.state), "--timeout", "20"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def get(self, path: str) -> Any:
        """Something of the exchange's, as any stranger could ask for it."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.processes()['port']}{path}", timeout=2
        ) as answer:
            return json.load(answer)

    def goes_wrong(self, **fault: Any) -> None:
        """Something goes wrong at the exchange from now on (docs/faults.md)."""
        self._faults("POST", "", json.dumps(fault).encode())

    def is_mended(self, kind: str) -> None:
        """That is over."""
        self._faults("DELETE", f"/{kind}", None)

    def _faults(self, method: str, path: str, body: bytes | None) -> None:
        url = f"http://127.0.0.1:{self.processes()['port']}/sim/faults{path}"
        with urllib.request.urlopen(urllib.request.Request(url, body, method=method), timeout=5) as answer:
            assert answer.status == 200, answer.status

    def stop(self, number: int = signal.SIGINT, timeout_s: float = PATIENCE_S) -> int:
        """Ask it to stop; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout_s)

    def ended(self, timeout_s: float) -> int:
        """Until it ends by itself; its exit code."""
        return self.process.wait(timeout_s)

    def clean_up(self) -> None:
        """End whatever is left of it."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            pids = [child["pid"] for child in self.processes()["children"].values()]
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for pid in pids:
                if belongs(pid, self.state):
                    os.kill(pid, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def belongs(pid: int, state: Path) -> bool:
    """Whether a living process is one of this house's: it holds the house's lock file open."""
    lock = str((state / "evermaker.lock").resolve())
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{fd}") == lock for fd in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def survivors(state: Path) -> list[int]:
    """Every process that still holds the house's lock."""
    return [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and belongs(int(pid), state)]


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A stopped database, read only."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        yield db
