"""What is known of a child without asking it."""

from messages.values import RoleName
from runtime.child import Child
from tests.runtime.test_restarts import a_spec


def a_child(log=None):
    child = Child(RoleName("venue"), a_spec(), 0)
    if log is not None:
        child.writes_to(log)
    return child


def test_its_last_words_are_the_last_line_it_printed_without_its_own_name(tmp_path):
    log = tmp_path / "venue.log"
    log.write_text("venue: what an earlier one said\n")
    child = a_child(log)
    with log.open("a") as file:
        file.write("venue ready\nvenue: a.jsonl: line 3: not\x1b a frame\n\n")

    assert child.last_words() == "a.jsonl: line 3: not a frame"


def test_one_that_printed_nothing_has_no_last_words(tmp_path):
    log = tmp_path / "venue.log"
    log.write_text("venue: what an earlier one said\n")

    assert a_child(log).last_words() == ""
    assert a_child(tmp_path / "none.log").last_words() == ""
    assert a_child().last_words() == ""
