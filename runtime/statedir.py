"""The state directory: whose it is, who holds it, where the sockets of its processes lie."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from runtime.locks import Held, take
from runtime.restarts import ExitCode
from runtime.takeover import BIRTHS, end_orphans
from runtime.whereabouts import POINTER

MADE = (
    "journal.db", "journal.db-wal", "journal.db-shm", "journal.db.damaged", "journal.db.restored",
    "journal.db.orders", "journal.db.orders-journal",
    "venue.db", "venue.db-wal", "venue.db-shm", "sim.key",
    "liquidations.json", "execution_state.json", "backups", "snapshots", "run", "logs",
)  # fmt: skip
"""What a fresh start takes away; nobody but a person takes `KILL_SWITCH` away."""
WHO_RUNS = "processes.json"
"""In `run`: every process of this instance, for people and for the panic tool."""
BALLAST_BYTES, LEAST_BALLAST = 64 << 20, 4 << 20
"""Of the disk that is kept for the end; how little it may be where the disk is small."""
BALLAST_SHARE = 8
"""One part in so many of what is free is taken for it at most."""
MAX_SOCKET_PATH = 100
"""Bytes; the kernel refuses 108, and a name comes behind it."""


class StateError(RuntimeError):
    """The state directory cannot be used; its text is one line, its `exit_code` the process's."""

    def __init__(self, text: str, exit_code: ExitCode) -> None:
        super().__init__(text)
        self.exit_code = exit_code


class StateDirectory:
    """One instance's files. Opened, it holds the tree lock, which every child inherits and keeps."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.run = self.path / "run"
        self.logs = self.path / "logs"
        self.journal = self.path / "journal.db"
        self.venue = self.path / "venue.db"
        self.ballast = self.run / "ballast"
        self.lock_fd = -1
        self.sockets = Path()
        self.taken_over: list[str] = []
        """Orphans that were ended for the lock."""
        self.kept_bytes = 0
        """Of the disk, for the end; less than `BALLAST_BYTES` where the disk is small."""

    def open(self, fresh: bool, takeover: bool = False) -> None:
        """Create it, take the lock, forget what is there when `fresh`. Raises StateError.

        `takeover`: a lock that orphans of a dead supervisor keep is taken by ending them.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock(takeover)
            if fresh:
                self._clear()
            for directory in (self.run, self.logs):
                directory.mkdir(mode=0o700, exist_ok=True)
            self._lay_ballast()
            self.sockets = _socket_directory(self.path)
            (self.path / POINTER).write_text(f"{self.sockets}\n")
        except OSError as error:
            name = error.filename or self.path
            reason = "not a directory" if isinstance(error, FileExistsError) else error.strerror
            code = ExitCode.IO if error.errno == errno.ENOSPC else ExitCode.USAGE
            raise StateError(f"state directory {name}: {reason}", code) from error

    def _lay_ballast(self) -> None:
        """Keep some of the disk for the end. Raises OSError where there is not even so much left."""
        with self.ballast.open("ab") as file:
            there = os.fstatvfs(file.fileno())
            mine = os.fstat(file.fileno()).st_blocks * 512
            share = (there.f_bavail * there.f_frsize + mine) // BALLAST_SHARE
            self.kept_bytes = min(BALLAST_BYTES, max(LEAST_BALLAST, share >> 20 << 20))
            os.posix_fallocate(file.fileno(), 0, self.kept_bytes)

    def drop_ballast(self) -> None:
        """The disk is full: what was kept is for taking orders off and writing down that they are."""
        self.ballast.unlink(missing_ok=True)

    def leave(self) -> None:
        """Nobody is to be found here any more, and nothing is kept; the lock goes with the process."""
        self.drop_ballast()
        shutil.rmtree(self.sockets, ignore_errors=True)
        for name in (WHO_RUNS, BIRTHS, POINTER.name):
            (self.run / name).unlink(missing_ok=True)

    def _lock(self, takeover: bool) -> None:
        path = self.path / "evermaker.lock"
        try:
            fd = take(path, str(self.path))
        except Held as held:
            self.taken_over, why = end_orphans(self.run) if takeover else ([], "")
            try:
                fd = take(path, str(self.path))
            except Held:
                hint = why or "stop it, or choose another --state"
                raise StateError(f"{held}: {hint}", ExitCode.LOCKED) from held
        os.set_inheritable(fd, True)
        self.lock_fd = fd

    def _clear(self) -> None:
        for name in (*MADE, *(p.name for p in self.path.glob("fills-*.json"))):
            path = self.path / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def next_incarnation(self) -> int:
        """A number no process of this directory ever had; kept across restarts of everything."""
        path = self.run / "inc.json"
        try:
            last = int(json.loads(path.read_text())["last"])
        except FileNotFoundError:
            last = 0
        except (ValueError, KeyError, TypeError) as error:
            raise StateError(f"{path}: not a counter, remove it or start --fresh", ExitCode.IO) from error
        self.write(path, {"last": last + 1})
        return last + 1

    def write(self, path: Path, content: Any) -> None:
        """Replace a small JSON file whole and durably."""
        beside = path.with_name(path.name + ".new")
        with beside.open("w") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _socket_directory(state: Path) -> Path:
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    if not base or not os.access(base, os.W_OK) or len(base) > 40:
        base = tempfile.gettempdir()
    ours = Path(base) / f"evermaker-{os.getuid()}"
    make_private(ours)
    sockets = ours / hashlib.sha256(str(state).encode()).hexdigest()[:12]
    if len(str(sockets)) > MAX_SOCKET_PATH:
        raise StateError(f"{sockets} is too long for sockets: set XDG_RUNTIME_DIR or TMPDIR", ExitCode.USAGE)
    shutil.rmtree(sockets, ignore_errors=True)
    sockets.mkdir(mode=0o700)
    return sockets


def make_private(path: Path) -> None:
    """Have a directory that nobody else can look into. Raises StateError where something else is there."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StateError(f"{path} is not a private directory of ours: remove it", ExitCode.USAGE)
