"""Records of a journal for people and for other programs: chosen, as lines, as JSON lines, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from messages import BY_KIND
from messages.base import Message
from messages.codec import decode_body, decode_envelope
from messages.values import SECOND
from runtime.journal_records import Record

ORDER_FIELDS = ("order", "command")
"""Fields by which a message names one order, or the wish for one."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which records are wanted; an empty field chooses nothing away."""

    kinds: frozenset[str] = frozenset()
    market: str = ""
    """The beginning of a condition id."""
    order: str = ""
    """The beginning of an order's hash, or of the id of the command that wanted it."""
    since: int = 0
    """The first gseq."""
    until: int | None = None
    """The last gseq."""
    since_at: int | None = None
    """Market time in nanoseconds, included."""
    until_at: int | None = None
    """Market time in nanoseconds, included."""

    def takes(self, record: Record) -> bool:
        """Whether it is wanted, as far as that can be told without its body."""
        if self.kinds and record.kind not in self.kinds:
            return False
        if record.gseq < self.since or not record.market.startswith(self.market):
            return False
        if self.since_at is not None and record.market_at < self.since_at:
            return False
        return self.until_at is None or record.market_at <= self.until_at

    def is_past(self, record: Record) -> bool:
        """Whether nothing wanted can follow: places only grow, market time may be set back by a new exchange."""
        return self.until is not None and record.gseq > self.until

    def names(self, message: Message) -> bool:
        """Whether it is about the order that is wanted."""
        return not self.order or any(
            str(getattr(message, field, "")).startswith(self.order) for field in ORDER_FIELDS
        )


def body_of(record: Record) -> Message:
    """What was said. Raises CodecError, and TooNewToRead where a newer program wrote it."""
    return decode_body(decode_envelope(record.envelope))


def chosen(records: Iterable[Record], choice: Choice) -> Iterator[tuple[Record, Message]]:
    """The wanted ones with what they say. Raises CodecError at the first wanted one that cannot be read."""
    for record in records:
        if choice.is_past(record):
            return
        if choice.takes(record):
            message = body_of(record)
            if choice.names(message):
                yield record, message


def instant(nanoseconds: int) -> str:
    """UTC to the millisecond, as ISO 8601 has it."""
    seconds, rest = divmod(nanoseconds, SECOND)
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{rest // 1_000_000:03d}Z"


def line(record: Record, message: Message) -> str:
    """One line for people: place, market time, who said it, what. Control characters cannot steer a terminal."""
    fields = msgspec.to_builtins(message)
    said = " ".join(f"{name}={_word(value)}" for name, value in fields.items())
    text = f"{record.gseq:>9}  {instant(record.market_at)}  {record.source:<20} {record.kind:<18} {said}"
    return "".join(c if c.isprintable() else "?" for c in text).rstrip()


def _word(value: Any) -> str:
    if isinstance(value, str):
        return value if value and " " not in value else f'"{value}"'
    return msgspec.json.encode(value).decode()


def as_json(record: Record, message: Message) -> str:
    """One JSON object on one line; prices, sizes and money in millionths, times in nanoseconds."""
    content = {
        "gseq": record.gseq,
        "id": record.id.hex(),
        "kind": record.kind,
        "market": record.market,
        "source": record.source,
        "run": f"{record.run:016x}",
        "real_at": record.real_at,
        "wall_at": record.wall_at,
        "market_at": record.market_at,
        "body": message,
    }
    return msgspec.json.encode(content).decode()


def csv_rows(kind: str, found: Iterable[tuple[Record, Message]]) -> Iterator[str]:
    """A heading, then one row for each record of that kind, its fields as columns."""
    fields = list(BY_KIND[kind].__struct_fields__)
    yield _csv(["gseq", "market_at", "source", *fields])
    for record, message in found:
        values = msgspec.to_builtins(message)
        yield _csv([record.gseq, record.market_at, record.source, *(values[field] for field in fields)])


def _csv(cells: list[Any]) -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="").writerow([_cell(cell) for cell in cells])
    return row.getvalue()


def _cell(value: Any) -> Any:
    """Lists and objects as JSON. A text that a spreadsheet would run as a formula gets an apostrophe."""
    if isinstance(value, str):
        return f"'{value}" if value[:1] in "=+-@\t\r" and value else value
    return value if value is None or isinstance(value, int) else msgspec.json.encode(value).decode()
