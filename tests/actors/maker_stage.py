"""A maker with the words its surroundings would say."""

from actors.maker import ActiveMakerActor, MakerSettings
from messages.base import Message
from messages.orders import PlaceOrder
from messages.system import MakerStatus
from messages.values import MarketId
from tests.factories import (
    MAKER,
    MARKET,
    OTHER,
    Stage,
    a_book,
    a_permit,
    a_ranking,
    a_status,
    accepted,
    an_info,
    intended,
    of,
)

DURABLE = ("ownership", "inventories")


class Maker(Stage):
    """A maker, with the words its surroundings would say."""

    def __init__(self, settings: MakerSettings | None = None) -> None:
        self.maker = ActiveMakerActor(settings or MakerSettings())
        super().__init__(self.maker, MAKER)
        self._seen = 1

    def book(self, bid: float | None, ask: float | None, market: MarketId = MARKET) -> list[Message]:
        """The next frame of a market."""
        self._seen += 1
        return self.hear(a_book(bid, ask, market=market, seen_at=self._seen))

    def keep_alive(self, *markets: MarketId) -> list[Message]:
        """Permit and feed repeat themselves."""
        return self.hear(a_permit(self), *(a_status(self, m) for m in markets or (MARKET,)))

    def rest(self, said: list[Message]) -> list[PlaceOrder]:
        """The gateway and the venue take every order that was asked for."""
        places = of(PlaceOrder, said)
        for place in places:
            self.hear(intended(place), accepted(place))
        return places

    def status(self) -> MakerStatus:
        """How it says it stands."""
        return of(MakerStatus, self.call("report"))[0]


def quoting(settings: MakerSettings | None = None) -> tuple[Maker, PlaceOrder, PlaceOrder]:
    """A maker with both sides resting around 50 in the first of two markets."""
    stage = Maker(settings)
    stage.recover()
    stage.hear(an_info(), an_info(OTHER), a_ranking(MARKET, OTHER))
    stage.keep_alive()
    said = stage.book(49, 51)
    bid, ask = stage.rest(said)
    return stage, bid, ask
