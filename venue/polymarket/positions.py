"""The port that reads what a wallet holds from the public Data API: no key, and none is near."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import ROUND_CEILING, Decimal

import msgspec

from messages.values import MICRO, MarketId, Outcome, Price, RealNs, Size, TokenId
from messages.wallet import HeldPosition, PositionsRead, PositionsReadFailed, ReadPositions
from runtime.ports import Port, handles
from venue.polymarket.public import Params, PublicError, PublicReader
from venue.wire.data_api import PositionRow
from venue.wire.numbers import WireError

PAGE = 500
MAX_PAGES = 20
MAX_EXPONENT = 9
"""Of a number of shares or dollars; nobody has ten billion."""
MAX_SKIPPED = 10
MAX_TEXT = 200
OUTCOMES = {0: Outcome.YES, 1: Outcome.NO}
"""By a row's `outcomeIndex`: a market's first token is its YES, whatever it is called."""


class Positions(Port):
    """Reads all positions of a wallet, one page after the other."""

    def __init__(self, data_url: str, timeout_s: float = 5.0, total_s: float = 15.0) -> None:
        """`data_url` without a trailing path; real seconds for a step of one request and for a whole reading."""
        self._url = data_url
        self._timeout_s = timeout_s
        self._total_s = total_s
        self._reader: PublicReader | None = None

    async def open(self) -> None:
        """No request yet."""
        self._reader = PublicReader(self._url, self._timeout_s)

    async def close(self) -> None:
        """Let the connections go."""
        if self._reader is not None:
            await self._reader.close()

    @handles
    async def read(self, wanted: ReadPositions) -> AsyncIterator[PositionsRead | PositionsReadFailed]:
        """All of it, or a reason in plain words and nothing."""
        assert self._reader is not None, "open() comes first"
        begun_at = self.real_now
        try:
            async with asyncio.timeout(self._total_s):
                rows = await _rows(self._reader, wanted.funder)
        except TimeoutError:
            yield PositionsReadFailed(reason=f"{self._reader.host} took longer than {self._total_s:g} s")
        except PublicError as error:
            yield PositionsReadFailed(reason=str(error))
        else:
            yield positions_read(rows, begun_at)


async def _rows(reader: PublicReader, funder: str) -> list[msgspec.Raw]:
    """The rows of all pages; more than a wallet can have is not believed. Raises PublicError."""
    found = list[msgspec.Raw]()
    for page in range(MAX_PAGES):
        params: Params = {"user": funder, "sizeThreshold": "0", "limit": PAGE, "offset": page * PAGE}
        rows = reader.decode(await reader.get("/positions", params), list[msgspec.Raw], "a list of positions")
        found += rows
        if len(rows) < PAGE:
            return found
    raise PublicError(f"{reader.host} lists more than {MAX_PAGES * PAGE} positions")


def positions_read(rows: list[msgspec.Raw], begun_at: RealNs) -> PositionsRead:
    """The rows in our words; one that cannot be read is left out and said."""
    found, skipped = dict[TokenId, HeldPosition](), list[str]()
    for row in rows:
        try:
            position = held_position(row)
        except WireError as error:
            skipped.append(str(error)[:MAX_TEXT])
        else:
            found[position.token] = position
    return PositionsRead(
        begun_at=begun_at, positions=tuple(found.values()), skipped=tuple(skipped[:MAX_SKIPPED])
    )


def held_position(raw: bytes | msgspec.Raw) -> HeldPosition:
    """One row. Raises WireError."""
    try:
        row = _row(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"unreadable position: {error}") from error
    outcome, size = OUTCOMES.get(row.outcomeIndex), _micro(row.size)
    if outcome is None or not row.asset or not row.conditionId:
        raise WireError(f"a position of {row.size} of outcome {row.outcomeIndex}")
    return HeldPosition(
        market=MarketId(row.conditionId),
        slug="".join(c for c in row.slug if c.isprintable())[:MAX_TEXT],
        token=TokenId(row.asset),
        outcome=outcome,
        size=Size(size),
        price=_price(row.avgPrice),
        mark=_price(row.curPrice),
        is_resolved=row.redeemable,
    )


def _price(said: Decimal) -> Price:
    """Dollars per share, an average rounded up; more than a dollar is a dollar."""
    return Price(min(MICRO, _micro(said)))


def _micro(said: Decimal) -> int:
    """Millionths, rounded up; the size of the exponent is looked at before anything is computed."""
    if not said.is_finite() or said < 0 or said.adjusted() > MAX_EXPONENT:
        raise WireError(f"{str(said)[:40]} is out of range")
    return int((said * MICRO).to_integral_value(ROUND_CEILING))


_row = msgspec.json.Decoder(PositionRow).decode
