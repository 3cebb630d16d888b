"""From a fault's words to the markets, routes and owners of one venue; what does not exist is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from venue.paper.engine.terms import Market
from venue.paper.faults.answers import AnswerFault, check_routes
from venue.paper.faults.fault import Fault, NoSuchThing, Scope, scope_of
from venue.paper.faults.frames import FrameFault
from venue.paper.faults.states import (
    Disconnect,
    GhostFill,
    RefuseConnection,
    StateFault,
    TickChange,
    check_tick,
)

EVENTS = (
    *("book", "price_change", "last_trade_price", "tick_size_change", "best_bid_ask"),
    *("new_market", "market_resolved", "PLACEMENT", "UPDATE", "CANCELLATION", "TRADE"),
    *("update", "subscribe"),
)
_OWNER = re.compile(r"0x[0-9a-fA-F]{40}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def cast(fault: Fault, markets: Sequence[Market], routes: Iterable[tuple[str, str]]) -> Scope:
    """Whom a fault means here. Raises NoSuchThing."""
    listed = list(markets)
    match fault:
        case AnswerFault():
            check_routes(fault.reach, list(routes))
            return scope_of(listed, _owners(fault.owners), fault.markets, fault.tokens)
        case FrameFault():
            _check_events(fault.events)
            return scope_of(listed, _owners(fault.owners), fault.markets, fault.tokens)
        case TickChange():
            _check_moment(fault)
            check_tick(fault.tick)
            return scope_of(listed, (), fault.markets, ())
        case GhostFill():
            return scope_of(listed, _owners(fault.owners), fault.markets, ())
        case Disconnect():
            return scope_of(listed, _owners(fault.owners), (), ())
        case RefuseConnection() if fault.lasts is None:
            raise NoSuchThing("for", "is missing: a closed port would hear no command to open")
        case StateFault():
            _check_moment(fault)
    return Scope()


def _check_moment(fault: StateFault) -> None:
    if fault.is_momentary and fault.lasts is not None:
        raise NoSuchThing("for", f"a {fault.kind} is a moment and has no duration")


def _check_events(events: tuple[str, ...]) -> None:
    for event in events:
        if event not in EVENTS:
            raise NoSuchThing("events", f"{event!r} is none of {', '.join(EVENTS)}")


def _owners(owners: tuple[str, ...]) -> tuple[str, ...]:
    for owner in owners:
        if not _OWNER.fullmatch(owner):
            raise NoSuchThing("owners", f"{owner!r} is neither an API key nor an address")
    return owners
