"""What the judge of a chaos run looks at beside the ledgers, and how it tells of it."""

import pytest

from messages.risk import HaltCause, TradingHalted
from messages.system import ActorExited, ActorStarted
from simulation.chaos.oracle import NobodyGivenUp, NoStorm, leaked
from simulation.chaos.summary import add_row, in_words, row_of
from simulation.story import entries
from tests.simulation.conftest import Story

FOUND = {
    "seed": 7,
    "wall_s": 90.0,
    "commit": "abc",
    "load": 1.5,
    "directory": "/tmp/x",
    "exit_code": 0,
    "violations": 1,
    "details": ["I8: a fill is missing"],
    "kills": {"all": 3, "maker": 2, "gateway": 1},
    "strikes": {"hang": 1, "pause": 2, "venue": 4, "supervisor": 1},
    "orphans_s": [3.2],
    "supervisor_restarts_s": [9.9],
}


def judged(check, story):
    for entry in entries(story.records):
        check.note(entry)
    check.end()
    return [violation.text for violation in check.violations]


def lives(story, role, code, count=1):
    for number in range(count):
        story.say(ActorStarted, role=role, incarnation=number, pid=1)
        story.say(ActorExited, role=role, incarnation=number, code=code, reason="", restarts=number)


@pytest.mark.parametrize(("restarts", "storms"), [(2, 0), (3, 1)])
def test_a_role_is_started_again_no_more_often_than_it_may_be(restarts, storms):
    story = Story()
    lives(story, "maker", -9, 1 + restarts)
    for number in range(9):
        lives(story, f"liquidator:{number}", -9)
    lives(story, "liquidator:aa", 0, 9)

    assert len(judged(NoStorm(lambda family: (2, 60.0)), story)) == storms


def test_starts_of_long_ago_and_of_another_run_do_not_count():
    story = Story()
    lives(story, "maker", -9, 3)
    story.wait_ms(61_000)
    lives(story, "maker", 70)
    story.run += 1
    lives(story, "maker", 70)

    assert judged(NoStorm(lambda family: (2, 60.0)), story) == []


def test_that_somebody_was_given_up_is_a_violation_and_another_halt_is_none():
    story = Story()
    story.say(TradingHalted, cause=HaltCause.KILL_SWITCH.value, level="FREEZE", reason="chaos")
    story.say(
        TradingHalted, cause=HaltCause.PROCESS_FAILED.value, level="HALT_QUOTES", reason="maker is down"
    )

    assert judged(NobodyGivenUp(), story) == ["maker is down"]


def test_a_key_anywhere_but_in_its_own_file_is_found(tmp_path):
    state, key = tmp_path / "state", "0x" + "5a" * 32
    (state / "logs").mkdir(parents=True)
    (state / "sim.key").write_text(key + "\n")
    (state / "logs" / "maker.jsonl").write_text("nothing here")
    assert leaked(tmp_path, state) == []
    (state / "logs" / "risk.jsonl").write_text(f"oops {key[2:].upper()}")
    (state / "raw.bin").write_bytes(b"\0" + bytes.fromhex(key[2:]))

    assert leaked(tmp_path, state) == ["state/logs/risk.jsonl", "state/raw.bin"]


def test_the_words_name_what_was_done_and_every_violation():
    text = in_words(FOUND)

    assert "3 SIGKILLs: gateway 1, maker 2" in text
    assert "1 violations\n  I8: a fill is missing" in text
    assert "/tmp/x" in text


def test_a_row_goes_to_the_end_of_the_last_table_and_fits_its_head(tmp_path):
    page = tmp_path / "chaos.md"
    page.write_text("# Chaos\n\n| a | b |\n|---|---|\n\nWords.\n\n| date | c |\n|---|---|\n\nThe end.\n")
    add_row(page, "| 1 | 2 |")

    assert page.read_text().splitlines()[-5:] == ["| date | c |", "|---|---|", "| 1 | 2 |", "", "The end."]
    assert row_of(FOUND).count("|") == 12
    (tmp_path / "bare.md").write_text("nothing\n")
    with pytest.raises(ValueError, match="no table"):
        add_row(tmp_path / "bare.md", "| 1 |")
