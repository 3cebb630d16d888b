import asyncio
import os

import pytest

from messages.system import ViewFailed, WriteView
from telemetry.views import MAX_BYTES, FileViews


@pytest.fixture
def write(tmp_path):
    """Have views written, all at once; gives what the port says."""
    port = FileViews(tmp_path)

    async def one(view):
        return [said async for said in port.write(view)]

    async def play(views):
        return [said for found in await asyncio.gather(*(one(view) for view in views)) for said in found]

    return lambda *views: asyncio.run(play(views))


def test_a_view_is_replaced_whole_and_nothing_is_left_beside_it(write, tmp_path):
    assert (
        write(WriteView(name="liquidations.json", text="{}"), WriteView(name="liquidations.json", text="[1]"))
        == []
    )

    assert [path.name for path in tmp_path.iterdir()] == ["liquidations.json"]
    assert (tmp_path / "liquidations.json").read_text() == "[1]"


def test_views_are_written_in_the_order_in_which_they_were_wanted(write, tmp_path):
    write(*(WriteView(name="a.json", text=str(number)) for number in range(20)))

    assert (tmp_path / "a.json").read_text() == "19"


@pytest.mark.parametrize("name", ["../a.json", "/etc/a", "", ".hidden", "a/b", "a\n", "x" * 200])
def test_a_name_that_is_no_plain_file_name_is_refused(write, tmp_path, name):
    assert write(WriteView(name=name, text="x")) == [ViewFailed(name=name, reason="not a plain file name")]
    assert list(tmp_path.iterdir()) == []


def test_a_view_that_is_too_large_is_refused(write):
    (failed,) = write(WriteView(name="a.json", text="x" * (MAX_BYTES + 1)))

    assert "over" in failed.reason


def test_a_view_that_can_not_be_written_is_said_and_leaves_the_old_one(write, tmp_path):
    (tmp_path / "a.json").mkdir()
    (tmp_path / "a.json" / "inside").write_text("old")

    (failed,) = write(WriteView(name="a.json", text="new"))

    assert failed.name == "a.json"
    assert os.listdir(tmp_path) == ["a.json"]
    assert (tmp_path / "a.json" / "inside").read_text() == "old"
