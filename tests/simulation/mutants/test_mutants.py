"""Rules are taken out, missed, and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.mutants.__main__ import main
from simulation.mutants.hunt import Catch, hunt
from simulation.mutants.rules import BY_NAME, MUTANTS
from simulation.mutants.surgery import Mutant, without
from simulation.mutants.table import row, write_table
from simulation.provenance import Provenance


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_rule_is_gone_meanwhile_and_back_afterwards(mutant: Mutant) -> None:
    cuts = list(mutant.cuts())
    before = [vars(cut.place)[cut.name] for cut in cuts]

    with without(mutant):
        during = [vars(cut.place)[cut.name] for cut in cuts]

    assert cuts
    assert all(there is not was for there, was in zip(during, before, strict=True))
    assert [vars(cut.place)[cut.name] for cut in cuts] == before


def test_a_rule_comes_back_even_when_its_absence_ends_in_a_crash() -> None:
    mutant = BY_NAME["write-ahead"]
    (cut,) = mutant.cuts()
    before = vars(cut.place)[cut.name]

    with pytest.raises(ZeroDivisionError), without(mutant):
        raise ZeroDivisionError

    assert vars(cut.place)[cut.name] is before


@pytest.mark.parametrize("name", ["write-ahead", "durable-first"])
def test_the_checkers_miss_a_rule_that_is_gone(name: str) -> None:
    catch = hunt(BY_NAME[name], range(1, 4), 30)

    assert catch.seed is not None, f"{catch.seeds} seeds of half a minute went well without {catch.rule}"
    assert catch.by in ("I3", "I13"), catch.text


def test_a_whole_program_is_not_missed_anything() -> None:
    whole = Mutant(name="whole", rule="nothing is gone", cuts=lambda: ())

    assert hunt(whole, (1,), 30).seed is None


def test_an_unknown_rule_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-rule"]) == 2

    said = capsys.readouterr().err
    assert "'no-such-rule' is no rule" in said
    assert said.count("\n") == 1


def a_catch(seed: int | None) -> Catch:
    return Catch(mutant="fence", rule="r", seeds=7, seed=seed, by="I6", text="", simulated_s=3_600, cpu_s=1.0)


def test_a_survivor_stands_out_in_the_table(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- mutants: begin -->\n<!-- mutants: end -->\n", encoding="utf-8")

    write_table(page, [a_catch(7), a_catch(None)], 10, Provenance(day="2026-11-21", commit="abc"))

    assert "| r | `fence` | I6 | 7 | 1.00 |" in page.read_text(encoding="utf-8")
    assert "**nothing**" in row(a_catch(None))
