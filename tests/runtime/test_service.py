"""The service manager is told when everything runs, that it lives, how it is, and that it stops."""

import os
import socket

import pytest

from messages.values import SECOND, RealNs
from runtime.service import Service


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    """A fake NOTIFY_SOCKET: its name, and what was heard."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@evermaker-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        end.setblocking(False)
        yield name, end


def heard(end):
    lines = []
    try:
        while True:
            lines.append(end.recv(4096).decode())
    except BlockingIOError:
        return lines


def at(seconds):
    return RealNs(round(1_000 * SECOND + seconds * SECOND))


def test_each_change_is_told_once(manager):
    name, end = manager
    service = Service({"NOTIFY_SOCKET": name})
    for _ in range(2):
        service.status("RUNNING: two\nlines")
        service.ready()
        service.stopping()

    assert heard(end) == ["STATUS=RUNNING: two lines", "READY=1", "STOPPING=1"]


def test_it_is_heard_three_times_within_the_watchdogs_patience(manager):
    name, end = manager
    service = Service({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "9000000", "WATCHDOG_PID": str(os.getpid())})
    for tenth in range(91):
        service.step(at(tenth / 10))

    assert heard(end) == ["WATCHDOG=1"] * 4


@pytest.mark.parametrize(
    "more", [{}, {"WATCHDOG_USEC": "9000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "soon"}]
)
def test_where_nobody_waits_for_beats_none_are_sent(manager, more):
    name, end = manager
    Service({"NOTIFY_SOCKET": name, **more}).step(at(0))

    assert heard(end) == []


def test_without_a_manager_or_with_one_that_is_gone_nothing_happens(tmp_path):
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "nobody")}):
        service = Service({**environment, "WATCHDOG_USEC": "1"})
        service.ready()
        service.step(at(0))
        service.stopping()
