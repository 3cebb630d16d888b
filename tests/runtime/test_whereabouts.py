import pytest

from runtime.whereabouts import NotThere, find_endpoint


def test_a_state_directory_says_where_its_sockets_are(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sockets").write_text("/tmp/evermaker-0/abc\n")

    assert find_endpoint(tmp_path, "tel") == "ipc:///tmp/evermaker-0/abc/tel"


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_directory_without_a_system_is_named_in_one_line(tmp_path, content):
    (tmp_path / "run").mkdir()
    if content is not None:
        (tmp_path / "run" / "sockets").write_bytes(content)

    with pytest.raises(NotThere, match=str(tmp_path)) as raised:
        find_endpoint(tmp_path, "ctl")

    assert "\n" not in str(raised.value)
