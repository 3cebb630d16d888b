"""The port that asks REST for whole books, so that somebody bears the stream out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from messages.market import BooksFailed, BooksRead, ReadBooks, WitnessedBook
from messages.values import MarketId
from runtime.ports import Port, handles
from venue.polymarket.public import PublicError, PublicReader
from venue.polymarket.translate import read_levels, read_stamp, read_tick
from venue.wire.market_channel import BookSummary
from venue.wire.numbers import WireError


class WitnessSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long an answer may take."""

    timeout_s: float = 3.0
    """Real seconds for each step of one request."""
    total_s: float = 5.0
    """Real seconds for the whole of it: a later answer tells of the past."""


class Witness(Port):
    """Reads the books of many YES tokens with one `POST /books`."""

    def __init__(self, clob_url: str, settings: WitnessSettings | None = None) -> None:
        """`clob_url` without a trailing path, as `https://clob.polymarket.com`."""
        self._settings = settings or WitnessSettings()
        self._url = clob_url
        self._reader: PublicReader | None = None

    async def open(self) -> None:
        """No request yet."""
        self._reader = PublicReader(self._url, self._settings.timeout_s)

    async def close(self) -> None:
        """Let the connections go."""
        if self._reader is not None:
            await self._reader.close()

    @handles
    async def read(self, wanted: ReadBooks) -> AsyncIterator[BooksRead | BooksFailed]:
        """All books that REST has of these, or why there are none."""
        asked_at = self.real_now
        try:
            async with asyncio.timeout(self._settings.total_s):
                books = await self._read(wanted)
        except TimeoutError:
            yield BooksFailed(reason=f"/books took longer than {self._settings.total_s:g} s")
        except PublicError as error:
            yield BooksFailed(reason=str(error))
        except WireError as error:
            yield BooksFailed(reason=f"/books: {error}")
        else:
            yield BooksRead(books=books, asked_at=asked_at, seen_at=self.real_now)

    async def _read(self, wanted: ReadBooks) -> tuple[WitnessedBook, ...]:
        assert self._reader is not None, "open() comes first"
        markets = {str(yes): market for market, yes in wanted.markets}
        body = msgspec.json.encode([{"token_id": token} for token in markets])
        answer = await self._reader.post("/books", body)
        found = self._reader.decode(answer, list[BookSummary], "books")
        return tuple(read_book(markets[book.asset_id], book) for book in found if book.asset_id in markets)


def read_book(market: MarketId, book: BookSummary) -> WitnessedBook:
    """A YES token's book by REST. Raises WireError."""
    return WitnessedBook(
        market=market,
        bids=tuple(sorted(read_levels(book.bids), reverse=True)),
        asks=tuple(sorted(read_levels(book.asks))),
        venue_at=read_stamp(book.timestamp),
        tick=read_tick(book.tick_size) if book.tick_size else None,
    )
