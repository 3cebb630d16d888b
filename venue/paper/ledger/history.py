"""What a ledger file says, read from outside: for checkers and reports, also while the exchange runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec

from messages.values import MarketId, MarketNs, Money, OrderId, Price, RealNs, Size, TokenId
from venue.paper.engine.terms import OrderStatus, OrderType, TokenSide, Trade
from venue.paper.ledger.ledger import World
from venue.paper.ledger.outcomes import READ_CONVERSIONS, Conversion, conversion_of
from venue.paper.ledger.schema import VERSION, trade_of


class PastOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was accepted, and its end if it has come to one."""

    id: OrderId
    owner: str
    maker: str
    market: MarketId
    token: TokenId
    side: TokenSide
    price: Price
    size: Size
    type: OrderType
    post_only: bool
    expires_at: MarketNs | None
    accepted_at: MarketNs
    accepted_real_at: RealNs
    status: OrderStatus
    matched: Size
    """As of its end; 0 while it is open."""
    ended_at: MarketNs | None
    ended_real_at: RealNs | None
    end_reason: str
    """matched, canceled, expired, remainder killed, market closed, venue restart; empty while it is open."""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """What an address has; the maker "" is the background (it may owe), `fees` is where takers' fees went."""

    maker: str
    token: TokenId | None
    """None: collateral."""
    amount: int
    cost: int
    """Dollars paid for the tokens still held, millionths."""


class History:
    """A ledger opened read-only. Raises OSError for a file that is none."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)
            version = self._meta("version")
        except sqlite3.Error as error:
            raise OSError(f"{path}: cannot be read as an exchange's ledger: {error}") from error
        if version != VERSION:
            raise OSError(f"{path}: is a ledger of version {version}, this is version {VERSION}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def world(self) -> World | None:
        """The recordings or the crowd it was played on."""
        found = self._meta("world")
        return None if found is None else msgspec.json.decode(found, type=World)

    def clock(self) -> tuple[MarketNs, MarketNs] | None:
        """Market second 0, and how far market time came when it was last noted; None before the first start."""
        origin, reached = self._meta("origin"), self._meta("reached")
        return None if origin is None or reached is None else (MarketNs(int(origin)), MarketNs(int(reached)))

    def funded(self) -> dict[str, Money]:
        """What each address was given first."""
        return {
            maker: Money(dollars) for maker, dollars in self._db.execute("SELECT maker, funded FROM accounts")
        }

    def balances(self) -> list[Balance]:
        """Every balance as of the last commit."""
        rows = self._db.execute("SELECT maker, token, amount, cost FROM balances ORDER BY maker, token")
        return [
            Balance(maker=maker, token=TokenId(token) if token else None, amount=amount, cost=cost)
            for maker, token, amount, cost in rows
        ]

    def orders(self, owner: str | None = None) -> list[PastOrder]:
        """Every order ever accepted (of an owner), in the order of acceptance."""
        where, given = ("", ()) if owner is None else (" WHERE owner = ?", (owner,))
        rows = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM orders{where} ORDER BY rowid", given)
        return [
            msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), PastOrder, strict=False) for row in rows
        ]

    def trades(self, owner: str | None = None) -> list[Trade]:
        """Every trade with its legs (those of an owner, as taker or leg), in the order of matching."""
        where, given = "", list[str]()
        if owner is not None:
            where = " WHERE taker_owner = ? OR id IN (SELECT trade FROM legs WHERE owner = ?)"
            given = [owner, owner]
        rows = self._db.execute(f"SELECT * FROM trades{where} ORDER BY seq", given).fetchall()
        legs = "SELECT * FROM legs WHERE trade = ? ORDER BY n"
        return [trade_of(row, self._db.execute(legs, (row[1],))) for row in rows]

    def conversions(self) -> list[Conversion]:
        """Every split, merge, redemption and conversion, in their order."""
        return [conversion_of(row) for row in self._db.execute(f"{READ_CONVERSIONS} ORDER BY seq")]

    def resolutions(self) -> dict[MarketId, TokenId | None]:
        """Every market that has ended, and the token that won (None: half each)."""
        rows = self._db.execute("SELECT market, winner FROM resolutions")
        return {MarketId(market): TokenId(winner) if winner else None for market, winner in rows}

    def _meta(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])


_COLUMNS = PastOrder.__struct_fields__
