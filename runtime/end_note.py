"""What a process that ends by its own mistake leaves for its supervisor: where, at which message, in one line."""

from __future__ import annotations

import contextlib
import hashlib
import traceback
from pathlib import Path

import msgspec

from messages.base import Envelope
from messages.values import RoleName

ENDS = "ends"
"""In `run`: the last note of each role."""
TRACE_DIGITS = 12
MAX_TEXT = 400


class EndNote(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one process, in its own words."""

    role: RoleName
    incarnation: int
    text: str
    """What happened, one line."""
    trace: str = ""
    """Of the kind of error and where it was raised, without its words: the same mistake has the same."""
    kind: str = ""
    """The message that was handled, "" for none."""
    gseq: int = 0
    """Its place in the journal, 0 for none."""
    recovering: bool = False
    """It was an old Event, told again."""

    @property
    def at(self) -> str:
        """The message in words, "" for none."""
        if not self.kind:
            return ""
        place = f", gseq {self.gseq}" if self.gseq else ""
        return f" at {self.kind}{place}{' in its recovery' if self.recovering else ''}"


def describe(
    error: BaseException,
    role: RoleName,
    incarnation: int,
    handled: Envelope | None,
    gseq: int,
    recovering: bool,
) -> EndNote:
    """The note of an exception: its last line, and the place that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    spot = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return EndNote(
        role=role,
        incarnation=incarnation,
        text=f"{type(error).__name__}: {' '.join(str(error).split())}"[:MAX_TEXT] + spot,
        trace=trace_of(error),
        kind="" if handled is None else handled.kind,
        gseq=gseq,
        recovering=recovering,
    )


def trace_of(error: BaseException) -> str:
    """Hex digits that are the same for the same error raised by the same lines."""
    frames = [
        f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    text = "|".join([type(error).__qualname__, *frames])
    return hashlib.sha256(text.encode()).hexdigest()[:TRACE_DIGITS]


def leave(run_directory: Path, note: EndNote) -> None:
    """Write it where the supervisor looks; that this is not possible ends nobody twice."""
    with contextlib.suppress(OSError):
        path = _path(run_directory, note.role)
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(f"{path.name}.new")
        beside.write_bytes(msgspec.json.encode(note))
        beside.replace(path)


def find(run_directory: Path, role: RoleName, incarnation: int) -> EndNote | None:
    """What that very process left, if it did."""
    try:
        note = msgspec.json.decode(_path(run_directory, role).read_bytes(), type=EndNote)
    except (OSError, msgspec.DecodeError):
        return None
    return note if note.incarnation == incarnation else None


def _path(run_directory: Path, role: RoleName) -> Path:
    return run_directory / ENDS / f"{role.replace(':', '-')}.json"
