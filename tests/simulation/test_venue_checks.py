import sqlite3

import msgspec
import pytest

from messages.orders import OrderFilled
from messages.values import MICRO, MarketNs, RealNs
from simulation.venue_checks import (
    EmptyBook,
    IntentFirst,
    LedgerIsWhole,
    SameFills,
    WorstCase,
    read_ledger,
    venue_checks,
)
from tests.simulation.conftest import YES
from venue.paper.engine.terms import NewOrder, Order, OrderStatus, OrderType, TokenSide, TradeStatus
from venue.paper.ledger.ledger import Ledger

CAP = 30 * MICRO


def broken(check, entries):
    for entry in entries:
        check.note(entry)
    check.end()
    return [violation.text for violation in check.violations]


@pytest.mark.parametrize("number", range(5))
def test_a_run_as_it_should_be_violates_nothing(story, number):
    story.a_whole_run()

    assert broken(venue_checks(story.ledger(), CAP)[number], story.entries()) == []


def test_without_a_cap_the_worst_case_is_not_judged(story):
    assert "I2" not in {check.invariant for check in venue_checks(story.ledger(), 0)}


def test_orders_that_together_may_pass_the_cap_are_found(story):
    story.start().take().place("b1", size=20).place("b2", size=10).place("b3", size=1)

    assert len(broken(WorstCase(story.ledger(), CAP), story.entries())) == 1


def test_what_is_held_counts_with_what_rests(story):
    story.start().take().place("b1", size=25).fill("b1", size=25).end("b1", completed=True).place(
        "b2", size=10
    )

    assert len(broken(WorstCase(story.ledger(), CAP), story.entries())) == 1


def test_an_order_that_ended_makes_room_for_the_next(story):
    story.start().take().place("b1", size=25).end("b1").place("b2", size=25)

    assert broken(WorstCase(story.ledger(), CAP), story.entries()) == []


def test_while_market_time_stands_still_real_time_says_what_came_first(story):
    story.start().take().place("b1", size=25).end("b1").place("b2", size=25).end("b2")
    still = {"accepted_at": MarketNs(7), "ended_at": MarketNs(7)}
    story.orders = {id_: msgspec.structs.replace(order, **still) for id_, order in story.orders.items()}

    assert broken(WorstCase(story.ledger(), CAP), story.entries()) == []


def test_the_two_sides_do_not_add_up(story):
    story.start().take().place("b1", size=25).place("a1", "ask", 0.54, size=25)

    assert broken(WorstCase(story.ledger(), CAP), story.entries()) == []


def test_a_fill_that_is_dated_before_its_orders_acceptance_still_counts(story):
    story.start().take().place("b1", size=10).fill("b1")
    story.trades[0].matched_at = MarketNs(0)

    assert broken(WorstCase(story.ledger(), CAP), story.entries()) == []


def test_an_order_that_was_never_intended_is_found(story):
    story.start().take().reach_venue("b1")

    assert broken(IntentFirst(story.ledger()), story.entries()) == [
        "order b1 was accepted and never intended"
    ]


def test_an_order_from_before_the_journal_is_no_order_of_ours(story):
    story.reach_venue("b1").start().take().place("b2")

    assert broken(IntentFirst(story.ledger()), story.entries()) == []


def test_an_intent_that_came_too_late_is_found(story):
    story.start().take().reach_venue("b1").intend("b1")

    assert broken(IntentFirst(story.ledger()), story.entries()) == [
        "order b1 was accepted before it was intended"
    ]


def test_a_strangers_order_is_none_of_our_business(story):
    story.start().reach_venue("s1")
    story.orders["s1"] = msgspec.structs.replace(story.orders["s1"], maker="0xstranger")

    assert broken(IntentFirst(story.ledger()), story.entries()) == []
    assert broken(EmptyBook(story.ledger()), story.entries()) == []


def test_a_trade_that_the_journal_missed_is_found(story):
    story.start().take().place("b1").match("t1", "b1")

    texts = broken(SameFills(story.ledger()), story.entries())
    assert texts[0] == "trade t1 of order b1 is not in the journal"
    assert "sum to 0" in texts[1]


def found(story, size=10):
    """What the gateway writes down of ten YES that were in the wallet before it."""
    return story.say(
        OrderFilled,
        trade="found:1:1",
        order="wallet",
        command="",
        market="0xa",
        owner="external",
        side="bid",
        price=500_000,
        size=size * MICRO,
        outcome="yes",
        action="buy",
        fee=0,
        matched_at=0,
        token=YES,
        worth=500_000,
    )


def test_what_was_in_the_wallet_before_is_in_the_sums_and_no_trade(story):
    story.match("t0", "by-hand").start()
    found(story).take().place("b1").fill("b1")

    assert broken(SameFills(story.ledger()), story.entries()) == []


def test_more_found_than_there_is_is_found_out(story):
    story.match("t0", "by-hand").start()
    found(story, size=11)

    (text,) = broken(SameFills(story.ledger()), story.entries())
    assert "sum to 11000000, its balance is 10000000" in text


def test_a_fill_that_the_exchange_does_not_know_is_found(story):
    story.start().take().place("b1").hear_fill("t1", "b1")

    texts = broken(SameFills(story.ledger()), story.entries())
    assert texts[0] == "fill t1 of order b1 is unknown to the exchange"
    assert "no such balance" in texts[1]


def test_a_fill_of_another_size_or_price_is_found(story):
    story.start().take().place("b1").match("t1", "b1", size=10).hear_fill("t1", "b1", size=9)
    story.match("t2", "b1", price=0.50, size=1).hear_fill("t2", "b1", price=0.51, size=1)

    assert (
        len(
            [text for text in broken(SameFills(story.ledger()), story.entries()) if text.startswith("fill t")]
        )
        == 2
    )


def test_a_balance_that_is_not_the_sum_of_the_fills_is_found(story):
    story.start().take().place("b1").fill("b1")
    story.balances["111"] += 1

    assert len(broken(SameFills(story.ledger()), story.entries())) == 1


def test_a_trade_that_failed_is_no_trade(story):
    story.start().take().place("b1").match("t1", "b1")
    story.trades[0].status = TradeStatus.FAILED
    story.balances.clear()

    assert broken(SameFills(story.ledger()), story.entries()) == []


def test_an_order_left_on_the_book_is_found(story):
    story.start().take().place("b1").stop()

    assert broken(EmptyBook(story.ledger()), story.entries()) == ["order b1 still rests in 0xa"]


def test_floats_in_the_ledger_are_found(story):
    assert len(broken(LedgerIsWhole(story.ledger(floats=2)), [])) == 1


@pytest.fixture
def ledger_file(tmp_path):
    """The exchange's own file with one order in it."""
    ledger = Ledger(tmp_path / "venue.db")
    new = NewOrder(
        id="0x1",
        owner="key",
        maker="0xabcd",
        token="111",
        side=TokenSide.BUY,
        price=500_000,
        size=10 * MICRO,
        type=OrderType.GTC,
    )
    order = Order(
        new=new, market="0xa", status=OrderStatus.LIVE, matched=0, created_at=MarketNs(5), trades=[]
    )
    ledger.add_order(order, RealNs(6))
    ledger.close()
    return tmp_path / "venue.db"


def test_the_exchanges_file_is_read_and_holds_no_float(ledger_file):
    ledger = read_ledger(ledger_file)

    assert [(order.id, order.size) for order in ledger.orders] == [("0x1", 10 * MICRO)]
    assert ledger.floats == 0


def test_a_float_in_the_exchanges_file_is_counted(ledger_file):
    with sqlite3.connect(ledger_file) as db:
        db.execute("UPDATE api_keys SET nonce = 0.5")
        db.execute("INSERT INTO balances VALUES ('0xabcd', '111', 0.5, 1)")
    db.close()

    assert read_ledger(ledger_file).floats == 1


def test_what_is_no_ledger_is_an_os_error(tmp_path):
    (tmp_path / "venue.db").write_text("garbage" * 100)

    with pytest.raises(OSError, match=r"venue\.db"):
        read_ledger(tmp_path / "venue.db")
