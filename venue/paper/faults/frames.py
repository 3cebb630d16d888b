"""Faults of the websockets: frames that are lost, come twice, in another order, late, or not at all any more."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Annotated, Literal

import msgspec

from venue.paper.doors.connection import Connection
from venue.paper.faults.answers import RealSeconds
from venue.paper.faults.fault import Fault, Subject
from venue.paper.faults.run import Run

Channel = Literal["market", "user", "live-data", "binance"]
CHANNELS: tuple[Channel, ...] = ("market", "user", "live-data", "binance")
LONGEST_HELD_S = 1.0
"""A frame that waits for others to overtake it does not wait longer than this."""


class FrameFault(Fault, frozen=True, kw_only=True):
    """A fault of frames. Every scope that is left out stands for any. PONG is no frame: it always comes."""

    owners: tuple[str, ...] = ()
    """API keys or addresses; of the user channel only."""
    markets: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    """A `price_change` is about both tokens of its market, whichever is named here."""
    events: tuple[str, ...] = ()
    """`book`, `price_change` …; of the user channel PLACEMENT, UPDATE, CANCELLATION, TRADE."""

    @property
    def where(self) -> tuple[Channel, ...]:
        """The channels it may hit."""
        return ("user",)

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """What is sent in its place, now."""
        raise NotImplementedError


class ChannelFault(FrameFault, frozen=True, kw_only=True):
    """One that hits whichever channels it is told."""

    channels: tuple[Channel, ...] = CHANNELS

    @property
    def where(self) -> tuple[Channel, ...]:
        """As told."""
        return self.channels


class Lost(ChannelFault, frozen=True, kw_only=True, tag="ws_lost"):
    """Frames are lost on the way."""

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Nothing, if hit."""
        return () if run.strikes(named(subject)) else (frame,)


class LostUserEvent(FrameFault, frozen=True, kw_only=True, tag="lost_user_event"):
    """An order's or trade's news never comes; only REST can tell."""

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Nothing, if hit."""
        return () if run.strikes(named(subject)) else (frame,)


class Duplicate(ChannelFault, frozen=True, kw_only=True, tag="ws_duplicate"):
    """Frames come twice, hash and all."""

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Twice, if hit."""
        return (frame, frame) if run.strikes(named(subject)) else (frame,)


class Reorder(ChannelFault, frozen=True, kw_only=True, tag="ws_reorder"):
    """A frame is overtaken by those behind it."""

    frames: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1
    """How many overtake it."""

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Later, if hit; behind it whoever waited for it."""
        if run.strikes(named(subject)):
            line.hold(self.frames, frame)
            return ()
        return (frame, *line.overtaken())


class DelayedUserEvent(FrameFault, frozen=True, kw_only=True, tag="delayed_user_event"):
    """The user channel is late, in its own order: REST answers first."""

    seconds: RealSeconds

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Later, if hit; whatever comes behind a frame that waits, waits for it."""
        if run.strikes(named(subject)) or line.is_late:
            line.send_later(self.seconds, frame)
            return ()
        return (frame,)


class Freeze(ChannelFault, frozen=True, kw_only=True, tag="ws_freeze"):
    """Nothing comes any more on the connections that are open when it begins; PONG does, and reconnecting helps."""

    reconnecting_helps: bool = True

    def pass_on(self, run: Run, line: Line, subject: Subject, frame: str) -> Iterable[str]:
        """Nothing, on an old connection."""
        if self.reconnecting_helps and line.connection.opened_at > run.begun_at:
            return (frame,)
        return () if run.strikes(named(subject)) else (frame,)


class Line:
    """What one fault does to one connection over time."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._held: list[tuple[int, str]] = []
        self._late: deque[tuple[float, str]] = deque()

    @property
    def is_late(self) -> bool:
        """Whether frames wait for their time."""
        return bool(self._late)

    def hold(self, frames: int, frame: str) -> None:
        """Keep it until so many others were sent, or for `LONGEST_HELD_S`."""
        self._held.append((frames, frame))
        self._call(LONGEST_HELD_S, self.release)

    def overtaken(self) -> list[str]:
        """One more was sent: those that have waited long enough."""
        waiting = [(frames - 1, frame) for frames, frame in self._held]
        self._held = [(frames, frame) for frames, frame in waiting if frames]
        return [frame for frames, frame in waiting if not frames]

    def release(self) -> None:
        """Send whatever was overtaken too long."""
        held, self._held = self._held, []
        for _, frame in held:
            self.connection.send(frame)

    def send_later(self, seconds: float, frame: str) -> None:
        """Send it so much later, and not before those that wait already."""
        due = asyncio.get_running_loop().time() + seconds
        if self._late:
            due = max(due, self._late[-1][0])
        self._late.append((due, frame))
        self._call(seconds, self._send_due)

    def _send_due(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._late and self._late[0][0] <= now:
            self.connection.send(self._late.popleft()[1])
        if self._late:
            self._call(self._late[0][0] - now, self._send_due)

    def _call(self, seconds: float, what: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, what)


def named(subject: Subject) -> str:
    """A frame in the log."""
    return f"{subject.event} of {subject.token or subject.market}"
