"""The last word before an order is signed: every rule has its reason, and tighter limits admit less."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.orders import DenyRule, PlaceOrder
from messages.risk import Level, TradingPermit
from messages.values import MICRO, SECOND, Money, Price, RealNs, RoleName, Shares, Side, Size
from tests.factories import LIQUIDATOR, MAKER, a_book, an_info, an_order, cents, shares
from trading.risk.gate import RULES, GateLimits, Situation, is_liquidator, judge

NOW = RealNs(1_000 * SECOND)
PLACE = an_order("c1", decided_at=NOW)


def a_situation(**changes: Any) -> Situation:
    """One in which everything may be sent, unless said otherwise."""
    values: dict[str, Any] = {
        "now": NOW,
        "ready": "",
        "killed": "",
        "permit": TradingPermit(level=Level.RUN, expires_at=RealNs(int(NOW) + SECOND)),
        "known": False,
        "owner": MAKER,
        "info": an_info(),
        "book": a_book(20, 80),
        "net": Shares(0),
        "worst": (Shares(0), Shares(0)),
        "confirmed_net": 0,
        "open_orders": 0,
        "collateral": Money(1_000 * MICRO),
        "cost": Money(0),
        "crosses_own": False,
        "budget": "",
        "journal_lag_ns": 0,
        "unacknowledged": 0,
    }
    return Situation(**{**values, **changes})


def permit(level: Level, expires_at: int = int(NOW) + 1) -> TradingPermit:
    return TradingPermit(level=level, expires_at=RealNs(expires_at))


def denied_by(place: PlaceOrder = PLACE, limits: GateLimits | None = None, **changes: Any) -> DenyRule | None:
    """The rule that denies, None when it may be sent."""
    no = judge(place, a_situation(**changes), limits or GateLimits())
    assert no is None or no[1]
    return None if no is None else no[0]


def changed(**changes: Any) -> PlaceOrder:
    return msgspec.structs.replace(PLACE, **changes)


def test_what_every_rule_allows_is_sent():
    assert denied_by() is None


@pytest.mark.parametrize(
    ("rule", "place", "changes"),
    [
        (DenyRule.NOT_READY, PLACE, {"ready": "opening"}),
        (DenyRule.DUPLICATE, PLACE, {"known": True}),
        (
            DenyRule.LATE,
            PLACE,
            {"now": RealNs(int(NOW) + SECOND + 1), "permit": permit(Level.RUN, 2 * int(NOW))},
        ),
        (None, PLACE, {"now": RealNs(int(NOW) + SECOND), "permit": permit(Level.RUN, 2 * int(NOW))}),
        (DenyRule.KILL_SWITCH, PLACE, {"killed": "file"}),
        (DenyRule.NO_PERMIT, PLACE, {"permit": permit(Level.RUN, int(NOW))}),
        (DenyRule.NO_PERMIT, PLACE, {"permit": permit(Level.HALT_QUOTES)}),
        (DenyRule.NO_PERMIT, PLACE, {"permit": permit(Level.FREEZE)}),
        (DenyRule.JOURNAL, PLACE, {"journal_lag_ns": SECOND + 1}),
        (DenyRule.JOURNAL, PLACE, {"unacknowledged": 2_049}),
        (None, PLACE, {"journal_lag_ns": SECOND, "unacknowledged": 2_048}),
        (DenyRule.NOT_OWNER, PLACE, {"owner": None}),
        (DenyRule.NOT_OWNER, PLACE, {"owner": LIQUIDATOR}),
        (DenyRule.UNKNOWN_MARKET, PLACE, {"info": None}),
        (DenyRule.MARKET_CLOSED, PLACE, {"info": an_info(accepting=False)}),
        (DenyRule.OFF_GRID, changed(price=Price(485_000)), {}),
        (DenyRule.OFF_GRID, changed(price=Price(MICRO)), {}),
        (None, changed(price=cents(1)), {"book": None}),
        (DenyRule.TOO_SMALL, changed(size=shares(4.99)), {}),
        (DenyRule.TOO_SMALL, changed(size=Size(10_000_001)), {}),
        (None, changed(size=shares(5)), {}),
        (DenyRule.CROSSING, changed(price=cents(80)), {}),
        (None, changed(price=cents(79)), {}),
        (DenyRule.CROSSING, changed(side=Side.ASK, price=cents(20)), {}),
        (None, changed(price=cents(90)), {"book": a_book(None, None)}),
        (DenyRule.COLLAR, changed(mid=Price(429_999)), {}),
        (None, changed(mid=cents(43)), {}),
        (DenyRule.COLLAR, changed(side=Side.ASK, mid=Price(530_001)), {}),
        (None, changed(side=Side.ASK, mid=cents(53)), {}),
        (None, changed(side=Side.ASK, mid=cents(21)), {}),
        (DenyRule.REPEATED, PLACE, {"like_at": RealNs(int(NOW) - SECOND // 5 + 1)}),
        (None, PLACE, {"like_at": RealNs(int(NOW) - SECOND // 5)}),
        (DenyRule.SELF_TRADE, PLACE, {"crosses_own": True}),
        (DenyRule.MAX_ORDERS, PLACE, {"open_orders": 80}),
        (DenyRule.BUDGET, PLACE, {"budget": "none left"}),
        (None, PLACE, {"open_orders": 79}),
        (DenyRule.EXPOSURE, PLACE, {"worst": (0, shares(50.01))}),
        (None, PLACE, {"worst": (-shares(500), shares(50))}),
        (DenyRule.EXPOSURE, changed(side=Side.ASK), {"worst": (-shares(50.01), 0)}),
        (None, changed(side=Side.ASK), {"worst": (shares(500), shares(500)), "net": shares(500)}),
        (DenyRule.COLLATERAL, PLACE, {"cost": Money(2), "collateral": Money(1)}),
        (DenyRule.COLLATERAL, PLACE, {"cost": Money(0), "collateral": Money(-1)}),
    ],
)
def test_the_table_of_rules(rule, place, changes):
    assert denied_by(place, **changes) is rule


SELL = changed(owner=LIQUIDATOR, side=Side.ASK, price=cents(60))
BUY = changed(owner=LIQUIDATOR)


@pytest.mark.parametrize(
    ("rule", "place", "net", "worst", "settled"),
    [
        (None, SELL, 10, (10, 10), 10),
        (DenyRule.NOT_REDUCING, SELL, 9.99, (9.99, 9.99), 9.99),
        (DenyRule.NOT_REDUCING, SELL, 20, (20, 20), 9.99),
        (DenyRule.NOT_REDUCING, SELL, 20, (5, 20), 20),
        (None, SELL, 20, (10, 20), 20),
        (DenyRule.NOT_REDUCING, SELL, 0, (0, 0), 0),
        (DenyRule.NOT_REDUCING, SELL, -20, (-20, -20), 20),
        (None, BUY, -20, (-20, -10), 20),
        (DenyRule.NOT_REDUCING, BUY, -20, (-20, -9.99), 20),
        (DenyRule.NOT_REDUCING, BUY, 20, (20, 20), 20),
    ],
)
def test_a_liquidator_closes_what_is_settled_and_not_offered(rule, place, net, worst, settled):
    low, high = (round(each * MICRO) for each in worst)
    given_net = Shares(round(net * MICRO))

    assert (
        denied_by(place, owner=LIQUIDATOR, net=given_net, worst=(low, high), confirmed_net=shares(settled))
        is rule
    )


@pytest.mark.parametrize(("level", "rule"), [(Level.HALT_QUOTES, None), (Level.FREEZE, DenyRule.NO_PERMIT)])
def test_a_liquidator_goes_on_while_quotes_are_halted(level, rule):
    held = {"net": shares(10), "worst": (shares(10), shares(10)), "confirmed_net": shares(10)}

    assert denied_by(SELL, owner=LIQUIDATOR, permit=permit(level), **held) is rule


def test_every_rule_there_is_has_its_place_except_those_that_judge_nothing():
    assert [rule for rule, _ in RULES] == [rule for rule, _ in dict(RULES).items()]
    assert set(DenyRule) - {rule for rule, _ in RULES} == {DenyRule.DRY_RUN, DenyRule.TAKEN_BACK}


def test_the_first_reason_counts():
    assert denied_by(changed(price=cents(99)), ready="opening", killed="file") is DenyRule.NOT_READY


def test_who_is_a_liquidator():
    assert is_liquidator(LIQUIDATOR)
    assert not is_liquidator(RoleName("maker"))


sizes = st.integers(0, 200 * 100).map(lambda n: Size(n * 10_000))
limits = st.builds(GateLimits, position_limit=sizes, order_size=sizes, max_orders=st.integers(0, 100))
situations = st.builds(
    lambda net, bids, asks, settled, orders, money, lag: a_situation(
        net=Shares(net),
        worst=(Shares(net - asks), Shares(net + bids)),
        confirmed_net=settled,
        open_orders=orders,
        collateral=Money(money),
        cost=Money(4 * MICRO),
        journal_lag_ns=lag,
    ),
    st.integers(-100 * MICRO, 100 * MICRO),
    sizes,
    sizes,
    sizes,
    st.integers(0, 100),
    st.integers(-10 * MICRO, 10 * MICRO),
    st.integers(0, 2 * SECOND),
)
places = st.builds(
    lambda side, size, owner: changed(side=side, size=size, owner=owner, price=cents(50)),
    st.sampled_from(Side),
    sizes,
    st.sampled_from([MAKER, LIQUIDATOR]),
)


@given(places, situations, limits, limits)
def test_tighter_limits_never_admit_more(place, situation, one, other):
    situation.owner = place.owner
    tight = GateLimits(
        position_limit=min(one.position_limit, other.position_limit),
        order_size=min(one.order_size, other.order_size),
        max_orders=min(one.max_orders, other.max_orders),
    )
    if judge(place, situation, tight) is None:
        assert judge(place, situation, one) is None


@given(places, situations, limits, st.integers(0, 10 * MICRO), st.integers(0, 50 * MICRO))
def test_less_money_and_more_at_risk_never_admit_more(place, situation, given_limits, less, more):
    situation.owner = place.owner
    low, high = situation.worst
    worse = msgspec.structs.replace(
        situation,
        collateral=Money(situation.collateral - less),
        worst=(Shares(low - more), Shares(high + more)),
        confirmed_net=max(0, situation.confirmed_net - more),
    )
    if judge(place, worse, given_limits) is None:
        assert judge(place, situation, given_limits) is None


@given(places, situations, limits)
def test_what_is_admitted_cannot_pass_the_cap(place, situation, given_limits):
    situation.owner = place.owner
    if judge(place, situation, given_limits) is None:
        low, high = situation.worst
        after = high + place.size if place.side is Side.BID else low - place.size
        assert after * place.side.sign <= given_limits.cap
