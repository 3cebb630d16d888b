"""Asks a program over HTTP whether it lives, from a thread, so that a hung one hangs nobody else."""

from __future__ import annotations

import http.client
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

import msgspec

from messages.values import RealNs
from runtime.clock import real_now

MAX_ASKED = 8
"""Questions that wait for the one before."""


class Probed(msgspec.Struct, frozen=True):
    """One answer."""

    ok: bool
    asked_at: RealNs
    path: str
    status: int
    body: bytes
    is_told: bool = False
    """It answers a body of ours."""


class Asker(Protocol):
    """Asks one program; answers come through `results`, and somebody is woken for them."""

    results: deque[Probed]

    def ask(self, path: str, body: bytes | None = None) -> bool:
        """GET this path, or POST this JSON body to it; False: too much is asked already, no answer comes."""

    def close(self) -> None:
        """Ask nothing more."""


class Probe:
    """GETs (or POSTs) on one loopback port; answers come through `results`, announced by `wake`."""

    def __init__(self, port: int, wake: Callable[[], None], timeout_s: float = 1.0) -> None:
        self.results: deque[Probed] = deque(maxlen=256)
        self._port = port
        self._wake = wake
        self._timeout_s = timeout_s
        self._asked: deque[tuple[str, bytes | None]] = deque()
        self._is_over = False
        self._signal = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)
        self._thread.start()

    def ask(self, path: str, body: bytes | None = None) -> bool:
        """GET this path, or POST this JSON body to it; False: too much is asked already, no answer comes."""
        if len(self._asked) >= MAX_ASKED:
            return False
        self._asked.append((path, body))
        self._signal.release()
        return True

    def close(self) -> None:
        """Nobody is woken any more; a question under way has its answer for nobody."""
        self._is_over = True
        self._signal.release()

    def _run(self) -> None:
        while True:
            self._signal.acquire()
            if self._is_over:
                return
            path, body = self._asked.popleft()
            self.results.append(self._fetch(path, body))
            if not self._is_over:
                self._wake()

    def _fetch(self, path: str, body: bytes | None) -> Probed:
        asked_at = real_now()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._timeout_s)
        try:
            connection.request("GET" if body is None else "POST", path, body)
            answer = connection.getresponse()
            text = answer.read(65_536)
            return Probed(answer.status == 200, asked_at, path, answer.status, text, body is not None)
        except (OSError, http.client.HTTPException):
            return Probed(False, asked_at, path, 0, b"", body is not None)
        finally:
            connection.close()
