"""The house itself: processes, the journal's protocol, the market clock, telemetry."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.base import Command, Event, Fact, Finding, Reply, State
from messages.values import MarketId, MarketNs, Price, RealNs, RoleName, Shares


class EngineState(StrEnum):
    """How the whole system is."""

    STOPPED = "STOPPED"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    STOPPING = "STOPPING"
    ERROR = "ERROR"


ABSENT = frozenset({"backoff", "stopped", "failed"})
"""States of a process that is not there."""


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """One process in the roster."""

    role: RoleName
    incarnation: int
    pid: int
    state: str
    """starting, ready, stopping, backoff, stopped or failed."""
    restarts: int = 0


class Roster(State, frozen=True, kw_only=True):
    """Who runs, by the supervisor's word. Frames of a lower incarnation are refused."""

    engine: EngineState
    present: tuple[Presence, ...]
    paused_because: str = ""
    """Why it is PAUSED, or in ERROR."""
    code: str = ""
    """Hash of the program that everybody runs."""
    config: str = ""
    """Hash of the settings that everybody was given."""


class ClockAnchor(State, frozen=True, kw_only=True):
    """Market time is `market_at` plus `speed` times the real time since `real_at`; one for everybody."""

    real_at: RealNs
    market_at: MarketNs
    speed: int
    """Market seconds per real second; 0: the clock stands still."""


class Ping(Command, frozen=True, kw_only=True):
    """Prove that you work: the actor's own loop answers."""

    nonce: int
    urgent = True


class Pong(Command, frozen=True, kw_only=True):
    """The answer to a Ping, with how the process feels."""

    nonce: int
    control_depth: int = 0
    facts_depth: int = 0
    state_depth: int = 0
    conflated: int = 0
    dropped: int = 0
    handled: int = 0
    unacknowledged: int = 0
    rss_kib: int = 0
    place: int = 0
    """How far it is in the journal while it recovers; 0 from then on."""


class ActorReady(Command, frozen=True, kw_only=True):
    """Tell the supervisor: recovered and consistent."""

    incarnation: int
    code: str = ""
    """Hash of the program that this process runs …"""
    config: str = ""
    """… and of the settings it was given."""


class StopActor(Command, frozen=True, kw_only=True):
    """Come to a clean end."""

    reason: str
    urgent = True
    tightens = True


class ActorStarted(Event, frozen=True, kw_only=True):
    """A process of ours was started."""

    role: RoleName
    incarnation: int
    pid: int


class ActorExited(Event, frozen=True, kw_only=True):
    """A process of ours ended."""

    role: RoleName
    incarnation: int
    code: int
    """Exit code, or minus the signal's number."""
    reason: str
    restarts: int
    """Of this role in this run, this one included if it will be restarted."""


class EngineChanged(Event, frozen=True, kw_only=True):
    """The whole system came into another state."""

    state: EngineState
    reason: str = ""
    mode: str = ""


# The journal's protocol.


class AppendEvent(Command, frozen=True, kw_only=True):
    """Write this Event down; the id in its envelope makes repeating it harmless."""

    sender: str
    envelope: msgspec.Raw


class EventCommitted(Reply, frozen=True, kw_only=True):
    """It is durable, at this place."""

    id: bytes
    gseq: int


class FactPublished(State, frozen=True, kw_only=True):
    """One committed Event, for everybody."""

    fact: Fact
    key = ("fact",)


class JournalHead(State, frozen=True, kw_only=True):
    """The last committed place, repeated every half second so that a gap at the end is noticed."""

    gseq: int


class Room(StrEnum):
    """What the disk beside the journal has left."""

    AMPLE = "ample"
    LOW = "low"
    SHORT = "short"
    """Too little to take on more risk."""
    NONE = "none"
    """Too little to trade at all: what is left is for writing down the end."""


class DiskStatus(State, frozen=True, kw_only=True):
    """How much the journal may still grow, repeated every two seconds."""

    room: Room
    free: int
    """Bytes."""


class ReplayEvents(Command, frozen=True, kw_only=True):
    """Send committed Events again, from after this place."""

    sender: str
    after: int
    limit: int
    kinds: tuple[str, ...] = ()
    """Empty: all."""
    market: str = ""
    """Empty: all."""


class KeepSnapshot(Command, frozen=True, kw_only=True):
    """One part of what a process durably knows at a place; with the last one it is kept."""

    sender: str
    role: RoleName
    key: str
    """Of the program and the settings; another program has no use for it."""
    gseq: int
    part: int
    """From 0."""
    parts: int
    data: bytes


class FetchSnapshot(Command, frozen=True, kw_only=True):
    """Send one part of the newest snapshot of this role and key."""

    sender: str
    role: RoleName
    key: str
    before: int
    """Its place is under this one."""
    part: int = 0


class SnapshotFetched(Reply, frozen=True, kw_only=True):
    """One part of a snapshot; place 0: there is none."""

    gseq: int
    part: int = 0
    parts: int = 0
    data: bytes = b""


class EventsReplayed(Reply, frozen=True, kw_only=True):
    """Committed Events, and how far the search for them went."""

    facts: tuple[Fact, ...]
    through: int
    """Every wanted Event up to here is included, or came before."""
    head: int


# Telemetry.


class Severity(StrEnum):
    """How loud a line is."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class AlertKind(StrEnum):
    """What a line is about."""

    SYSTEM = "system"
    RISK = "risk"
    POSITION = "position"
    TRADING = "trading"
    PERFORMANCE = "performance"


class Announce(Command, frozen=True, kw_only=True):
    """Write this line where people look."""

    severity: Severity
    text: str
    about: AlertKind = AlertKind.TRADING


class TelemetryUpdate(State, frozen=True, kw_only=True):
    """One message for outside subscribers, already JSON."""

    topic: str
    """`event.OrderFilled`, `state.BookSnapshot.<market>`, `status.roster` …"""
    body: str
    key = ("topic",)


class WriteView(Command, frozen=True, kw_only=True):
    """Replace this readable file beside the journal."""

    name: str
    text: str


class ViewFailed(Finding, frozen=True, kw_only=True):
    """A readable file could not be replaced; the one before it stands."""

    name: str
    reason: str


class MakerStatus(State, frozen=True, kw_only=True):
    """What the maker does, or why it does not quote."""

    market: MarketId
    slug: str
    quoting: bool
    """Both sides rest."""
    reason: str
    bid: Price | None = None
    ask: Price | None = None
    mid: Price | None = None
    net: Shares = Shares(0)
