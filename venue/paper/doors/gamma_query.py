"""How Gamma is asked: filters in snake case, orders in camel case, pages by offset or by cursor (VENUE §6.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from venue.paper.doors.registry import Dossier, Entry
from venue.paper.doors.request import Request, page_start, whole
from venue.paper.engine.terms import Refused
from venue.wire.gamma_listing import EventRow, MarketRow
from venue.wire.markets import read_date
from venue.wire.numbers import WireError, exact, micro

Row = TypeVar("Row", bound=msgspec.Struct)

MAX_LIMIT, MAX_KEYSET, MAX_OFFSET, DEFAULT_LIMIT = 500, 100, 2000, 20
EVERYTHING = "-1"
"""A limit that old clients state; assumed to mean as much as there may be."""
_NUMBERS = {"volume": "volumeNum", "liquidity": "liquidityNum", "id": "id"}
"""Orders whose field is text."""
_NAMES = ("id", "slug", "condition_ids", "clob_token_ids", "tag_id", "tag_slug", "exclude_tag_id")
"""Fields that may be repeated."""
_MARKET_BOUNDS = {
    "volume_num": "volumeNum",
    "liquidity_num": "liquidityNum",
    "start_date": "startDate",
    "end_date": "endDate",
}
_EVENT_BOUNDS = {
    "volume": "volume",
    "liquidity": "liquidity",
    "start_date": "startDate",
    "end_date": "endDate",
}


class Asked:
    """A query, read. Raises Refused (422) for what does not fit."""

    def __init__(self, request: Request) -> None:
        self.fields = request.query()
        self._named = {name: request.queries(name) for name in _NAMES if name in self.fields}
        self._closed = self.flag("closed", "false")
        self._is_possible = self.flag("active") in (None, True) and self.flag("archived") in (None, False)
        self._is_fine = self.flag("decimalized") is True
        self._least_size = self._micro("rewards_min_size", 0)

    def named(self, name: str) -> list[str]:
        """The values of a field that may be repeated."""
        return self._named.get(name, [])

    def flag(self, name: str, default: str = "") -> bool | None:
        """true, false, or None for either."""
        text = self.fields.get(name, default).lower()
        if text not in ("true", "false", ""):
            raise Refused(f"{name}: {text[:40]} is not a boolean", 422)
        return {"true": True, "false": False}.get(text)

    def keeps_market(self, entry: Entry, tag: str) -> bool:
        """Whether a market passes all filters that need no prices."""
        market = entry.market
        return (
            self._closed in (None, market.closed)
            and self._is_possible
            and self._names("id", str(entry.number))
            and self._names("slug", market.slug)
            and self._names("condition_ids", market.id)
            and self._names("clob_token_ids", market.yes, market.no)
            and self._names("tag_id", tag)
            and not self.fields.get("market_maker_address")
            and (not self._is_fine or market.tick == 1_000)
            and market.rewards_min_size >= self._least_size
        )

    def keeps_event(self, event: Dossier, tag: str, tag_slug: str) -> bool:
        """Whether an event does."""
        return (
            self._closed in (None, event.is_closed)
            and self._is_possible
            and self._names("id", str(event.number))
            and self._names("slug", event.slug)
            and self._names("tag_id", tag)
            and self._names("tag_slug", tag_slug)
            and (not tag or tag not in self.named("exclude_tag_id"))
        )

    def keeps_row(self, row: MarketRow | EventRow) -> bool:
        """The filters by number and date."""
        bounds = _MARKET_BOUNDS if isinstance(row, MarketRow) else _EVENT_BOUNDS
        return all(self._is_within(getattr(row, field), name) for name, field in bounds.items())

    def ordered(self, rows: Sequence[Row], kind: type[Row]) -> Sequence[Row]:
        """By one field or several; the first one counts most. Rows that have none come last."""
        for name in reversed([name for name in self.fields.get("order", "").split(",") if name]):
            key = _key(name, kind)
            backwards = self.flag("ascending") is not True
            known = [row for row in rows if key(row) is not None]
            unknown = [row for row in rows if key(row) is None]
            rows = [*sorted(known, key=key, reverse=backwards), *unknown]
        return rows

    def part(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The slice that limit and offset name."""
        is_all = self.fields.get("limit") == EVERYTHING
        limit = MAX_LIMIT if is_all else min(self.whole("limit", DEFAULT_LIMIT), MAX_LIMIT)
        offset = self.whole("offset", 0)
        if offset > MAX_OFFSET:
            raise Refused(f"offset must not exceed {MAX_OFFSET}, use the keyset endpoint", 422)
        return rows[offset : offset + limit]

    def page(self, rows: Sequence[Row]) -> tuple[Sequence[Row], int | None]:
        """The page at a cursor, and where the next one begins."""
        if "offset" in self.fields:
            raise Refused("offset is not supported, use after_cursor", 422)
        start = page_start(self.fields.get("after_cursor", ""))
        end = start + max(1, min(self.whole("limit", DEFAULT_LIMIT), MAX_KEYSET))
        return rows[start:end], end if end < len(rows) else None

    def whole(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return whole(self.fields.get(name) or str(default), "")
        except Refused as error:
            raise Refused(f"{name}: expected integer", 422) from error

    def _names(self, name: str, *own: str) -> bool:
        wanted = self.named(name)
        return not wanted or any(value in wanted for value in own)

    def _micro(self, name: str, default: int) -> int:
        try:
            return micro(self.fields[name]) if self.fields.get(name) else default
        except WireError as error:
            raise Refused(f"{name}: expected number", 422) from error

    def _is_within(self, value: Decimal | str | msgspec.UnsetType, name: str) -> bool:
        least, most = self.fields.get(f"{name}_min"), self.fields.get(f"{name}_max")
        if not (least or most):
            return True
        if value is msgspec.UNSET:
            return False
        have = _comparable(str(value), name)
        return (not least or have >= _comparable(least, name)) and (
            not most or have <= _comparable(most, name)
        )


def _comparable(text: str, name: str) -> Decimal | int:
    """A number or an instant."""
    try:
        return int(read_date(text)) if name.endswith("_date") else exact(micro(text))
    except (WireError, OverflowError) as error:
        raise Refused(f"{name}: {text[:40]} does not fit", 422) from error


def _key(name: str, kind: type[Row]) -> Callable[[Row], Any]:
    field = _NUMBERS.get(name, name) if kind is MarketRow else name
    if "_" in name or field not in kind.__struct_fields__ or field in ("events", "tags", "markets"):
        raise Refused(f"order fields are not valid: {name[:40]}", 422)

    def value(row: Row) -> Any:
        found = getattr(row, field)
        if found is None or found is msgspec.UNSET or isinstance(found, list | msgspec.Struct):
            return None
        return int(found) if field == "id" else found

    return value
