"""The faults of one venue from their posting to their end: begins them, ends them, and asks those that are on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial

from loguru import logger

from messages.values import SECOND
from venue.paper.doors.connection import Connection
from venue.paper.doors.request import Answer, Request
from venue.paper.faults.answers import AnswerFault, Answering, StaleBook, covers
from venue.paper.faults.casting import cast
from venue.paper.faults.fault import Clock, Fault, NoSuchThing, Subject
from venue.paper.faults.frames import FrameFault, Line
from venue.paper.faults.past import Past
from venue.paper.faults.plan import Plan, PlanError, named
from venue.paper.faults.run import Phase, Run
from venue.paper.faults.states import Stage, StateFault


class Script:
    """Nothing of it costs anything while no fault is on."""

    def __init__(self, stage: Stage, routes: Iterable[tuple[str, str]], seed: int = 1) -> None:
        self.stage = stage
        self.seed = seed
        self._routes = tuple(routes)
        self.runs: dict[str, Run] = {}
        self.touches_answers = False
        self.touches_frames = False
        """Whether anything that is on has to be asked about answers, about frames."""
        self._on: tuple[Run, ...] = ()
        self._alarms: list[tuple[int, Callable[[], None]]] = []
        """What is due by real time, in nanoseconds."""
        self._lines: dict[tuple[str, Connection], Line] = {}

    # -- the life of a fault

    def play(self, plan: Plan, file: str = "") -> None:
        """Begin each of its faults when its time comes, counted from now. Raises PlanError, and plays none."""
        if plan.seed is not None:
            self.seed = plan.seed
        exchange = self.stage.exchange
        runs = list[Run]()
        for fault in named(plan.faults, tuple(self.runs)):
            try:
                scope = cast(fault, exchange.markets, self._routes)
            except NoSuchThing as nothing:
                place = f"{file}: fault {fault.name}" if file else f"fault {fault.name}"
                raise PlanError(f"{place}: {nothing}") from nothing
            runs.append(Run(fault, scope, self.seed, exchange.clock.real_now))
        for run in runs:
            self.runs[run.fault.name] = run
            if isinstance(run.fault, StaleBook):
                run.past = Past(exchange, run.fault.seconds, run.scope.markets)
            self._in(run.fault.clock, run.fault.at, partial(self._begin, run))
        self.turn()

    def remove(self, name: str) -> bool:
        """End a fault, on or not, and forget it; false if there is none."""
        run = self.runs.pop(name, None)
        if run is None:
            return False
        self._end(run)
        return True

    def turn(self) -> None:
        """Do what is due by real time."""
        if self._alarms:
            now = int(self.stage.exchange.clock.real_now())
            due = [alarm for alarm in self._alarms if alarm[0] <= now]
            self._alarms = [alarm for alarm in self._alarms if alarm[0] > now]
            for _, do in sorted(due, key=lambda alarm: alarm[0]):
                do()
        for run in self.runs.values():
            if run.past is not None and run.phase is not Phase.OVER:
                run.past.look()

    def _begin(self, run: Run) -> None:
        fault = run.fault
        if run.phase is not Phase.WAITING:
            return
        run.begin(self.stage.exchange.clock.real_now(), self._left_s(fault))
        logger.info("fault {}: {} begins", fault.name, fault.kind)
        self._sort()
        if fault.lasts is not None:
            self._in(fault.clock, fault.lasts, partial(self._end, run))
        if isinstance(fault, StateFault) and (fault.rolls_itself or run.strikes(fault.kind)):
            fault.begin(run, self.stage)
            if fault.is_momentary:
                self._end(run)

    def _end(self, run: Run) -> None:
        was, run.phase = run.phase, Phase.OVER
        if was is Phase.ON:
            logger.info("fault {}: ends after {} hits of {}", run.fault.name, run.hits, run.chances)
            fault = run.fault
            if isinstance(fault, StateFault) and not fault.is_momentary and (run.hits or fault.rolls_itself):
                fault.end(run, self.stage)
        for key in [key for key in self._lines if key[0] == run.fault.name]:
            self._lines.pop(key).release()
        self._sort()

    def _sort(self) -> None:
        self._on = tuple(run for run in self.runs.values() if run.phase is Phase.ON)
        self.touches_frames = any(isinstance(run.fault, FrameFault) for run in self._on)
        self.touches_answers = any(isinstance(run.fault, AnswerFault) for run in self._on)

    def _left_s(self, fault: Fault) -> float | None:
        """Real seconds it will last, as things are; None: nobody can tell."""
        if fault.lasts is None or fault.clock is Clock.REAL:
            return fault.lasts
        anchor = self.stage.exchange.clock.anchor
        return fault.lasts / anchor.speed if anchor is not None and anchor.speed else None

    def _in(self, clock: Clock, seconds: float, do: Callable[[], None]) -> None:
        """Do something in so many seconds of a clock; in none: now."""
        exchange, span = self.stage.exchange, round(seconds * SECOND)
        if not span:
            do()
        elif clock is Clock.REAL:
            self._alarms.append((int(exchange.clock.real_now()) + span, do))
        else:
            exchange.schedule(exchange.now - exchange.clock.origin + span, do)

    # -- what is on

    async def answer(self, request: Request, handle: Callable[[Request], Awaitable[Answer]]) -> Answer | None:
        """What a request gets in the end; None: its connection is cut."""

        async def plain() -> Answer | None:
            return await handle(request)

        going: Answering = plain
        for run, fault in reversed(self._hitting(request)):
            going = partial(fault.around, run, request, going)
        return await going()

    def deliver(self, connection: Connection, subject: Subject, frame: str) -> None:
        """Send a frame, or what the faults leave of it."""
        frames = [frame]
        for run in self._on:
            fault = run.fault
            if isinstance(fault, FrameFault) and _means(run, fault, connection, subject):
                line = self._line(run, connection)
                frames = [out for one in frames for out in fault.pass_on(run, line, subject, one)]
        for out in frames:
            connection.send(out)

    def greet(self, connection: Connection) -> bool:
        """Whether a new websocket may stay."""
        return all(run.fault.greet(run, connection) for run in self._on if isinstance(run.fault, StateFault))

    def forget(self, connection: Connection) -> None:
        """It is gone."""
        for key in [key for key in self._lines if key[1] is connection]:
            del self._lines[key]

    @property
    def lines(self) -> Sequence[Line]:
        """What is kept of connections."""
        return list(self._lines.values())

    def _hitting(self, request: Request) -> list[tuple[Run, AnswerFault]]:
        owners = (request.header(b"poly_api_key"), request.header(b"poly_address"))
        found = []
        for run in self._on:
            fault = run.fault
            if (
                isinstance(fault, AnswerFault)
                and (not fault.reach or any(covers(p, request.method, request.path) for p in fault.reach))
                and run.scope.has_owner(*owners)
                and run.scope.has_text(request.query_string, request.body)
                and run.strikes(f"{request.method} {request.path}")
            ):
                found.append((run, fault))
        return found

    def _line(self, run: Run, connection: Connection) -> Line:
        key = (run.fault.name, connection)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(connection)
        return line


def _means(run: Run, fault: FrameFault, connection: Connection, subject: Subject) -> bool:
    return (
        subject.channel in fault.where
        and (not fault.events or subject.event in fault.events)
        and run.scope.has_frame(subject)
        and run.scope.has_owner(*connection.owners)
    )
