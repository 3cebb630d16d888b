"""The lines of a recording file: one websocket frame each, both wire generations, checked as they are read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

import msgspec

GZIP_MAGIC = b"\x1f\x8b"


class RecordingError(ValueError):
    """A recording that cannot be played; its text is one line with file, line number and reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        where = f"line {line}: " if line else ""
        super().__init__(f"{path}: {where}{reason}")


class Entry(msgspec.Struct):
    """A level of a `book`, or a change; the old wire names no asset in a change."""

    price: str
    size: str
    side: str = ""
    asset_id: str = ""


class Message(msgspec.Struct):
    """Every market-channel event, with what a recording needs of it."""

    event_type: str
    asset_id: str = ""
    bids: list[Entry] = []
    asks: list[Entry] = []
    changes: list[Entry] = []
    price_changes: list[Entry] = []
    price: str = ""
    size: str = ""
    side: str = ""
    tick_size: str | None = None
    new_tick_size: str | None = None


class Frame(msgspec.Struct):
    """A line of the file: the venue's milliseconds and what it said."""

    t: int
    m: Message | list[Message]


_decoder = msgspec.json.Decoder(Frame)


def read_frames(path: Path) -> Iterator[tuple[int, int, Message]]:
    """Line number, milliseconds and message, in the file's order. Raises RecordingError and OSError."""
    number = 0
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                frame = _decoder.decode(line)
                for message in frame.m if isinstance(frame.m, list) else [frame.m]:
                    yield number, frame.t, message
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordingError(path, number, f"not a recorded frame: {error}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise RecordingError(path, number + 1, f"the compressed file is damaged: {error}") from error


@lru_cache(maxsize=65_536)
def micro(text: str) -> int:
    """A decimal string in millionths, further digits cut off. Raises ValueError unless it is one, 0 or more."""
    try:
        value = Decimal(text)
        if not value.is_finite() or value < 0:
            raise ValueError(f"{text!r} is not a size or price")
        return int(value.scaleb(6).to_integral_value(ROUND_DOWN))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")
