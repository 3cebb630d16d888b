"""Where lines leave the process: a bounded ring before each place, so that only its own thread ever waits."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

RING = 10_000
"""Lines kept while a place is blocked."""
LOUD_RING = 1_000
"""Places beyond them for warnings and worse."""
FILE_BYTES = 10 << 20
KEPT_FILES = 5


class Outlet:
    """Takes lines from any thread without ever waiting; one thread of its own hands them to `write`.

    `write` gets a line with its newline and may block or raise OSError: then lines are dropped and counted,
    and the next one that passes is preceded by their number.
    """

    def __init__(self, name: str, write: Callable[[str], None]) -> None:
        self.dropped = 0
        """Lines that did not fit or could not be written."""
        self._write = write
        self._told = 0
        self._lines: deque[str] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=f"outlet {name}", daemon=True)
        self._thread.start()

    def put(self, line: str, loud: bool = False) -> None:
        """Have a line written, sometime soon or never. `loud`: it is a warning or worse."""
        bound = RING + LOUD_RING if loud else RING
        with self._changed:
            if len(self._lines) >= bound:
                self.dropped += 1
                return
            self._lines.append(line)
            self._changed.notify()

    def close(self, timeout_s: float = 1.0) -> bool:
        """Write what is left, for at most so long; whether all of it went out."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (lines := self._take()) is not None:
            for line in lines:
                self._pass_on(line)

    def _take(self) -> list[str] | None:
        with self._changed:
            while not self._lines:
                if self._closing:
                    return None
                self._changed.wait()
            return [self._lines.popleft() for _ in range(min(64, len(self._lines)))]

    def _pass_on(self, line: str) -> None:
        missing = self.dropped - self._told
        try:
            if missing:
                self._write(f"... {missing} lines were dropped\n")
                self._told += missing
            self._write(f"{line}\n")
        except OSError:
            with self._changed:
                self.dropped += 1


class RotatingFile:
    """Appends to a file; at `limit` bytes it becomes `.1`, the one before it `.2`, up to `keep` of them.

    Each call opens nothing but a file that is new, full or was taken away. Raises OSError.
    """

    def __init__(self, path: Path, limit: int = FILE_BYTES, keep: int = KEPT_FILES) -> None:
        self.path = path
        self._limit = limit
        self._keep = keep
        self._fd = -1

    def write(self, text: str) -> None:
        """Append, whole."""
        data = text.encode("utf-8", "replace")
        self._be_open()
        size = os.fstat(self._fd).st_size
        if size and size + len(data) > self._limit:
            self._rotate()
        write_all(self._fd, data)

    def _be_open(self) -> None:
        if self._fd >= 0 and self._is_ours():
            return
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _is_ours(self) -> bool:
        try:
            there = os.stat(self.path)
        except FileNotFoundError:
            return False
        return there.st_ino == os.fstat(self._fd).st_ino

    def _rotate(self) -> None:
        for number in range(self._keep - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self.path.replace(self._numbered(1))
        self._be_open()

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def write_all(fd: int, data: bytes) -> None:
    """Write to a file descriptor until all is written; may block. Raises OSError."""
    while data:
        data = data[os.write(fd, data) :]


def printable(text: str) -> str:
    """One line that cannot steer a terminal: what does not print becomes a question mark."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
