"""Everything that happens by itself in one order of market time: our own business, cues, tapes, participants."""

from __future__ import annotations

from messages.values import SECOND, MarketNs
from venue.paper.engine.agenda import Agenda
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.deck import Deck
from venue.paper.engine.floor import Floor
from venue.paper.engine.pace import Pace
from venue.paper.ledger.ledger import Ledger

CLOCK_SAVE_NS = SECOND
"""Real nanoseconds between two notes of how far market time came."""
GLANCE = 8
"""Moves between two looks at the real clock, while time is short."""


class Timeline:
    """At one instant the agenda goes before the deck. Nothing is ever skipped or played out of order."""

    def __init__(self, clock: VenueClock, floor: Floor, ledger: Ledger) -> None:
        self.deck = Deck()
        self._agenda: Agenda = floor.agenda
        self._clock = clock
        self._floor = floor
        self._ledger = ledger
        self._pace = Pace(clock)
        self._is_advancing = False
        self._origin = clock.origin
        self._origin_is_saved = ledger.origin is not None
        self._saved_at = clock.real_now()

    @property
    def since_origin(self) -> int:
        """Where market time stands, nanoseconds after market second 0."""
        return self._floor.now - self._clock.origin

    def next_due(self) -> MarketNs | None:
        """When something happens next; None: never."""
        moves_at, agenda_at = self.deck.next_at(), self._agenda.next_at()
        due = None if moves_at is None else self._clock.origin + moves_at
        if due is None or agenda_at is None:
            return agenda_at if due is None else due
        return min(due, agenda_at)

    def advance(self, budget_ns: int | None = None) -> bool:
        """Play everything due up to now, or as much as `budget_ns` of real time allows; whether that was all."""
        if self._is_advancing:
            return False
        if not self._origin_is_saved:
            self._move_origin()
        real = self._clock.real_now()
        until = self._clock.at(real)
        self._floor.orders.real_at = real
        is_done = True
        if self._is_due(until) or self._clock.is_held:
            is_done = self._play_and_look(until, budget_ns)
        elif until > self._floor.now:
            self._floor.now = until
        if real - self._saved_at >= CLOCK_SAVE_NS or not self._origin_is_saved:
            self._keep_clock()
        return is_done

    def save_clock(self) -> None:
        """Remember how far market time came."""
        self._saved_at = self._clock.real_now()
        self._origin_is_saved = True
        self._ledger.save_clock(self._clock.origin, self._floor.now)

    def _keep_clock(self) -> None:
        if self._clock.is_started:
            self.save_clock()

    def _move_origin(self) -> None:
        """What was there before the clock's first start is as old as market second 0, whenever that turns out to be."""
        moved = self._clock.origin - self._origin
        if moved:
            self._origin = self._clock.origin
            self._floor.now += moved
            for room in self._floor.rooms.values():
                room.changed_at += moved

    def _play_and_look(self, until: MarketNs, budget_ns: int | None) -> bool:
        self._is_advancing = True
        try:
            is_done = self._play(until, budget_ns)
        finally:
            self._is_advancing = False
        self._pace.note(self._floor.now)
        return is_done

    def _is_due(self, until: MarketNs) -> bool:
        own, moves_at = self._agenda.next_at(), self.deck.next_at()
        if own is not None and own <= until:
            return True
        return moves_at is not None and self._clock.origin + moves_at <= until

    def _play(self, until: MarketNs, budget_ns: int | None = None) -> bool:
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
