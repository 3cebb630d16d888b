"""Everything said is heard or journaled, everything heard is said."""

import importlib

import pytest

from messages import ALL_MESSAGES, Command, Event, Finding, State
from messages.audit import GetOrder
from messages.base import Message
from messages.liquidation import LiquidatorAssigned
from messages.risk import AcceptMarket, ControlReply, GetStatus, HaltTrading, LiquidateMarket, ResumeTrading
from messages.system import (
    ActorExited,
    ActorStarted,
    AppendEvent,
    ClockAnchor,
    EngineChanged,
    FactPublished,
    JournalHead,
    ReplayEvents,
    Roster,
    TelemetryUpdate,
)
from runtime.topology import HOST_HEARS, HOST_SAYS, SUPERVISOR_HEARS, wire
from supervisor import PROCESSES, Site

SUPERVISOR_SAYS = {ActorExited, ActorStarted, EngineChanged, LiquidatorAssigned, ClockAnchor, Roster} | {
    m for m in ALL_MESSAGES if m.__name__ in ("Ping", "StopActor")
}
PEOPLE_SAY = {HaltTrading, ResumeTrading, GetStatus, GetOrder, LiquidateMarket, AcceptMarket}
PEOPLE_HEAR = {ControlReply, TelemetryUpdate}
THE_BUS_HEARS = {FactPublished, JournalHead}


class Paths:
    def __truediv__(self, name):
        return name


class FakeState:
    path = journal = logs = Paths()


def port_classes():
    found = set()
    for row in PROCESSES.values():
        for name, _ in row.ports(Site(None, FakeState(), 0)):
            module, _, attribute = name.partition(":")
            found.add(getattr(importlib.import_module(module), attribute))
    return found


@pytest.fixture(scope="module")
def contracts():
    return [row.actor.contract for row in PROCESSES.values()] + [port.contract for port in port_classes()]


@pytest.fixture(scope="module")
def said(contracts) -> set[type[Message]]:
    return set().union(*(c.emitted for c in contracts), HOST_SAYS, SUPERVISOR_SAYS, PEOPLE_SAY)


@pytest.fixture(scope="module")
def heard(contracts) -> set[type[Message]]:
    handlers = set().union(*(c.handlers for c in contracts))
    return handlers | HOST_HEARS | SUPERVISOR_HEARS | PEOPLE_HEAR | THE_BUS_HEARS


def test_everything_said_is_heard_or_journaled(said, heard):
    journaled = {m for m in said if issubclass(m, Event) and not issubclass(m, Finding)}

    assert {m.__name__ for m in said - heard - journaled} == set()


def test_everything_heard_is_said(said, heard):
    assert {m.__name__ for m in heard - said} == set()


def test_every_message_there_is_is_said_by_somebody(said):
    assert {m.__name__ for m in ALL_MESSAGES if m not in said} == set()


def test_every_event_that_is_journaled_reaches_people():
    events = {m for m in ALL_MESSAGES if issubclass(m, Event) and not issubclass(m, Finding)}

    assert {m.__name__ for m in events - set(PROCESSES["alert"].actor.contract.handlers)} == set()


def test_a_command_between_processes_has_one_handler(contracts):
    actors = [row.actor.contract for row in PROCESSES.values()]
    for kind in ALL_MESSAGES:
        if issubclass(kind, Command) and kind not in (AppendEvent, ReplayEvents):
            assert sum(kind in c.handlers for c in actors) <= 1, kind.__name__


def test_every_process_can_be_wired():
    contracts = {name: row.actor.contract for name, row in PROCESSES.items()}
    for name in contracts:
        wiring = wire(contracts, name)
        for kind in contracts[name].emitted:
            if issubclass(kind, State) and not wiring.binds:
                assert name in ("maker", "liquidator")


def test_the_maker_hears_books_and_permits_and_speaks_to_the_gateway():
    wiring = wire({name: row.actor.contract for name, row in PROCESSES.items()}, "maker")

    assert {"md", "permit", "facts"} == set(wiring.subscribes)
    assert wiring.commands["PlaceOrder"] == "cmd"


def test_a_line_for_people_reaches_the_console_from_any_process():
    contracts = {name: row.actor.contract for name, row in PROCESSES.items()}

    assert wire(contracts, "feed").commands["Announce"] == "tel.in"
    assert "Announce" not in wire(contracts, "alert").commands, "its own console takes it"
