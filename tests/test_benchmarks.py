"""What the benchmarks say is what they measured."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from benchmarks.figures import Figure, as_object, described, machine, quantile, table, write
from benchmarks.order_path import us, ways
from messages.codec import encode_envelope
from messages.system import ClockAnchor
from messages.values import MS, MarketNs, RealNs
from runtime.clock import Clock
from runtime.journal import Journal
from runtime.stamp import Stamp
from tests.factories import MAKER, accepted, an_order, intended

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(("share", "found"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_the_nearest_rank(share, found):
    assert quantile(range(1, 101), share) == found


def test_a_table_has_each_figure_with_its_goal_and_marks_what_it_is_held_against():
    figures = [Figure("signing", [50.0, 60.0, 9_000.0], "p50 <= 60 us"), Figure("other", [700.0], "", True)]
    head, ours, theirs = table(figures).splitlines()

    assert head.split() == ["figure", "count", "p50", "p99", "goal"]
    assert ours.split() == ["signing", "3", "60.0", "us", "9.00", "ms", "p50", "<=", "60", "us"]
    assert theirs.startswith("  against: other")


def test_what_was_not_measured_is_no_number():
    assert as_object(Figure("nothing", []))["p50"] is None
    assert table([Figure("nothing", [])]).splitlines()[1].split() == ["nothing", "0", "-", "-"]


def test_figures_are_written_with_the_machine_they_were_measured_on(tmp_path):
    write(tmp_path / "f.json", machine(), {"part": [Figure("one", [1.0])]})
    said = json.loads((tmp_path / "f.json").read_text())

    assert said["part"] == [
        {"name": "one", "unit": "us", "count": 1, "p50": 1.0, "p99": 1.0, "goal": "", "baseline": False}
    ]
    assert str(said["machine"]["cores"]) in described(said["machine"])


def test_the_way_of_an_order_is_read_from_the_journal(tmp_path):
    place = an_order("c1", decided_at=RealNs(10 * MS), frame_at=RealNs(9 * MS))
    intent = msgspec.structs.replace(intended(place), frame_at=place.frame_at)
    times = {"durable_at": RealNs(12 * MS), "sent_at": RealNs(13 * MS), "answered_at": RealNs(16 * MS)}
    events = [intent, msgspec.structs.replace(accepted(place), **times), intended(an_order("unanswered"))]
    stamp = Stamp(MAKER, 1, 7, Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(0), speed=0)))
    with closing(Journal.open(tmp_path / "journal.db")) as journal:
        for event in events:
            said = stamp.seal(event, "facts", None)
            journal.stage(said.id, said.kind, "", said.source, said.run, 11 * MS, 0, 0, encode_envelope(said))
        journal.commit()

    (way,) = ways(tmp_path)
    assert [us(way.frame, each) for each in (way.decided, way.intended, way.durable, way.sent)] == [
        1_000,
        2_000,
        3_000,
        4_000,
    ]


def test_a_part_is_measured_by_one_command(tmp_path):
    command = [sys.executable, "-m", "benchmarks", "--only", "hop", "--seconds", "1"]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "f.json")], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "one hop" in done.stdout
    assert json.loads((tmp_path / "f.json").read_text())["hop"][0]["count"] >= 200
