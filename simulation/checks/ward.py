"""What all checkers look at: the venue's truth, the journal's intents, and what the gateway believes."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from messages.base import Message
from messages.liquidation import ExitCompleted, MarketRetired
from messages.orders import FillReversed, OrderFilled, OrderIntended
from messages.values import SECOND, MarketId, OrderId, Price, RealNs, Size, TradeId
from messages.wallet import MarketPaused, MarketResumed
from simulation.exchange.records import Records, Watcher
from simulation.story import Entry
from trading.account import Account
from venue.paper.engine.terms import Market


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must never be so, and was."""

    invariant: str
    seed: int
    at_ns: int
    """Virtual real time since the run began."""
    text: str
    """What was believed and what is true."""

    def __str__(self) -> str:
        return f"{self.invariant} at {self.at_ns / SECOND:.6f} s, seed {self.seed}: {self.text}"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An order's intent as it was committed."""

    order: OrderIntended
    gateway: int
    """Incarnation that meant it."""
    committed_at: RealNs


Believed = Callable[[], Account | None]
"""The account as a gateway that is ready believes it; None while there is none."""
Terms = Callable[[MarketId], Market | None]
MAX_BREACHES = 50


class Ward:
    """One run's truth and beliefs, and the breaches that were found."""

    def __init__(
        self,
        seed: int,
        now: Callable[[], RealNs],
        records: Records,
        believed: Believed,
        cap: Size,
        terms: Terms,
    ) -> None:
        """`cap` is the position limit plus one order; `terms` are a market's as the venue has them now."""
        self.seed = seed
        self.now = now
        self.records = records
        self.believed = believed
        self.cap = cap
        self.terms = terms
        self.intents: dict[OrderId, Intent] = {}
        self.filled: set[tuple[TradeId, OrderId]] = set()
        """By the journal, those that stand."""
        self._exits: set[MarketId] = set()
        self._paused: set[MarketId] = set()
        self.breaches: list[Breach] = []
        self.count = 0
        """Breaches, those that are not kept included."""
        self._began_at = now()
        self._said: set[tuple[str, str]] = set()

    def violated(self, invariant: str, text: str) -> None:
        """Keep it, each text once."""
        self.count += 1
        if (invariant, text) in self._said or len(self.breaches) >= MAX_BREACHES:
            return
        self._said.add((invariant, text))
        at_ns = self.now() - self._began_at
        self.breaches.append(Breach(invariant=invariant, seed=self.seed, at_ns=at_ns, text=text))

    def note(self, entry: Entry) -> None:
        """A committed fact; before any checker hears of it."""
        if isinstance(entry.message, OrderIntended):
            self.intents[entry.message.order] = Intent(
                order=entry.message, gateway=incarnation(entry.source), committed_at=self.now()
            )
        elif isinstance(entry.message, OrderFilled):
            self.filled.add((entry.message.trade, entry.message.order))
        elif isinstance(entry.message, FillReversed):
            self.filled.discard((entry.message.trade, entry.message.order))
        else:
            self._note_market(entry.message)

    def _note_market(self, message: Message) -> None:
        if isinstance(message, MarketRetired):
            self._exits.add(message.market)
        elif isinstance(message, ExitCompleted):
            self._exits.discard(message.market)
        elif isinstance(message, MarketPaused):
            self._paused.add(message.market)
        elif isinstance(message, MarketResumed):
            self._paused.discard(message.market)

    def is_occupied(self, market: MarketId) -> bool:
        """Whether it is worked off, or waits for a person: no maker may have it."""
        return market in self._exits or market in self._paused

    def tick_of(self, market: MarketId) -> Price:
        """The grid in force."""
        known = self.terms(market)
        assert known is not None, market
        return known.tick

    def is_alien(self, order: OrderId) -> bool:
        """Whether nobody of this house ever meant it."""
        return order not in self.intents


class Checker(Watcher):
    """Looks for violations of one invariant or a few, whenever something happens; every method may be left out."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward

    def fact(self, entry: Entry) -> None:
        """Committed just now."""

    def sent(self, order: OrderId, at: RealNs) -> None:
        """Its bytes leave."""

    def stepped(self) -> None:
        """A process made a step; cheap where nothing changed."""

    def second(self) -> None:
        """Once in a second of virtual time."""


def incarnation(source: str) -> int:
    """The number in `gateway@7`."""
    return int(source.rpartition("@")[2] or 0)
