"""What both versions of the Data API read: who holds and who traded what, as it was a lag ago (VENUE §6.4)."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from messages.values import MICRO, SECOND, MarketId, MarketNs, Price, Size, TokenId
from venue.paper.doors.registry import Registry
from venue.paper.doors.spelling import NO_ADDRESS, token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Market, TokenSide
from venue.paper.ledger.outcomes import READ_CONVERSIONS, Conversion, conversion_of
from venue.paper.programs.prices import Recorder

_TAKEN = """
SELECT trades.matched_at, trades.seq, -1, trades.market, trades.token, trades.side, trades.price, trades.size,
trades.taker_maker AS maker, trades.transaction_hash FROM trades WHERE trades.status != 'FAILED'
"""
_RESTED = """
SELECT trades.matched_at, trades.seq, legs.n, trades.market, legs.token, legs.side, legs.price, legs.size,
legs.maker AS maker, trades.transaction_hash FROM legs JOIN trades ON legs.trade = trades.id
WHERE trades.status != 'FAILED' AND legs.maker != ''
"""
_PAID = "SELECT paid_at, dollars, reason FROM payments WHERE maker = ? AND paid_at <= ? ORDER BY seq DESC"
_CONVERTED = f"{READ_CONVERSIONS} WHERE maker = ? AND converted_at <= ? ORDER BY seq DESC LIMIT ?"
_VOLUMES = """
SELECT market, SUM(size) FROM trades WHERE status != 'FAILED' AND matched_at <= ? GROUP BY market ORDER BY market
"""
_TRADERS = """
SELECT maker, COUNT(*), COUNT(DISTINCT market), SUM(size), SUM(dollars) FROM (
    SELECT taker_maker AS maker, market, size, dollars, matched_at AS at FROM trades WHERE status != 'FAILED'
    UNION ALL
    SELECT legs.maker, trades.market, legs.size, legs.dollars, trades.matched_at
    FROM legs JOIN trades ON legs.trade = trades.id WHERE trades.status != 'FAILED'
) WHERE maker != '' AND at >= ? AND at <= ?
"""
_JOINED = "SELECT funded_at FROM accounts WHERE maker = ?"
RECENT = 1_000
"""Matches of one address that may be too young to be shown."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which parts in matches are asked for."""

    maker: str = ""
    """"" for everybody's."""
    markets: tuple[str, ...] = ()
    side: str = ""
    since: int = 0
    """Not before this second."""
    until: int | None = None
    """Not after this second; None: as far as is shown."""
    taker_only: bool = True
    limit: int = 100
    offset: int = 0


class Part(NamedTuple):
    """One side's part in a match, in its own token's terms."""

    at: MarketNs
    market: Market
    token: TokenId
    side: TokenSide
    price: Price
    size: Size
    maker: str
    transaction: str


class Holding(NamedTuple):
    """A token somebody holds."""

    maker: str
    market: Market
    token: TokenId
    size: int
    average_cost: Price
    price: Price
    is_mergeable: bool

    @property
    def cost(self) -> int:
        """Dollars paid, in millionths."""
        return self.average_cost * self.size // MICRO

    @property
    def value(self) -> int:
        """Dollars it is worth now."""
        return self.price * self.size // MICRO


class Payment(NamedTuple):
    """Money of a program."""

    at: MarketNs
    dollars: int
    reason: str


class Trader(NamedTuple):
    """What somebody traded, taking and resting together."""

    maker: str
    matches: int
    markets: int
    size: int
    dollars: int


class DataBook:
    """Only accounts of this venue are known here.

    `lag_s` is in market seconds; average costs have none, nor has what a position became without a trade.
    """

    def __init__(self, exchange: Exchange, registry: Registry, prices: Recorder, lag_s: int = 0) -> None:
        self._exchange = exchange
        self.registry = registry
        self._prices = prices
        self.lag_s = lag_s
        self._lag_ns = lag_s * SECOND

    def parts(self, wanted: Wanted) -> list[Part]:
        """Newest first, as far as they are shown already."""
        until = self._shown_until()
        if wanted.until is not None:
            until = min(until, (wanted.until + 1) * SECOND - 1)
        return self._parts(wanted, wanted.since * SECOND - 1, until)

    def holdings(self, maker: str) -> list[Holding]:
        """What an address held a lag ago."""
        late = self._late(maker) if self._lag_ns else {}
        held = self._exchange.positions(maker)
        found = list[Holding]()
        for token, position in held.items():
            market, size = self._exchange.market_of(token), position.size - late.get(token, 0)
            if market is not None and size > 0:
                price = token_price(market, token, self._prices.price_now(market))
                is_mergeable = market.other(token) in held
                holding = Holding(maker, market, token, size, position.average_cost, price, is_mergeable)
                found.append(holding)
        return found

    def holders(self, token: TokenId) -> list[tuple[str, int]]:
        """Who holds a token, most first."""
        return self._exchange.holders(token)

    def market(self, condition: str) -> Market | None:
        """A market by its condition id."""
        return self._exchange.market(MarketId(condition))

    def payments(self, maker: str) -> list[Payment]:
        """What programs paid an address, newest first."""
        rows = self._exchange.ledger.read(_PAID, maker, self._shown_until())
        return [Payment(MarketNs(at), dollars, reason) for at, dollars, reason in rows]

    def conversions(self, maker: str, most: int) -> list[Conversion]:
        """What an address split, merged, redeemed and converted, newest first."""
        rows = self._exchange.ledger.read(_CONVERTED, maker, self._shown_until(), most)
        return [conversion_of(row) for row in rows]

    def volumes(self) -> dict[MarketId, int]:
        """Millionths of shares that were traded in each market."""
        return {
            MarketId(market): size
            for market, size in self._exchange.ledger.read(_VOLUMES, self._shown_until())
        }

    def traders(self, maker: str = "", since: int = 0, until: int | None = None) -> list[Trader]:
        """Everybody who traded, or one of them, between two seconds."""
        end = self._shown_until() if until is None else min(self._shown_until(), (until + 1) * SECOND - 1)
        query, given = (f"{_TRADERS} AND maker = ?", [maker]) if maker else (_TRADERS, [])
        rows = self._exchange.ledger.read(
            f"{query} GROUP BY maker ORDER BY maker", since * SECOND, end, *given
        )
        return [Trader(*row) for row in rows]

    def joined_at(self, maker: str) -> MarketNs | None:
        """When an address was given its first money; None: never."""
        rows = self._exchange.ledger.read(_JOINED, maker)
        return MarketNs(rows[0][0]) if rows else None

    def profit(self, maker: str) -> int:
        """Millionths of a dollar by which an address has more than it was given, positions at their price now."""
        if not self._exchange.bank.knows(maker):
            return 0
        worth = sum(held.value for held in self.holdings(maker))
        return self._exchange.bank.on_chain(maker, None) + worth - self._exchange.first_funds

    def open_interest(self, market: Market) -> int:
        """Millionths of a dollar in pairs of a market's tokens, one of which at least is held here."""
        held = (sum(size for _, size in self.holders(token)) for token in (market.yes, market.no))
        return max(held)

    def allowance(self, maker: str, spender: str, is_tokens: bool) -> int:
        """What a contract may move of somebody's collateral, or of any token."""
        return self._exchange.bank.allowance(maker, spender, TokenId("0") if is_tokens else None)

    @property
    def now(self) -> MarketNs:
        """Market time, after all that is due."""
        self._exchange.advance()
        return self._exchange.now

    def _shown_until(self) -> int:
        self._exchange.advance()
        return int(self._exchange.now) - self._lag_ns

    def _late(self, maker: str) -> dict[TokenId, int]:
        """By token, what an address got in matches too young to be shown."""
        found = dict[TokenId, int]()
        recent = Wanted(maker=maker, taker_only=False, limit=RECENT)
        for part in self._parts(recent, self._shown_until(), None):
            gained = part.size if part.side is TokenSide.BUY else -part.size
            found[part.token] = found.get(part.token, 0) + gained
        return found

    def _parts(self, wanted: Wanted, after: int | None, until: int | None) -> list[Part]:
        taken, given = _narrowed(_TAKEN, wanted, after, until)
        if not wanted.taker_only:
            rested, more = _narrowed(_RESTED, wanted, after, until)
            taken, given = f"{taken} UNION ALL {rested}", [*given, *more]
        ordered = f"{taken} ORDER BY 2 DESC, 3 LIMIT ? OFFSET ?"
        rows = self._exchange.ledger.read(ordered, *given, wanted.limit, wanted.offset)
        return [part for row in rows if (part := self._part(row)) is not None]

    def _part(self, row: tuple[Any, ...]) -> Part | None:
        at, _, _, condition, token, side, price, size, maker, transaction = row
        market = self.market(condition)
        if market is None:
            return None
        return Part(
            at=MarketNs(at),
            market=market,
            token=TokenId(token),
            side=TokenSide(side),
            price=Price(price),
            size=Size(size),
            maker=maker or NO_ADDRESS,
            transaction=transaction,
        )


def _narrowed(select: str, wanted: Wanted, after: int | None, until: int | None) -> tuple[str, list[object]]:
    """A query of parts with its conditions, and what to put in for their marks."""
    whose = "trades.taker_maker" if select is _TAKEN else "legs.maker"
    side = "trades.side" if select is _TAKEN else "legs.side"
    given: list[object] = []
    for clause, value in (
        (f"{whose} = ?", wanted.maker or None),
        (f"{side} = ?", wanted.side or None),
        ("trades.matched_at > ?", after),
        ("trades.matched_at <= ?", until),
    ):
        if value is not None:
            select += f" AND {clause}"
            given.append(value)
    if wanted.markets:
        select += f" AND trades.market IN ({', '.join('?' * len(wanted.markets))})"
        given += wanted.markets
    return select, given
