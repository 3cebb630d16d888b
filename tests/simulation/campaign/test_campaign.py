"""`python -m simulation.campaign` on seeds that are short."""

from __future__ import annotations

import signal

import pytest

from simulation.campaign.__main__ import main
from simulation.campaign.crew import ending_softly, until


def test_a_campaign_says_how_much_it_played_and_that_nothing_was_wrong(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--seeds", "1", "--first", "3", "--length", "0.2", "--workers", "1"]) == 0

    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith("seeds 3 to 3: 0.0")
    assert last.endswith("nothing wrong")


def test_no_more_seeds_begin_than_were_asked_for() -> None:
    may_begin = until(3, None)

    assert [may_begin(begun) for begun in range(5)] == [True, True, True, False, False]


def test_no_seed_begins_when_the_time_is_over() -> None:
    assert not until(None, 0)(0)


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--length", "0"], ["--minutes", "soon"], ["--no"]])
def test_bad_options_are_one_line_and_exit_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2

    said = capsys.readouterr().err
    assert said.startswith("campaign: ")
    assert said.count("\n") == 1


def test_a_first_ctrl_c_begins_no_more_seeds_and_a_second_one_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ending_softly() as is_asked_to_end:
        may_begin = until(None, None, is_asked_to_end)
        assert may_begin(0)
        signal.raise_signal(signal.SIGINT)
        assert not may_begin(1)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert "played to their end" in capsys.readouterr().out
