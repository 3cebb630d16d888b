"""The port that reads the venue's list of markets from Gamma."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

import msgspec
from loguru import logger

from messages.market import CatalogFailed, CatalogRead, ReadCatalog
from runtime.ports import Port, handles
from venue.polymarket.gamma import KeysetPage, MarketTable
from venue.polymarket.public import NotFound, Params, PublicError, PublicReader

PAGE = 100
"""Rows asked for at once: the venue's own limit."""
LIST = "a list of markets"


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the list is read."""

    max_pages: int = 5
    """Pages of a hundred markets, the busiest first."""
    timeout_s: float = 5.0
    """Real seconds for each step of one request."""
    total_s: float = 15.0
    """Real seconds for one whole reading."""


class Catalog(Port):
    """Reads all open markets, busiest first, and by name those that the list leaves out."""

    def __init__(self, gamma_url: str, settings: CatalogSettings | None = None) -> None:
        """`gamma_url` without a trailing path, as `https://gamma-api.polymarket.com`."""
        self._url = gamma_url
        self._settings = settings or CatalogSettings()
        self._reader: PublicReader | None = None
        self._told: tuple[str, ...] = ()

    async def open(self) -> None:
        """No request yet."""
        self._reader = PublicReader(self._url, self._settings.timeout_s)

    async def close(self) -> None:
        """Let the connections go."""
        if self._reader is not None:
            await self._reader.close()

    @handles
    async def read(self, wanted: ReadCatalog) -> AsyncIterator[CatalogRead | CatalogFailed]:
        """All of it, or a reason in plain words and nothing."""
        assert self._reader is not None, "open() comes first"
        try:
            async with asyncio.timeout(self._settings.total_s):
                table = await self._read(self._reader, wanted.slugs)
        except TimeoutError:
            yield CatalogFailed(reason=f"{self._reader.host} took longer than {self._settings.total_s:g} s")
        except PublicError as error:
            yield CatalogFailed(reason=str(error))
        else:
            self._tell_skipped(table.skipped)
            yield CatalogRead(markets=tuple(table.markets.values()), skipped=len(table.skipped))

    async def _read(self, reader: PublicReader, slugs: Sequence[str]) -> MarketTable:
        table = MarketTable()
        try:
            await _read_keyset(reader, self._settings.max_pages, table)
        except NotFound:
            await _read_offsets(reader, self._settings.max_pages, table)
        for slug in slugs:
            if slug not in table.slugs:
                await _read_one(reader, slug, table)
        return table

    def _tell_skipped(self, skipped: Sequence[str]) -> None:
        reasons = tuple(skipped)
        if reasons and reasons != self._told:
            logger.warning("catalog: {} rows skipped, the first: {}", len(reasons), reasons[0])
        self._told = reasons


async def _read_keyset(reader: PublicReader, max_pages: int, table: MarketTable) -> None:
    params: Params = {"closed": "false", "limit": PAGE, "order": "volume24hr", "ascending": "false"}
    for _ in range(max_pages):
        page = reader.decode(await reader.get("/markets/keyset", params), KeysetPage, LIST)
        table.add(page.markets)
        if not page.next_cursor or not page.markets:
            return
        params["after_cursor"] = page.next_cursor


async def _read_offsets(reader: PublicReader, max_pages: int, table: MarketTable) -> None:
    params: Params = {"closed": "false", "limit": PAGE, "order": "volume24hr", "ascending": "false"}
    for page in range(max_pages):
        params["offset"] = page * PAGE
        rows = reader.decode(await reader.get("/markets", params), list[msgspec.Raw], LIST)
        table.add(rows)
        if len(rows) < PAGE:
            return


async def _read_one(reader: PublicReader, slug: str, table: MarketTable) -> None:
    try:
        table.add([msgspec.Raw(await reader.get(f"/markets/slug/{quote(slug, safe='')}", {}))])
    except NotFound:
        return
