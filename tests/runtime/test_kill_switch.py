import asyncio
import os
from pathlib import Path

import pytest

from messages.risk import KillSwitchSeen
from runtime.kill_switch import KillSwitch, look

GONE = KillSwitchSeen(present=False)


def test_no_file_is_no_kill_switch(tmp_path: Path) -> None:
    assert look((tmp_path / "KILL_SWITCH", tmp_path / "state" / "KILL_SWITCH")) == GONE


def test_either_place_counts_and_its_first_line_is_the_reason(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    second.write_text("maintenance\x1b[31m\nsecond line")

    assert look((first, second)) == KillSwitchSeen(present=True, reason="maintenance[31m")


def test_an_empty_file_counts_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "KILL_SWITCH"
    path.touch()

    assert look((path,)) == KillSwitchSeen(present=True, reason=str(path))


def test_what_cannot_be_read_counts(tmp_path: Path) -> None:
    directory, fifo, loop = tmp_path / "directory", tmp_path / "fifo", tmp_path / "loop"
    directory.mkdir()
    os.mkfifo(fifo)
    loop.symlink_to(loop)
    broken = tmp_path / "broken"
    broken.symlink_to(tmp_path / "nowhere")
    beside_a_file = fifo / "KILL_SWITCH"

    for path in (directory, fifo, loop, broken, beside_a_file):
        assert look((path,)).present, path


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_we_may_not_read_counts(tmp_path: Path) -> None:
    path = tmp_path / "KILL_SWITCH"
    path.touch(mode=0o000)

    assert look((path,)).present


def test_it_is_said_at_the_start_and_then_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "KILL_SWITCH"

    async def watched() -> list[KillSwitchSeen]:
        stream = KillSwitch((path,), period_s=0).watch()
        said = [await anext(stream)]
        path.write_text("stop")
        said.append(await anext(stream))
        path.unlink()
        said.append(await anext(stream))
        return said

    assert asyncio.run(watched()) == [GONE, KillSwitchSeen(present=True, reason="stop"), GONE]
