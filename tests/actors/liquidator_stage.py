"""A liquidator with the words its surroundings would say."""

from typing import Any

from actors.liquidator import Assignment, LiquidatorActor, LiquidatorSettings
from messages.base import Message
from messages.liquidation import LiquidationStatus
from messages.orders import PlaceOrder
from messages.risk import Level
from messages.values import ExitId, Side
from tests.factories import (
    LIQUIDATOR,
    MARKET,
    Stage,
    a_book,
    a_fill,
    a_permit,
    a_status,
    accepted,
    an_info,
    confirmed,
    intended,
    of,
)

ASSIGNMENT = Assignment(exit=ExitId(f"{MARKET}#1"), market=MARKET, slug="s", liquidator=LIQUIDATOR)


class Exit(Stage):
    """A liquidator, with the words its surroundings would say."""

    def __init__(self, **changes: Any) -> None:
        self.liquidator = LiquidatorActor(LiquidatorSettings(**changes), ASSIGNMENT)
        super().__init__(self.liquidator, LIQUIDATOR)
        self._seen = 1

    def book(self, bid: float | None, ask: float | None) -> list[Message]:
        """The next frame."""
        self._seen += 1
        return self.hear(a_book(bid, ask, seen_at=self._seen))

    def keep_alive(self, level: Level = Level.RUN) -> list[Message]:
        """Permit and feed repeat themselves."""
        return self.hear(a_permit(self, level), a_status(self))

    def rest(self, said: list[Message]) -> PlaceOrder:
        """The venue takes the one order that was asked for."""
        (place,) = of(PlaceOrder, said)
        self.hear(intended(place), accepted(place))
        return place

    def status(self) -> LiquidationStatus:
        """How it says it stands."""
        return of(LiquidationStatus, self.call("report"))[0]


def holding(
    size: float, price: float, *, side: Side = Side.BID, settled: float | None = None, **changes: Any
) -> Exit:
    """A liquidator after its replay, holding what one settled fill gave it, with everything alive but a book."""
    stage = Exit(**changes)
    parts = [size] if settled is None else [settled, size - settled]
    fills = [a_fill(part, price, side=side) for part in parts if part]
    stage.recover([(e, 0, 0) for e in (*fills, confirmed(fills[0]))])
    stage.wait(100)
    stage.hear(an_info())
    stage.keep_alive()
    return stage
