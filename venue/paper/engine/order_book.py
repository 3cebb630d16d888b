"""One book per question, in YES terms, in which everybody stands in person: lots of a crowd and accounts' orders.

Price before time; at a price those who came first are first, whoever they are.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

from messages.values import Price, Side, Size
from venue.paper.engine.book import Change, Fill, Resting, Stake
from venue.paper.engine.participants import Lot

Entry = Resting | Lot


class _Level:
    """A queue and its size."""

    __slots__ = ("accounts", "queue", "total")

    def __init__(self) -> None:
        self.queue: dict[Entry, None] = {}
        self.total = 0
        self.accounts = 0
        """How many of the queue are accounts' orders."""


class _HalfBook:
    """One side. Prices are kept as keys that rise with goodness, so that the best is always the last."""

    __slots__ = ("account_keys", "keys", "levels", "side", "sign", "touched")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sign = side.sign
        self.levels: dict[int, _Level] = {}
        self.keys: list[int] = []
        self.account_keys: list[int] = []
        self.touched: dict[int, int] = {}
        """Keys whose size may have changed, with the size that was told last."""

    def join(self, entry: Entry) -> None:
        """To the back of the queue at its price."""
        key = entry.price * self.sign
        level = self.levels.get(key)
        if level is None:
            level = self.levels[key] = _Level()
            insort(self.keys, key)
        self.touched.setdefault(key, level.total)
        level.queue[entry] = None
        level.total += entry.leaves
        if type(entry) is Resting:
            if not level.accounts:
                insort(self.account_keys, key)
            level.accounts += 1

    def leave(self, entry: Entry) -> None:
        """Out of the queue; who is not in it is passed over."""
        key = entry.price * self.sign
        level = self.levels.get(key)
        if level is None or entry not in level.queue:
            return
        self.touched.setdefault(key, level.total)
        level.total -= entry.leaves
        self._drop(key, level, entry)

    def give(self, key: int, size: int, fills: list[Fill], only_accounts: bool = False) -> int:
        """A taker gets up to `size` at one price, first come first served. Returns what it got."""
        level, price, left = self.levels[key], Price(key * self.sign), size
        while left and level.queue:
            entry = next(iter(level.queue))
            is_account = type(entry) is Resting
            if only_accounts and not is_account:
                break
            got = min(left, entry.leaves)
            entry.leaves -= got
            left -= got
            fills.append(
                Fill(entry, price, got) if isinstance(entry, Resting) else Fill(None, price, got, entry)
            )
            if not entry.leaves:
                self._drop(key, level, entry)
        if left < size:
            self.touched.setdefault(key, level.total)
            level.total -= size - left
        return size - left

    def _drop(self, key: int, level: _Level, entry: Entry) -> None:
        del level.queue[entry]
        if type(entry) is Resting:
            level.accounts -= 1
            if not level.accounts:
                del self.account_keys[bisect_left(self.account_keys, key)]
        if not level.queue:
            del self.levels[key]
            del self.keys[bisect_left(self.keys, key)]

    def changes(self) -> list[Change]:
        """What is visible now where it is not what was told; told with this."""
        found = list[Change]()
        for key, told in self.touched.items():
            level = self.levels.get(key)
            total = level.total if level else 0
            if total != told:
                found.append(Change(self.side, Price(key * self.sign), Size(total)))
        self.touched.clear()
        return found


class OrderBook:
    """A `Book` whose whole depth is orders, so that nothing is hidden and nothing is guessed."""

    def __init__(self) -> None:
        self.hides = False
        self._bids = _HalfBook(Side.BID)
        self._asks = _HalfBook(Side.ASK)

    def best(self, side: Side) -> Price | None:
        """The best price of a side."""
        half = self._bids if side is Side.BID else self._asks
        return Price(half.keys[-1] * half.sign) if half.keys else None

    def accounts_best(self, side: Side) -> Price | None:
        """The best price at which an account's order rests."""
        half = self._bids if side is Side.BID else self._asks
        return Price(half.account_keys[-1] * half.sign) if half.account_keys else None

    def levels(self, side: Side) -> list[tuple[Price, Size]]:
        """Everything on a side, worst level first."""
        half = self._bids if side is Side.BID else self._asks
        return [(Price(key * half.sign), Size(half.levels[key].total)) for key in half.keys]

    def others(self, side: Side, worst: Price) -> Iterator[Stake]:
        """The lots that rest at `worst` or better, best price first."""
        half = self._bids if side is Side.BID else self._asks
        for key in reversed(half.keys):
            if key < worst * half.sign:
                break
            for entry in half.levels[key].queue:
                if isinstance(entry, Lot):
                    yield Stake(f"crowd {entry.who}", side, entry.price, Size(entry.leaves))

    def visible(self, side: Side, price: Price) -> Size:
        """The size at a price."""
        half = self._bids if side is Side.BID else self._asks
        level = half.levels.get(price * half.sign)
        return Size(level.total if level else 0)

    def crosses(self, side: Side, price: Price) -> bool:
        """Whether an order would trade at once; equality trades."""
        half = self._asks if side is Side.BID else self._bids
        return bool(half.keys) and half.keys[-1] >= price * half.sign

    def takeable(self, side: Side, limit: Price, size: int) -> int:
        """How much of `size` an order could get at once."""
        half, got = (self._asks if side is Side.BID else self._bids), 0
        worst = limit * half.sign
        for key in reversed(half.keys):
            if got >= size or key < worst:
                break
            got += half.levels[key].total
        return min(got, size)

    def take(self, side: Side, limit: Price, size: int) -> list[Fill]:
        """An order walks the other side, best price first, at each price by place in the queue."""
        half, fills = (self._asks if side is Side.BID else self._bids), list[Fill]()
        worst = limit * half.sign
        while size and half.keys and half.keys[-1] >= worst:
            size -= half.give(half.keys[-1], size, fills)
        return fills

    def take_accounts(self, side: Side, limit: Price, size: int) -> list[Fill]:
        """As `take`, but it stops before the first lot."""
        half, fills = (self._asks if side is Side.BID else self._bids), list[Fill]()
        worst = limit * half.sign
        while size and half.keys and half.keys[-1] >= worst:
            got = half.give(half.keys[-1], size, fills, only_accounts=True)
            if not got:
                break
            size -= got
        return fills

    def rest(self, resting: Resting, at: int) -> None:
        """Join the queue behind all that rests at the price now."""
        (self._bids if resting.side is Side.BID else self._asks).join(resting)

    def remove(self, resting: Resting) -> None:
        """Take an order off; one that is gone already is passed over."""
        (self._bids if resting.side is Side.BID else self._asks).leave(resting)

    def place(self, lot: Lot) -> bool:
        """A lot joins its queue. False, and nothing happened, if it would cross."""
        if self.crosses(lot.side, lot.price):
            return False
        (self._bids if lot.side is Side.BID else self._asks).join(lot)
        return True

    def pull(self, lot: Lot) -> None:
        """Take a lot off; one that is gone already is passed over."""
        (self._bids if lot.side is Side.BID else self._asks).leave(lot)

    def pull_all(self) -> None:
        """Take every lot off; accounts' orders stay."""
        for half in (self._bids, self._asks):
            for level in list(half.levels.values()):
                for entry in [entry for entry in level.queue if type(entry) is Lot]:
                    half.leave(entry)

    def uncover(self, side: Side) -> list[Fill]:
        """Nothing is ever hidden here."""
        return []

    def changes(self) -> list[Change]:
        """What became visible or vanished since the last call, each price once, bids first."""
        return self._bids.changes() + self._asks.changes()

    def forget_changes(self) -> bool:
        """As `changes`, for when nobody wants to know them; whether the book was touched at all."""
        was_touched = bool(self._bids.touched or self._asks.touched)
        self._bids.touched.clear()
        self._asks.touched.clear()
        return was_touched
