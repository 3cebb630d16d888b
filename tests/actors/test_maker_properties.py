"""Whatever happens to a maker: one order a side, none past the limit, and nothing left behind."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from messages.base import Message
from messages.liquidation import MarketRetired
from messages.orders import DenyRule, PlaceOrder
from messages.values import MICRO
from tests.actors.maker_stage import DURABLE, Maker
from tests.factories import (
    MARKET,
    OTHER,
    a_fill,
    a_ranking,
    accepted,
    an_info,
    canceled,
    completed,
    denied,
    durable,
    gateway_started,
    intended,
    rejected,
)

LIMIT = 50 * MICRO


class Venue:
    """Takes what the maker asks for, and checks what may be open at once."""

    def __init__(self) -> None:
        self.stage = Maker()
        self.open: dict[str, tuple[PlaceOrder, int]] = {}
        self.is_ready = True
        self.refused: list[PlaceOrder] = []

    def take(self, said: list[Message]) -> None:
        """Every word of the maker, checked."""
        for message in said:
            if isinstance(message, PlaceOrder):
                self._place(message)
            elif isinstance(message, MarketRetired):
                assert not self.open, "nothing rests where the market is left"
                assert abs(message.net) >= LIMIT

    def _place(self, place: PlaceOrder) -> None:
        maker = self.stage.maker
        assert place.market == maker.market
        assert all(order.side is not place.side for order, _ in self.open.values())
        assert abs(maker.inventories[place.market].net) < LIMIT
        if not self.is_ready:
            self.refused.append(place)
            return
        self.open[place.command] = (place, place.size)
        self.hear(intended(place))

    def hear(self, *messages: Message) -> None:
        """Let the maker hear, and take what follows."""
        for message in messages:
            self.take(self.stage.hear(message))

    def alive(self) -> None:
        """Everything that is repeated is repeated."""
        self.take(self.stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER)))
        self.take(self.stage.keep_alive(MARKET, OTHER))

    def step(self, what: str, number: int, width: int) -> None:
        """One thing that may happen."""
        orders = list(self.open.values())
        if what == "book":
            self.take(self.stage.book(number, number + width, (MARKET, OTHER)[number % 2]))
        elif what == "wait":
            self.stage.wait(number / 40)
            self.take(self.stage.call("watch"))
            self.alive()
        elif what == "gateway":
            self._start_gateway()
        elif what == "restart":
            old, self.stage = self.stage, Maker()
            self.stage.real, self.stage.market_time = old.real, old.market_time
            self.take(self.stage.recover(old.journal))
            assert durable(self.stage.maker, *DURABLE) == durable(old.maker, *DURABLE)
            self.alive()
        elif orders:
            self._order(what, *orders[number % len(orders)], number)

    def _start_gateway(self) -> None:
        ends = [canceled(order) for order, _ in self.open.values()]
        self.open.clear()
        self.is_ready = False
        self.hear(*ends, gateway_started())
        self.is_ready = True
        refused, self.refused = self.refused, []
        self.hear(*(denied(place, DenyRule.NOT_READY) for place in refused))

    def _order(self, what: str, place: PlaceOrder, leaves: int, percent: int) -> None:
        if what == "accept":
            self.hear(accepted(place))
        elif what in ("reject", "cancel"):
            del self.open[place.command]
            self.hear(rejected(place) if what == "reject" else canceled(place))
        else:
            size = max(10_000, leaves * percent // 10_000 * 100)
            self.open[place.command] = (place, leaves - size)
            if leaves <= size:
                del self.open[place.command]
            self.hear(a_fill(size / MICRO, place.price / 10_000, side=place.side, place=place))
            if leaves <= size:
                self.hear(completed(place))


STEPS = st.tuples(
    st.sampled_from(
        ["book", "book", "wait", "accept", "reject", "fill", "fill", "fill", "cancel", "gateway", "restart"]
    ),
    st.integers(1, 95),
    st.integers(1, 4),
)


@settings(max_examples=100)
@given(st.lists(STEPS, max_size=60))
def test_one_order_a_side_none_past_the_limit_and_nothing_left_behind(story: list[Any]) -> None:
    venue = Venue()
    venue.stage.recover()
    venue.alive()

    for step in story:
        venue.step(*step)
