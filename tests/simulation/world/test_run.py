"""Whole runs: they trade, they are the same again, they survive what is done to them, they end with nothing resting."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from messages.values import SECOND
from simulation.world.run import Run, run
from simulation.world.silence import silence
from simulation.world.strokes import Stroke
from simulation.world.world import BOOTED_NS

ROOT = Path(__file__).parents[3]
SEED = 3


@pytest.fixture(autouse=True)
def quietly():
    with silence():
        yield


def kinds(played):
    return {record.kind for record in played.box.disk.records()}


def with_strokes(*planned, seconds=25, seed=SEED):
    played = Run(seed, seconds, {}, planned, None)
    return played.play()


def test_without_faults_a_house_trades_and_ends_in_order():
    played = Run(SEED, 40, {}, None, None)
    outcome = played.play()

    assert not outcome.is_wrong
    assert outcome.codes == (0,)
    assert {"MarketTaken", "OrderIntended", "OrderAccepted", "OrderFilled", "BookEmptied"} <= kinds(played)
    assert played.venue.records.live == {}


def test_a_seed_is_the_same_run_again_and_another_one_is_not():
    first, again, other = run(SEED, 20), run(SEED, 20), run(SEED + 1, 20)

    assert (again.journal, again.account, again.steps) == (first.journal, first.account, first.steps)
    assert other.journal != first.journal


def test_it_does_not_depend_on_how_python_hashes():
    code = "from simulation.world.run import run; print(run(3, 14).journal)"
    environments = [{**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)} for seed in ("1", "2")]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for environment in environments
    ]
    one, other = (process.communicate()[0].strip() for process in runs)

    assert one == other
    assert len(one) == 32


def test_a_journal_in_a_file_is_the_journal_in_memory(tmp_path):
    in_memory = run(SEED, 20)
    in_a_file = run(SEED, 20, file=tmp_path / "journal.db")

    assert in_a_file.journal == in_memory.journal
    assert in_a_file.events == in_memory.events > 0


def test_a_run_is_played_again_from_its_own_strokes():
    outcome = run(5, 24)
    again = run(5, 24, severities=outcome.severities, planned=outcome.strokes)

    assert outcome.strokes
    assert again.journal == outcome.journal


@pytest.mark.parametrize(
    "role", ["persistence", "risk", "alert", "gateway", "feed", "maker", "venue", "supervisor"]
)
def test_whoever_is_killed_is_there_again_and_nothing_is_broken(role):
    point = {"venue": "now", "supervisor": "step"}.get(role, "after")
    outcome = with_strokes(
        Stroke(at_ns=10 * SECOND, fault="F01", what="kill", who=role, point=point, number=3)
    )

    assert not outcome.is_wrong, outcome.breaches
    assert [stroke.who for stroke in outcome.strokes] == [role]
    assert outcome.codes[-1] == 0
    if role == "supervisor":
        assert outcome.codes == (-9, 0)
    else:
        ended = [line for line in outcome.account if f"{role} " in line and "ended" in line]
        assert "-9" in ended[0]


def test_who_hangs_is_killed_for_it_and_replaced():
    outcome = with_strokes(
        Stroke(at_ns=10 * SECOND, fault="F29", what="hang", who="maker", span_ns=60 * SECOND)
    )

    assert not outcome.is_wrong, outcome.breaches
    ends = [line for line in outcome.account if "maker " in line and "ended" in line]
    assert "-9 killed" in ends[0]


def test_a_full_disk_ends_the_journals_process_and_nothing_is_forgotten():
    outcome = with_strokes(
        Stroke(at_ns=12 * SECOND, fault="F94", what="disk", number=28, span_ns=5 * SECOND, amount=0.3)
    )

    assert not outcome.is_wrong, outcome.breaches
    ends = [line for line in outcome.account if "persistence " in line and "ended" in line]
    assert any(" 74 " in line for line in ends)


def test_a_machine_that_was_asleep_goes_on_where_it_was():
    outcome = with_strokes(Stroke(at_ns=10 * SECOND, fault="F103", what="suspend", span_ns=45 * SECOND))

    assert not outcome.is_wrong, outcome.breaches
    assert outcome.codes[-1] == 0


def test_a_liquidator_that_is_done_is_not_employed_again_by_a_supervisor_that_has_not_heard_of_it():
    calm = Run(2, 66, {}, (), None)
    calm.play()
    done = next(r for r in calm.box.disk.records() if r.kind == "ExitCompleted")
    done_at = int(done.real_at) - BOOTED_NS
    deaf = Stroke(
        at_ns=done_at - SECOND // 10,
        fault="F43",
        what="lose",
        who="supervisor persistence",
        span_ns=8 * SECOND,
        amount=1.0,
    )
    outcome = with_strokes(deaf, seconds=75, seed=2)

    assert not outcome.is_wrong, outcome.breaches
    words = [line.split() for line in outcome.account]
    role = f"liquidator:{done.market[2:10]}"
    assert len([word for word in words if word[1:3] == [role, "started"]]) == 1
