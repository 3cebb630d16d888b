"""One account, one process: a lock that whoever ends lets go of, and that names who holds it."""

import os
import signal
import subprocess
import sys

import pytest

from runtime.locks import AccountLock, Held, accounts_directory, take

FUNDER = "0xAbCd000000000000000000000000000000000001"
TAKES = (
    "import signal, sys; from runtime.locks import AccountLock;"
    "lock = AccountLock(sys.argv[1]); lock.take(sys.argv[2]); print('taken', flush=True); signal.pause()"
)


@pytest.fixture
def trader(tmp_path):
    """Another process that has the account, in other letters."""
    process = subprocess.Popen(
        [sys.executable, "-c", TAKES, str(tmp_path / "accounts"), FUNDER.lower()], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"taken\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_a_second_process_is_refused_and_told_who_has_the_account(tmp_path, trader):
    with pytest.raises(Held, match=f"the account {FUNDER} is in use by process {trader.pid}") as refused:
        AccountLock(tmp_path / "accounts").take(FUNDER)

    assert refused.value.exit_code == 75


def test_another_account_is_free(tmp_path, trader):
    lock = AccountLock(tmp_path / "accounts")
    lock.take("0xother")
    lock.release()


def test_a_lock_is_never_stale_however_its_holder_ends(tmp_path, trader):
    trader.send_signal(signal.SIGKILL)
    trader.wait()
    lock = AccountLock(tmp_path / "accounts")
    lock.take(FUNDER)
    lock.take(FUNDER)
    lock.release()
    lock.release()

    assert list((tmp_path / "accounts").iterdir()) == []


def test_a_file_that_was_taken_away_while_we_waited_for_it_is_no_lock(tmp_path, monkeypatch):
    path, taken = tmp_path / f"{FUNDER.lower()}.lock", []

    def take_late(path, what):
        fd = take(path, what)
        taken.append(fd)
        if len(taken) == 1:
            path.unlink()
        return fd

    monkeypatch.setattr("runtime.locks.take", take_late)
    lock = AccountLock(tmp_path)
    lock.take(FUNDER)

    assert len(taken) == 2
    with pytest.raises(Held):
        take(path, "it")
    lock.release()


def test_without_a_directory_nothing_is_locked(tmp_path):
    AccountLock(None).take(FUNDER)
    AccountLock(None).take(FUNDER)


def test_the_place_is_the_users_own_whatever_the_state_directory():
    home = os.path.expanduser("~")

    assert str(accounts_directory({})) == f"{home}/.local/state/evermaker/accounts"
    assert str(accounts_directory({"XDG_STATE_HOME": "/s"})) == "/s/evermaker/accounts"
