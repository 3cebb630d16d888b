"""One market of the crowd: makers, noise takers, informed takers and snipers who trade in one book (TRADING §7.1).

What they set out to do is written down beforehand, block by block, and does not know the book (see `script`). What
comes of it does: executions, and with them inventories, leans, and which levels are pulled.
"""

from __future__ import annotations

import math

import msgspec

from messages.values import MICRO, SECOND, Price, Side
from venue.paper.crowd.activity import Activity
from venue.paper.crowd.characters import Character
from venue.paper.crowd.desk import Desk
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.edge import buying_limit, selling_limit
from venue.paper.crowd.grid import BLOCK_NS, STEP_NS, STEPS
from venue.paper.crowd.latent import Latent
from venue.paper.crowd.makers import Makers
from venue.paper.crowd.script import INFORMED, NOISE, PLACE, TURN, Entry, script
from venue.paper.crowd.takers import Takers
from venue.paper.engine.participants import Lot, Pit
from venue.paper.engine.terms import Market

STOP, RESOLVE = 4, 5
"""More kinds of entries: no more orders are taken; the outcome is known."""
FINE = Price(1_000)
LOW, HIGH = 40_000, 960_000
"""Beyond these the grid is finer, for good (VENUE §5.2)."""


class Span(msgspec.Struct, frozen=True):
    """A market's life in seconds after market second 0: listed, then perhaps closed to orders and settled."""

    begins_s: float = 0.0
    ends_s: float = math.inf
    settles_s: float = 600.0
    """From the end to the outcome."""


class CrowdMarket:
    """Its `Participants`. Latent value, activity and all streams count time from the market's own beginning."""

    def __init__(
        self,
        market: Market,
        character: Character,
        latent: Latent,
        activity: Activity,
        draws: Draws,
        span: Span,
    ) -> None:
        self._market = market
        self._is = character
        self.latent = latent
        self._makers = Makers(draws, activity, latent, character)
        self.takers = Takers(draws, activity, latent, character)
        self._desk = Desk(character, self._makers, draws)
        self._begins_at = round(span.begins_s * SECOND)
        self._lasts = None if math.isinf(span.ends_s) else round((span.ends_s - span.begins_s) * SECOND)
        self._settles = round(span.settles_s * SECOND)
        self._block = 0
        self._values = list[float]()
        self._script = list[Entry]()
        self._next = 0
        """Place in the script."""
        self._at = 0
        """When somebody acts next, since the market began."""
        self._next_at: int | None = None
        """The same, since market second 0."""
        self._pit: Pit | None = None
        self._zero = 0
        """When it began, as the pit's clock has it."""

    @property
    def market(self) -> Market:
        """The market as it is when it is listed, newly made each time."""
        return msgspec.structs.replace(self._market)

    def next_at(self) -> int | None:
        """When somebody acts next, nanoseconds after market second 0; None: never again."""
        return self._next_at

    def open(self, pit: Pit, since: int) -> None:
        """Fill the book as it is in the mean, at the latent value of that moment."""
        at = max(0, since - self._begins_at)
        self._pit, self._zero = pit, int(pit.now) - at
        self._desk.tick = pit.market.tick
        if self._lasts is None or at < self._lasts:
            self._load(at // BLOCK_NS, at)
            self._refine(pit, self._step(at))
            self._desk.open(pit, self._makers.opening(at / SECOND), self._step(at))
        else:
            self._script = _closing(self._lasts, self._settles)
        self._schedule()

    def act(self, pit: Pit) -> None:
        """Do what is due."""
        at, desk = self._at, self._desk
        self._zero = int(pit.now) - at
        step = self._step(at)
        if pit.market.tick != desk.tick:
            desk.regrid(pit.market.tick, step)
        entry = self._script[self._next]
        if desk.ends.heap and desk.ends.heap[0][0] == at:
            desk.end(pit, step)
        elif entry[0] == at:
            self._next += 1
            self._do(pit, entry)
        else:
            desk.look(at)
            self._refine(pit, step)
        desk.settle(step)
        self._schedule()

    def filled(self, lot: Lot, size: int, by_account: bool) -> None:
        """A maker's order was hit."""
        self._desk.hit(lot, size)
        if by_account:
            assert self._pit is not None, "nobody trades before the market is open"
            step = self._step(int(self._pit.now) - self._zero)
            self._desk.traded(lot.side.other, size, step)
            self._desk.settle(step)
            self._schedule()

    def _do(self, pit: Pit, entry: Entry) -> None:
        kind = entry[1]
        if kind == PLACE:
            self._desk.place(pit, entry)
        elif kind == NOISE:
            self._noise(pit, entry)
        elif kind == INFORMED:
            self._informed(pit, entry)
        elif kind == TURN:
            self._load(self._block + 1, 0)
        elif kind == STOP:
            self._desk.leave()
            pit.stop_orders()
        else:
            pit.resolve(self.latent.yes_wins)

    def _schedule(self) -> None:
        """Whatever comes first: the script, the end of something, a look."""
        if self._next == len(self._script):
            self._next_at = None
            return
        at, ends, looks = self._script[self._next][0], self._desk.ends.heap, self._desk.looks
        if ends and ends[0][0] < at:
            at = ends[0][0]
        if looks:
            look_at = self._block * BLOCK_NS + looks[-1] * STEP_NS
            if look_at < at:
                at = look_at
        self._at = at
        self._next_at = self._begins_at + at

    def _step(self, at: int) -> int:
        """Of the block in hand."""
        return max(0, min(STEPS, at // STEP_NS - self._block * STEPS))

    def _load(self, block: int, since: int) -> None:
        """The entries of a block from some moment on; a market that ends in it has no others."""
        self._block, self._next = block, 0
        self._values = (MICRO * self.latent.values(block)).tolist()
        self._desk.load(block, self._step(since))
        self._script = [entry for entry in script(block, self._makers, self.takers) if entry[0] >= since]
        ends = self._lasts
        if ends is not None and ends <= (block + 1) * BLOCK_NS:
            self._script = [entry for entry in self._script if entry[0] < ends]
            self._script += _closing(ends, self._settles)

    def _refine(self, pit: Pit, step: int) -> None:
        """Near an end makers want the finer grid, also where one side of the book has no room left to show a mid."""
        tick = self._desk.tick
        if tick > FINE and not LOW <= self._desk.fair(step) <= HIGH:
            pit.set_tick(FINE)
            self._desk.regrid(FINE, step)

    def _noise(self, pit: Pit, entry: Entry) -> None:
        """Somebody wants to trade, at the makers' fair value or somewhat worse."""
        _, _, step, buys, size, patience, _, _ = entry
        tick, fair = self._desk.tick, self._desk.fair(step)
        if buys:
            price = math.floor((fair + patience * MICRO) / tick) * tick
            self._take(pit, Side.BID, min(price, MICRO - tick), size, step)
        else:
            price = math.ceil((fair - patience * MICRO) / tick) * tick
            self._take(pit, Side.ASK, max(price, tick), size, step)

    def _informed(self, pit: Pit, entry: Entry) -> None:
        """Somebody knows the value and takes whatever is beyond it."""
        value, tick, rate = self._values[entry[2]], self._desk.tick, self._is.fee_rate
        ask, bid = pit.best(Side.ASK), pit.best(Side.BID)
        if ask is not None and ask < value:
            limit = buying_limit(value, rate, tick)
            if ask <= limit:
                self._take(pit, Side.BID, limit, entry[4], entry[2])
        elif bid is not None and bid > value:
            limit = selling_limit(value, rate, tick)
            if bid >= limit:
                self._take(pit, Side.ASK, limit, entry[4], entry[2])

    def _take(self, pit: Pit, side: Side, limit: int, size: int, step: int) -> None:
        taken = pit.take(side, Price(limit), size)
        if taken:
            self._desk.traded(side, taken, step)


def _closing(ends: int, settles: int) -> list[Entry]:
    return [(ends, STOP, 0, 0, 0, 0.0, 0, 0), (ends + settles, RESOLVE, 0, 0, 0, 0.0, 0, 0)]
