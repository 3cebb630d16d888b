"""Everything that happens by itself in one order of market time: our own business, cues, tapes, participants."""

from __future__ import annotations

from messages.values import MarketNs
from venue.paper.engine.agenda import Agenda
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.deck import Deck
from venue.paper.engine.floor import Floor

GLANCE = 8
"""Moves between two looks at the real clock, while time is short."""


class Timeline:
    """At one instant the agenda goes before the deck. Nothing is ever skipped or played out of order."""

    def __init__(self, clock: VenueClock, floor: Floor) -> None:
        self.deck = Deck()
        self._agenda: Agenda = floor.agenda
        self._clock = clock
        self._floor = floor

    def next_due(self) -> MarketNs | None:
        """When something happens next; None: never."""
        moves_at, agenda_at = self.deck.next_at(), self._agenda.next_at()
        due = None if moves_at is None else self._clock.origin + moves_at
        if due is None or agenda_at is None:
            return agenda_at if due is None else due
        return min(due, agenda_at)

    def is_due(self, until: MarketNs) -> bool:
        """Whether anything is to be played up to `until`."""
        own, moves_at = self._agenda.next_at(), self.deck.next_at()
        if own is not None and own <= until:
            return True
        return moves_at is not None and self._clock.origin + moves_at <= until

    def play(self, until: MarketNs, budget_ns: int | None = None) -> bool:
        """Play what is due up to `until`; False: the real time allowed was over before that."""
        floor, agenda, deck, origin = self._floor, self._agenda, self.deck, self._clock.origin
        ends_at = None if budget_ns is None else self._clock.real_now() + budget_ns
        played = 0
        while True:
            own, moves_at = agenda.next_at(), deck.next_at()
            due = None if moves_at is None else origin + moves_at
            is_own = own is not None and (due is None or own <= due)
            due = own if is_own else due
            if due is None or due > until:
                break
            if due > floor.now:
                floor.now = due
            if is_own:
                agenda.do_next()
            else:
                deck.play()
            played += 1
            if ends_at is not None and not played % GLANCE and self._clock.real_now() >= ends_at:
                return False
        if until > floor.now:
            floor.now = until
        return True
