"""The life of the whole house: waves up, the clock set going, whatever happens, waves down."""

from __future__ import annotations

import signal
from collections.abc import Callable

import msgspec
from loguru import logger

from messages.system import ClockAnchor, EngineChanged, EngineState
from messages.values import SECOND, MarketNs, RealNs, RoleName
from runtime.child import Child, Phase
from runtime.clock import real_now
from runtime.probe import Asker, Probed
from runtime.restarts import NO_RESTART, ExitCode
from runtime.supervision import Tree

STEP_NS = 50_000_000
PROBE_NS = 500_000_000
JOURNAL_FLUSH_NS = 2 * SECOND
STOP_ORDER: tuple[tuple[str, ...], ...] = (
    ("maker", "liquidator"),
    ("gateway",),
    ("feed", "risk"),
    ("persistence",),
    ("alert",),
    ("venue",),
)
"""Families stopped together, one group after the other: who trades first, who writes down last."""
SETTLED = (Phase.READY, Phase.STOPPED, Phase.FAILED)
"""A child that is not vital and was given up holds nobody up."""
TO_EMPTY = ("venue", "persistence", "gateway")
"""Whoever of these dies in the stop is started again until its turn: without it the book is not emptied."""
COMEBACK_NS = 20 * SECOND
"""A gateway that died and is started again is waited for so long before it is asked to end: a busy machine takes
ten seconds to start one, and it alone can prove that nothing rests."""
HURRIED_S = 3.0
"""Grace that is left to each group after a second signal; cancels are still tried."""


class VenueClock(msgspec.Struct):
    """The embedded exchange's market clock, as its side door tells it."""

    market_ns: int
    speed: int | float
    running: bool


class Foreign:
    """The embedded exchange as a supervised program: ready and alive by `GET /ok`, its clock by its side door."""

    def __init__(self, child: Child, probe: Asker, speed: int) -> None:
        self.child = child
        self.speed = speed
        self.anchor: ClockAnchor | None = None
        self.market_at: MarketNs | None = None
        self._probe = probe
        self._asked_at = RealNs(0)
        self._is_telling = False
        self._told_incarnation = 0

    def close(self) -> None:
        """Ask nothing more."""
        self._probe.close()

    def step(self, tree: Tree) -> None:
        """Ask again when it is time, take what was answered."""
        now = real_now()
        if self.child.phase is Phase.STOPPING:
            return  # it ends when nobody asks any more
        if self.child.alive and now - self._asked_at >= PROBE_NS:
            self._asked_at = now
            self._probe.ask("/ok")
            if self.market_at is None:
                self._probe.ask("/sim/clock")
            if self.child.phase is Phase.READY:
                self.tell_clock()
        while self._probe.results:
            self._take(self._probe.results.popleft(), tree)

    def _take(self, answer: Probed, tree: Tree) -> None:
        child = self.child
        if answer.is_told:
            self._is_telling = False
        if not answer.ok or not child.alive or answer.asked_at < child.started_at:
            return
        child.heard_at = real_now()
        if answer.is_told:
            self._told_incarnation = child.incarnation
        elif answer.path == "/sim/clock" and self.market_at is None:
            clock = msgspec.json.decode(answer.body, type=VenueClock)
            self.market_at = MarketNs(clock.market_ns)
        if child.phase is Phase.STARTING and self.market_at is not None:
            tree.ready(child)
            self.tell_clock()

    def tell_clock(self) -> None:
        """Give a new process of it the anchor that everybody else has, until it says that it has it."""
        if self.anchor is None or self._is_telling:
            return
        if self._told_incarnation != self.child.incarnation:
            body = {
                "boot_ns": int(self.anchor.real_at),
                "market_ns": int(self.anchor.market_at),
                "speed": self.anchor.speed,
            }
            self._is_telling = self._probe.ask("/sim/clock", msgspec.json.encode(body))


class Lifecycle:
    """Runs the tree from the first child to the last. `run` returns the exit code."""

    def __init__(
        self,
        tree: Tree,
        venue: Foreign,
        duration_ns: int | None,
        mode: str,
        on_running: Callable[[ClockAnchor], None],
        on_step: Callable[[], None],
        on_full: Callable[[], None] = lambda: None,
    ) -> None:
        self.tree = tree
        self.venue = venue
        self.mode = mode
        self.anchor: ClockAnchor | None = None
        self.why_stopped = ""
        self.stopped_at: RealNs | None = None
        self.is_empty = False
        """The gateway proved at the end that nothing rests, or never placed anything."""
        self._duration_ns = duration_ns
        self._on_running = on_running
        self._on_step = on_step
        self._on_full = on_full
        self._signals = 0
        self.step_ns = STEP_NS
        """Real time between two looks at what is due, when nothing else happens."""
        self.wave = -1
        """The last one that was launched."""

    # Signals.

    def install(self) -> None:
        """SIGINT, SIGTERM and a terminal that is closed stop the house in order; a second one hurries it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # `nohup`
                signal.signal(number, lambda number, frame: self.signaled(number))

    def signaled(self, number: int) -> None:
        """The first one stops the house, the second hurries it."""
        self._signals += 1
        if not self.why_stopped:
            self.why_stopped = f"stopped by {signal.Signals(number).name}"
        self.tree.bus.wake()

    # Up.

    def run(self) -> int:
        """Everything from the first start to the last stop."""
        self._change(EngineState.STARTING)
        while not self.why_stopped:
            self._step()
            self._advance()
        code = self._code()
        if code:
            self._change(EngineState.ERROR, self.why_stopped)
        self.is_empty = self._stop()
        return code or (ExitCode.OK if self.is_empty else ExitCode.NOT_EMPTY)

    def _advance(self) -> None:
        """The next wave, or the end of the time that was given."""
        if self.why_stopped:
            return  # nobody is started any more
        if self.anchor is None:
            self._rise()
        elif self._time_is_up():
            self.why_stopped = "the time is up"

    def _code(self) -> int:
        if self.tree.ends.escalated:
            return self.tree.ends.escalated[0]
        return ExitCode.SOFTWARE if self.tree.ends.given_up() else ExitCode.OK

    def _step(self) -> None:
        self.tree.step(self.step_ns)
        self.venue.step(self.tree)
        self._on_step()
        if self.tree.ends.escalated and not self.why_stopped:
            self.why_stopped = self.tree.ends.escalated[1]

    def _rise(self) -> None:
        """The next wave when all of this one are ready; the clock when there is no next."""
        current = [c for c in self.tree.children.values() if c.wave <= self.wave]
        if any(c.phase not in SETTLED for c in current):
            return
        waves = sorted({c.wave for c in self.tree.children.values() if c.wave > self.wave})
        if waves:
            if self.wave >= 0 and self.tree.facts.recovering and not self.tree.facts.waits:
                self.tree.facts.ask_journal()
            if self.wave >= 0 and self.tree.facts.recovering:
                return
            self.wave = waves[0]
            for child in [c for c in self.tree.children.values() if c.wave == self.wave]:
                self.tree.launch(child)
            return
        self._set_clock_going()

    def _set_clock_going(self) -> None:
        market = self.venue.market_at
        assert market is not None, "the venue was ready, so its clock is known"
        self.anchor = ClockAnchor(real_at=real_now(), market_at=market, speed=self.venue.speed)
        self.venue.anchor = self.anchor
        self.venue.tell_clock()
        self.tree.run_clock(self.anchor)
        self._on_running(self.anchor)
        self._change(EngineState.RUNNING)

    def _time_is_up(self) -> bool:
        if self._duration_ns is None or self.anchor is None:
            return False
        return (real_now() - self.anchor.real_at) * self.anchor.speed >= self._duration_ns

    def judge(self, failed: str, halted: str) -> None:
        """Someone who is needed stays down; trading is halted; or it goes on (no reason at all).

        The house stands in any case.
        """
        if self.tree.engine not in (EngineState.RUNNING, EngineState.PAUSED, EngineState.ERROR):
            return
        state = EngineState.ERROR if failed else EngineState.PAUSED if halted else EngineState.RUNNING
        reason = failed or halted
        if (state, reason) != (self.tree.engine, self.tree.paused_because):
            self.tree.paused_because = reason
            self._change(state, reason)

    def _change(self, state: EngineState, reason: str = "") -> None:
        self.tree.engine = state
        self.tree.changed()
        self.tree.say(EngineChanged(state=state, reason=reason, mode=self.mode))

    # Down.

    def _stop(self) -> bool:
        self.stopped_at = real_now()
        logger.info("stopping: {}", self.why_stopped)
        self.tree.date()
        self._change(EngineState.STOPPING, self.why_stopped)
        if self._code() == ExitCode.IO:
            self._on_full()
        self.tree.ends.hold_restarts(but=TO_EMPTY)
        self._try_once_more()
        is_empty = True
        for families in STOP_ORDER:
            group = [c for c in self.tree.children.values() if c.role.split(":")[0] in families]
            if "persistence" in families:
                self._change(EngineState.STOPPED, self.why_stopped)
                self._flush()
            if "gateway" in families:
                is_empty = self._stop_gateway(group)
            else:
                self._stop_group(group)
        self.venue.close()
        return is_empty

    def _try_once_more(self) -> None:
        """Whoever was given up and is needed to empty a book that may have orders has a last start for that."""
        gateway = self.tree.children.get(RoleName("gateway"))
        if gateway is None or not gateway.incarnation or self._code() in NO_RESTART:
            return
        failed = [c for c in self.tree.children.values() if c.role in TO_EMPTY and c.phase is Phase.FAILED]
        for child in failed:
            self.tree.launch(child)
        self._let_come_back(failed)

    def _stop_gateway(self, group: list[Child]) -> bool:
        """Stop it when it can do what is to be done at its end: one that died, or hung, is started again for that.

        Whether the book is proven empty.
        """
        self._let_come_back([c for c in group if c.window.total])
        self._stop_group(group)
        died = [c for c in group if (c.exit_code or 0) < 0 and (c.was_silent or not c.killed_for)]
        if died and self._signals < 2:
            for child in died:
                self.tree.launch(child)
            self._let_come_back(died)
            self._stop_group(group)
        return all(self._emptied(c) for c in group)

    def _let_come_back(self, group: list[Child]) -> None:
        """What a dead gateway left on the book, the one after it takes off as it becomes ready."""
        until = real_now() + COMEBACK_NS
        while any(c.phase in (Phase.BACKOFF, Phase.STARTING) for c in group):
            if real_now() >= until or self._signals > 1:
                return
            self._step()

    def _flush(self) -> None:
        """What the supervisor said last is to be in the journal too."""
        until = real_now() + JOURNAL_FLUSH_NS
        while len(self.tree.outbox) and real_now() < until and self._alive(RoleName("persistence")):
            self._step()

    def _alive(self, role: RoleName) -> bool:
        child = self.tree.children.get(role)
        return child is not None and child.alive

    def _stop_group(self, group: list[Child]) -> None:
        for child in group:
            self.tree.stop(child, self.why_stopped, HURRIED_S if self._signals > 1 else None)
        hurried = self._signals > 1
        while not self.tree.stopped(group):
            self._step()
            if self._signals > 1 and not hurried:
                hurried = True
                soon = real_now() + round(HURRIED_S * SECOND)
                for child in group:
                    if child.stop_by is not None:
                        child.stop_by = min(child.stop_by, soon, key=int)

    def _emptied(self, gateway: Child) -> bool:
        """Whether the gateway proved the book empty; one that never ran has placed nothing."""
        never_ran = gateway.exit_code is None and gateway.incarnation == 0
        return never_ran or gateway.exit_code == ExitCode.OK
