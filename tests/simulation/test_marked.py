"""A part of a page that a program writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.marked import NoMarks, read_part, write_part


def a_page(directory: Path, text: str) -> Path:
    page = directory / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_what_is_written_is_read_and_everything_else_stays(tmp_path: Path) -> None:
    page = a_page(tmp_path, "# Title\n<!-- sums: begin -->\nold\n<!-- sums: end -->\nThe end.\n")

    write_part(page, "sums", "new\nlines")

    assert read_part(page, "sums") == "new\nlines"
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Title\n")
    assert text.endswith("\nThe end.\n")
    assert "old" not in text


@pytest.mark.parametrize("text", ["nothing", "<!-- sums: begin -->", "<!-- sums: begin -->" * 2])
def test_a_page_without_its_marks_is_refused_and_stays_as_it_is(tmp_path: Path, text: str) -> None:
    page = a_page(tmp_path, text)

    with pytest.raises(NoMarks, match="sums: begin"):
        write_part(page, "sums", "new")

    assert page.read_text(encoding="utf-8") == text
