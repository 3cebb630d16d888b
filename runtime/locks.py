"""Locks on files that processes hold for as long as they live, and who holds one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

from runtime.restarts import ExitCode

ACCOUNTS = Path("evermaker") / "accounts"
"""Below the directory of a user's states: one file for each account, whatever the state directory."""


class Held(RuntimeError):
    """Somebody else holds the lock; one line that names them."""

    exit_code = ExitCode.LOCKED

    def __init__(self, what: str, holders: list[int]) -> None:
        names = ", ".join(str(pid) for pid in holders) or "unknown"
        super().__init__(f"{what} is in use by process {names}")
        self.holders = holders


def take(path: Path, what: str) -> int:
    """Lock a file, made where it is missing; its descriptor holds the lock until it and its heirs are closed.

    The kernel lets go when they end, however they end: a lock is never stale. Raises Held, OSError.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holders = holders_of(fd)
        os.close(fd)
        raise Held(what, holders) from error
    return fd


def accounts_directory(environment: Mapping[str, str]) -> Path:
    """Where this user's accounts are locked: `$XDG_STATE_HOME`, or `~/.local/state`, and `evermaker/accounts`."""
    named = environment.get("XDG_STATE_HOME", "")
    return (Path(named) if named else Path.home() / ".local" / "state") / ACCOUNTS


class AccountLock:
    """One account is traded by one process of this user and host; without a directory anything goes.

    Two hosts are told apart by the venue, which knows only one heartbeat.
    """

    def __init__(self, directory: str | os.PathLike[str] | None) -> None:
        self._directory = None if directory is None else Path(directory)
        self._path: Path | None = None
        self._fd = -1

    def take(self, funder: str) -> None:
        """It is ours until we let go or end. Taking what is ours is nothing new. Raises Held, OSError."""
        if self._directory is None or self._fd >= 0:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{funder.lower()}.lock"
        while self._fd < 0:
            fd = take(path, f"the account {funder}")
            if _is_there(path, fd):
                self._fd, self._path = fd, path
            else:
                os.close(fd)  # whoever had it took the file away between our opening and our locking it

    def release(self) -> None:
        """Let go, and leave no file."""
        if self._fd < 0 or self._path is None:
            return
        self._path.unlink(missing_ok=True)
        os.close(self._fd)
        self._fd = -1


def _is_there(path: Path, fd: int) -> bool:
    ours = os.fstat(fd)
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)


def holders_of(fd: int) -> list[int]:
    """Who took the lock on this file; when that one is gone, who inherited it, as far as we may look."""
    found = os.fstat(fd)
    key = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    pids: set[int] = set()
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return []
    for line in lines:
        fields = line.split()
        if len(fields) > 5 and fields[5] == key and fields[4].isdigit():
            pids.add(int(fields[4]))
    return sorted(pid for pid in pids if Path(f"/proc/{pid}").exists()) or _heirs(found)


def _heirs(lock: os.stat_result) -> list[int]:
    """Other processes that have this file open."""
    found: set[int] = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            seen = link.stat()
        except OSError:
            continue
        if (seen.st_dev, seen.st_ino) == (lock.st_dev, lock.st_ino):
            found.add(int(link.parts[2]))
    return sorted(found - {os.getpid()})
