"""One instance to a state directory; errors of one line; nothing lost by a refusal."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.restarts import ExitCode
from runtime.statedir import BALLAST_BYTES, WHO_RUNS, StateDirectory, StateError, make_private
from runtime.whereabouts import NotThere, find_endpoint
from tests.runtime.ends import until


@pytest.fixture
def state(tmp_path):
    directory = StateDirectory(tmp_path / "state")
    directory.open(fresh=False)
    yield directory
    directory.drop_ballast()
    os.close(directory.lock_fd)


def test_a_second_instance_is_refused_and_told_who_holds_it(state):
    with pytest.raises(StateError, match=str(os.getpid())) as refused:
        StateDirectory(state.path).open(fresh=False)

    assert refused.value.exit_code == 75


def test_of_many_that_start_at_once_one_has_it_and_the_others_touch_nothing(tmp_path):
    opens = (
        "import sys, signal; from pathlib import Path; from runtime.statedir import StateDirectory, StateError\n"
        "try: StateDirectory(Path(sys.argv[1])).open(True)\n"
        "except StateError as error: sys.exit(error.exit_code)\n"
        "print('open', flush=True); signal.pause()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", opens, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(8)
    ]
    try:
        until(lambda: sum(process.poll() is None for process in started) == 1)
        (winner,) = [process for process in started if process.poll() is None]
        assert winner.stdout.readline() == b"open\n"
    finally:
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()

    assert sorted(process.returncode for process in started) == [-signal.SIGKILL] + [75] * 7


def test_a_refused_fresh_start_takes_nothing_away(state):
    state.journal.write_text("precious")
    with pytest.raises(StateError):
        StateDirectory(state.path).open(fresh=True)

    assert state.journal.read_text() == "precious"


def test_the_lock_is_inherited_by_children_so_that_an_orphan_keeps_it(state):
    assert os.get_inheritable(state.lock_fd)
    with (state.path / "evermaker.lock").open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_fresh_forgets_what_the_house_made_and_keeps_the_kill_switch(tmp_path):
    path = tmp_path / "state"
    path.mkdir()
    for name in ("journal.db", "venue.db", "fills-0xaa.json", "KILL_SWITCH", "notes.txt"):
        (path / name).write_text("x")
    directory = StateDirectory(path)
    directory.open(fresh=True)
    os.close(directory.lock_fd)

    assert {p.name for p in path.iterdir() if p.is_file()} == {"KILL_SWITCH", "notes.txt", "evermaker.lock"}


def test_incarnations_rise_for_ever(state):
    assert [state.next_incarnation() for _ in range(3)] == [1, 2, 3]
    again = StateDirectory(state.path)
    assert again.next_incarnation() == 4


def test_a_broken_counter_is_one_clear_error(state):
    (state.run / "inc.json").write_text("{")

    with pytest.raises(StateError, match=r"inc\.json"):
        state.next_incarnation()


def test_sockets_lie_in_a_private_directory_that_the_state_directory_names(state):
    assert find_endpoint(state.path, "ctl") == f"ipc://{state.sockets}/ctl"
    assert stat.S_IMODE(state.sockets.stat().st_mode) == 0o700
    assert len(str(state.sockets)) < 100


def test_when_it_is_left_nobody_is_to_be_found_there_any_more(state):
    state.write(state.run / WHO_RUNS, {"supervisor": 1})
    state.leave()

    with pytest.raises(NotThere, match=str(state.path)):
        find_endpoint(state.path, "ctl")
    assert not state.sockets.exists()
    assert not (state.run / WHO_RUNS).exists()


def test_some_of_the_disk_is_kept_for_the_end(state):
    assert state.ballast.stat().st_blocks * 512 >= BALLAST_BYTES
    state.drop_ballast()
    state.drop_ballast()

    assert not state.ballast.exists()


@pytest.mark.parametrize(("free_mib", "kept_mib"), [(1 << 20, 64), (512, 64), (511, 63), (100, 12), (3, 4)])
def test_of_a_small_disk_an_eighth_is_kept_whatever_was_kept_before(
    tmp_path, monkeypatch, free_mib, kept_mib
):
    class Small:
        f_frsize, f_bavail = 4096, (free_mib - kept_mib) << 8

    directory = StateDirectory(tmp_path)
    directory.run.mkdir()
    directory.ballast.write_bytes(b"1" * (kept_mib << 20))
    monkeypatch.setattr(os, "fstatvfs", lambda fd: Small)
    directory.open(fresh=False)
    os.close(directory.lock_fd)

    assert directory.kept_bytes == kept_mib << 20
    assert directory.ballast.stat().st_size == directory.kept_bytes
    directory.leave()
    assert not directory.ballast.exists()


def test_a_full_disk_is_an_end_that_names_the_disk(tmp_path, monkeypatch):
    def full(fd, start, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(StateError, match="No space left on device") as refused:
        StateDirectory(tmp_path).open(fresh=False)

    assert refused.value.exit_code == ExitCode.IO


@pytest.mark.parametrize("make", [lambda path: path.mkdir(mode=0o755), lambda path: path.write_text("")])
def test_a_directory_that_others_look_into_is_not_used(tmp_path, make):
    make(tmp_path / "sockets")

    with pytest.raises((StateError, FileExistsError)):
        make_private(tmp_path / "sockets")


def test_a_state_directory_that_is_a_file_is_one_clear_error(tmp_path):
    path = tmp_path / "state"
    path.write_text("")

    with pytest.raises(StateError, match="state") as refused:
        StateDirectory(Path(path)).open(fresh=False)
    assert "\n" not in str(refused.value)


def test_a_lock_that_outlived_its_taker_names_who_keeps_it(tmp_path):
    directory = StateDirectory(tmp_path)
    take_and_pass_on = (
        "import subprocess, sys; from pathlib import Path; from runtime.statedir import StateDirectory;"
        "directory = StateDirectory(Path(sys.argv[1])); directory.open(False);"
        "heir = subprocess.Popen(['sleep', '60'], pass_fds=[directory.lock_fd], stdout=subprocess.DEVNULL);"
        "print(heir.pid)"
    )
    heir = int(subprocess.check_output([sys.executable, "-c", take_and_pass_on, str(tmp_path)]))
    try:
        with pytest.raises(StateError, match=f"in use by process {heir}:"):
            directory.open(False)
    finally:
        os.kill(heir, signal.SIGKILL)
