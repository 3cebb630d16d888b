"""What follows from the end of a child: another start, its end for good, or the end of everything."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Container, Mapping

from loguru import logger

from messages.values import SECOND, RoleName
from runtime.child import Child, Phase
from runtime.clock import real_now
from runtime.end_note import EndNote
from runtime.restarts import POISONED, ExitCode, Verdict, backoff_s, exited


class Ends:
    """Judges each end by its row of the table, by how often it came, and by what the process said itself."""

    def __init__(self, children: Mapping[RoleName, Child], rng: random.Random) -> None:
        self.escalated: tuple[int, str] | None = None
        """Exit code and reason when a vital child cannot be kept alive; the first one counts."""
        self.note_of: Callable[[Child], EndNote | None] = lambda child: None
        """What the process that just ended left in its own words."""
        self.is_final = False
        """Who ends stays down."""
        self._children = children
        self._rng = rng
        self._spared: Container[str] = ()

    def hold_restarts(self, but: Container[str] = ()) -> None:
        """From now on who ends stays down; `but` these do so only when they were asked to end."""
        self.is_final, self._spared = True, but
        for child in self._children.values():
            if child.role not in but:
                child.start_at = None

    def escalate(self, code: int, reason: str) -> None:
        """Everything ends, for this reason unless there is one already."""
        if self.escalated is None:
            self.escalated = (code, reason)

    def of_process(self, child: Child, code: int) -> str:
        """Its process has ended with this code; why, in words."""
        note = None if child.killed_for or code <= 0 else self.note_of(child)
        why = child.killed_for or describe_exit(code)
        if note is not None:
            why = f"{why}: {note.text}{note.at}"
        self.follow(child, code, why, note)
        return why

    def follow(self, child: Child, code: int, why: str, note: EndNote | None = None) -> None:
        """What follows: it is started again, stays down, or takes everything with it."""
        same = child.window.again("" if note is None else note.trace)
        if same > 1:
            logger.error("{} ended by the same mistake {} times in a row: {}", child.role, same, why)
        verdict = self._verdict(child, code)
        if verdict is Verdict.RESTART and same >= POISONED:
            verdict = Verdict.ESCALATE
            child.down_because = f"{child.role} ends by the same mistake again and again, {why}"
        if verdict is Verdict.DONE:
            child.phase = Phase.STOPPED
        elif verdict is Verdict.RESTART:
            child.phase = Phase.BACKOFF
            wait = backoff_s(child.window.recent(), self._rng)
            child.start_at = real_now() + round(wait * SECOND)
            logger.warning("{} ended ({}), restart in {:.2f} s", child.identity, why, wait)
        else:
            self._give_up(child, code, why, note)

    def _verdict(self, child: Child, code: int) -> Verdict:
        if self.is_final and child.role not in self._spared:
            return Verdict.DONE
        asked, rising = child.phase is Phase.STOPPING, child.phase is Phase.STARTING
        return exited(child.spec, code, asked, child.window, real_now(), rising=rising)

    def _give_up(self, child: Child, code: int, why: str, note: EndNote | None) -> None:
        """It stays down. Without a vital one nothing can go on: what it said last is the reason of the end."""
        child.phase = Phase.FAILED
        if not child.spec.vital:
            logger.critical("{} ended ({}) and is not restarted", child.identity, why)
            return
        words = child.last_words() if code == ExitCode.USAGE else ""
        if note is not None and not note.trace:
            words = note.text
        reason = f"{child.role}: {words}" if words else f"{child.role} ended and is not restarted: {why}"
        reason = child.down_because or reason
        self.escalate(ExitCode(code) if code in set(ExitCode) and code else ExitCode.SOFTWARE, reason)
        logger.info("{} ends everything: {}", child.identity, reason)

    def given_up(self) -> dict[RoleName, str]:
        """Who stays down although nothing can be quoted without it, and why; without a vital one all would end."""
        return {
            child.role: child.down_because or f"{child.role} ended too often and stays down"
            for child in self._children.values()
            if child.phase is Phase.FAILED and child.spec.needed and not child.spec.vital
        }


def describe_exit(code: int) -> str:
    """An exit code or a signal in words."""
    if code < 0:
        try:
            return f"killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"killed by signal {-code}"
    try:
        return f"exit {code}, {ExitCode(code).name.lower().replace('_', ' ')}"
    except ValueError:
        return f"exit {code}"
