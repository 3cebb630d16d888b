"""A price grid that changes under orders: what is not on it comes off, wherever it is on its way."""

import pytest

from messages.orders import (
    DenyRule,
    ForgetOrder,
    OrderCanceled,
    OrderDenied,
    OrderIntended,
    TakeOrdersOff,
)
from tests.actors.gateway_stage import Gateway, named, started
from tests.factories import OTHER, an_info, cents, of


@pytest.fixture
def gateway() -> Gateway:
    """On a grid of a tenth of a cent."""
    stage = started()
    stage.hear(an_info(tick=0.1))
    return stage


def test_a_coarser_grid_takes_off_what_rests_between_its_steps_and_nothing_else(gateway: Gateway) -> None:
    gateway.rest("off", price=cents(48.5))
    gateway.rest("on", price=cents(48))

    (taken_off,) = of(TakeOrdersOff, gateway.hear(an_info(tick=1)))

    assert taken_off.orders == (named("off"),)
    assert of(TakeOrdersOff, gateway.hear(an_info(tick=1))) == [], "told twice, it counts once"


def test_a_finer_grid_takes_nothing_off(gateway: Gateway) -> None:
    gateway.hear(an_info(tick=1))
    gateway.rest("a", price=cents(48))

    assert of(TakeOrdersOff, gateway.hear(an_info(tick=0.1))) == []


def test_an_order_that_is_being_signed_for_the_old_grid_is_never_sent(gateway: Gateway) -> None:
    gateway.place("off", price=cents(48.5))
    gateway.place("on", price=cents(47))
    gateway.hear(an_info(tick=1))

    (denied,) = of(OrderDenied, gateway.prepared("off"))
    assert denied.rule is DenyRule.TAKEN_BACK
    assert of(OrderIntended, gateway.prepared("on")) != []


def test_an_order_on_its_way_out_is_forgotten_by_the_port(gateway: Gateway) -> None:
    gateway.send("off", price=cents(48.5))

    assert of(ForgetOrder, gateway.hear(an_info(tick=1))) == [ForgetOrder(order=named("off"))]


def test_another_markets_grid_is_none_of_its_business(gateway: Gateway) -> None:
    gateway.rest("off", price=cents(48.5))
    gateway.hear(an_info(OTHER, tick=0.1))

    assert of(TakeOrdersOff, gateway.hear(an_info(OTHER, tick=1))) == []


def test_what_is_wanted_after_the_change_is_judged_by_the_new_grid(gateway: Gateway) -> None:
    gateway.hear(an_info(tick=1))

    (denied,) = of(OrderDenied, gateway.place("off", price=cents(48.5)))
    assert denied.rule is DenyRule.OFF_GRID
    assert of(OrderCanceled, gateway.hear(an_info(tick=1))) == []
