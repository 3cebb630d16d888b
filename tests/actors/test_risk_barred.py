"""An account the venue refuses, or that somebody else trades, stays stopped until a person says otherwise."""

import pytest

from messages.account import AccountBarred
from messages.orders import CancelAll
from messages.risk import HaltCause, Level, TradingHalted
from tests.actors.risk_stage import Judge, judging, resume
from tests.factories import of

RIVAL = AccountBarred(cause=HaltCause.SECOND_ENGINE, reason="somebody else beats with our key")
REFUSED = AccountBarred(cause=HaltCause.VENUE_REFUSES, reason="unauthorized: Invalid API key")


@pytest.mark.parametrize("barred", [RIVAL, REFUSED])
def test_an_account_that_is_barred_is_frozen_emptied_and_written_down_once(barred: AccountBarred) -> None:
    stage = judging()
    said = stage.hear(barred, barred)

    (halt,) = of(TradingHalted, said)
    assert (halt.cause, halt.level, halt.reason) == (barred.cause, Level.FREEZE, barred.reason)
    assert of(CancelAll, said)
    assert stage.level is Level.FREEZE


def test_it_stays_frozen_over_a_restart_and_a_person_lifts_it() -> None:
    stage = judging()
    stage.hear(RIVAL)
    later = Judge()
    said = later.recover(stage.journal)
    assert of(TradingHalted, said) == []
    assert later.risk.halts.level is Level.FREEZE
    reply, _ = stage.ask(resume())

    assert reply.text == "resumed: second_engine lifted"
    assert stage.level is Level.RUN


def test_what_the_gateway_found_while_nobody_judged_is_written_down_at_the_next_start() -> None:
    stage = judging()
    stage.journal.append((REFUSED, stage.market_time, stage.real))
    later = Judge()

    (halt,) = of(TradingHalted, later.recover(stage.journal))
    assert halt.cause is HaltCause.VENUE_REFUSES
