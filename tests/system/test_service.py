"""A service manager hears when everything runs, that it lives and that it stops; it may ask all to end at once."""

import os
import signal
import socket

import pytest

from tests.system.houses import reading, survivors

pytestmark = pytest.mark.slow


@pytest.fixture
def manager(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.setblocking(False)
        yield Manager(str(tmp_path / "notify"), end)


class Manager:
    """A fake systemd."""

    def __init__(self, name, end):
        self.name, self.end, self.heard = name, end, []

    def hear(self, line):
        """How often it was told so."""
        try:
            while True:
                self.heard.append(self.end.recv(4096).decode())
        except BlockingIOError:
            return self.heard.count(line)


def test_it_is_told_of_the_whole_life_and_a_stop_of_the_whole_group_is_in_order(house, manager):
    system = house("--speed", "20", NOTIFY_SOCKET=manager.name, WATCHDOG_USEC="1000000")
    system.until(lambda: manager.hear("READY=1"), 60, "READY=1")
    system.until_said("Two-sided quote rests")
    beats = manager.hear("WATCHDOG=1")
    system.until(lambda: manager.hear("WATCHDOG=1") > beats + 3, 10, "beats")
    assert any(line.startswith("STATUS=RUNNING, 7 processes") for line in manager.heard), manager.heard
    code, settings = system.status()["details"]["program"].split(", settings ")
    assert (len(code), len(settings), code == settings) == (12, 12, False)

    system.process.send_signal(signal.SIGTERM)  # as KillMode=control-group does: all of them at once
    for child in system.processes()["children"].values():
        os.kill(child["pid"], signal.SIGTERM)
    assert system.ended(40) == 0
    assert manager.hear("STOPPING=1") == 1
    assert manager.hear("READY=1") == 1
    assert "no order rests" in system.text()
    assert survivors(system.state) == []
    with reading(system.state / "venue.db") as db:
        assert db.execute("SELECT count(*) FROM orders WHERE ended_at IS NULL").fetchone()[0] == 0
