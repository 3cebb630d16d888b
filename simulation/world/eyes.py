"""What the checkers see of a simulated house: its commits, its words, and what its actors believe."""

from __future__ import annotations

from actors.gateway import GatewayActor
from messages.base import Envelope, Message
from messages.codec import decode_body, decode_envelope
from messages.market import FeedStatus
from messages.risk import TradingPermit
from messages.system import EventCommitted, FactPublished, Roster
from messages.values import RoleName
from runtime.bus import name_of
from runtime.child import Phase
from runtime.host import Host
from runtime.journal_records import Record
from runtime.restarts import Restart
from runtime.topology import family
from simulation.checks.watch import Watch
from simulation.story import entries
from simulation.world.box import Box
from simulation.world.process import SimProcess
from trading.account import Account

BUSY = 100
"""Messages in a lane that are worth a look at its bound."""


class Eyes:
    """Of one box. Satisfies `HouseView`; `tell` makes a watch hear of everything."""

    def __init__(self, box: Box) -> None:
        self._box = box

    # What is believed.

    def believed(self) -> Account | None:
        """The account as a gateway that is ready has it."""
        process = self._box.machine.newest.get("gateway")
        if process is None or process.host is None or process.code is not None:
            return None
        actor = process.host.actor
        return actor.account if isinstance(actor, GatewayActor) and actor.is_ready else None

    def waiting(self) -> list[str]:
        """Permanent roles that are not ready."""
        house = self._box.house
        if house is None:
            return ["supervisor"]
        return [
            str(child.role)
            for child in house.tree.children.values()
            if child.spec.restart is Restart.PERMANENT and child.phase is not Phase.READY
        ]

    def orphaned(self) -> list[str]:
        """Open exits without a living liquidator."""
        house = self._box.house
        if house is None:
            return ["everybody"]
        children = house.tree.children
        return [
            str(exit_.retired.slug)
            for exit_ in house.exits.open.values()
            if exit_.assigned is None or not self._lives(children.get(RoleName(exit_.assigned.liquidator)))
        ]

    @staticmethod
    def _lives(child: object) -> bool:
        return getattr(child, "phase", None) is Phase.READY

    def behind(self) -> list[str]:
        """Roles that have not heard the newest fact."""
        head = self._box.disk.head
        return [
            process.role
            for process in self._box.machine.processes.values()
            if process.host is not None
            and process.host.bus.wiring.facts
            and process.host.facts.position < head
        ]

    def may_quote(self) -> bool:
        """Nothing that only a person can lift forbids quotes."""
        house = self._box.house
        return house is None or not house.halts

    # What is heard.

    def tell(self, watch: Watch) -> None:
        """From now on this watch hears of everything."""
        box = self._box

        def committed(records: tuple[Record, ...]) -> None:
            for record in records:
                watch.durable.committed(record.gseq, record.id)
            for entry in entries(records):
                watch.fact(entry)

        def stepped(process: SimProcess) -> None:
            if process.host is None:
                return
            lanes = process.host.mailbox
            if len(lanes.facts) > BUSY or len(lanes.control) > BUSY:
                watch.bounded.depths(process.role, len(lanes.control), len(lanes.facts))
            if process.role == "gateway":
                watch.stepped()

        box.disk.on_commit.append(committed)
        box.disk.on_open.append(watch.durable.reopened)
        box.machine.on_step.append(stepped)
        box.machine.on_host.append(lambda host: overhear(host, watch))
        box.machine.on_host.append(lambda host: look_at_the_fence(host, watch))


def overhear(host: Host, watch: Watch) -> None:
    """Have the watch hear what this process says, as it says it."""
    hear = HEARD.get(family(host.role))
    if hear is None:
        return
    send = host.bus.send

    def said(message: Message, cause: object) -> bool:
        hear(message, watch)
        return send(message, cause)  # type: ignore[arg-type]

    host.bus.send = said  # type: ignore[method-assign]


def look_at_the_fence(host: Host, watch: Watch) -> None:
    """I24: once a process was told of somebody's successor, nothing that came from before it is heard."""
    deliver = host.reception._from_bus
    known: dict[str, int] = {}

    def delivered(envelope: Envelope, stream: str, sender: str) -> None:
        role, incarnation = name_of(envelope.source)
        if incarnation < known.get(role, 0):
            watch.ward.violated(
                "I24", f"{host.role} hears {envelope.kind} of {envelope.source}, and knows of {known[role]}"
            )
        if envelope.kind == "Roster" and stream == "sup":
            roster = decode_body(envelope)
            assert isinstance(roster, Roster)
            for present in roster.present:
                known[present.role] = max(known.get(present.role, 0), present.incarnation)
        deliver(envelope, stream, sender)

    host.reception._from_bus = delivered  # type: ignore[method-assign]


def _journal(message: Message, watch: Watch) -> None:
    if isinstance(message, EventCommitted):
        watch.durable.acknowledged(message.gseq, message.id)
    elif isinstance(message, FactPublished):
        watch.durable.published(message.fact.gseq, decode_envelope(bytes(message.fact.envelope)).id)


def _risk(message: Message, watch: Watch) -> None:
    if isinstance(message, TradingPermit):
        watch.permit(message)


def _feed(message: Message, watch: Watch) -> None:
    if isinstance(message, FeedStatus):
        watch.word(message)


HEARD = {"persistence": _journal, "risk": _risk, "feed": _feed}
