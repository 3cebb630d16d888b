"""What a host stands on: the process it lives in, and what it may ask the operating system."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from typing import NoReturn, Protocol

from loguru import logger

from runtime.restarts import ExitCode


class ProcessOver(BaseException):
    """Nothing of this process runs any more: how a simulated one ends. A real one does not raise it."""


class Ground(Protocol):
    """One process."""

    def parent(self) -> int:
        """Process id of whoever started it, of its stepparent when that one is gone."""

    def lives(self, pid: int) -> bool:
        """Whether that process still runs."""

    def resident_kib(self) -> int:
        """Its resident memory in KiB."""

    def settle(self) -> None:
        """Its recovery is over: what was built so far stays."""

    def end_within(self, span_s: float) -> None:
        """It ends after so many real seconds whatever it does then."""

    def end(self, code: int) -> NoReturn:
        """It ends now."""


class OwnProcess:
    """The process we are in."""

    def parent(self) -> int:
        """Whoever started us, or who took us over."""
        return os.getppid()

    def lives(self, pid: int) -> bool:
        """Whether that process still runs (a zombie does not)."""
        return alive(pid)

    def resident_kib(self) -> int:
        """0 where that is not told."""
        try:
            with open("/proc/self/statm", encoding="ascii") as statm:
                return int(statm.read().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)
        except OSError:
            return 0

    def settle(self) -> None:
        """The collector need not look again at what is there now."""
        gc.collect()
        gc.freeze()

    def end_within(self, span_s: float) -> None:
        """A thread of its own sees to it."""
        deadline = threading.Timer(span_s, os._exit, (ExitCode.SOFTWARE,))
        deadline.daemon = True
        deadline.start()

    def end(self, code: int) -> NoReturn:
        """What was logged is written; nothing else is waited for."""
        with contextlib.suppress(BaseException):
            logger.complete()
            logger.remove()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def alive(pid: int) -> bool:
    """Whether that process still runs (a zombie does not)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
