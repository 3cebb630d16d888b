"""What the wallet holds when the gateway takes it over: found, told once, and ours."""

import msgspec
import pytest

from messages.account import ReadAccount, Settlement
from messages.orders import OrderDenied, OrderFilled, PrepareOrder
from messages.system import Announce
from messages.values import MICRO, Outcome, TokenId
from messages.wallet import (
    EXTERNAL,
    MarketPaused,
    PositionFound,
    PositionsRead,
    PositionsReadFailed,
    ReadPositions,
)
from tests.actors.gateway_stage import YES, Gateway, a_leg, started
from tests.actors.wallet_stage import ALIEN, LATER, STRANGE, a_position, at_start, bought
from tests.factories import MARKET, OTHER, a_fill, an_info, confirmed, of, shares, taken


def test_what_the_wallet_holds_and_we_do_not_know_is_ours_at_the_venues_price_and_offered():
    gateway, said = at_start(a_position(), balances=((STRANGE, shares(10)),))

    (fill,) = of(OrderFilled, said)
    assert (fill.owner, fill.market, fill.size, fill.price) == (EXTERNAL, OTHER, shares(10), 300_000)
    assert fill.worth == 400_000
    (found,) = of(PositionFound, said)
    assert (found.market, found.slug, found.net, found.why_not) == (OTHER, "slug-other", shares(10), "")
    held = gateway.gateway.account.inventories[OTHER]
    assert (held.average_cost(Outcome.YES), held.is_settled) == (300_000, True)
    assert gateway.gateway.account.collateral == 1_000 * MICRO, "it cost nothing now"


def test_the_balance_counts_and_not_the_public_list():
    _, said = at_start(a_position(size=shares(25)), balances=((STRANGE, shares(10)),))

    assert of(OrderFilled, said)[0].size == shares(10)


def test_a_read_that_comes_late_says_nothing_of_balances_that_were_asked_for_after_it():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    gateway.stream()
    assert of(ReadAccount, gateway.watch(0.3))
    gateway.listed(a_position())
    (second,) = of(ReadAccount, gateway.watch(15))
    assert second.tokens == (STRANGE,)
    gateway.tokens = ()
    assert of(PositionFound, gateway.read()) == [], "the first one, at last"

    gateway.tokens = second.tokens
    assert of(PositionFound, gateway.read(balances=((STRANGE, shares(10)),)))[0].why_not == ""


def test_what_was_found_is_known_after_a_restart():
    before, said = at_start(a_position(), balances=((STRANGE, shares(10)),))
    again, more = at_start(a_position(), balances=((STRANGE, shares(10)),), journal=before.journal)

    assert of(PositionFound, said)
    assert not of(PositionFound, more)
    assert not of(OrderFilled, more)
    assert again.gateway.account.inventories[OTHER].net == shares(10)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"is_resolved": True}, "the market is resolved: redeem it"), ({"size": shares(0.05)}, "it is dust")],
)
def test_resolved_positions_and_dust_are_listed_once_and_nothing_else(changes, why):
    row = a_position(**changes)
    before, said = at_start(row, balances=((STRANGE, row.size),))
    (found,) = of(PositionFound, said)
    _, more = at_start(row, balances=((STRANGE, row.size),), journal=before.journal)

    assert found.why_not == why
    assert not of(OrderFilled, said)
    assert not of(PositionFound, more)


def test_a_token_that_the_venue_has_no_balance_of_is_listed_and_keeps_nothing_else_from_being_read():
    gateway, said = at_start(a_position())
    (found,) = of(PositionFound, said)

    assert found.why_not == "the venue knows no balance of it"
    assert not of(OrderFilled, said)
    assert of(PrepareOrder, gateway.place("c1"))


def test_what_the_journal_had_right_without_its_token_is_found_once():
    fill = msgspec.structs.replace(a_fill(10, 30, market=OTHER), token=TokenId(""))
    before, said = at_start(
        a_position(), balances=((STRANGE, shares(10)),), journal=[(fill, 0, 0), (confirmed(fill), 0, 0)]
    )
    _, more = at_start(a_position(), balances=((STRANGE, shares(10)),), journal=before.journal)

    assert (len(of(OrderFilled, said)), len(of(PositionFound, said))) == (0, 1)
    assert (len(of(OrderFilled, more)), len(of(PositionFound, more))) == (0, 0)


def test_what_others_traded_while_we_were_away_is_found_and_no_reason_to_stop():
    before = started()
    bought(before)
    leg = a_leg("", 5, order=ALIEN, at=LATER, status=Settlement.CONFIRMED)
    here = a_position(market=MARKET, token=YES, size=shares(15))
    _, said = at_start(here, legs=(leg,), balances=((YES, shares(15)),), journal=before.journal)

    assert [fill.owner for fill in of(OrderFilled, said)] == [EXTERNAL]
    (found,) = of(PositionFound, said)
    assert (found.market, found.net) == (MARKET, shares(15))
    assert not of(MarketPaused, said)


def test_nothing_is_placed_before_the_wallet_was_listed_but_not_for_ever():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert of(ReadPositions, gateway.watch(0.1))
    gateway.stream()
    gateway.read()
    gateway.wait(1)
    gateway.read()
    gateway.hear(an_info(), taken())
    gateway.keep_alive()
    (no,) = of(OrderDenied, gateway.place("c1"))
    assert no.reason == "the wallet's positions are being listed"
    gateway.wait(10)
    gateway.keep_alive()

    assert of(PrepareOrder, gateway.place("c2"))


def test_a_list_that_failed_is_asked_for_again():
    gateway = Gateway()
    gateway.recover()
    gateway.open()
    assert of(ReadPositions, gateway.watch(0.1))
    (line,) = of(Announce, gateway.hear(PositionsReadFailed(reason="no answer")))
    assert "no answer" in line.text
    assert not of(ReadPositions, gateway.watch(5))
    assert of(ReadPositions, gateway.watch(30))
    gateway.hear(PositionsRead(begun_at=gateway.actor.real_now, positions=()))

    assert not of(ReadPositions, gateway.watch(60))
