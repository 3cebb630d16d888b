"""One campaign: start the system, strike it on schedule, put it back on its feet, let it heal, stop it."""

from __future__ import annotations

import heapq
import itertools
import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

from messages.values import SECOND, RealNs
from runtime.clock import real_now
from simulation.chaos.diary import Diary, say
from simulation.chaos.nemesis import Act, Nemesis, Strike
from simulation.chaos.target import Target, role_of
from simulation.chaos.timing import Kill, Sightings

STEP_S = 0.02
LOOK_S = 0.2
"""Between two looks at what is dear to look at: lock holders, the ledger."""
PROGRESS_S = 10.0
FIRST_QUOTE_S = 90.0
ORPHANS_S = 20.0
"""A dead supervisor's children have ended by then, unless one is stopped."""
HEAL_S = 60.0
"""When nothing strikes any more it quotes again within this."""
CALM_S = 5.0
PERSON_S = 12.0
"""Some faults, an account that is refused above all, stop the trading until a person has looked: here after this."""
STOP_S = 40.0
MAX_BEHIND = 5
"""Kills."""
MAX_ENDS = 3
"""Ends of the supervisor that nobody asked for; then there is no use in going on."""
AT_ONCE = 0.3
"""Of all strikes come while the one before is still being recovered from."""


class Campaign:
    """Strikes `target` for so many seconds, about `goal` times with SIGKILL."""

    def __init__(self, target: Target, nemesis: Nemesis, diary: Diary, *, seconds: float, goal: int) -> None:
        self.target = target
        self.nemesis = nemesis
        self.diary = diary
        self.sightings = Sightings()
        self.restarts: list[Kill] = []
        """Deaths of the supervisor; ready when it quotes again."""
        self.orphan_ns: list[int] = []
        """From each such death to the last child's end."""
        self.exit_code: int | None = None
        self._seconds = seconds
        self._goal = goal
        self._gap_s = 0.8 * seconds / max(1, goal)
        self._later: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._stopped: set[int] = set()
        self._down: Kill | None = None
        self._since = RealNs(0)
        """Older orders are of an exchange that is dead, and known to be so only to the next one."""
        self._is_up = False
        self._is_quoting = False
        self._looked_at = self._told_at = 0.0
        self._began = self._due = self._patient_until = 0.0
        self._ends = 0

    # The whole of it.

    def run(self) -> None:
        """From the first start to the last stop; what must not be is a trouble in the diary."""
        self.target.start()
        self.diary.note("start")
        self._began = began = time.monotonic()
        if not self._until(lambda: self._is_quoting, FIRST_QUOTE_S):
            self.diary.trouble(f"no quote within {FIRST_QUOTE_S:g} s of the first start")
        self._due = self._patient_until = time.monotonic()
        while time.monotonic() - began < self._seconds and self._ends < MAX_ENDS:
            self._step()
            if self._may_strike():
                self._strike()
        self._heal()
        self._stop()

    def _until(self, done: Callable[[], bool], within_s: float) -> bool:
        end = time.monotonic() + within_s
        while not done():
            if time.monotonic() > end:
                return False
            self._step()
        return True

    # Looking.

    def _step(self) -> None:
        time.sleep(STEP_S)
        now = time.monotonic()
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()
        self.sightings.look(self.target.processes(), real_now())
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            self._look()
        if now - self._told_at >= PROGRESS_S:
            self._told_at = now
            self.diary.progress(self._goal, self._is_quoting, self.target.trades())

    def _look(self) -> None:
        self._is_quoting = self._down is None and self.target.is_quoting(int(self._since))
        if self._is_quoting and not self._is_up:
            self._is_up = True
            self.diary.note("quoting")
            if self.restarts and self.restarts[-1].ready_at is None:
                self.restarts[-1].ready_at = real_now()
        if self._down is not None:
            self._mind_orphans(self._down)
        elif self.target.ended() is not None:
            self._ends += 1
            self.diary.trouble(f"the supervisor ended by itself with exit code {self.target.ended()}")
            self._fell("end")
        elif len(roles := [role_of(pid).partition("@")[0] for pid in self.target.holders()]) > 1:
            self._count_roles(roles)

    def _count_roles(self, roles: list[str]) -> None:
        for role, count in Counter(filter(None, roles)).items():
            if count > 1:
                self.diary.trouble(f"{count} processes are {role} at once")

    def _fell(self, act: str) -> None:
        self._down = Kill(role="supervisor", incarnation=0, at=real_now(), act=act, alone=True)
        self._since = self._down.at
        self._is_up = self._is_quoting = False
        self.nemesis.budget.renew()

    def _mind_orphans(self, down: Kill) -> None:
        """Start it again when the last child has ended; whoever is stopped is taken over."""
        held = self.target.holders()
        late = real_now() - down.at > ORPHANS_S * SECOND
        if held and not late:
            return
        if held and not self._stopped & set(held):
            names = ", ".join(role_of(pid) or str(pid) for pid in held)
            self.diary.trouble(f"{names} outlived the supervisor by {ORPHANS_S:g} s")
        if not held:
            self.orphan_ns.append(real_now() - down.at)
            left = self.target.open_orders()
            if left and down.act == Act.SUPERVISOR:
                self.diary.trouble(f"{left} orders on the book after the supervisor's children had ended")
        self.diary.note("start again", after_s=round((real_now() - down.at) / SECOND, 3), held=held)
        self.restarts.append(down)
        self._down = None
        self._patient_until = time.monotonic() + 4 * self._gap_s + 15
        self.target.start(*(("--takeover",) if held else ()))

    # Striking.

    def _may_strike(self) -> bool:
        now = time.monotonic()
        if self._down is not None or now < self._due:
            return False
        return self._is_quoting or now >= self._patient_until

    def _strike(self) -> None:
        now = time.monotonic()
        strike = self.nemesis.next(self.target.processes(), now)
        self._due = max(self._due + self._gap_s * self.nemesis.dice.uniform(0.5, 1.5), now + 0.3)
        at_once = self.nemesis.dice.random() < AT_ONCE
        patience_s = self._gap_s / 2 if self._is_behind() else 2 * self._gap_s + 2
        self._patient_until = self._due if at_once else self._due + patience_s
        if strike is None:
            return
        if strike.act in (Act.KILL, Act.PAIR, Act.HANG, Act.PAUSE):
            self._signal(strike)
        elif strike.act in (Act.SUPERVISOR, Act.POWER):
            self._fell_all(strike)
        else:
            self._disturb(strike)

    def _is_behind(self) -> bool:
        """Slow recoveries have cost so many kills that the goal would be missed: they are waited for less."""
        share = (time.monotonic() - self._began) / self._seconds
        return self.diary.kills < self._goal * share - MAX_BEHIND

    def _signal(self, strike: Strike) -> None:
        number = signal.SIGSTOP if strike.act in (Act.HANG, Act.PAUSE) else signal.SIGKILL
        if number is signal.SIGSTOP:
            self.sightings.disturbed()
        for victim in strike.victims:
            at = real_now()
            if not self.target.signal(victim.pid, number):
                continue
            self.diary.note(strike.act, role=victim.role, pid=victim.pid, incarnation=victim.incarnation)
            if number is signal.SIGKILL:
                self.diary.killed[victim.family] += 1
                self.sightings.killed(victim, at, strike.act)
                continue
            self._stopped.add(victim.pid)
            if strike.act is Act.PAUSE:
                self._in(strike.seconds, partial(self._go_on, victim.pid))

    def _go_on(self, pid: int) -> None:
        self._stopped.discard(pid)
        if pid in self.target.holders():
            self.target.signal(pid, signal.SIGCONT)

    def _fell_all(self, strike: Strike) -> None:
        """The supervisor dies, and with a power cut everybody at once."""
        self.sightings.disturbed()
        for victim in strike.victims if strike.act is Act.POWER else ():
            self.diary.killed[victim.family] += self.target.signal(victim.pid, signal.SIGKILL)
        self.diary.killed["supervisor"] += self.target.signal(self.target.pid, signal.SIGKILL)
        self.diary.note(strike.act)
        self._fell(strike.act)

    def _disturb(self, strike: Strike) -> None:
        self.sightings.disturbed()
        if strike.act is Act.VENUE:
            taken = self.target.mishap(strike.mishap)
            self.diary.note(strike.act, taken=taken, mishap=strike.mishap)
            self._in(PERSON_S, self._resume)
        elif strike.act is Act.SWITCH:
            self.target.switch(True)
            self.diary.note(strike.act, seconds=round(strike.seconds, 3))
            self._in(strike.seconds, partial(self.target.switch, False))
        else:
            taken = self.target.control("halt", "chaos")
            self.diary.note(strike.act, taken=taken, seconds=round(strike.seconds, 3))
            self._in(strike.seconds, self._resume)

    def _resume(self) -> None:
        """Until it is heard: a halt survives whoever was told of it."""
        if not self.target.control("resume", "chaos is over"):
            self._in(1.0, self._resume)

    def _in(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._order), call))

    # The end.

    def _heal(self) -> None:
        """Nothing strikes any more: it must come back by itself."""
        say("healing")
        self.diary.note("heal")
        for _, _, call in sorted(self._later, key=lambda entry: entry[:2]):
            call()
        self._later.clear()
        self.target.switch(False)
        self._until(lambda: self._down is None, ORPHANS_S + HEAL_S)
        self._until(lambda: self.target.mishap(None), HEAL_S)
        self._until(lambda: self.target.control("resume", "chaos is over"), HEAL_S)
        began = real_now()
        if not self._until(lambda: self._is_quoting, HEAL_S):
            self.diary.trouble(f"no two-sided quote within {HEAL_S:g} s after the last strike")
            return
        self.diary.note("healed", after_s=round((real_now() - began) / SECOND, 3))
        self._until(lambda: False, CALM_S)

    def _stop(self) -> None:
        """An orderly stop, and what must be left of it: nothing."""
        at: RealNs = real_now()
        self.diary.note("stop")
        self.target.signal(self.target.pid, signal.SIGTERM)
        end = time.monotonic() + STOP_S
        while (code := self.target.ended()) is None and time.monotonic() < end:
            time.sleep(STEP_S)
        self.exit_code = code
        self.diary.note("stopped", code=code, after_s=round((real_now() - at) / SECOND, 3))
        if code != 0:
            self.diary.trouble(f"the stop ended with exit code {code}")
        if held := self.target.holders():
            self.diary.trouble(f"{len(held)} processes are left after the stop")
        if left := self.target.open_orders():
            self.diary.trouble(f"{left} orders are left on the book after the stop")
