"""Orders on their way in: heard once, judged by what is known, counted before they exist."""

import pytest

from messages.orders import DenyRule, OrderDenied, OrderIntended, OrderPrepared, PrepareOrder
from messages.risk import Level, TradingPermit
from messages.values import MICRO, SECOND, Action, CommandId, MarketNs, Money, OrderId, RealNs, Side
from tests.factories import (
    MAKER,
    MARKET,
    a_book,
    a_fill,
    an_info,
    an_order,
    cents,
    completed,
    confirmed,
    intended,
    shares,
    taken,
)
from trading.account import Account
from trading.budget import Budget, Tier
from trading.intake import MAX_COMMANDS, Health, Intake, of_owner
from trading.ownership import Ownership
from trading.risk.gate import GateLimits

NOW = RealNs(1_000 * SECOND)
MARKET_NOW = MarketNs(77)
WELL = Health(NOW, "", 0, 0, MARKET_NOW)


@pytest.fixture
def intake() -> Intake:
    """One market of the maker's, a permit, and a thousand dollars."""
    account, ownership = Account(), Ownership()
    account.purse.chain = Money(1_000 * MICRO)
    ownership.note(taken())
    intake = Intake(account, ownership, GateLimits(), Budget(Tier.STANDARD), 300)
    intake.infos[MARKET] = an_info()
    intake.books[MARKET] = a_book(20, 80)
    intake.permit = TradingPermit(level=Level.RUN, expires_at=RealNs(int(NOW) + 2 * SECOND))
    return intake


def wanted(command, **changes):
    return an_order(command, **{"decided_at": NOW, **changes})


def done(command):
    return OrderPrepared(command=CommandId(command), order=OrderId(f"0x{command}"))


def test_what_passes_is_signed_and_then_intended(intake):
    assert isinstance(intake.take(wanted("c1"), WELL, False), PrepareOrder)
    intent = intake.prepared(done("c1"), MARKET_NOW)

    assert isinstance(intent, OrderIntended)
    assert (intent.command, intent.intended_at, intent.send_before) == ("c1", 77, NOW + SECOND)
    assert intake.prepared(done("c1"), MARKET_NOW) is None


def test_an_intent_ends_with_the_permit(intake):
    intake.take(wanted("c1"), WELL, False)
    intake.permit = TradingPermit(level=Level.RUN, expires_at=RealNs(int(NOW) + 5))

    assert intake.prepared(done("c1"), MARKET_NOW).send_before == NOW + 5


def test_what_is_known_already_says_nothing_and_what_was_denied_is_denied_again(intake):
    intake.take(wanted("c1"), WELL, False)
    assert intake.take(wanted("c1"), WELL, False) is None
    late = wanted("c2", decided_at=RealNs(int(NOW) - 2 * SECOND))
    assert intake.take(late, WELL, False).rule is DenyRule.LATE
    assert intake.take(late, WELL, False).rule is DenyRule.DUPLICATE
    intake.account.note(intended(wanted("c3")), NOW)

    assert intake.take(wanted("c3"), WELL, False) is None


def test_commands_are_remembered_in_a_bounded_number(intake):
    for number in range(MAX_COMMANDS + 10):
        intake.hear(CommandId(str(number)))

    assert len(intake._heard) == MAX_COMMANDS


def test_a_dry_run_judges_first(intake):
    assert intake.take(wanted("c1", price=cents(90)), WELL, True).rule is DenyRule.CROSSING
    assert intake.take(wanted("c2"), WELL, True).rule is DenyRule.DRY_RUN
    assert not intake.preparing


def test_what_is_being_signed_counts_in_everything(intake):
    held = a_fill(15, 50)
    intake.account.note_fill(held)
    intake.account.note_fill(confirmed(held))
    first = intake.take(wanted("c1", side=Side.ASK, price=cents(60), size=shares(10)), WELL, False)
    second = intake.take(wanted("c2", side=Side.ASK, price=cents(61), size=shares(10)), WELL, False)
    assert (first.action, second.action) == (Action.SELL, Action.BUY)
    third = intake.take(wanted("c3", side=Side.ASK, price=cents(60), size=shares(55.01)), WELL, False)
    assert (third.rule, third.reason) == (
        DenyRule.EXPOSURE,
        "exposure could become -60010000, the cap is 60000000",
    )
    intake.failed(CommandId("c1"), "no")
    assert isinstance(
        intake.take(wanted("c4", side=Side.ASK, price=cents(60), size=shares(60)), WELL, False), PrepareOrder
    )


def test_what_was_taken_back_while_it_was_signed_is_denied_then(intake):
    intake.take(wanted("c1"), WELL, False)
    intake.take(wanted("c2", owner=MAKER, side=Side.ASK, price=cents(60)), WELL, False)
    intake.take_back(lambda place: place.command == "c1")

    assert isinstance(intake.prepared(done("c1"), MARKET_NOW), OrderDenied)
    assert isinstance(intake.prepared(done("c2"), MARKET_NOW), OrderIntended)
    intake.take(wanted("c3"), WELL, False)
    intake.take_back(of_owner(MAKER))
    assert isinstance(intake.failed(CommandId("c3"), "no"), OrderDenied)
    assert not intake._unwanted


def test_a_failure_of_what_nobody_wants_is_nothing(intake):
    assert intake.failed(CommandId("c9"), "no") is None
    assert intake.prepared(done("c9"), MARKET_NOW) is None


@pytest.mark.parametrize(
    ("health", "rule"),
    [
        (Health(NOW, "the user stream is down", 0, 0, MARKET_NOW), DenyRule.NOT_READY),
        (Health(NOW, "", SECOND + 1, 0, MARKET_NOW), DenyRule.JOURNAL),
        (Health(NOW, "", 0, 2_049, MARKET_NOW), DenyRule.JOURNAL),
        (Health(RealNs(int(NOW) + SECOND + 1), "", 0, 0, MARKET_NOW), DenyRule.LATE),
    ],
)
def test_how_the_gateway_is_counts(intake, health, rule):
    assert intake.take(wanted("c1"), health, False).rule is rule


def test_the_very_same_order_is_not_taken_twice_in_a_moment_while_the_first_one_is_open(intake):
    intake.take(wanted("c1"), WELL, False)
    again = intake.take(wanted("c2"), WELL, False)
    assert isinstance(again, OrderDenied)
    assert again.rule is DenyRule.REPEATED
    assert isinstance(intake.take(wanted("c3", price=cents(47)), WELL, False), PrepareOrder)
    intake.account.note(intake.prepared(done("c1"), MARKET_NOW), NOW)
    assert intake.take(wanted("c4"), WELL, False).rule is DenyRule.REPEATED
    intake.account.note(completed(wanted("c1")), NOW)

    assert isinstance(intake.take(wanted("c5"), WELL, False), PrepareOrder)
