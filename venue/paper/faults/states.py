"""Faults that change the venue's state while they last, or once when they begin."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated

import msgspec

from messages.values import SECOND, Price
from venue.paper.doors.connection import Connection
from venue.paper.doors.wall import Wall
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.mishaps import Mishap
from venue.paper.engine.modes import POST_ONLY_S, RESTART_S, Mode
from venue.paper.engine.terms import Trade
from venue.paper.faults.fault import Fault, NoSuchThing
from venue.paper.faults.frames import CHANNELS, Channel
from venue.paper.faults.run import Run
from venue.wire.numbers import micro

TICKS = ("0.1", "0.01", "0.005", "0.0025", "0.001", "0.0001")


class Stage:
    """What faults act on: the exchange, its clock on the wall, its open connections and its port."""

    def __init__(self, exchange: Exchange, wall: Wall) -> None:
        self.exchange = exchange
        self.wall = wall
        self.connections: dict[Connection, None] = {}
        self.refusals = 0
        """How many faults want the port closed; whoever has it looks here when it is `woken`."""
        self.woken: Callable[[], None] = lambda: None

    @property
    def is_refusing(self) -> bool:
        """Whether the port is closed to new connections."""
        return self.refusals > 0

    def refuse(self, more: int) -> None:
        """One fault more wants the port closed, or (-1) one less."""
        self.refusals += more
        self.woken()


class StateFault(Fault, frozen=True, kw_only=True):
    """A fault of the venue as a whole."""

    @property
    def is_momentary(self) -> bool:
        """Whether all it does is done when it begins."""
        return False

    @property
    def rolls_itself(self) -> bool:
        """Whether it has more chances to hit than the one when it begins."""
        return False

    def begin(self, run: Run, stage: Stage) -> None:
        """It is on from now."""

    def end(self, run: Run, stage: Stage) -> None:
        """It is no longer on."""

    def greet(self, run: Run, connection: Connection) -> bool:
        """Whether a new connection may stay."""
        return True


class Restart(StateFault, frozen=True, kw_only=True, tag="restart"):
    """The engine restarts: sockets are dropped, order endpoints answer 425, then post-only mode (VENUE §8.3)."""

    down: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = RESTART_S
    post_only: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = POST_ONLY_S
    """Real seconds of each."""

    @property
    def is_momentary(self) -> bool:
        """The modes end by themselves."""
        return True

    def begin(self, run: Run, stage: Stage) -> None:
        """Whoever comes back finds 425."""
        stage.exchange.modes.restart(self.down, self.post_only)
        for connection in list(stage.connections):
            connection.cut()


class _Mode(StateFault, frozen=True, kw_only=True):
    """A mode of the venue while it lasts; afterwards it is normal, unless another mode came meanwhile."""

    @property
    def mode(self) -> Mode:
        """Which; modes are called as their faults."""
        return Mode(self.kind)

    def begin(self, run: Run, stage: Stage) -> None:
        """Post-only mode says for how long."""
        stage.exchange.modes.set(self.mode, run.left_s)

    def end(self, run: Run, stage: Stage) -> None:
        """It may have ended already by its own time."""
        if stage.exchange.modes.mode is self.mode:
            stage.exchange.modes.set(Mode.NORMAL)


class PostOnly(_Mode, frozen=True, kw_only=True, tag="post_only"):
    """Only post-only orders and cancels are taken."""


class CancelOnly(_Mode, frozen=True, kw_only=True, tag="cancel_only"):
    """Only cancels are taken."""


class Disabled(_Mode, frozen=True, kw_only=True, tag="disabled"):
    """Neither orders nor cancels are taken."""


class TickChange(StateFault, frozen=True, kw_only=True, tag="tick_change"):
    """The price grid of some markets changes when it begins."""

    markets: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    tick: str

    @property
    def is_momentary(self) -> bool:
        """A grid stays until it is changed again."""
        return True

    def begin(self, run: Run, stage: Stage) -> None:
        """One after the other."""
        for market in stage.exchange.markets:
            if market.id in run.scope.markets and market.tick != self.micro:
                stage.exchange.set_tick(market.id, self.micro)

    @property
    def micro(self) -> Price:
        """The tick in millionths."""
        return Price(micro(self.tick))


class ClockSkew(StateFault, frozen=True, kw_only=True, tag="clock_skew"):
    """The venue's clock is off: `/time`, what signed timestamps are held against, and the stamps of frames."""

    seconds: Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)]
    """How far ahead it is."""

    def begin(self, run: Run, stage: Stage) -> None:
        """Ahead."""
        stage.wall.offset_ns += round(self.seconds * SECOND)

    def end(self, run: Run, stage: Stage) -> None:
        """And back."""
        stage.wall.offset_ns -= round(self.seconds * SECOND)


class BalanceLag(StateFault, frozen=True, kw_only=True, tag="balance_lag"):
    """What the venue knows of balances lags behind the chain; `/balance-allowance/update` makes it look."""

    seconds: Annotated[float, msgspec.Meta(gt=0, le=1e6)] | None = None
    """Of market time; None: until it is made to look."""

    def begin(self, run: Run, stage: Stage) -> None:
        """For everybody."""
        self._switch(stage, None if self.seconds is None else round(self.seconds * 1_000))

    def end(self, run: Run, stage: Stage) -> None:
        """It looks at once again."""
        self._switch(stage, 0)

    def _switch(self, stage: Stage, lag_ms: int | None) -> None:
        bank = stage.exchange.bank
        bank.switch(msgspec.structs.replace(bank.switches, balance_lag_ms=lag_ms))


class GhostFill(StateFault, frozen=True, kw_only=True, tag="ghost_fill"):
    """Settlements of matches go wrong: RETRYING, then FAILED, and both sides have what they had before.

    Each trade that is matched while it lasts is a chance; what was decided at the match happens later.
    """

    owners: tuple[str, ...] = ()
    """API keys or addresses on either side of the trade."""
    markets: tuple[str, ...] = ()
    retries: Annotated[int, msgspec.Meta(ge=0, le=100)] = 1
    """How often it is tried again."""
    fails: bool = True
    """Or the last attempt succeeds."""

    @property
    def rolls_itself(self) -> bool:
        """Each trade is a chance."""
        return True

    def begin(self, run: Run, stage: Stage) -> None:
        """From the next match on."""
        run.asked = partial(self._of, run)
        stage.exchange.bank.ask_of_settlements(run.asked)

    def end(self, run: Run, stage: Stage) -> None:
        """From the next match on all goes well."""
        if run.asked is not None:
            stage.exchange.bank.ask_no_more(run.asked)

    def _of(self, run: Run, trade: Trade) -> Mishap | None:
        parties = [trade.taker_owner, trade.taker_maker]
        parties += [name for leg in trade.legs for name in (leg.owner, leg.maker)]
        meant = run.scope.has_owner(*parties) and (not run.scope.markets or trade.market in run.scope.markets)
        if meant and run.strikes(f"trade {trade.id}"):
            return Mishap(retries=self.retries, fails=self.fails)
        return None


class Disconnect(StateFault, frozen=True, kw_only=True, tag="ws_disconnect"):
    """Websockets are cut when it begins; while it lasts (`for`), so are new ones."""

    channels: tuple[Channel, ...] = CHANNELS
    owners: tuple[str, ...] = ()
    """API keys or addresses; whoever has not logged in yet is nobody's."""

    @property
    def is_momentary(self) -> bool:
        """Without an end it is a moment."""
        return self.lasts is None

    @property
    def rolls_itself(self) -> bool:
        """Each connection is a chance."""
        return True

    def begin(self, run: Run, stage: Stage) -> None:
        """Each has its own chance to stay."""
        for connection in list(stage.connections):
            if self._means(run, connection):
                connection.cut()

    def greet(self, run: Run, connection: Connection) -> bool:
        """Whether it is let in."""
        return not self._means(run, connection)

    def _means(self, run: Run, connection: Connection) -> bool:
        return (
            connection.channel in self.channels
            and run.scope.has_owner(*connection.owners)
            and run.strikes(f"a connection to /ws/{connection.channel}")
        )


class RefuseConnection(StateFault, frozen=True, kw_only=True, tag="refuse_connection"):
    """The port is closed: connections are refused, and those that are open are cut at their next request.

    The control socket stays open.
    """

    def begin(self, run: Run, stage: Stage) -> None:
        """Closed."""
        stage.refuse(1)

    def end(self, run: Run, stage: Stage) -> None:
        """Open again."""
        stage.refuse(-1)


def check_tick(tick: str) -> None:
    """Whether a price grid is one of the venue's. Raises NoSuchThing."""
    if tick not in TICKS:
        raise NoSuchThing("tick", f"{tick!r} is none of {', '.join(TICKS)}")
