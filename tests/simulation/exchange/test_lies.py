"""The catalogue of faults: drawn by the seed, at their rates, and over when all is healed."""

import re
from pathlib import Path
from random import Random

from messages.values import SECOND
from simulation.exchange.faults import BY_ID, FAULTS, How
from simulation.exchange.lies import Lies, draw
from simulation.world.world import World

ROOT = Path(__file__).resolve().parents[3]


def after(world, seconds):
    world.advance(world.now() + seconds * SECOND)


def test_a_seed_draws_the_same_faults_again_and_another_seed_draws_others():
    assert draw(Random(1)) == draw(Random(1))
    assert draw(Random(1)).keys() != draw(Random(2)).keys()


def test_a_run_has_about_seventy_percent_of_the_faults():
    shares = [len(draw(Random(seed))) / len(FAULTS) for seed in range(200)]

    assert 0.67 < sum(shares) / len(shares) < 0.73


def test_a_fault_of_chance_strikes_at_its_rate_and_one_that_is_off_never():
    lies = Lies(World(1), {"F91": 1.0})

    assert 450 < sum(lies.strikes("F91") for _ in range(1_000)) < 550
    assert not any(lies.strikes("F57") for _ in range(1_000))
    assert lies.counts["F91"] > 450


def test_a_spell_begins_by_itself_lasts_and_ends():
    world = World(3)
    lies = Lies(world, {"F82": 1.0})
    lies.begin()
    seen = []
    for _ in range(3_600):
        after(world, 1)
        seen.append(lies.on("F82"))

    assert 0.02 < sum(seen) / len(seen) < 0.3
    assert seen.count(True) > lies.counts["F82"] > 5


def test_strokes_come_about_as_often_as_the_catalogue_says():
    world, struck = World(5), []
    lies = Lies(world, {"F92": 1.0})
    lies.strike("F92", lambda: struck.append(world.now()))
    lies.strike("F89", lambda: struck.append("never drawn"))
    lies.begin()
    after(world, 150 * 100)

    assert 70 < len(struck) < 130
    assert "never drawn" not in struck


def test_nothing_goes_wrong_after_healing_not_even_a_spell_that_was_on():
    world, struck = World(7), []
    lies = Lies(world, dict.fromkeys(BY_ID, 1.0))
    lies.strike("F92", lambda: struck.append(1))
    lies.begin()
    after(world, 2_000)
    assert struck
    struck.clear()
    lies.heal()
    after(world, 2_000)

    assert not struck
    assert not any(lies.strikes(row.id) or lies.on(row.id) for row in FAULTS)


def test_every_row_is_exercised_somewhere_and_nothing_is_asked_for_that_is_no_row():
    asked = re.compile(r'"(F\d+[a-z]?)"')
    used = set()
    for path in (ROOT / "simulation").rglob("*.py"):
        if path.name != "faults.py":
            used |= set(asked.findall(path.read_text()))

    assert used == set(BY_ID)
    assert len(BY_ID) == len(FAULTS) >= 60


def test_every_spell_has_a_length():
    assert all(row.lasts_s > 0 for row in FAULTS if row.how is How.WINDOW)


# The page.


def rows_of_the_page(mark):
    lines = (ROOT / "docs" / "simulation.md").read_text().splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith(f"| {mark}")
    ]
    return [row for row in rows if re.fullmatch(rf"{mark}\d+[a-z]?", row[0])]


def at_worst(row):
    if row.how is How.CHANCE:
        return f"{row.rate * 100:g} %"
    spell = f" for {row.lasts_s:g} s" if row.how is How.WINDOW else ""
    return f"every {row.rate:g} s{spell}"


def test_the_page_has_every_row_of_the_catalogue_as_it_is_and_no_other():
    told = [row[:4] for row in rows_of_the_page("F")]

    assert told == [[row.id, str(row.room), at_worst(row), row.what] for row in FAULTS]


def test_the_page_says_where_each_row_is_exercised():
    for id_, *_, where in rows_of_the_page("F"):
        for name in where.replace("`", "").split(", "):
            assert f'"{id_}"' in (ROOT / name).read_text(), (id_, name)


def test_the_page_names_every_invariant_that_a_checker_names():
    named = {row[0] for mark in "IL" for row in rows_of_the_page(mark)}
    sources = "".join(path.read_text() for path in (ROOT / "simulation" / "checks").glob("*.py"))

    assert set(re.findall(r'"([IL]\d+)"', sources)) <= named
