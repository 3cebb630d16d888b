"""The vocabulary: every message there is, listed once."""

from __future__ import annotations

from messages import account, liquidation, market, orders, risk, system
from messages.base import Command, Envelope, Event, Fact, Finding, Message, Reply, State

MODULES = (account, liquidation, market, orders, risk, system)


def _messages() -> tuple[type[Message], ...]:
    abstract = {Message, State, Event, Finding, Command, Reply}
    found = {
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Message) and value not in abstract
    }
    return tuple(sorted(found, key=lambda kind: kind.__name__))


ALL_MESSAGES = _messages()
"""Every concrete message class, by name."""
BY_KIND: dict[str, type[Message]] = {kind.__name__: kind for kind in ALL_MESSAGES}
ALL_EVENTS = tuple(m for m in ALL_MESSAGES if issubclass(m, Event) and not issubclass(m, Finding))
"""Every journaled message class, by name."""
ALL_STATES = tuple(m for m in ALL_MESSAGES if issubclass(m, State))

assert len(BY_KIND) == len(ALL_MESSAGES), "two messages share a name"

__all__ = [
    "ALL_EVENTS",
    "ALL_MESSAGES",
    "ALL_STATES",
    "BY_KIND",
    "Command",
    "Envelope",
    "Event",
    "Fact",
    "Finding",
    "Message",
    "Reply",
    "State",
]
