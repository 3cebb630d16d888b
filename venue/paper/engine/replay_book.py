"""One book per question, in YES terms: others' levels from a tape, our accounts' orders behind them.

An order joins behind all that rests at its price. Prints at the price shorten the queue ahead of it; how much of
a cancel does is the queue model's guess, and at the least what finds no room behind it. What accounts take from
a level stays taken until the tape changes that level. A tape's quote beyond an order's price fills it, once per
change, up to the size shown; a tape's quote just at an order's price neither fills it nor shows while the order
stands, since nobody traded there (TRADING §8).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator

from messages.values import SECOND, OrderId, Price, Side, Size
from venue.paper.engine.book import Change, Fill, Resting, Stake
from venue.paper.engine.queue_models import PESSIMISTIC, QueueModel

ECHO_NS = SECOND // 2
"""A print this soon after its level shrank is taken for the cause of it, and does not count twice."""


class _Level:
    """A price once used stays, so that a late print still finds what it explains; a grid has few prices."""

    __slots__ = ("changed_at", "orders", "own", "shown", "shrunk", "taken", "visible")

    def __init__(self) -> None:
        self.shown = 0
        self.taken = 0
        self.own = 0
        self.visible = 0
        self.shrunk = 0
        """What lately vanished and no print has explained (negative: printed and has not vanished yet)."""
        self.changed_at = -ECHO_NS
        self.orders: OrderedDict[OrderId, Resting] = OrderedDict()

    def age(self, at: int) -> None:
        """What vanished longer ago was cancelled, whatever is printed from now on."""
        if at - self.changed_at > ECHO_NS:
            self._forget(0)
        self.changed_at = at

    def resize(self, size: int, model: QueueModel) -> None:
        """Others' size changes. What vanished without a print was cancelled, some of it ahead of our orders."""
        if size < self.shown:
            unprinted = self.shown + min(0, self.shrunk)
            self._forget(unprinted - size)
            self._cancel(max(0, unprinted), size, model)
        self.shown, self.taken = size, 0

    def _cancel(self, before: int, after: int, model: QueueModel) -> None:
        """Orders move up by the model's guess, and nobody stays further back than all that is left."""
        canceled = max(0, before - after)
        for resting in self.orders.values():
            front = min(resting.ahead, before)
            ahead = min(after, front - model.ahead(canceled, front, before - front))
            resting.echo = resting.ahead - ahead
            resting.ahead = ahead

    def _forget(self, shrunk: int) -> None:
        self.shrunk = shrunk
        for resting in self.orders.values():
            resting.echo = 0

    def move_up(self, printed: int) -> None:
        """A print took this much from the front of the queue, part of which may have vanished before."""
        for resting in self.orders.values():
            place = max(0, resting.ahead + resting.echo - printed)
            resting.ahead = min(resting.ahead, place)
            resting.echo = place - resting.ahead

    def give_background(self, price: Price, size: int, fills: list[Fill]) -> None:
        """An account takes some of the others' size, which stays taken until the tape changes the level."""
        if size:
            self.taken += size
            fills.append(Fill(None, price, size))


class _HalfBook:
    """One side. Prices are kept as keys that rise with goodness, so that the best is always the last."""

    __slots__ = ("keys", "levels", "own_keys", "side", "sign", "uncovered")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sign = side.sign
        self.levels: dict[int, _Level] = {}
        self.keys: list[int] = []
        self.own_keys: list[int] = []
        self.uncovered: list[Price] = []

    def level(self, price: Price) -> _Level:
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = _Level()
        return level

    def best(self) -> Price | None:
        return Price(self.keys[-1] * self.sign) if self.keys else None

    def within(self, limit: Price) -> Iterator[Price]:
        """Prices with size from the best on, as far as a taker's limit allows; sizes may vanish meanwhile."""
        while self.keys and self.keys[-1] >= limit * self.sign:
            yield Price(self.keys[-1] * self.sign)

    def show(self, price: Price, level: _Level, visible: int) -> None:
        """Keep the sorted prices right for a level whose visible size is now this."""
        key = price * self.sign
        if visible and not level.visible:
            insort(self.keys, key)
        elif level.visible and not visible:
            del self.keys[bisect_left(self.keys, key)]
        level.visible = visible


class ReplayBook:
    """A `Book` whose background is sizes from a tape. Knows sizes and queues, nothing of balances."""

    def __init__(self, queue: QueueModel = PESSIMISTIC) -> None:
        self._queue = queue
        self.hides = True
        self._bids = _HalfBook(Side.BID)
        self._asks = _HalfBook(Side.ASK)
        self._changes: dict[tuple[bool, Price], Change] = {}

    def best(self, side: Side) -> Price | None:
        """The best visible price of a side."""
        return self._half(side).best()

    def levels(self, side: Side) -> list[tuple[Price, Size]]:
        """Everything visible on a side, worst level first."""
        half = self._half(side)
        return [(Price(key * half.sign), Size(half.levels[key * half.sign].visible)) for key in half.keys]

    def others(self, side: Side, worst: Price) -> Iterator[Stake]:
        """The tape's sizes at `worst` or better, best price first."""
        half = self._half(side)
        for key in reversed(half.keys):
            if key < worst * half.sign:
                break
            level = half.levels[key * half.sign]
            if level.visible > level.own:
                yield Stake("", side, Price(key * half.sign), Size(level.visible - level.own))

    def visible(self, side: Side, price: Price) -> Size:
        """The size visible at a price."""
        level = self._half(side).levels.get(price)
        return Size(level.visible if level else 0)

    def crosses(self, side: Side, price: Price) -> bool:
        """Whether an order would trade at once; equality trades."""
        best = self._half(side.other).best()
        return best is not None and best * side.sign <= price * side.sign

    def takeable(self, side: Side, limit: Price, size: int) -> int:
        """How much of `size` an order could get at once."""
        half, got = self._half(side.other), 0
        for key in reversed(half.keys):
            if got >= size or key < limit * half.sign:
                break
            got += half.levels[key * half.sign].visible
        return min(got, size)

    def changes(self) -> list[Change]:
        """What became visible or vanished since the last call, each price once."""
        changes = list(self._changes.values())
        self._changes.clear()
        return changes

    def forget_changes(self) -> bool:
        """As `changes`, for when nobody wants to know them; whether the book was touched at all."""
        was_touched = bool(self._changes)
        self._changes.clear()
        return was_touched

    def take(self, side: Side, limit: Price, size: int) -> list[Fill]:
        """An account's order walks the other side, best price first, at each price by place in the queue."""
        half, fills = self._half(side.other), list[Fill]()
        for price in half.within(limit):
            level = half.levels[price]
            got = self._take_level(half, price, level, size, fills)
            self._show(half, price)
            size -= got
            if not size:
                break
        return fills

    def rest(self, resting: Resting, at: int) -> None:
        """Join the queue behind all that rests at the price now; `at` is nanoseconds of market time."""
        half = self._half(resting.side)
        level = half.level(resting.price)
        resting.ahead = level.shown - level.taken
        resting.echo = max(0, level.shrunk) if at - level.changed_at <= ECHO_NS else 0
        if not level.orders:
            insort(half.own_keys, resting.price * half.sign)
        level.orders[resting.order.new.id] = resting
        level.own += resting.leaves
        self._show(half, resting.price)

    def remove(self, resting: Resting) -> None:
        """Take an order off. Call `uncover` when all that leave together have left."""
        half = self._half(resting.side)
        level = half.levels[resting.price]
        level.own -= resting.leaves
        self._drop(half, resting.price, level, resting)
        self._show(half, resting.price)
        self._half(resting.side.other).uncovered.append(resting.price)

    def uncover(self, side: Side) -> list[Fill]:
        """Quotes of the tape on a side, hidden by orders now gone, meet the orders that are still there."""
        half, fills = self._half(side), list[Fill]()
        prices, half.uncovered = half.uncovered, []
        for price in prices:
            level = half.levels.get(price)
            if level is not None and level.visible > level.own:
                fills += self._cross(half, price, level)
                self._show(half, price)
        return fills

    def set_level(self, side: Side, price: Price, size: int, at: int) -> list[Fill]:
        """The tape's size at a price is now this; what reaches through accounts' orders fills them."""
        half = self._half(side)
        level = half.level(price)
        if level.shown == size:
            return []
        level.age(at)
        level.resize(size, self._queue)
        fills = self._cross(half, price, level)
        self._show(half, price)
        return fills

    def set_side(self, side: Side, levels: Iterable[tuple[Price, Size]], at: int) -> list[Fill]:
        """The tape's whole side is now this; levels it does not name are gone."""
        half, given, fills = self._half(side), dict(levels), list[Fill]()
        gone = [Price(price) for price, level in half.levels.items() if level.shown and price not in given]
        for price in gone:
            fills += self.set_level(side, price, 0, at)
        for price in sorted(given, reverse=side is Side.BID):
            fills += self.set_level(side, price, given[price], at)
        return fills

    def printed(self, taker: Side, price: Price, size: int, at: int) -> list[Fill]:
        """Others traded `size` at a price: orders it went through fill, then the queue at the price moves up."""
        half, fills = self._half(taker.other), list[Fill]()
        at_price = half.level(price)
        at_price.age(at)
        at_price.shrunk -= size
        while size and half.own_keys and half.own_keys[-1] >= price * half.sign:
            best = Price(half.own_keys[-1] * half.sign)
            level = half.levels[best]
            if best == price:
                self._print_level(half, price, level, size, fills)
                size = 0
            else:
                size -= self._fill_front(half, best, level, size, fills)
            self._show(half, best)
        return fills

    def _half(self, side: Side) -> _HalfBook:
        return self._bids if side is Side.BID else self._asks

    def _show(self, half: _HalfBook, price: Price) -> None:
        """Note what is visible at a price now: the tape's share hides behind an order on the other side."""
        level = half.levels.get(price)
        if level is None:
            return
        opposite = (self._asks if half is self._bids else self._bids).levels.get(price)
        masked = opposite is not None and bool(opposite.orders)
        visible = level.own + (0 if masked else level.shown - level.taken)
        if visible != level.visible:
            self._changes[half is self._bids, price] = Change(half.side, price, Size(visible))
        half.show(price, level, visible)

    def _take_level(self, half: _HalfBook, price: Price, level: _Level, size: int, fills: list[Fill]) -> int:
        """A taker at one price: the background and the orders by their places. Returns what it got."""
        background = level.visible - level.own
        left, used = size, 0
        for resting in list(level.orders.values()):
            first = min(left, max(0, min(resting.ahead, background) - used))
            level.give_background(price, first, fills)
            used += first
            left -= first
            if not left:
                break
            left -= self._fill(half, price, level, resting, left, fills)
            if not left:
                break
        last = min(left, background - used)
        level.give_background(price, last, fills)
        for resting in level.orders.values():
            resting.ahead = max(0, resting.ahead - used - last)
        return size - left + last

    def _fill(
        self, half: _HalfBook, price: Price, level: _Level, resting: Resting, size: int, fills: list[Fill]
    ) -> int:
        """One order gets up to `size`; it is first in its queue after that. Returns what it got."""
        got = min(size, resting.leaves)
        resting.leaves -= got
        resting.ahead = resting.echo = 0
        level.own -= got
        fills.append(Fill(resting, price, got))
        if not resting.leaves:
            self._drop(half, price, level, resting)
        return got

    def _fill_front(self, half: _HalfBook, price: Price, level: _Level, size: int, fills: list[Fill]) -> int:
        """The price was passed: its orders fill in time order, whatever rested before them."""
        left = size
        while left and level.orders:
            left -= self._fill(half, price, level, next(iter(level.orders.values())), left, fills)
        return size - left

    def _print_level(
        self, half: _HalfBook, price: Price, level: _Level, size: int, fills: list[Fill]
    ) -> None:
        """A print at the price: what rests ahead goes first, orders get what is beyond it."""
        used = 0
        for resting in list(level.orders.values()):
            first = min(size, max(0, resting.ahead + resting.echo - used))
            used += first
            size -= first
            if not size:
                break
            size -= self._fill(half, price, level, resting, size, fills)
            if not size:
                break
        level.move_up(used)

    def _cross(self, half: _HalfBook, price: Price, level: _Level) -> list[Fill]:
        """The tape quotes beyond accounts' orders on the other side: they fill at their own price."""
        other, fills = (self._asks if half is self._bids else self._bids), list[Fill]()
        while level.shown > level.taken and other.own_keys and other.own_keys[-1] > price * other.sign:
            best = Price(other.own_keys[-1] * other.sign)
            level.taken += self._fill_front(other, best, other.levels[best], level.shown - level.taken, fills)
            self._show(other, best)
        return fills

    def _drop(self, half: _HalfBook, price: Price, level: _Level, resting: Resting) -> None:
        del level.orders[resting.order.new.id]
        if not level.orders:
            del half.own_keys[bisect_left(half.own_keys, price * half.sign)]
            self._show(self._asks if half is self._bids else self._bids, price)
