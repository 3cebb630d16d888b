import os
import stat

import pytest

from telemetry.outlet import LOUD_RING, RING, Outlet, RotatingFile, printable, write_all


def fill(fd):
    while True:
        os.write(fd, b"x" * 4096)


@pytest.fixture
def blocked():
    """An outlet to a pipe that is full and that nobody reads; and the end to read it by."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with pytest.raises(BlockingIOError):
        fill(writer)
    os.set_blocking(writer, True)
    outlet = Outlet("test", lambda text: write_all(writer, text.encode()))
    yield outlet, reader
    os.close(reader)
    outlet.close(2)
    os.close(writer)


def test_a_blocked_place_never_holds_up_who_writes(blocked):
    outlet, _ = blocked

    for number in range(3 * RING):
        outlet.put(str(number))

    assert outlet.dropped > RING
    assert not outlet.close(0)


def test_warnings_have_places_of_their_own(blocked):
    outlet, _ = blocked
    for number in range(2 * RING):
        outlet.put(str(number))
    dropped = outlet.dropped

    for _ in range(LOUD_RING):
        outlet.put("loud", loud=True)

    assert outlet.dropped == dropped
    outlet.put("quiet")
    assert outlet.dropped == dropped + 1


def test_everything_is_written_in_order_before_it_closes():
    written = []
    outlet = Outlet("test", written.append)
    for number in range(1_000):
        outlet.put(str(number))

    assert outlet.close(5)
    assert written == [f"{number}\n" for number in range(1_000)]


def test_lines_that_could_not_be_written_are_counted_and_said():
    disk = FullDisk()
    outlet = Outlet("test", disk.write)
    for name in "abcde":
        outlet.put(name)

    assert outlet.close(5)
    assert outlet.dropped == disk.refused
    assert sum(int(line.split()[1]) for line in disk.lines if "dropped" in line) == disk.refused


class FullDisk:
    """Refuses the second and the third line."""

    def __init__(self):
        self.lines, self.refused, self._asked = [], 0, 0

    def write(self, text):
        self._asked += 1
        if self._asked in (2, 3):
            self.refused += 1
            raise OSError(28, "No space left on device")
        self.lines.append(text)


def test_a_file_at_its_limit_becomes_number_one_and_so_on(tmp_path):
    file = RotatingFile(tmp_path / "a.log", limit=10, keep=2)
    for name in "abcd":
        file.write(f"{name}2345678\n")

    assert {path.name: path.read_text()[0] for path in tmp_path.iterdir()} == {
        "a.log": "d",
        "a.log.1": "c",
        "a.log.2": "b",
    }


def test_a_file_is_appended_to_after_a_restart_and_made_again_when_taken_away(tmp_path):
    RotatingFile(tmp_path / "logs" / "a.log").write("1\n")
    file = RotatingFile(tmp_path / "logs" / "a.log")
    file.write("2\n")
    assert file.path.read_text() == "1\n2\n"

    file.path.unlink()
    file.write("3\n")

    assert file.path.read_text() == "3\n"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


def test_nothing_can_steer_a_terminal():
    assert printable("a\x1b[2J\nb ✓") == "a?[2J?b ✓"
