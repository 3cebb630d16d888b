"""The gateway and what the wallet holds beside its own fills: trades by others, drift, what is found at a start."""

import msgspec
import pytest

from messages.account import BookEmptied, OrderSeenKind, PositionMismatched, ReadAccount, Settlement
from messages.liquidation import ExitCompleted
from messages.orders import (
    DenyRule,
    FillConfirmed,
    OrderCanceled,
    OrderDenied,
    OrderFilled,
    PrepareOrder,
    TakeOrdersOff,
)
from messages.system import Announce
from messages.values import MICRO, Action, ExitId, MarketId, MarketNs, OrderId, Outcome, Price, Side, TokenId
from messages.wallet import (
    EXTERNAL,
    AcceptPosition,
    HeldPosition,
    MarketPaused,
    MarketResumed,
    PauseCause,
    PositionFound,
    PositionsRead,
    PositionsReadFailed,
    ReadPositions,
)
from tests.actors.gateway_stage import NO, YES, Gateway, a_leg, kinds, listed, named, started
from tests.factories import MARKET, OTHER, a_fill, an_info, confirmed, of, shares, taken

ALIEN = OrderId("0xalien")
LATER = 1_700_000_100_000_000_000
STRANGE = TokenId("77")


@pytest.fixture
def gateway() -> Gateway:
    return started()


def a_position(**changes) -> HeldPosition:
    """Ten YES of another market, bought by somebody else at 30 cents and worth 40."""
    values = {
        "market": OTHER,
        "slug": "slug-other",
        "token": STRANGE,
        "outcome": Outcome.YES,
        "size": shares(10),
        "price": Price(300_000),
        "mark": Price(400_000),
    }
    return HeldPosition(**{**values, **changes})


def bought(gateway: Gateway, size: float = 10) -> None:
    """Ten YES, settled."""
    gateway.rest("c1", size=shares(size))
    gateway.legs(a_leg("c1", size, status=Settlement.CONFIRMED, at=LATER))


def looked(gateway: Gateway, after_s: float, **balances: float):
    """The account is read with the balances it asks for; those not named are what we believe."""
    gateway.keep_alive()
    (asked,) = of(ReadAccount, gateway.watch(after_s))
    held = gateway.gateway.account.inventories[MARKET]
    believed = {YES: held.held(Outcome.YES), NO: held.held(Outcome.NO)}
    said = {TokenId(name.removeprefix("t")): shares(size) for name, size in balances.items()}
    answer = tuple((token, (believed | said).get(token, shares(0))) for token in asked.tokens)
    return gateway.read(balances=answer)


# Trades by others.


def test_a_trade_on_an_order_we_never_sent_counts_and_makes_its_market_dirty(gateway):
    gateway.rest("c1")
    said = gateway.legs(a_leg("", 4, order=ALIEN, at=LATER))

    (fill,) = of(OrderFilled, said)
    assert (fill.owner, fill.side, fill.size, fill.token) == (EXTERNAL, Side.BID, shares(4), YES)
    (paused,) = of(MarketPaused, said)
    assert (paused.market, paused.cause) == (MARKET, PauseCause.FOREIGN_FILL)
    assert of(TakeOrdersOff, said)[0].orders == (named("c1"),)
    assert gateway.worst == (shares(4), shares(14))
    (no,) = of(OrderDenied, gateway.place("c2"))
    assert no.rule is DenyRule.PAUSED


def test_a_trade_by_others_is_settled_and_reversed_like_our_own(gateway):
    gateway.legs(a_leg("", 4, order=ALIEN, at=LATER), a_leg("", 3, order=ALIEN, trade="t2", at=LATER))
    again = gateway.legs(a_leg("", 4, order=ALIEN, at=LATER))
    ended = gateway.legs(
        a_leg("", 4, order=ALIEN, at=LATER, status=Settlement.CONFIRMED),
        a_leg("", 3, order=ALIEN, trade="t2", at=LATER, status=Settlement.FAILED),
    )

    assert again == []
    assert kinds(ended) == ["FillConfirmed", "FillReversed"]
    assert gateway.worst == (shares(4), shares(4))


def test_a_market_nobody_of_ours_traded_is_called_by_its_name_all_the_same(gateway):
    gateway.hear(msgspec.structs.replace(an_info(OTHER), yes=STRANGE, no=TokenId("78")))
    strange = msgspec.structs.replace(a_leg("", 4, order=ALIEN, token=STRANGE, at=LATER), market=OTHER)

    (paused,) = of(MarketPaused, gateway.legs(strange))
    assert paused.slug == f"slug-{OTHER}"


def test_a_market_is_dirty_once_however_much_others_trade_there(gateway):
    said = [gateway.legs(a_leg("", 1, order=ALIEN, trade=f"t{n}", at=LATER)) for n in range(3)]

    assert [len(of(MarketPaused, each)) for each in said] == [1, 0, 0]


def test_what_becomes_of_a_resolved_market_is_no_drift_and_nobodys_trade(gateway):
    bought(gateway)
    gateway.hear(
        ExitCompleted(exit=ExitId("x"), market=MARKET, slug="s", left=shares(10), payout=Price(MICRO))
    )

    assert not of(PositionMismatched, looked(gateway, 61, t1=0))
    assert not of(MarketPaused, gateway.legs(a_leg("", 1, order=ALIEN, at=LATER)))


def test_what_is_not_settled_yet_does_not_make_room_below_the_cap(gateway):
    gateway.rest("c1", size=shares(50))
    gateway.legs(a_leg("c1", 50, status=Settlement.CONFIRMED, at=LATER))
    gateway.rest("c2", side=Side.ASK, price=Price(550_000), size=shares(50))
    sale = a_leg("c2", 50, 55, trade="t2", action=Action.SELL, at=LATER)
    gateway.legs(sale)
    (no,) = of(OrderDenied, gateway.place("c3", size=shares(11)))
    assert no.rule is DenyRule.EXPOSURE
    gateway.legs(msgspec.structs.replace(sale, status=Settlement.CONFIRMED))

    assert of(PrepareOrder, gateway.place("c4", size=shares(11)))


@pytest.mark.parametrize(
    ("token", "action", "side"),
    [
        (YES, Action.SELL, Side.ASK),
        (NO, Action.BUY, Side.ASK),
        (NO, Action.SELL, Side.BID),
    ],
)
def test_a_trade_by_others_is_read_in_yes_terms(gateway, token, action, side):
    (fill,) = of(
        OrderFilled, gateway.legs(a_leg("", 4, 30, order=ALIEN, token=token, action=action, at=LATER))
    )

    assert fill.side is side
    assert fill.price == (300_000 if token == YES else 700_000)


def test_what_was_settled_before_the_account_was_ours_for_the_first_time_is_in_the_wallet(gateway):
    early = MarketNs(gateway.market_time - 3_600 * 10**9)
    old = a_leg("", 4, order=ALIEN, at=int(early), status=Settlement.CONFIRMED)
    assert gateway.legs(old) == []

    assert of(OrderFilled, gateway.legs(msgspec.structs.replace(old, status=Settlement.MATCHED)))


def test_a_trade_of_a_token_nobody_named_is_left_to_a_later_read(gateway):
    strange = a_leg("", 4, order=ALIEN, token=STRANGE, at=LATER)
    assert gateway.legs(strange) == []
    gateway.hear(an_info(OTHER))
    gateway.hear(msgspec.structs.replace(an_info(OTHER), yes=STRANGE, no=TokenId("78")))

    assert of(OrderFilled, gateway.legs(strange))


def test_orders_of_others_are_canceled_and_told_of_once(gateway):
    alien = msgspec.structs.replace(listed("x")[0], order=ALIEN)
    first = gateway.read(orders=(alien,))
    gateway.wait(2)
    second = gateway.read(orders=(alien,))

    assert [len(of(TakeOrdersOff, said)) for said in (first, second)] == [1, 1]
    assert [len(of(Announce, said)) for said in (first, second)] == [1, 0]


# Drift.


def test_balances_are_looked_at_each_minute_and_after_a_settlement(gateway):
    bought(gateway)
    gateway.rest("c2", size=shares(6))
    here = listed("c2")
    reads = []
    for second in range(0, 120, 5):
        if second == 80:
            gateway.legs(a_leg("c2", 2, trade="t2", at=LATER, status=Settlement.CONFIRMED))
        gateway.keep_alive()
        (asked,) = of(ReadAccount, gateway.watch(5))
        reads.append((second, bool(asked.tokens)))
        held = gateway.gateway.account.inventories[MARKET].held(Outcome.YES)
        gateway.read(here, balances=tuple((t, held if t == YES else shares(0)) for t in asked.tokens))

    assert [second for second, is_asked in reads if is_asked] == [0, 60, 80]


def test_what_differs_once_is_told_and_what_differs_twice_makes_the_market_dirty(gateway):
    bought(gateway)
    first = looked(gateway, 61, t1=8)
    (wrong,) = of(PositionMismatched, first)
    assert (wrong.believed, wrong.balance) == (shares(10), shares(8))
    assert not of(MarketPaused, first)

    second = looked(gateway, 6, t1=8)
    (paused,) = of(MarketPaused, second)
    assert (paused.cause, paused.amount) == (PauseCause.DRIFT, 2 * MICRO)
    assert not of(MarketPaused, looked(gateway, 6, t1=8)), "once"
    assert not of(PrepareOrder, gateway.place("c9"))


def test_before_it_is_told_twice_the_venue_is_made_to_look_at_the_chain(gateway):
    bought(gateway)
    looked(gateway, 61, t1=8)
    gateway.keep_alive()

    (asked,) = of(ReadAccount, gateway.watch(6))
    assert (asked.refresh, YES in asked.tokens) == (True, True)


def test_a_difference_that_goes_away_was_a_delay(gateway):
    bought(gateway)
    looked(gateway, 61, t1=8)
    looked(gateway, 6)

    assert not of(MarketPaused, looked(gateway, 61, t1=8))


@pytest.mark.parametrize("size", [9.99, 10, 10.01])
def test_a_hundredth_of_a_share_is_no_difference(gateway, size):
    bought(gateway)

    assert not of(PositionMismatched, looked(gateway, 61, t1=size))


@pytest.mark.parametrize("balance", [6, 10, 12, 16])
def test_what_is_bought_or_sold_and_not_settled_may_be_there_or_not(gateway, balance):
    bought(gateway)
    gateway.rest("c2", size=shares(6))
    gateway.legs(a_leg("c2", 6, trade="t2", at=LATER))
    gateway.rest("c3", side=Side.ASK, price=Price(550_000), size=shares(5))
    sold = a_leg("c3", 4, 55, trade="t3", action=Action.SELL, at=LATER)
    gateway.legs(sold)

    assert not of(PositionMismatched, looked(gateway, 61, t1=balance))


def test_a_venue_that_shows_nothing_at_all_proves_nothing(gateway):
    bought(gateway)
    for after_s in (61, 6, 6):
        gateway.keep_alive()
        gateway.watch(after_s)
        said = gateway.read(collateral=0, balances=((YES, shares(0)),))
        assert not of(PositionMismatched, said)
        assert not of(MarketPaused, said)


def test_risk_may_pause_a_market_and_what_rests_there_comes_off(gateway):
    gateway.rest("c1")
    said = gateway.hear(
        MarketPaused(market=MARKET, slug="s", cause=PauseCause.DRIFT, reason="the public list differs")
    )

    assert of(TakeOrdersOff, said)[0].orders == (named("c1"),)
    assert of(OrderDenied, gateway.place("c2"))[0].reason == "the public list differs"


def test_two_of_the_last_twenty_settlements_that_fail_pause_their_market(gateway):
    gateway.rest("c1", size=shares(20))
    said = []
    for n in range(12):
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER))
        end = Settlement.FAILED if n in (3, 9) else Settlement.CONFIRMED
        said.append(of(MarketPaused, gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER, status=end))))

    assert [n for n, paused in enumerate(said) if paused] == [9]
    assert said[9][0].cause is PauseCause.FAILED_SETTLEMENTS


def test_settlements_that_failed_before_a_person_accepted_the_market_count_no_more_after_a_restart_either(
    gateway,
):
    gateway.rest("c1", size=shares(20))
    for n in range(2):
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER))
        gateway.legs(a_leg("c1", 1, trade=f"t{n}", at=LATER, status=Settlement.FAILED))
    accept(gateway)
    gateway.hear(PositionsReadFailed(reason="no answer"))
    assert of(MarketResumed, looked(gateway, 1))
    after = Gateway()
    after.recover(gateway.journal)

    after.legs(a_leg("c1", 1, trade="t7", at=LATER))
    said = after.legs(a_leg("c1", 1, trade="t7", at=LATER, status=Settlement.FAILED))
    assert kinds(said) == ["FillReversed"]


# Accepting.


def dirty(gateway: Gateway) -> None:
    """Ten YES by our fills, eight by the venue."""
    bought(gateway)
    looked(gateway, 61, t1=8)
    looked(gateway, 6, t1=8)


def accept(gateway: Gateway, market: MarketId = MARKET) -> None:
    gateway.hear(AcceptPosition(market=market, reason="sold by hand", by="ann"))


def test_an_accepted_market_has_what_the_venue_says_at_what_it_cost_and_goes_on(gateway):
    dirty(gateway)
    accept(gateway)
    assert of(ReadPositions, gateway.watch(0.1))
    gateway.listed()
    said = looked(gateway, 1, t1=8)

    (change,) = of(OrderFilled, said)
    assert (change.owner, change.action, change.size) == (EXTERNAL, Action.SELL, shares(2))
    assert of(FillConfirmed, said)
    (resumed,) = of(MarketResumed, said)
    assert (resumed.reason, resumed.by) == ("sold by hand", "ann")
    held = gateway.gateway.account.inventories[MARKET]
    assert (held.net, held.confirmed_net, held.realized, held.pending) == (shares(8), shares(8), 0, 0)
    gateway.keep_alive()
    assert of(PrepareOrder, gateway.place("c9"))
    assert not of(PositionMismatched, looked(gateway, 61, t1=8))


def listed_again(gateway: Gateway, after_s: float, size: float) -> None:
    """The list is asked for and has so much; a read of the account meanwhile is answered."""
    asked = gateway.watch(after_s)
    assert of(ReadPositions, asked)
    if of(ReadAccount, asked):
        gateway.read()
    gateway.listed(a_position(market=MARKET, token=YES, size=shares(size)))


def test_a_position_that_only_its_balance_denies_is_not_written_off_when_its_market_is_accepted(gateway):
    """The venue shows no balance for a while; its list still has the position."""
    dirty(gateway)
    accept(gateway)
    listed_again(gateway, 0.1, 8)

    assert not of(OrderFilled, said := looked(gateway, 1, t1=0))
    assert not of(MarketResumed, said)
    listed_again(gateway, 30, 8)
    (change,) = of(OrderFilled, looked(gateway, 1, t1=8))
    assert change.size == shares(2)


def test_what_the_list_does_not_have_either_is_written_off_at_once(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.listed()

    (change,) = of(OrderFilled, looked(gateway, 1, t1=0))
    assert change.size == shares(10)


def test_a_person_has_the_last_word_when_the_venue_contradicts_itself_for_a_minute(gateway):
    dirty(gateway)
    accept(gateway)
    for after_s in (0.1, 30, 30):
        listed_again(gateway, after_s, 10)
        said = looked(gateway, 1, t1=0)

    assert of(MarketResumed, said)
    assert of(OrderFilled, said)[0].size == shares(10)


def test_what_came_in_is_taken_at_the_venues_average_price(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.listed(a_position(market=MARKET, token=YES, size=shares(15), price=Price(200_000)))
    (change,) = of(OrderFilled, looked(gateway, 1, t1=15))

    assert (change.action, change.size, change.price) == (Action.BUY, shares(5), 200_000)


def short_of_fills(gateway: Gateway) -> list:
    """An order that was taken off with four of its ten filled, as the venue counts; no trade tells of them."""
    gateway.rest("c1", size=shares(10))
    gateway.seen("c1", OrderSeenKind.CANCELED, 4)
    assert not of(MarketPaused, looked(gateway, 20))
    assert gateway.open_commands == ["c1"]
    return of(MarketPaused, looked(gateway, 41))


def test_fills_that_the_venue_counts_and_never_tells_stay_reserved_until_a_person_accepts(gateway):
    (paused,) = short_of_fills(gateway)
    assert (paused.cause, paused.amount) == (PauseCause.DRIFT, 4 * MICRO)
    assert not of(MarketPaused, looked(gateway, 61)), "once"
    assert gateway.worst == (0, shares(10)), "nothing proves how much of it was filled"

    accept(gateway)
    gateway.watch(0.1)
    gateway.listed()
    assert of(MarketResumed, looked(gateway, 1, t1=4))
    assert of(OrderCanceled, gateway.read())
    assert gateway.worst == (shares(4), shares(4))


def test_fills_that_the_venue_tells_late_release_their_order(gateway):
    short_of_fills(gateway)

    said = gateway.legs(a_leg("c1", 4, at=LATER))
    assert kinds(said) == ["OrderFilled", "OrderCanceled"]
    assert gateway.worst == (shares(4), shares(4))


def test_an_order_off_the_book_that_lacks_fills_does_not_hold_up_a_stop(gateway):
    short_of_fills(gateway)
    gateway.call("stop")
    gateway.read()
    gateway.wait(1)

    assert of(BookEmptied, gateway.read())


def test_a_list_that_cannot_be_had_does_not_keep_a_market_from_being_accepted(gateway):
    dirty(gateway)
    accept(gateway)
    gateway.watch(0.1)
    gateway.hear(PositionsReadFailed(reason="no answer"))

    assert of(MarketResumed, looked(gateway, 1, t1=8))


def test_a_market_that_is_not_paused_is_not_accepted(gateway):
    bought(gateway)
    accept(gateway)

    assert not of(ReadPositions, gateway.watch(0.1))


# The start.


def at_start(*positions: HeldPosition, balances=(), legs=(), journal=None) -> tuple[Gateway, list]:
    """A gateway that takes the account over, and what it said."""
    gateway = Gateway()
    said = gateway.recover(journal) + gateway.open() + gateway.stream()
    said += gateway.listed(*positions) + gateway.watch(0.3) + gateway.read(legs=legs, balances=balances)
    gateway.wait(1)
    said += gateway.read(balances=balances)
    gateway.hear(an_info(), taken())
    return gateway, said + gateway.keep_alive()


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
