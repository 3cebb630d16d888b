"""What the exchange must not forget: accounts, keys, balances, trades, every order, and its market time.

Resting orders are history here, not a book: a restarted exchange begins with none. Trades and balances are on
disk before anybody hears of them; accepted orders and the clock survive the death of the process.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from messages.values import MarketId, MarketNs, OrderId, RealNs, TokenId, TradeId
from venue.paper.engine.terms import Order, OrderStatus, Trade, TradeStatus
from venue.paper.ledger.batch import Batch
from venue.paper.ledger.identities import ApiKey, Identities
from venue.paper.ledger.outcomes import (
    ADD_CONVERSION,
    READ_CONVERSIONS,
    Conversion,
    conversion_of,
    conversion_row,
)
from venue.paper.ledger.schema import SCHEMA, VERSION, trade_of
from venue.paper.ledger.seen import Seen

__all__ = ["ApiKey", "Ledger", "World", "WorldMismatch"]

ANOTHER_STATE = "start over with --fresh, or name another directory with --state"


class WorldMismatch(ValueError):
    """The state began with another world than the one asked for."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What the background is made of; a state continues only with the one it began with."""

    recordings: tuple[tuple[str, str], ...]
    """File name and SHA-256, in the order given; empty: the crowd."""
    seed: int
    crowd: str = ""
    """The crowd's version, when there is one."""


class Ledger:
    """One SQLite file, one connection, one writer. Raises OSError when the file cannot be used."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        try:
            self._db = sqlite3.connect(self.path, isolation_level=None, cached_statements=256)
            self._db.execute("PRAGMA journal_mode=WAL")
            found = self._version()
            if found in (None, VERSION):
                self._db.executescript(SCHEMA)
        except sqlite3.Error as error:
            raise OSError(f"{self.path}: cannot be used as the exchange's ledger: {error}") from error
        if found not in (None, VERSION):
            self._db.close()
            raise OSError(
                f"{self.path}: is a ledger of version {found}, this is version {VERSION}: {ANOTHER_STATE}"
            )
        self._put_meta("version", VERSION)
        self.identities = Identities(self._db, self._durable)
        self._batch = Batch()
        self._known = Seen(id_ for (id_,) in self._db.execute("SELECT id FROM orders"))
        self._patience = 2_048 if self.path == ":memory:" else 1
        """Rows that wait for company; where nothing outlives the process, waiting loses nothing."""
        self._is_durable: bool | None = None

    def close(self) -> None:
        """Write what is pending and let go of the file."""
        self._write()
        self._db.close()

    # -- the world and its clock

    def begin(self, world: World) -> None:
        """Claim the state for a world. Raises WorldMismatch if it began with another."""
        found, asked = self._meta("world"), msgspec.json.encode(world).decode()
        if found is None:
            self._put_meta("world", asked)
        elif found != asked:
            began = _described(msgspec.json.decode(found, type=World))
            raise WorldMismatch(
                f"{self.path}: this state began with {began}, not with {_described(world)}: {ANOTHER_STATE}"
            )

    @property
    def seed(self) -> int:
        """The world's; 0 while the state belongs to none."""
        found = self._meta("world")
        return 0 if found is None else msgspec.json.decode(found, type=World).seed

    @property
    def origin(self) -> MarketNs | None:
        """Market second 0, once the market clock was started for the first time."""
        found = self._meta("origin")
        return None if found is None else MarketNs(int(found))

    @property
    def reached(self) -> MarketNs | None:
        """The last market time anything here knows of."""
        row = self._db.execute(
            "SELECT max(v) FROM (SELECT CAST(value AS INTEGER) AS v FROM meta WHERE name = 'reached'"
            " UNION ALL SELECT max(updated_at) FROM trades UNION ALL SELECT max(accepted_at) FROM orders)"
        ).fetchone()
        return None if row[0] is None else MarketNs(row[0])

    def save_clock(self, origin: MarketNs, reached: MarketNs) -> None:
        """Remember how far market time came."""
        rows = [("origin", str(origin)), ("reached", str(reached))]
        self._batch.note("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
        self.commit()

    # -- who is who

    def api_keys_of(self, address: str) -> list[str]:
        """The keys of an address, by nonce."""
        return self.identities.api_keys_of(address)

    def owners_of(self, maker: str) -> list[str]:
        """The addresses whose keys move a wallet's money."""
        return self.identities.owners_of(maker)

    def has_ordered(self, maker: str) -> bool:
        """Whether an order for this wallet was ever accepted."""
        self._write()
        return bool(self.read("SELECT 1 FROM orders WHERE maker = ? LIMIT 1", maker))

    # -- balances

    def balances(self) -> Iterable[tuple[str, TokenId | None, int, int]]:
        """Every balance: address, token (None: collateral), amount, cost; all in millionths."""
        for maker, token, amount, cost in self._db.execute("SELECT maker, token, amount, cost FROM balances"):
            yield maker, TokenId(token) if token else None, amount, cost

    def funded(self) -> list[str]:
        """Addresses that received their first dollars."""
        return [maker for (maker,) in self._db.execute("SELECT maker FROM accounts")]

    def fund(self, maker: str, dollars: int, at: MarketNs) -> None:
        """Note that an address was funded; goes to disk with its balance at the next commit."""
        self._batch.note("INSERT INTO accounts VALUES (?, ?, ?)", [(maker, dollars, int(at))])

    def pay(self, maker: str, dollars: int, reason: str, at: MarketNs) -> None:
        """Note that a program paid an address; goes to disk with the balances at the next commit."""
        row = (None, maker, dollars, reason, int(at))
        self.note("INSERT INTO payments VALUES (?, ?, ?, ?, ?)", [row])

    def set_balance(self, maker: str, token: TokenId | None, amount: int, cost: int) -> None:
        """What an address holds of a token (None: collateral) now, and what it has cost."""
        self._batch.set_balance(maker, token, amount, cost)

    # -- orders

    def has_order(self, order: OrderId) -> bool:
        """Whether an order of this id was ever accepted."""
        if not self._known.maybe(order):
            return False
        if self._batch.has_order(order):
            return True
        return self._db.execute("SELECT 1 FROM orders WHERE id = ?", (order,)).fetchone() is not None

    def add_order(self, order: Order, real_at: RealNs) -> None:
        """An order was accepted."""
        self._batch.add_order(order, real_at)
        self._known.add(order.new.id)

    def end_order(self, order: Order, at: MarketNs, real_at: RealNs, reason: str) -> None:
        """An order is no longer on the book."""
        self._batch.end_order(order, at, real_at, reason)

    def end_all(self, at: MarketNs, real_at: RealNs, reason: str) -> None:
        """Every order that the history still has on the book is gone."""
        ended = (str(OrderStatus.CANCELED), at, real_at, reason)
        rows = [(*ended, matched, order) for order, matched in self.read(_OPEN)]
        self.note(_END_OPEN, rows)
        self._write()

    # -- trades

    def add_trades(self, trades: Sequence[Trade]) -> None:
        """New matches with their legs."""
        for trade in trades:
            self._batch.add_trade(trade)

    def step_trade(self, trade: Trade) -> None:
        """A trade's settlement went on."""
        self._batch.step_trade(trade)

    def trade_count(self) -> int:
        """How many matches there were."""
        return int(self.read("SELECT coalesce(max(seq), 0) FROM trades")[0][0])

    def trade_by_hash(self, transaction: str) -> Trade | None:
        """The trade that a mined transaction settled."""
        found = self._trades("transaction_hash = ? AND transaction_hash <> ''", (transaction,))
        return found[0] if found else None

    def unsettled(self) -> list[Trade]:
        """Trades whose settlement has a step to come, oldest first."""
        over = (str(TradeStatus.CONFIRMED), str(TradeStatus.FAILED))
        return self._trades("status NOT IN (?, ?)", over)

    def trades(
        self,
        owner: str,
        *,
        trade: TradeId | None = None,
        market: MarketId | None = None,
        token: TokenId | None = None,
        before: MarketNs | None = None,
        after: MarketNs | None = None,
    ) -> list[Trade]:
        """Trades in which an owner is the taker or has a leg, oldest first, strictly between two instants."""
        where = "(taker_owner = ? OR id IN (SELECT trade FROM legs WHERE owner = ?))"
        given: list[object] = [owner, owner]
        for clause, value in (
            ("id = ?", trade),
            ("market = ?", market),
            ("matched_at < ?", before),
            ("matched_at > ?", after),
        ):
            if value is not None:
                where += f" AND {clause}"
                given.append(value)
        if token is not None:
            where += " AND (token = ? OR id IN (SELECT trade FROM legs WHERE owner = ? AND token = ?))"
            given += [token, owner, token]
        return self._trades(where, given)

    # -- what is no trade

    def save_resolution(self, market: MarketId, winner: TokenId | None, at: MarketNs) -> None:
        """How a market ended (None: half each); goes to disk with the next commit."""
        self.note("INSERT OR REPLACE INTO resolutions VALUES (?, ?, ?)", [(market, winner or "", int(at))])

    def resolutions(self) -> dict[MarketId, TokenId | None]:
        """Every market that has ended, and the token that won (None: half each)."""
        rows = self.read("SELECT market, winner FROM resolutions")
        return {MarketId(market): TokenId(winner) if winner else None for market, winner in rows}

    def conversion_count(self) -> int:
        """How many there were."""
        return int(self.read("SELECT coalesce(max(seq), 0) FROM conversions")[0][0])

    def conversion_by_hash(self, transaction: str) -> Conversion | None:
        """What a transaction split, merged, redeemed or converted."""
        found = self.read(f"{READ_CONVERSIONS} WHERE transaction_hash = ?", transaction)
        return conversion_of(found[0]) if found else None

    def add_conversion(self, made: Conversion) -> None:
        """A split, merge, redemption or conversion; goes to disk with its balances at the next commit."""
        self.note(ADD_CONVERSION, [conversion_row(made)])

    # -- the programs' tables

    def note(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Rows that go to disk with the next commit."""
        self._batch.note(statement, rows)

    def read(self, statement: str, *given: object) -> list[tuple[Any, ...]]:
        """Rows as of the last commit."""
        if self._patience > 1:
            self._write()
        return self._db.execute(statement, given).fetchall()

    def commit(self, durable: bool = False) -> None:
        """Write everything noted so far in one transaction; `durable`: it must survive a power cut as well."""
        if self._batch.rows >= self._patience:
            self._write(durable)

    def _write(self, durable: bool = False) -> None:
        if not self._batch.rows:
            return
        self._durable(durable)
        self._db.execute("BEGIN IMMEDIATE")
        self._batch.write(self._db)
        self._db.execute("COMMIT")
        self._batch = Batch()

    def _durable(self, durable: bool) -> None:
        if durable is not self._is_durable:
            self._is_durable = durable
            self._db.execute("PRAGMA synchronous=FULL" if durable else "PRAGMA synchronous=NORMAL")

    def _trades(self, where: str, given: Iterable[object]) -> list[Trade]:
        rows = self.read(f"SELECT * FROM trades WHERE {where} ORDER BY seq", *given)
        return [trade_of(row, self._legs(row[1])) for row in rows]

    def _legs(self, trade: str) -> list[tuple[object, ...]]:
        return self._db.execute("SELECT * FROM legs WHERE trade = ? ORDER BY n", (trade,)).fetchall()

    def _version(self) -> str | None:
        """The file's version; None: it is empty."""
        tables = self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone()
        return self._meta("version") if tables else None

    def _meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _put_meta(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))


def _described(world: World) -> str:
    names = ", ".join(name for name, _ in world.recordings)
    return f"{names or 'the ' + world.crowd} and seed {world.seed}"


_OPEN = """WITH still AS (SELECT id FROM orders WHERE ended_at IS NULL),
parts AS (SELECT order_id AS id, size FROM legs WHERE order_id IN (SELECT id FROM still)
UNION ALL SELECT taker_order AS id, size FROM trades WHERE taker_order IN (SELECT id FROM still))
SELECT still.id, coalesce(sum(parts.size), 0) FROM still LEFT JOIN parts ON parts.id = still.id GROUP BY still.id"""
"""Orders that have not ended, and what was matched of each."""
_END_OPEN = (
    "UPDATE orders SET status = ?, ended_at = ?, ended_real_at = ?, end_reason = ?, matched = ? WHERE id = ?"
)
