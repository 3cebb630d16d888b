"""Does the strokes of a run, each at its time, and takes back what lasts."""

from __future__ import annotations

import signal
from collections.abc import Callable
from random import Random

from actors.gateway import GatewayActor
from messages.orders import OrderIntended
from messages.values import SECOND, RealNs
from simulation.world.box import Box
from simulation.world.madness import Madness
from simulation.world.net import Trouble
from simulation.world.process import Trap
from simulation.world.strokes import Stroke
from simulation.world.world import BOOTED_NS

HOUR_NS = 3_600 * SECOND


class Nemesis:
    """One run's. After `heal` nothing more is done, and what lasted is over."""

    def __init__(
        self, box: Box, strokes: tuple[Stroke, ...], play_fair: Callable[[int], None] = lambda span_ns: None
    ) -> None:
        """`play_fair`: has the exchange do so for so many nanoseconds."""
        self.done: list[Stroke] = []
        """What was done so far; a stroke at somebody who is not there is not."""
        self._play_fair = play_fair
        self._box = box
        self._world = box.world
        self._is_healed = False
        self._taken_back: list[Callable[[], None]] = []
        for stroke in strokes:
            box.world.plan(RealNs(BOOTED_NS + stroke.at_ns), lambda stroke=stroke: self._strike(stroke))  # type: ignore[misc]

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self._is_healed = True
        for take_back in self._taken_back:
            take_back()
        self._taken_back.clear()
        for process in self._box.machine.processes.values():
            process.trap = None
        if self._box.machine.supervisor is not None:
            self._box.machine.supervisor.trap = None

    def _strike(self, stroke: Stroke) -> None:
        if not self._is_healed and DEEDS[stroke.what](self, stroke):
            self.done.append(stroke)
            detail = (
                f"{stroke.point} {stroke.number or ''} {stroke.span_ns / SECOND:g} s {stroke.amount or ''}"
            )
            self._world.note(stroke.what, stroke.who, f"{stroke.fault} {' '.join(detail.split())}")

    def _for(self, span_ns: int, take_back: Callable[[], None]) -> None:
        """Take it back after so long, or when all is healed."""

        def once() -> None:
            if take_back in self._taken_back:
                self._taken_back.remove(take_back)
                take_back()

        self._taken_back.append(take_back)
        self._world.call_in(span_ns, once)

    def _kill(self, stroke: Stroke) -> bool:
        machine = self._box.machine
        trap = Trap(stroke.point, stroke.number)
        if stroke.who == "supervisor":
            if machine.supervisor is None:
                return False
            machine.supervisor.trap = trap
            return True
        found = machine.family(stroke.who)
        if not found:
            return False
        victim = found[stroke.number % len(found)]
        if stroke.point == "now":
            victim.signal(signal.SIGKILL)
        else:
            victim.trap = trap
        return True

    def _kill_all(self, stroke: Stroke) -> bool:
        machine = self._box.machine
        for process in list(machine.processes.values()):
            process.signal(signal.SIGKILL)
        if machine.supervisor is not None and stroke.amount < 0.5:
            machine.supervisor.signal(signal.SIGKILL)
        return True

    def _hang(self, stroke: Stroke) -> bool:
        machine = self._box.machine
        victim = machine.supervisor if stroke.who == "supervisor" else None
        if victim is None:
            found = machine.family(stroke.who)
            if not found:
                return False
            victim_process = found[0]
            victim_process.signal(signal.SIGSTOP)
            self._for(stroke.span_ns, lambda: victim_process.signal(signal.SIGCONT))
            return True
        supervisor = victim
        supervisor.signal(signal.SIGSTOP)
        self._for(stroke.span_ns, lambda: supervisor.signal(signal.SIGCONT))
        return True

    def _mad(self, stroke: Stroke) -> bool:
        found = [process for process in self._box.machine.family(stroke.who) if process.host is not None]
        if not found:
            return False
        victim = found[stroke.number % len(found)]
        madness = Madness(victim, Random(stroke.number), self._latest(victim.role))
        if madness.is_frantic:
            self._play_fair(stroke.span_ns)
        self._for(stroke.span_ns, madness.ends)
        return True

    def _latest(self, owner: str) -> OrderIntended | None:
        """What the gateway intended last for it, of what is still open."""
        gateway = self._box.process("gateway")
        actor = gateway.host.actor if gateway is not None and gateway.host is not None else None
        if not isinstance(actor, GatewayActor):
            return None
        theirs = [order.intended for order in actor.table if order.intended.owner == owner]
        return theirs[-1] if theirs else None

    def _suspend(self, stroke: Stroke) -> bool:
        """The whole host stands still, and the venue does not."""
        machine = self._box.machine
        stopped = [p for p in machine.processes.values() if not p.serves and not p.is_stopped]
        supervisor = machine.supervisor
        for process in stopped:
            process.signal(signal.SIGSTOP)
        if supervisor is not None:
            supervisor.signal(signal.SIGSTOP)

        def wake() -> None:
            for process in stopped:
                process.signal(signal.SIGCONT)
            if supervisor is not None:
                supervisor.signal(signal.SIGCONT)

        self._for(stroke.span_ns, wake)
        return True

    def _trouble(self, stroke: Stroke, trouble: Trouble) -> bool:
        net, pair = self._box.net, frozenset(stroke.who.split())
        if pair in net.troubles:
            return False
        net.troubles[pair] = trouble
        self._for(stroke.span_ns, lambda: net.is_calm(pair))
        return True

    def _disk(self, stroke: Stroke) -> bool:
        weather = self._box.disk.weather
        weather.refuses, weather.keeps_refused = stroke.number, stroke.amount

        def works() -> None:
            weather.refuses = 0

        self._for(stroke.span_ns, works)
        return True

    def _slow_disk(self, stroke: Stroke) -> bool:
        """One sync takes so long."""
        self._box.disk.weather.next_slow_ns = stroke.span_ns
        return True

    def _wall(self, stroke: Stroke) -> bool:
        self._world.wall_shift_ns += HOUR_NS if stroke.amount < 0.5 else -HOUR_NS
        return True


DEEDS: dict[str, Callable[[Nemesis, Stroke], bool]] = {
    "kill": Nemesis._kill,
    "kill all": Nemesis._kill_all,
    "hang": Nemesis._hang,
    "mad": Nemesis._mad,
    "suspend": Nemesis._suspend,
    "lose": lambda n, s: n._trouble(s, Trouble(loss=s.amount)),
    "double": lambda n, s: n._trouble(s, Trouble(twice=s.amount)),
    "slow": lambda n, s: n._trouble(s, Trouble(slow_ns=round(s.amount * SECOND))),
    "clog": lambda n, s: n._trouble(s, Trouble(clogged=True)),
    "deafen": lambda n, s: n._trouble(s, Trouble(loss=1.0, published=True)),
    "disk": Nemesis._disk,
    "slow disk": Nemesis._slow_disk,
    "wall": Nemesis._wall,
}
