"""A tape played on its market: the background's levels, prints and closes as they come, and whom they fill."""

from __future__ import annotations

from messages.values import Side
from venue.paper.engine.floor import Floor
from venue.paper.engine.replay_book import ReplayBook
from venue.paper.engine.room import Room
from venue.paper.engine.tape import BookSet, Cleared, Closed, LevelSet, Printed, Tape, TapeEvent, TickSet
from venue.paper.engine.terms import TokenSide


class TapePlayer:
    """Reads no further than its next event."""

    def __init__(self, floor: Floor, room: Room, book: ReplayBook, tape: Tape, since: int) -> None:
        self._floor = floor
        self._room = room
        self._book = book
        self._events = tape.events(since)
        self._next = next(self._events, None)

    def next_at(self) -> int | None:
        """When the next event is due, nanoseconds after market second 0; None at the tape's end."""
        return None if self._next is None else self._next.at

    def play(self) -> None:
        """The next event."""
        event, self._next = self._next, None
        if event is not None:
            self._play(event)
            self._floor.finish(self._room)
        self._next = next(self._events, None)

    def _play(self, event: TapeEvent) -> None:
        floor, room, at = self._floor, self._room, int(self._floor.now)
        match event:
            case LevelSet():
                fills = self._book.set_level(event.side, event.price, event.size, at)
                floor.settle_background(room, event.side, fills)
            case Printed():
                side = Side.BID if event.taker is TokenSide.BUY else Side.ASK
                fills = self._book.printed(side, event.price, event.size, at)
                floor.tell_print(room, room.market.yes, event.taker, event.price, event.size)
                floor.settle_background(room, side, fills, told=True)
            case BookSet():
                for side, levels in ((Side.BID, event.bids), (Side.ASK, event.asks)):
                    floor.settle_background(room, side, self._book.set_side(side, levels, at))
                room.replaced = True
            case TickSet() if event.is_told:
                floor.set_tick(room, event.tick)
            case TickSet():
                room.market.tick = event.tick
            case Cleared():
                floor.clear_book(room)
            case Closed():
                floor.stop_orders(room)
            case _:
                raise TypeError(f"{event!r} is no event of a tape")
