"""`python supervisor.py --import DIR`: readable files into the empty journal of a new state directory."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from messages.codec import encode_envelope
from messages.system import ClockAnchor
from messages.values import MarketNs, RoleName
from runtime.clock import Clock, real_now
from runtime.journal import Journal
from runtime.stamp import Stamp
from trading.import_files import EXECUTION, LIQUIDATIONS, ImportProblem
from trading.importing import Dated, imported

WHO = RoleName("import")
STREAM = "jrn"
MAX_BYTES = 64 << 20
"""Of one file; a longer one is none of ours."""


def import_state(directory: Path, journal: Path) -> str:
    """What was taken over, for people. Raises ImportProblem; then nothing was written. Raises JournalFailed."""
    files = _files(directory)
    said = imported(files)
    _write(said, journal)
    kinds = [type(event).__name__ for event, _ in said]
    return (
        f"{len(files)} files taken over: {kinds.count('OrderFilled')} fills, {kinds.count('MarketRetired')} markets"
        f" to work off, {kinds.count('TradingHalted')} halts, {kinds.count('MarketPaused')} pauses"
    )


def _files(directory: Path) -> dict[str, bytes]:
    """The readable files of a directory. Raises ImportProblem."""
    wanted = [directory / EXECUTION, directory / LIQUIDATIONS, *sorted(directory.glob("fills-*.json"))]
    found = dict[str, bytes]()
    for path in wanted:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ImportProblem(path.name, "", f"is larger than {MAX_BYTES >> 20} MiB")
            found[path.name] = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ImportProblem(path.name, "", error.strerror or "cannot be read") from error
    return found


def _write(said: list[Dated], path: Path) -> None:
    """All of it in one commit, which is there or is not."""
    journal = Journal.open(path)
    try:
        if journal.head:
            raise ImportProblem(
                path.name, "", f"has {journal.head} events: take files over into a new --state"
            )
        standing = ClockAnchor(real_at=real_now(), market_at=MarketNs(0), speed=0)
        stamp = Stamp(WHO, 0, secrets.randbits(63), Clock(standing))
        for event, at in said:
            envelope = msgspec.structs.replace(stamp.seal(event, STREAM, None), market_at=at)
            journal.stage(
                envelope.id,
                envelope.kind,
                envelope.market,
                envelope.source,
                envelope.run,
                int(envelope.real_at),
                envelope.wall_at,
                int(envelope.market_at),
                encode_envelope(envelope),
            )
        journal.commit()
    finally:
        journal.close()
