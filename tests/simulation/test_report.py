import json
import re
from pathlib import Path

import pytest

from messages.orders import OrderDenied
from messages.system import ActorExited, ActorStarted
from runtime.journal import Journal, Record
from simulation.report import RunFacts, build_report, write_report

RUN = 7
CAP = 30_000_000


def facts(**more):
    return RunFacts(run=RUN, mode="sim", seed=7, speed=60, market_seconds=3_600, wall_seconds=60.5, **more)


@pytest.fixture
def report(story):
    story.a_whole_run()
    return build_report(story.records, story.ledger(), facts(cap=CAP))


def keys(value, path=""):
    """Every key of a report, lists by their first element; a moment is one."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return keys(value[0], path)
    if not isinstance(value, dict) or "real_ns" in value or path in ("restarts", "orders.denied_by"):
        return {path}
    return set().union(*(keys(part, f"{path}.{name}".lstrip(".")) for name, part in value.items()))


def test_the_page_describes_exactly_the_keys_there_are(report):
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text()
    described = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE))
    report["positions"] = [{"market": "0xa", "net": 1, "mark": 0.5}]

    assert described == keys(report)


def test_a_clean_run_has_checked_everything_and_found_nothing(report):
    assert report["invariants"]["checked"] == ["I2", "I3", "I8", "I9", "I10", "I12", "I15", "I21"]
    assert report["invariants"]["violations"] == 0
    assert report["invariants"]["details"] == []


def test_orders_are_counted_by_how_far_they_came(report):
    orders = report["orders"]

    assert (orders["intended"], orders["accepted"], orders["filled"], orders["canceled"]) == (6, 6, 3, 3)
    assert orders["resting_at_exit"] == 0


def test_denials_are_counted_by_their_rule(story):
    for rule in ("late", "late", "exposure"):
        story.say(
            OrderDenied,
            command="c",
            market="0xa",
            owner="maker",
            side="bid",
            price=1,
            size=1,
            rule=rule,
            reason="",
        )

    orders = build_report(story.records, None, facts())["orders"]

    assert (orders["denied"], orders["denied_by"]) == (3, {"late": 2, "exposure": 1})


def test_the_money_is_what_was_bought_at_cost_and_sold(report):
    assert report["fills"] == {"count": 3, "bought": 20.0, "sold": 20.0, "notional": 20.3}
    assert report["pnl"] == {"realized": 0.5, "unrealized": 0.0, "fees": 0.0, "rewards": 0, "net": 0.5}
    assert report["positions"] == []


def test_what_an_earlier_run_earned_is_not_counted_again(story):
    story.run = 1
    story.a_whole_run()
    story.run = RUN
    story.start().place("b9", market="0xb", price=0.30).fill("b9", market="0xb", price=0.30).end(
        "b9", market="0xb"
    )

    found = build_report(story.records, story.ledger(), facts(marks=(("0xb", 350_000),)))

    assert found["fills"]["count"] == 1
    assert found["pnl"]["realized"] == 0.0
    assert found["pnl"]["unrealized"] == 0.5
    assert found["positions"] == [{"market": "0xb", "net": 10.0, "mark": 0.35}]
    assert found["handovers"] == []


def test_a_hand_over_has_all_its_moments_and_its_gap(report):
    (handover,) = report["handovers"]

    assert (handover["reason"], handover["next_market"], handover["liquidator"]) == (
        "position_limit",
        "0xb",
        "liquidator:a",
    )
    assert handover["retired"].keys() == {"at", "market_at", "real_ns"}
    assert handover["gap_ms"] == 600.0
    assert handover["quoted"]["real_ns"] - handover["retired"]["real_ns"] == 600_000_000
    assert handover["taken"]["market_at"].startswith("2025-06-15T15:0")


def test_a_hand_over_that_was_not_followed_by_a_quote_has_no_gap(story):
    story.start().take().place("b1").end("b1").retire().assign().take("0xb").place("b2", market="0xb")

    (handover,) = build_report(story.records, None, facts())["handovers"]

    assert (handover["quoted"], handover["gap_ms"]) == (None, None)


def test_a_liquidation_has_its_fills_and_what_it_realized(report):
    (liquidation,) = report["liquidations"]

    assert (liquidation["reason"], liquidation["fills"], liquidation["left"], liquidation["realized"]) == (
        "position_limit",
        1,
        0.0,
        0.5,
    )
    assert liquidation["ended"]["real_ns"] > liquidation["started"]["real_ns"]


def test_an_exit_that_is_open_at_the_end_says_what_is_left(story):
    story.start().take().place("b1").fill("b1").end("b1").retire(net=10).assign()

    (liquidation,) = build_report(story.records, None, facts())["liquidations"]

    assert (liquidation["ended"], liquidation["left"]) == (None, 10.0)


def test_restarts_are_the_supervisors_count(story):
    for role in ("maker", "risk"):
        story.say(ActorStarted, role=role, incarnation=1, pid=1)
    story.say(ActorExited, role="maker", incarnation=1, code=-9, reason="killed", restarts=1)
    story.say(ActorStarted, role="maker", incarnation=2, pid=2)

    assert build_report(story.records, None, facts())["restarts"] == {"maker": 1, "risk": 0}


def test_latency_is_of_what_a_frame_caused_alone(report):
    assert report["latency"]["frame_to_quote_ms"] == {"count": 2, "p50": 3.0, "p99": 5.0}
    assert report["latency"]["frame_to_sent_ms"]["count"] == 2


def test_uptime_is_counted_in_minutes_of_market_time(story):
    story.start().take().place("b1").place("a1", "ask", 0.54).wait_ms(9_700).end("a1").wait_ms(9_700).stop()

    found = build_report(story.records, None, facts())

    assert found["earning_uptime"] == pytest.approx(0.5, abs=0.06)
    assert 0.45 < found["quoted_share"] < found["earning_uptime"] + 0.01


def test_a_run_that_never_quoted_has_no_uptime(story):
    assert build_report(story.start().stop().records, None, facts())["earning_uptime"] == 0.0


def test_violations_are_spelled_out(story):
    story.start().take().place("b1").hear_fill("t1", "b1").stop()

    found = build_report(story.records, story.ledger(), facts(cap=CAP))

    invariants = found["invariants"]
    assert invariants["violations"] == len(invariants["details"]) == 3
    assert "I8: fill t1 of order b1 is unknown to the exchange" in invariants["details"]
    assert "I21: order b1 still rests in 0xa" in invariants["details"]
    assert found["orders"]["resting_at_exit"] == 1


def test_a_record_that_can_not_be_read_is_a_violation_and_no_crash(story):
    good = story.a_whole_run().records
    bad = Record(*(getattr(good[3], name) for name in Record.__struct_fields__[:-1]), b"garbage")

    found = build_report([*good[:3], bad, *good[4:]], None, facts())

    assert any(text.startswith("I12: not an envelope") for text in found["invariants"]["details"])


def test_a_report_is_written_from_a_journal_at_rest(story, tmp_path):
    journal = Journal.open(tmp_path / "journal.db")
    for record in story.a_whole_run().records:
        journal.stage(*(getattr(record, name) for name in Record.__struct_fields__[1:]))
    journal.commit()
    journal.close()

    write_report(tmp_path / "out" / "r.json", tmp_path / "journal.db", tmp_path / "venue.db", facts())

    found = json.loads((tmp_path / "out" / "r.json").read_text())
    assert found["run"] == "0000000000000007"
    assert found["fills"]["count"] == 3
    assert "I2" not in found["invariants"]["checked"]


def test_without_a_journal_there_is_one_line_for_people(tmp_path):
    with pytest.raises(OSError, match=r"journal\.db"):
        write_report(tmp_path / "r.json", tmp_path / "journal.db", None, facts())
