"""The port that reads the venue's list of markets from Gamma."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from loguru import logger

from messages.market import CatalogFailed, CatalogRead, ReadCatalog
from runtime.ports import Port, handles
from venue.polymarket.gamma import KeysetPage, MarketTable

PAGE = 100
"""Rows asked for at once: the venue's own limit."""
MAX_BODY = 16 << 20
"""Bytes; a longer answer is not read to its end."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Params = dict[str, str | int]
Answer = TypeVar("Answer")


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the list is read."""

    max_pages: int = 5
    """Pages of a hundred markets, the busiest first."""
    timeout_s: float = 5.0
    """Real seconds for each step of one request."""
    total_s: float = 15.0
    """Real seconds for one whole reading."""


class CatalogError(Exception):
    """The list could not be read; the text says why, for people."""


class NotListed(CatalogError):
    """404: there is no such page or market."""


class Catalog(Port):
    """Reads all open markets, busiest first, and by name those that the list leaves out."""

    def __init__(self, gamma_url: str, settings: CatalogSettings | None = None) -> None:
        """`gamma_url` without a trailing path, as `https://gamma-api.polymarket.com`."""
        self._url = gamma_url.rstrip("/")
        self._host = urlsplit(gamma_url).netloc
        self._settings = settings or CatalogSettings()
        self._http: httpx.AsyncClient | None = None
        self._told: tuple[str, ...] = ()

    async def open(self) -> None:
        """No request yet; a proxy of the environment is never asked for this host's own addresses."""
        self._http = httpx.AsyncClient(
            timeout=self._settings.timeout_s,
            trust_env=urlsplit(self._url).hostname not in LOOPBACK,
            headers={"accept": "application/json"},
        )

    async def close(self) -> None:
        """Let the connections go."""
        if self._http is not None:
            await self._http.aclose()

    @handles
    async def read(self, wanted: ReadCatalog) -> AsyncIterator[CatalogRead | CatalogFailed]:
        """All of it, or a reason in plain words and nothing."""
        try:
            async with asyncio.timeout(self._settings.total_s):
                table = await self._read(wanted.slugs)
        except TimeoutError:
            yield CatalogFailed(reason=f"{self._host} took longer than {self._settings.total_s:g} s")
        except CatalogError as error:
            yield CatalogFailed(reason=str(error))
        else:
            self._tell_skipped(table.skipped)
            yield CatalogRead(markets=tuple(table.markets.values()), skipped=len(table.skipped))

    async def _read(self, slugs: Sequence[str]) -> MarketTable:
        table = MarketTable()
        try:
            await self._read_keyset(table)
        except NotListed:
            await self._read_offsets(table)
        for slug in slugs:
            if slug not in table.slugs:
                await self._read_one(slug, table)
        return table

    async def _read_keyset(self, table: MarketTable) -> None:
        params: Params = {"closed": "false", "limit": PAGE, "order": "volume24hr", "ascending": "false"}
        for _ in range(self._settings.max_pages):
            page = _decode(await self._get("/markets/keyset", params), KeysetPage, self._host)
            table.add(page.markets)
            if not page.next_cursor or not page.markets:
                return
            params["after_cursor"] = page.next_cursor

    async def _read_offsets(self, table: MarketTable) -> None:
        params: Params = {"closed": "false", "limit": PAGE, "order": "volume24hr", "ascending": "false"}
        for page in range(self._settings.max_pages):
            params["offset"] = page * PAGE
            rows = _decode(await self._get("/markets", params), list[msgspec.Raw], self._host)
            table.add(rows)
            if len(rows) < PAGE:
                return

    async def _read_one(self, slug: str, table: MarketTable) -> None:
        try:
            table.add([msgspec.Raw(await self._get(f"/markets/slug/{quote(slug, safe='')}", {}))])
        except NotListed:
            return

    async def _get(self, path: str, params: Params) -> bytes:
        assert self._http is not None, "open() comes first"
        body = bytearray()
        try:
            async with self._http.stream("GET", self._url + path, params=params) as answer:
                if answer.status_code != 200:
                    raise _refusal(self._host, answer)
                async for chunk in answer.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_BODY:
                        raise CatalogError(f"{self._host} sent more than {MAX_BODY >> 20} MiB")
        except httpx.TimeoutException as error:
            raise CatalogError(f"{self._host} did not answer in {self._settings.timeout_s:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CatalogError(f"cannot reach {self._host}: {str(error) or type(error).__name__}") from error
        return bytes(body)

    def _tell_skipped(self, skipped: Sequence[str]) -> None:
        reasons = tuple(skipped)
        if reasons and reasons != self._told:
            logger.warning("catalog: {} rows skipped, the first: {}", len(reasons), reasons[0])
        self._told = reasons


def _refusal(host: str, answer: httpx.Response) -> CatalogError:
    code = answer.status_code
    if code == 404:
        return NotListed(f"{host} knows no {answer.url.path}")
    is_page = "html" in answer.headers.get("content-type", "")
    if code in (401, 403):
        return CatalogError(
            f"{host} denies access ({code}{', a web page instead of data' if is_page else ''})"
        )
    if code == 429:
        return CatalogError(f"{host} says we ask too often (429)")
    if code >= 500:
        return CatalogError(f"{host} is in trouble ({code})")
    return CatalogError(f"{host} answered {code}")


def _decode(body: bytes, kind: type[Answer], host: str) -> Answer:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "a web page" if body.lstrip()[:1] == b"<" else "something else"
        raise CatalogError(f"{host} sent {what} instead of a list of markets: {error}") from error
