"""A recorded market as a tape: its frames become levels, books and prints in YES terms, market second 0 first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import sha3

from messages.values import MICRO, MS, MarketId, Price, Side, Size, TokenId
from venue.paper.engine.tape import BookSet, Cleared, Closed, Levels, LevelSet, Printed, TapeEvent, TickSet
from venue.paper.engine.terms import Market, TokenSide
from venue.paper.replay.frames import Entry, Message, RecordingError, micro, read_frames

GRIDS = (10_000, 1_000, 100)
"""Ticks a recording can have, coarsest first; what was recorded decides."""
MIN_SIZE = Size(5 * MICRO)
MANY = 10
"""Levels that nobody else than the venue takes off with one message (assumed)."""

_YesBook = tuple[dict[Price, int], dict[Price, int]]


class Recording:
    """One file. It is read through once to be checked, and again, line by line, each time it is played.

    Its market is its pair of assets: YES is the first seen, the slug is the file's name up to its wire
    generation, the condition id is 0x and the Keccak-256 of the two asset ids, sorted as strings and written
    one after the other. An asset that appears alone is given a made-up complement.
    Raises RecordingError for lines that make no sense and OSError for a file that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()
        assets, first_book, self._old_wire = _survey(path)
        self.yes = TokenId(assets[0])
        self.no = TokenId(assets[1] if len(assets) > 1 else str(int(_keccak(assets[0]), 16)))
        self.tick = _grid(first_book)
        self.prints = 0
        self.updates = 0
        self.ends_at = self._check()

    @property
    def name(self) -> str:
        """The file's name, without its directory."""
        return self.path.name

    @property
    def market(self) -> Market:
        """The market as it is before the first frame, newly made each time."""
        slug = re.split(r"\.(?:old-format|new-format|jsonl)\b", self.name)[0]
        return Market(
            id=MarketId("0x" + _keccak("".join(sorted((self.yes, self.no))))),
            slug=slug,
            question=f"{slug.replace('-', ' ').replace('_', ' ')} (recorded)",
            yes=self.yes,
            no=self.no,
            tick=self.tick,
            min_size=MIN_SIZE,
        )

    def events(self, since: int) -> Iterator[TapeEvent]:
        """All its events from the first on, whatever `since` says: a book is the sum of what came before."""
        converter = _Converter(self.yes, self.tick, self._old_wire)
        first: int | None = None
        at = 0
        for line, t, message in read_frames(self.path):
            first = t if first is None else first
            at = max(at, (t - first) * MS)
            try:
                yield from converter.convert(message, at)
            except ValueError as error:
                raise RecordingError(self.path, line, str(error)) from error
        yield Closed(at=at)

    def _check(self) -> int:
        at = 0
        for event in self.events(0):
            at = event.at
            self.prints += isinstance(event, Printed)
            self.updates += isinstance(event, (LevelSet, BookSet))
        return at


class _Converter:
    """Frames in the order of the file to events in YES terms; keeps the book that they add up to.

    Messages come in pairs, one for each outcome, that say the same: the second changes nothing and is silent.
    """

    def __init__(self, yes: TokenId, tick: Price, infer_prints: bool) -> None:
        self._yes = yes
        self._tick = tick
        self._infer_prints = infer_prints
        self._book: _YesBook = ({}, {})

    def convert(self, message: Message, at: int) -> Iterator[TapeEvent]:
        """The events of one message. Raises ValueError for prices, sizes and sides that are none."""
        match message.event_type:
            case "book":
                yield from self._on_book(message, at)
            case "price_change":
                before = sum(map(len, self._book))
                for change in _changes(message):
                    yield from self._on_change(change, at)
                if before >= MANY and not any(self._book):
                    yield Cleared(at=at)
            case "last_trade_price":
                price, side = self._in_yes(message.asset_id, message.price, message.side)
                taker = TokenSide.BUY if side is Side.BID else TokenSide.SELL
                yield from self._on_grid([price], at)
                yield Printed(at=at, taker=taker, price=price, size=Size(micro(message.size)))
            case "tick_size_change":
                yield from self._set_tick(_price(message.new_tick_size or ""), at, is_told=True)
            case "market_resolved":
                yield Closed(at=at)

    def _on_change(self, change: Entry, at: int) -> Iterator[TapeEvent]:
        price, side = self._in_yes(change.asset_id, change.price, change.side)
        size = micro(change.size)
        levels = self._book[side is Side.ASK]
        if levels.get(price, 0) == size:
            return
        if size:
            levels[price] = size
        else:
            del levels[price]
        yield from self._on_grid([price], at)
        yield LevelSet(at=at, side=side, price=price, size=Size(size))

    def _on_book(self, message: Message, at: int) -> Iterator[TapeEvent]:
        new = _yes_book(message, message.asset_id == self._yes)
        old = self._book
        if new == old:
            return
        self._book = new
        yield from self._on_grid([*new[0], *new[1]], at)
        if self._infer_prints:
            yield from _inferred_prints(old, new, at)
        yield BookSet(at=at, bids=_levels(new[0]), asks=_levels(new[1]))

    def _on_grid(self, prices: list[Price], at: int) -> Iterator[TapeEvent]:
        """The wire gave no notice of a finer grid: it is known by a price off the old one, and nobody is told."""
        if any(price % self._tick for price in prices):
            yield from self._set_tick(_grid([*prices, self._tick]), at, is_told=False)

    def _set_tick(self, tick: Price, at: int, is_told: bool) -> Iterator[TapeEvent]:
        if tick != self._tick:
            self._tick = tick
            yield TickSet(at=at, tick=tick, is_told=is_told)

    def _in_yes(self, asset: str, price: str, side: str) -> tuple[Price, Side]:
        if side not in ("BUY", "SELL"):
            raise ValueError(f"{side!r} is not a side")
        own = _price(price)
        if asset == self._yes:
            return own, Side.BID if side == "BUY" else Side.ASK
        return Price(MICRO - own), Side.ASK if side == "BUY" else Side.BID


def _survey(path: Path) -> tuple[list[str], list[Price], bool]:
    """The assets in order of appearance, the prices of the first book, and whether the wire is the old one."""
    assets, first_book, old_wire = list[str](), list[Price](), True
    for line, _, message in read_frames(path):
        for asset in [message.asset_id, *(change.asset_id for change in message.price_changes)]:
            if asset and asset not in assets:
                assets.append(asset)
        if len(assets) > 2:
            raise RecordingError(path, line, "a third asset: a recording holds the two of one market")
        if message.event_type == "book" and not first_book:
            try:
                first_book = [*_stated_tick(message), *(p for half in _yes_book(message, True) for p in half)]
            except ValueError as error:
                raise RecordingError(path, line, str(error)) from error
        old_wire = old_wire and not message.price_changes and message.event_type != "last_trade_price"
    if not first_book:
        raise RecordingError(path, 0, "no book in it, so there is nothing to play")
    return assets, first_book, old_wire


def _changes(message: Message) -> list[Entry]:
    """The level changes of a message, each with its asset; three generations of the wire."""
    if message.price_changes:
        return message.price_changes
    asset = message.asset_id
    flat = [Entry(message.price, message.size, message.side)] if message.price else []
    return [Entry(c.price, c.size, c.side, asset) for c in message.changes or flat]


def _inferred_prints(old: _YesBook, new: _YesBook, at: int) -> Iterator[Printed]:
    """The old wire told no trades, only books: one whose top shrank on one side and nothing else was a trade."""
    shrunk = [side for side in (Side.BID, Side.ASK) if old[side is Side.ASK] != new[side is Side.ASK]]
    if len(shrunk) != 1:
        return
    side = shrunk[0]
    before, after = old[side is Side.ASK], new[side is Side.ASK]
    changed = [price for price in before.keys() | after.keys() if before.get(price) != after.get(price)]
    best_first = sorted(before, reverse=side is Side.BID)[: len(changed)]
    whole = [after.get(price, 0) for price in best_first[:-1]]
    if set(best_first) != set(changed) or any(whole) or after.get(best_first[-1], 0) > before[best_first[-1]]:
        return
    taker = TokenSide.SELL if side is Side.BID else TokenSide.BUY
    for price in best_first:
        yield Printed(at=at, taker=taker, price=price, size=Size(before[price] - after.get(price, 0)))


def _yes_book(message: Message, is_yes: bool) -> _YesBook:
    bids = {_price(entry.price): micro(entry.size) for entry in message.bids}
    asks = {_price(entry.price): micro(entry.size) for entry in message.asks}
    for half in (bids, asks):
        for price in [price for price, size in half.items() if not size]:
            del half[price]
    if is_yes:
        return bids, asks
    return {Price(MICRO - p): s for p, s in asks.items()}, {Price(MICRO - p): s for p, s in bids.items()}


def _levels(half: dict[Price, int]) -> Levels:
    return tuple((price, Size(size)) for price, size in half.items())


def _stated_tick(message: Message) -> list[Price]:
    return [_price(message.tick_size)] if message.tick_size else []


def _price(text: str) -> Price:
    price = micro(text)
    if not 0 < price < MICRO:
        raise ValueError(f"price {text!r} is not between 0 and 1")
    return Price(price)


def _grid(prices: list[Price]) -> Price:
    """The coarsest grid on which all of them are."""
    for grid in GRIDS:
        if not any(price % grid for price in prices):
            return Price(grid)
    return Price(GRIDS[-1])


def _keccak(text: str) -> str:
    return str(sha3.keccak_256(text.encode()).hexdigest())
