"""A RiskActor and what the public list says the wallet holds."""

from actors.risk import RiskActor, RiskSettings
from messages.account import GatewayStarted
from messages.base import Message
from messages.risk import ControlReply
from messages.values import MarketId, Money, Outcome, Price, RealNs, TokenId
from messages.wallet import HeldPosition, MarketPaused, PauseCause, PositionsRead
from tests.actors.risk_stage import GONE, Judge
from tests.factories import MARKET, Stage, a_fill, confirmed, of, shares
from trading.risk import DriftLimit, RiskLimits

STARTED = GatewayStarted(incarnation=1, address="0xa", funder="0xf", collateral=Money(0))


class Holder(Judge):
    """A RiskActor that knows whose wallet it is."""

    def __init__(self, *, auto_resume: bool = False, drift: DriftLimit | None = None) -> None:
        limits = RiskLimits(drift=drift or DriftLimit())
        self.risk = RiskActor(RiskSettings(limits=limits, auto_resume=auto_resume))
        self.is_supervised = True
        Stage.__init__(self, self.risk, "risk")  # type: ignore[arg-type]

    def begin(self, *facts: Message) -> "Holder":
        """Recovered, in the middle of a quiet day, with these facts."""
        self.recover()
        self.hear(GONE, STARTED, *facts)
        self.call("permit")
        return self

    def listed(
        self, *rows: HeldPosition, skipped: tuple[str, ...] = (), after_s: float = 60
    ) -> list[Message]:
        """The public list, asked for after so long."""
        self.wait(after_s)
        self.call("look")
        return self.hear(PositionsRead(begun_at=RealNs(self.real), positions=rows, skipped=skipped))

    def answer(self, asked: Message) -> tuple[ControlReply, list[Message]]:
        said = self.hear(asked)
        (reply,) = of(ControlReply, said)
        return reply, said


def row(size: float, market: MarketId = MARKET, outcome: Outcome = Outcome.YES, **changes) -> HeldPosition:
    """What the public list says of one token."""
    return HeldPosition(
        **{
            "market": market,
            "slug": f"slug-{market}",
            "token": TokenId(f"{market}-{outcome}"),
            "outcome": outcome,
            "size": shares(size),
            "price": Price(400_000),
            "mark": Price(400_000),
            **changes,
        }
    )


def settled(size: float = 10, market: MarketId = MARKET) -> tuple[Message, Message]:
    fill = a_fill(size, 50, market=market)
    return fill, confirmed(fill)


def paused(market: MarketId = MARKET, cause: PauseCause = PauseCause.DRIFT, amount: int = 0) -> MarketPaused:
    return MarketPaused(market=market, slug=f"slug-{market}", cause=cause, reason="why", amount=Money(amount))
