"""Telling systemd how we are (sd_notify): ready, alive, stopping. Without it nobody is told."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

from messages.values import RealNs

SOCKET_VARIABLE = "NOTIFY_SOCKET"
WATCHDOG_VARIABLE = "WATCHDOG_USEC"
WATCHDOG_PID_VARIABLE = "WATCHDOG_PID"
MAX_STATUS = 300


class Service:
    """Datagrams to the service manager; one that cannot be sent is not missed. Every change is told once."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = _address(environment.get(SOCKET_VARIABLE, ""))
        self._every_ns = _watchdog_us(environment) * 1_000 // 3
        self._beaten_at = RealNs(0)
        self._told: set[str] = set()
        self._status = ""

    def step(self, now: RealNs) -> None:
        """We are alive: at most three times in the time that is given to us."""
        if self._every_ns and now - self._beaten_at >= self._every_ns:
            self._beaten_at = now
            self._send("WATCHDOG=1")

    def ready(self) -> None:
        """Everything runs."""
        self._once("READY=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._once("STOPPING=1")

    def status(self, text: str) -> None:
        """How it is, in a line for `systemctl status`."""
        line = " ".join(text.split())[:MAX_STATUS]
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def _once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._send(line)

    def _send(self, line: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.setblocking(False)
            end.sendto(line.encode(), self._address)


def _address(named: str) -> str:
    """A path, or a name that has none: `@name` stands for the abstract one."""
    return f"\0{named[1:]}" if named.startswith("@") else named


def _watchdog_us(environment: Mapping[str, str]) -> int:
    """Microseconds within which we have to be heard; 0: nobody waits, or not for this process."""
    pid, span = environment.get(WATCHDOG_PID_VARIABLE, ""), environment.get(WATCHDOG_VARIABLE, "")
    return int(span) if span.isdecimal() and pid in ("", str(os.getpid())) else 0
