"""What the gateway said and has not heard back: nothing contradicts it, and the next gateway makes it good."""

import msgspec

from messages.account import GatewayStarted, Settlement
from messages.liquidation import RetireReason
from messages.orders import ForgetOrder, OrderFilled, TakeOrdersOff
from messages.values import OrderId
from messages.wallet import AcceptPosition, MarketPaused, MarketResumed, PauseCause, PositionFound
from tests.actors.gateway_stage import Gateway, a_leg, named, started
from tests.actors.wallet_stage import ALIEN, LATER, a_position, at_start
from tests.factories import MARKET, OTHER, a_fill, an_info, assigned, of, retired, reversed_, shares, taken


def test_a_market_that_is_handed_over_over_its_owners_head_keeps_none_of_its_orders() -> None:
    gateway = started()
    gateway.rest("c1")
    gateway.send("c2", price=470_000)
    found = msgspec.structs.replace(retired(net=10), reason=RetireReason.FOUND)
    said = gateway.hear(found)

    assert [off.orders for off in of(TakeOrdersOff, said)] == [(named("c1"),)]
    assert [off.order for off in of(ForgetOrder, said)] == [named("c2")]
    gateway.keep_alive()
    assert of(TakeOrdersOff, gateway.watch(1.1))


def test_whoever_takes_another_market_keeps_no_orders_in_the_one_before() -> None:
    gateway = started()
    gateway.rest("c1")
    assert of(TakeOrdersOff, gateway.hear(taken(OTHER)))


def test_an_orderly_hand_over_takes_nothing_off() -> None:
    gateway = started()
    assert gateway.hear(retired(), assigned(), taken(OTHER)) == []


def accepting(gateway: Gateway) -> MarketResumed:
    """Somebody else traded; a person accepted it, which is said and not committed."""
    gateway.legs(a_leg("", 4, order=ALIEN, at=LATER, status=Settlement.CONFIRMED))
    gateway.hear(AcceptPosition(market=MARKET, reason="seen", by="me"))
    gateway.listed()
    gateway.commits = False
    gateway.keep_alive()
    gateway.watch(6)
    held = gateway.gateway.account.inventories[MARKET]
    outcomes = {token: outcome for token, (_, outcome) in gateway.gateway.account.tokens.ours.items()}
    balances = tuple((t, held.held(outcomes[t]) if t in outcomes else shares(0)) for t in gateway.tokens)
    (resumed,) = of(MarketResumed, gateway.read(balances=balances))
    return resumed


def test_a_trade_by_others_after_an_acceptance_that_is_not_committed_yet_pauses_its_market() -> None:
    gateway = started()
    resumed = accepting(gateway)
    second = gateway.legs(a_leg("", 3, order=OrderId("0xother"), trade="t2", at=LATER + 1))
    third = gateway.legs(a_leg("", 3, order=OrderId("0xother"), trade="t3", at=LATER + 1))
    assert of(OrderFilled, second)
    assert [p.cause for p in of(MarketPaused, second)] == [PauseCause.FOREIGN_FILL]
    assert of(MarketPaused, third) == []

    gateway.hear(resumed)
    assert gateway.gateway.intake.pauses.has(MARKET, PauseCause.FOREIGN_FILL)
    gateway.hear(of(MarketPaused, second)[0])
    assert gateway.gateway.intake.pauses.has(MARKET, PauseCause.FOREIGN_FILL)
    gateway.hear(MarketResumed(market=MARKET, slug="s", reason="seen"))
    assert MARKET not in gateway.gateway.intake.pauses


def test_what_others_traded_while_we_were_away_is_found_by_the_next_gateway_when_this_one_dies() -> None:
    before = Gateway()
    before.recover()
    before.open()
    before.stream()
    before.listed()
    before.hear(an_info())
    said = before.read(legs=(a_leg("", 4, order=ALIEN, at=LATER),))
    assert of(OrderFilled, said)

    gateway = Gateway()
    said = gateway.recover(before.journal) + gateway.start()
    assert [(found.market, found.net) for found in of(PositionFound, said)] == [(MARKET, shares(4))]
    third = Gateway()
    assert of(PositionFound, third.recover(gateway.journal) + third.start()) == []


def test_settlements_that_failed_pause_their_market_though_the_gateway_died_saying_so() -> None:
    before = started()
    fills = [a_fill(1, 48) for _ in range(2)]
    before.commits = False
    said = before.hear(*fills, *(reversed_(fill) for fill in fills))
    assert len(of(MarketPaused, said)) == 1

    gateway = Gateway()
    gateway.recover(before.journal)
    said = gateway.start()
    assert [p.cause for p in of(MarketPaused, said)] == [PauseCause.FAILED_SETTLEMENTS]


def test_what_was_found_is_said_by_the_next_gateway_when_this_one_dies_before_it_did() -> None:
    before, said = at_start(a_position(), balances=((a_position().token, shares(10)),))
    assert of(PositionFound, said)
    lost = [row for row in before.journal if not isinstance(row[0], PositionFound | GatewayStarted)]
    _, said = at_start(a_position(), balances=((a_position().token, shares(10)),), journal=lost)
    assert [(found.market, found.net) for found in of(PositionFound, said)] == [(OTHER, shares(10))]


def test_a_trade_by_others_after_the_account_was_taken_over_counts_though_that_is_not_committed_yet():
    gateway = Gateway()
    gateway.commits = False
    (began,) = of(GatewayStarted, gateway.start())
    gateway.wait(5)
    leg = a_leg("", 4, order=ALIEN, at=gateway.market_time, status=Settlement.CONFIRMED)
    gateway.wait(5)
    assert of(OrderFilled, gateway.legs(leg) + gateway.hear(began) + gateway.legs(leg))
