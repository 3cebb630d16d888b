"""Who is connected to whom: read off the actors' contracts, so that nothing has to be wired by hand."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from messages.base import Command, Event, Finding, Message, Reply, State
from messages.system import (
    ActorReady,
    AppendEvent,
    ClockAnchor,
    EventCommitted,
    EventsReplayed,
    FetchSnapshot,
    KeepSnapshot,
    Ping,
    Pong,
    ReplayEvents,
    Roster,
    SnapshotFetched,
    StopActor,
)
from messages.values import RoleName
from runtime.actor import Contract

ROUTERS = {"supervisor": "sup", "persistence": "jrn", "gateway": "cmd", "risk": "ctl"}
"""Family that binds it → the endpoint where commands for it come in."""
PUBLISHERS = {"persistence": "facts", "feed": "md", "risk": "permit", "alert": "tel"}
"""Family that binds it → the endpoint where its States go out. Everybody else's go to `tel.in` alone."""
TELEMETRY_IN = "tel.in"
WAYS_IN = {**ROUTERS, "alert": TELEMETRY_IN}
"""Family → where Commands for it come in."""
HOST_HEARS: frozenset[type[Message]] = frozenset(
    {ClockAnchor, EventCommitted, EventsReplayed, Ping, Roster, SnapshotFetched, StopActor}
)
"""What every host handles itself."""
HOST_SAYS: frozenset[type[Message]] = frozenset(
    {ActorReady, AppendEvent, FetchSnapshot, KeepSnapshot, Pong, ReplayEvents}
)
"""What every host says itself."""
SUPERVISOR_HEARS: frozenset[type[Message]] = frozenset({ActorReady, Pong})


class WiringError(ValueError):
    """The contracts do not fit together."""


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """One process's sockets and where what it says goes."""

    family: str
    binds: tuple[str, ...]
    subscribes: tuple[str, ...]
    dealers: tuple[str, ...]
    """ROUTERs of others that it sends commands to, `sup` and `jrn` included."""
    commands: dict[str, str]
    """Kind of a Command → the endpoint of its handler."""
    facts: tuple[str, ...]
    """Kinds of journaled Events it handles; with none it needs no replay."""


def family(role: RoleName | str) -> str:
    """`liquidator:1a2b` is one of the liquidators."""
    return role.split(":", 1)[0]


def journaled(kind: type[Message]) -> bool:
    """Whether it goes into the journal."""
    return issubclass(kind, Event) and not issubclass(kind, Finding)


def wire(contracts: Mapping[str, Contract], ours: str) -> Wiring:
    """The wiring of one family among the others. Raises WiringError for a Command nobody handles."""
    contract = contracts[ours]
    handler_of = {
        kind: name
        for name, other in contracts.items()
        for kind in other.handlers
        if issubclass(kind, Command)
    }
    commands: dict[str, str] = {}
    for kind in contract.emitted:
        if not issubclass(kind, Command) or issubclass(kind, Reply):
            continue
        handler = handler_of.get(kind)
        if handler is None:
            continue  # a port of its own process takes it; the topology test holds that one does
        if handler == ours:
            continue  # said to itself, so for a port of its own process
        if handler not in WAYS_IN:
            raise WiringError(f"{ours} says {kind.__name__} to {handler}, which has no way in")
        commands[kind.__name__] = WAYS_IN[handler]
    subscribes = {
        PUBLISHERS[name]
        for name, other in contracts.items()
        if name in PUBLISHERS
        and name != ours
        and PUBLISHERS[name] not in ("facts", "tel")
        and any(issubclass(kind, State) and kind in contract.handlers for kind in other.emitted)
    }
    facts = tuple(sorted(kind.__name__ for kind in contract.handlers if journaled(kind)))
    says_events = any(journaled(kind) for kind in contract.emitted)
    dealers = {"sup", *commands.values()} - {TELEMETRY_IN}
    if facts or says_events:
        dealers.add("jrn")
    if facts:
        subscribes.add("facts")
    binds = [ROUTERS[ours]] if ours in ROUTERS else []
    if ours in PUBLISHERS:
        binds.append(PUBLISHERS[ours])
    if ours == "alert":
        binds.append(TELEMETRY_IN)
    if ours == "persistence":
        dealers.discard("jrn")
    return Wiring(
        family=ours,
        binds=tuple(binds),
        subscribes=tuple(sorted(subscribes)),
        dealers=tuple(sorted(dealers)),
        commands=commands,
        facts=facts,
    )
