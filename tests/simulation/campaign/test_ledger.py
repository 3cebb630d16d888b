"""The account of all campaigns."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.campaign.ledger import LedgerError, Row, add_row, next_seed, read_rows

EMPTY = "# Ledger\n<!-- campaigns: begin -->\n<!-- campaigns: end -->\n"


def a_ledger(directory: Path, text: str = EMPTY) -> Path:
    page = directory / "ledger.md"
    page.write_text(text, encoding="utf-8")
    return page


def a_row(first: int, last: int, *, wrong: int = 0) -> Row:
    return Row(
        day="2026-11-21",
        commit="abc1234",
        first=first,
        last=last,
        minutes=10,
        hours=(last - first + 1) / 6,
        events=100,
        strokes=20,
        lies=30,
        wrong=wrong,
    )


def test_rows_are_read_as_they_were_added_and_summed_up(tmp_path: Path) -> None:
    page = a_ledger(tmp_path)

    add_row(page, a_row(1, 12))
    add_row(page, a_row(13, 18, wrong=1))

    assert [(row.first, row.last, row.wrong) for row in read_rows(page)] == [(1, 12, 0), (13, 18, 1)]
    assert "Together: 18 seeds, 3.0 simulated hours, 1 seeds in which" in page.read_text(encoding="utf-8")


def test_the_next_campaign_begins_where_no_seed_was_played(tmp_path: Path) -> None:
    page = a_ledger(tmp_path)
    assert next_seed(page) == 1

    add_row(page, a_row(5, 40))

    assert next_seed(page) == 41


def test_a_row_that_is_no_row_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    text = EMPTY.replace("begin -->\n", "begin -->\n| today | abc | one | 2 | 10 | 0.3 | 1 | 1 | 1 | 0 |\n")
    page = a_ledger(tmp_path, text)

    with pytest.raises(LedgerError, match=r"ledger\.md.*today.*first"):
        add_row(page, a_row(3, 4))

    assert page.read_text(encoding="utf-8") == text
