"""Two programs never run side by side: neither a child of other files, nor one that says it has other settings."""

import signal
import subprocess
import sys

import msgspec
import pytest

from runtime.end_note import find
from runtime.fingerprint import ROOMS, Seals, code_fingerprint, fingerprint_of
from runtime.restarts import ExitCode
from tests.runtime import troupe
from tests.runtime.test_supervision import CHILD, Nursery


@pytest.fixture
def program(tmp_path):
    """A small one with a file in every room."""
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "part.py").write_text("x = 1\n")
    (tmp_path / "venue" / "paper").mkdir()
    return tmp_path


@pytest.mark.parametrize("room", ROOMS)
def test_whatever_line_is_changed_it_is_another_program(program, room):
    before = code_fingerprint(program)
    (program / room / "part.py").write_text("x = 2\n")

    assert code_fingerprint(program) != before


def test_a_file_that_comes_or_changes_its_name_makes_it_another_program(program):
    before = code_fingerprint(program)
    (program / "trading" / "part.py").rename(program / "trading" / "apart.py")
    renamed = code_fingerprint(program)
    (program / "trading" / "more.py").write_text("")

    assert len({before, renamed, code_fingerprint(program)}) == 3


def test_what_no_process_of_ours_imports_does_not_count(program):
    before = code_fingerprint(program)
    (program / "venue" / "paper" / "book.py").write_text("x = 1\n")
    (program / "trading" / "notes.txt").write_text("x = 1\n")
    (program / "part.py").write_text("x = 1\n")

    assert code_fingerprint(program) == before


def test_ours_is_told_in_twelve_digits():
    assert len(code_fingerprint()) == len(fingerprint_of(b"settings")) == 12
    assert str(Seals("aa", "bb")) == "program aa with settings bb"


@pytest.mark.slow
def test_a_process_of_other_files_than_the_supervisors_does_not_start(tmp_path):
    nursery = Nursery(tmp_path)
    child = nursery.launch("pass")
    seals = Seals("000000000000", "")
    plan = msgspec.structs.replace(nursery.plan(child, "Good"), seals=seals, run_directory=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", CHILD], input=msgspec.json.encode(plan), check=False)
    nursery.close()

    assert done.returncode == ExitCode.VERSION
    assert "the supervisor runs 000000000000; stop and start everything" in find(tmp_path, "clerk", 1).text


@pytest.mark.slow
def test_who_says_that_it_was_given_other_settings_ends_everything(tmp_path):
    nursery = Nursery(tmp_path)
    nursery.tree.seals = Seals("", "aaaaaaaaaaaa")
    child = nursery.launch(troupe.Good)
    nursery.until(lambda: nursery.tree.ends.escalated)
    child.signal(signal.SIGKILL)
    nursery.close()

    code, why = nursery.tree.ends.escalated
    assert code == ExitCode.VERSION
    assert why.startswith(
        "clerk@1 runs program ? with settings ?, the supervisor program ? with settings aaaaaaaaaaaa"
    )
