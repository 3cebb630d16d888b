"""The private side door under /sim/: what only the house that runs this process may say, from this host."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

import msgspec

from messages.system import ClockAnchor
from messages.values import MarketNs, RealNs
from venue.paper.doors.request import CONTROL, Answer, Request, Routes
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.terms import Refused

MAX_NS = 1 << 62
MAX_SPEED = 100_000


class Anchor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Market time is `market_ns` at the boot clock's `boot_ns`, and runs `speed` times as fast."""

    boot_ns: int
    market_ns: int
    speed: int


class ClockState(msgspec.Struct, kw_only=True):
    """How the market clock stands: nanoseconds since the epoch, of now and of market second 0."""

    market_ns: int
    speed: int
    running: bool
    origin_ns: int


_anchor = msgspec.json.Decoder(Anchor)


class SimDoor:
    """Starts the market clock, and says where it is."""

    def __init__(self, clock: VenueClock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed

    def routes(self) -> Routes:
        """What is served here."""
        return {("GET", "/sim/clock"): self.read_clock, ("POST", "/sim/clock"): self.start_clock}

    def read_clock(self, request: Request) -> Answer:
        """GET /sim/clock."""
        check_local(request)
        anchor = self._clock.anchor
        state = ClockState(
            market_ns=int(self._clock.now()),
            speed=anchor.speed if anchor else 0,
            running=anchor is not None and anchor.speed > 0,
            origin_ns=int(self._clock.origin),
        )
        return Answer(msgspec.json.encode(state))

    def start_clock(self, request: Request) -> Answer:
        """POST /sim/clock: run from this anchor on; market time never goes back."""
        check_local(request)
        try:
            told = _anchor.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(f"no clock anchor: {error}") from error
        if not (0 <= told.boot_ns < MAX_NS and 0 <= told.market_ns < MAX_NS and 0 <= told.speed <= MAX_SPEED):
            raise Refused("no clock anchor: a number is out of range")
        self._clock.start(
            ClockAnchor(real_at=RealNs(told.boot_ns), market_at=MarketNs(told.market_ns), speed=told.speed)
        )
        self._changed()
        return self.read_clock(request)


def check_local(request: Request) -> None:
    """Nobody else is told that there is such a door. Raises Refused."""
    try:
        local = request.client == CONTROL or ipaddress.ip_address(request.client).is_loopback
    except ValueError:
        local = False
    if not local:
        raise Refused("not found", 404)
