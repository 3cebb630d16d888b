"""When the account has leave to trade: permits that expire, and what the feed sees of the quoted market."""

import msgspec
import pytest

from messages.market import BookState, FeedStatus, MarketDataStatus
from messages.risk import GetStatus, HaltCause, Level, LossDayBegan, TradingHalted, TradingResumed
from messages.values import SECOND, Money, RealNs
from tests.actors.risk_stage import DAY, GONE, KILL, Judge, halt, judging, resume
from tests.factories import (
    OTHER,
    a_book,
    a_fill,
    a_status,
    accepted,
    an_order,
    assigned,
    durable,
    intended,
    of,
    plain,
    retired,
    taken,
)
from trading.risk import Reset

DURABLE = ("halts", "ownership", "intended")


# Permits.


def test_a_permit_lasts_two_seconds() -> None:
    permit = judging().permit()

    assert permit is not None
    assert (permit.level, permit.reason) == (Level.RUN, "")


def test_nothing_is_permitted_before_the_kill_switch_was_looked_for_and_the_day_began() -> None:
    stage = Judge()
    stage.recover()
    stage.commits = False
    assert stage.permit() is None
    stage.hear(GONE)
    assert stage.permit() is None

    stage.commits = True
    assert stage.hear(LossDayBegan(day="2023-11-14", equity=Money(0))) != []
    assert stage.level is Level.RUN


def test_while_the_journal_lags_no_leave_is_given_but_a_freeze_is_still_said() -> None:
    stage = judging()
    stage.risk.journal_lag_ns = 2 * SECOND + 1
    assert stage.permit() is None

    stage.hear(KILL)
    assert stage.level is Level.FREEZE


def test_the_permit_expires_two_real_seconds_from_now() -> None:
    stage = judging()
    permit = stage.permit()

    assert permit is not None
    assert int(permit.expires_at) == stage.real + 2 * SECOND


def test_without_the_supervisor_for_five_seconds_nothing_is_permitted():
    stage = judging()
    stage.is_supervised = False
    stage.wait(4.9)
    assert stage.level is Level.RUN
    stage.wait(0.2)
    assert stage.permit() is None

    stage.is_supervised = True
    assert stage.level is Level.RUN


@pytest.mark.parametrize("reset", list(Reset))
def test_restarted_it_knows_what_the_running_one_knows(reset: Reset) -> None:
    stage = judging(reset)
    order = an_order("c")
    stage.hear(taken(), intended(order), accepted(order), a_fill(100, 60), a_book(9, 11), halt())
    stage.market_time += DAY
    stage.call("permit")
    stage.hear(KILL, resume(), GONE, retired(), assigned(), resume("7"))

    again = Judge(reset)
    again.recover(stage.journal)
    assert durable(again.risk, *DURABLE) == durable(stage.risk, *DURABLE)
    assert plain(again.risk.pnl.inventories) == plain(stage.risk.pnl.inventories)
    assert plain(again.risk.loss.day) == plain(stage.risk.loss.day)
    assert again.risk.loss.is_of_before == stage.risk.loss.is_of_before


# What the feed sees.


def test_the_permit_follows_the_feeds_word_on_the_quoted_market_within_two_seconds() -> None:
    stage = judging()
    stage.hear(taken(), a_status(stage))
    stage.wait(2)
    assert stage.level is Level.RUN

    stage.hear(a_status(stage))
    stage.wait(1)
    seen = a_status(stage, live=False)
    stage.hear(msgspec.structs.replace(seen, verified_at=seen.verified_at + -SECOND))
    stage.wait(1)
    assert stage.level is Level.RUN, "two seconds are not over"
    stage.wait(0.1)
    permit = stage.permit()
    assert permit is not None
    assert (permit.level, permit.reason) == (Level.HALT_QUOTES, "market data: stream lost")

    stage.hear(a_status(stage))
    assert stage.level is Level.RUN


def test_a_feed_that_says_nothing_of_the_quoted_market_is_no_reason_to_quote() -> None:
    stage = judging()
    stage.hear(taken(), a_status(stage, OTHER))
    stage.wait(3)

    permit = stage.permit()
    assert permit is not None
    assert (permit.level, permit.reason) == (Level.HALT_QUOTES, "market data: the feed says nothing")


def test_who_has_just_begun_gives_no_leave_to_quote_and_takes_none_before_the_feed_spoke() -> None:
    stage = judging()
    stage.hear(taken())
    assert stage.permit() is None, "the last one's permit lapses by itself"
    stage.wait(2)
    assert stage.permit() is None
    stage.wait(0.1)
    assert stage.level is Level.HALT_QUOTES


@pytest.mark.parametrize(("verified_s_ago", "level"), [(1.9, Level.RUN), (2.1, Level.HALT_QUOTES)])
def test_to_who_has_just_begun_the_feeds_word_is_as_old_as_it_is(verified_s_ago: float, level: Level) -> None:
    stage = judging()
    seen = a_status(stage, live=False)
    stage.hear(
        taken(),
        msgspec.structs.replace(seen, verified_at=RealNs(stage.real - round(verified_s_ago * SECOND))),
    )

    assert stage.level is level


def test_markets_that_are_worked_off_or_over_leave_the_permit_alone() -> None:
    stage = judging()
    stage.hear(retired(), assigned(), taken(OTHER))
    over = FeedStatus(market=OTHER, live=False, verified_at=RealNs(0), state=BookState.CLOSED)
    stage.wait(60)
    stage.hear(over)

    assert stage.level is Level.RUN


def test_a_feed_that_gave_up_stops_the_quotes_and_gives_them_free_when_it_hears_again() -> None:
    stage = judging()
    paused = MarketDataStatus(connected=False, paused=True, reason="paused after 10 connections")

    said = stage.hear(paused)
    (halt,) = of(TradingHalted, said)
    assert (halt.cause, halt.level) == (HaltCause.FEED_PAUSED, Level.HALT_QUOTES)
    assert halt.reason == "paused after 10 connections"
    assert of(TradingHalted, stage.hear(paused)) == [], "said once"
    reply, _ = stage.ask(GetStatus(request="1", sender="00ff"))
    assert ("market data", "paused, 0 of 0 books live") in reply.details
    assert ("market data trouble", "paused after 10 connections") in reply.details

    (resumed,) = of(TradingResumed, stage.hear(MarketDataStatus(connected=True)))
    assert resumed.cause is HaltCause.FEED_PAUSED
    assert stage.level is Level.RUN


def test_a_person_cannot_lift_the_feeds_pause() -> None:
    stage = judging()
    stage.hear(MarketDataStatus(connected=False, paused=True, reason="gone"))
    stage.ask(resume())

    assert stage.level is Level.HALT_QUOTES


def test_after_a_restart_the_feeds_pause_holds_until_the_feed_says_otherwise() -> None:
    stage = judging()
    stage.hear(MarketDataStatus(connected=False, paused=True, reason="gone"))
    again = Judge()
    again.recover(stage.journal)
    again.hear(GONE)
    assert again.level is Level.HALT_QUOTES

    again.hear(MarketDataStatus(connected=True))
    assert again.level is Level.RUN
