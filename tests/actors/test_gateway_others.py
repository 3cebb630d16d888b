"""Trades and orders of somebody else in our wallet: they count, and their market is left alone."""

import msgspec
import pytest

from messages.account import PositionMismatched, Settlement
from messages.liquidation import ExitCompleted
from messages.orders import DenyRule, OrderDenied, OrderFilled, PrepareOrder, TakeOrdersOff
from messages.system import Announce
from messages.values import MICRO, Action, ExitId, MarketNs, Price, Side, TokenId
from messages.wallet import EXTERNAL, MarketPaused, PauseCause
from tests.actors.gateway_stage import NO, YES, Gateway, a_leg, kinds, listed, named, started
from tests.actors.wallet_stage import ALIEN, LATER, STRANGE, bought, looked
from tests.factories import MARKET, OTHER, an_info, of, shares


@pytest.fixture
def gateway() -> Gateway:
    return started()


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
