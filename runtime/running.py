"""A process that was started, as its supervisor holds it."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Protocol


class Running(Protocol):
    """One process until it has ended and that was seen."""

    pid: int
    fd: int
    """Readable once it has ended."""

    def reap(self) -> int:
        """Collect it, ended as it is: its exit code, or minus the number of the signal that ended it."""

    def signal(self, number: int) -> None:
        """Send it a signal, if it still lives."""


class Spawned:
    """A process of the operating system, held by a descriptor, so that never another one of its number is meant."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Raises OSError, and then the process runs no more: nobody would see its end."""
        try:
            self.fd = os.pidfd_open(process.pid)
        except OSError:
            process.kill()
            process.wait()
            raise
        self.pid = process.pid
        self._process = process

    def reap(self) -> int:
        """Collect it."""
        code = self._process.wait()
        os.close(self.fd)
        return code

    def signal(self, number: int) -> None:
        """Send it a signal, if it still lives."""
        try:
            signal.pidfd_send_signal(self.fd, number)
        except ProcessLookupError:
            return
