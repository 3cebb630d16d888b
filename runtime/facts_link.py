"""A consumer's line to the journal: asks for what it has not heard, and again while no answer comes."""

from __future__ import annotations

from messages.values import SECOND, RealNs
from runtime.bus import Bus
from runtime.clock import real_now
from runtime.facts import FactsClient

CONNECTING_NS = 10_000_000
"""Between two tries to ask while the connection is not up yet."""
REPLAY_NS = 1 * SECOND
"""An unanswered question is asked again after this."""


class FactsLink(FactsClient):
    """The client on a bus. Real time."""

    def __init__(self, bus: Bus, market: str = "") -> None:
        super().__init__(bus.identity, bus.wiring.facts, market)
        self.ask_again_at = RealNs(0)
        self._bus = bus

    def ask_journal(self) -> None:
        """Ask for what comes after our position."""
        is_sent = self._bus.ask_journal(self.ask())
        self.ask_again_at = real_now() + (REPLAY_NS if is_sent else CONNECTING_NS)

    def is_due(self, now: RealNs) -> bool:
        """Whether to ask again."""
        return self.waits and now >= self.ask_again_at
