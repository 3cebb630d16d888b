"""What the venue as a whole takes at the moment (VENUE §8.3): everything, post-only orders, cancels, or nothing.

Modes last in real time, since they protect people and machines, not markets. Assumed: resting orders survive a
restart and the background trades on through it; the text of the 425, which nobody has recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from messages.values import SECOND, RealNs
from venue.paper.engine.terms import Refused

RESTART_S = 90.0
POST_ONLY_S = 120.0
"""How long a restart takes, and the post-only mode after it."""
RESTARTING = "the matching engine is restarting, please try again"
DISABLED = "Trading is currently disabled. Check polymarket.com for updates"
CANCEL_ONLY = "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed."
POST_ONLY = "post-only mode: only post-only orders and cancels are allowed"
POST_ONLY_CODE = "post_only_mode"


class Mode(StrEnum):
    """The states of the venue."""

    NORMAL = "normal"
    RESTART = "restart"
    POST_ONLY = "post_only"
    CANCEL_ONLY = "cancel_only"
    DISABLED = "disabled"


class Modes:
    """The present mode and how it goes on; a new one replaces whatever was to come."""

    def __init__(self, real: Callable[[], RealNs]) -> None:
        self._real = real
        self._phases: list[tuple[Mode, RealNs | None]] = []
        """What is on and what follows, each with its end; None: until it is changed. After the last: normal."""

    @property
    def mode(self) -> Mode:
        """What is on now."""
        return self._phase()[0]

    @property
    def left_s(self) -> float | None:
        """Real seconds until it changes by itself; None: it does not."""
        end = self._phase()[1]
        return None if end is None else (end - self._real()) / SECOND

    def set(self, mode: Mode, for_s: float | None = None) -> None:
        """Switch, for a time or (None) for good; a restart lasts `RESTART_S` unless told, then comes post-only."""
        if mode is Mode.RESTART:
            self.restart(RESTART_S if for_s is None else for_s)
        else:
            self._phases = [(mode, None if for_s is None else self._after(for_s))]

    def restart(self, down_s: float = RESTART_S, post_only_s: float = POST_ONLY_S) -> None:
        """Every order endpoint answers 425, then only post-only orders and cancels pass, then all is normal."""
        self._phases = [
            (Mode.RESTART, self._after(down_s)),
            (Mode.POST_ONLY, self._after(down_s + post_only_s)),
        ]

    def check_place(self, post_only: bool) -> None:
        """Whether an order is taken. Raises Refused (425 or 503) with the venue's words."""
        mode = self._always_open()
        if mode is Mode.CANCEL_ONLY:
            raise Refused(CANCEL_ONLY, 503)
        if mode is Mode.POST_ONLY and not post_only:
            left_s = self.left_s
            retry_after_s = round(POST_ONLY_S) if left_s is None else max(1, -int(-left_s // 1))
            raise Refused(POST_ONLY, 503, code=POST_ONLY_CODE, retry_after_s=retry_after_s)

    def check_cancel(self) -> None:
        """Whether a cancel, or a look at one's orders, is taken. Raises Refused (425 or 503)."""
        self._always_open()

    def _always_open(self) -> Mode:
        mode = self.mode
        if mode is Mode.RESTART:
            raise Refused(RESTARTING, 425)
        if mode is Mode.DISABLED:
            raise Refused(DISABLED, 503)
        return mode

    def _phase(self) -> tuple[Mode, RealNs | None]:
        if self._phases:
            now = self._real()
            self._phases = [phase for phase in self._phases if phase[1] is None or now < phase[1]]
        return self._phases[0] if self._phases else (Mode.NORMAL, None)

    def _after(self, seconds: float) -> RealNs:
        return self._real() + round(seconds * SECOND)
