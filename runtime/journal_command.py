"""`python -m runtime.journal show|verify|export|restore`: a journal at rest, its copies included.

Exit codes: 0 done, 2 usage, 74 damaged or not to be had, 75 in use by a running system, 78 written by a newer program.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn, TextIO

from cyclopts import App, CycloptsError, Parameter

from messages import BY_KIND
from messages.base import Message
from messages.codec import CodecError, TooNewToRead
from messages.values import SECOND
from runtime.journal_backup import backups
from runtime.journal_check import Findings, check
from runtime.journal_errors import JournalError, JournalHeld
from runtime.journal_export import Choice, as_json, chosen, csv_rows, instant, line
from runtime.journal_reader import read_journal
from runtime.journal_records import Record
from runtime.journal_restore import damage_of
from runtime.journal_restore import restore as restore_journal
from runtime.restarts import ExitCode

PROGRESS = 50_000
"""Records between two words about how far it is."""
NAME = "journal.db"

app = App(
    name="python -m runtime.journal",
    help="Read a journal at rest: a stopped system's, or a copy. Only restore changes anything.",
    help_epilogue="Exit codes: 0 done, 2 usage, 74 damaged or not to be had, 75 in use, 78 written by a newer program.",
    help_format="plaintext",
)


class Form(StrEnum):
    """What an export looks like."""

    JSON = "json"
    CSV = "csv"


class UsageError(ValueError):
    """An argument that cannot be meant; one line."""


JournalPath = Annotated[Path, Parameter(help="Journal, copy of one, or state directory.")]
Kinds = Annotated[
    tuple[str, ...], Parameter(name="--kind", help="Only this kind; may be repeated.", negative="")
]
Market = Annotated[str, Parameter(help="Only markets whose condition id begins so.")]
Order = Annotated[str, Parameter(help="Only this order: the beginning of its hash or of its command's id.")]
Since = Annotated[str, Parameter(help="From this gseq or this market time (ISO 8601, UTC) on.")]
Until = Annotated[str, Parameter(help="Up to this gseq or this market time.")]
Output = Annotated[
    Path | None, Parameter(help="File to write, readable for its owner alone; else standard output.")
]


@app.command
def show(
    path: JournalPath = Path("state"),
    *,
    kind: Kinds = (),
    market: Market = "",
    order: Order = "",
    since: Since = "",
    until: Until = "",
) -> int:
    """Print records, one line each: place, market time, who said it, what."""
    found = wanted(path, choice_of(kind, market, order, since, until))
    sys.stdout.writelines(f"{line(record, message)}\n" for record, message in found)
    return ExitCode.OK


@app.command
def export(
    path: JournalPath = Path("state"),
    *,
    form: Annotated[Form, Parameter(help="JSON lines, or CSV of one --kind.")] = Form.JSON,
    output: Output = None,
    kind: Kinds = (),
    market: Market = "",
    order: Order = "",
    since: Since = "",
    until: Until = "",
) -> int:
    """Write records for other programs: all of them, or one kind as a table."""
    if form is Form.CSV and len(kind) != 1:
        raise UsageError("a table has the records of one kind: say --kind, as --kind OrderFilled")
    found = wanted(path, choice_of(kind, market, order, since, until))
    lines = csv_rows(kind[0], found) if form is Form.CSV else (as_json(*each) for each in found)
    with written(output) as out:
        out.writelines(f"{text}\n" for text in lines)
    return ExitCode.OK


@app.command
def verify(path: JournalPath = Path("state")) -> int:
    """Check every page, every seal and every place, read every record, and hold the readable files against them."""
    journal = located(path)
    findings = check(journal, Progress().told)
    sys.stdout.writelines(f"{text}\n" for text in report(journal, findings))
    if findings.ok:
        return ExitCode.OK
    return ExitCode.VERSION if findings.seals.ok and findings.is_newer else ExitCode.IO


@app.command
def restore(path: JournalPath = Path("state")) -> int:
    """Replace a damaged journal by what can be proven of it, from the newest sound copy if there is one.

    A start does this by itself where there is a copy. The damaged file is put aside, never deleted; trading stays
    frozen until a person resumes it.
    """
    journal = located(path)
    reason = damage_of(journal) or whole_damage_of(journal)
    if not reason:
        raise UsageError(f"{journal}: nothing is wrong with it")
    sys.stdout.write(f"{restore_journal(journal, reason, needs_copy=False)}\n")
    return ExitCode.OK


def whole_damage_of(journal: Path) -> str:
    """What only a whole look shows."""
    return check(journal, Progress().told).seals.problem


def report(path: Path, found: Findings) -> Iterator[str]:
    """What a whole look found, for people."""
    seals = found.seals
    yield f"{path}: version {seals.version}, {seals.head:,} records"
    yield f"sound to {seals.sound_to:,}, seal {seals.chain.hex()}"
    if seals.problem:
        yield f"DAMAGED: {seals.problem}"
    for text in found.unreadable:
        yield f"UNREADABLE: {text}"
    if not found.unreadable:
        yield f"{len(found.kinds)} kinds, every record can be read"
    for wallet in found.wallets:
        yield f"about the money of {wallet}"
    if found.snapshots[1]:
        yield "{} of {} snapshots can be used".format(*found.snapshots)
    for name in found.stale_files:
        yield f"{name} is behind the records: it is written again at the next start"
    if found.files > len(found.stale_files):
        yield f"{found.files - len(found.stale_files)} readable files say what the records say"


def wanted(path: Path, choice: Choice) -> Iterator[tuple[Record, Message]]:
    """The chosen records of a journal, one after the other."""
    return chosen(read_journal(located(path)), choice)


def located(path: Path) -> Path:
    """The journal that is meant: in a state directory it has a name."""
    return path / NAME if path.is_dir() else path


def choice_of(kinds: Iterable[str], market: str, order: str, since: str, until: str) -> Choice:
    """The arguments as a choice. Raises UsageError."""
    for kind in kinds:
        if kind not in BY_KIND:
            raise UsageError(f"no kind {kind!r}: they are the classes in messages/, as OrderFilled")
    first, first_at = _bound(since)
    last, last_at = _bound(until)
    return Choice(
        kinds=frozenset(kinds),
        market=market,
        order=order,
        since=first or 0,
        until=last,
        since_at=first_at,
        until_at=last_at,
    )


def _bound(text: str) -> tuple[int | None, int | None]:
    """A place, or nanoseconds of market time. Raises UsageError."""
    if not text or text.isdecimal():
        return (int(text) if text else None), None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is neither a gseq nor a time as {instant(0)}") from error
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None, int(at.timestamp()) * SECOND + at.microsecond * 1_000


@contextmanager
def written(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole, mode 0600. What is there already is left alone."""
    if path is None:
        yield sys.stdout
        return
    if path.exists():
        raise UsageError(f"{path} is there already")
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


class Progress:
    """How far a long look is, on a terminal."""

    def __init__(self) -> None:
        self._is_told = sys.stderr.isatty()

    def told(self, gseq: int) -> None:
        """Now at this record."""
        if self._is_told and gseq % PROGRESS == 0:
            sys.stderr.write(f"\r{gseq:,} records …\r")
            sys.stderr.flush()


def refusal(error: JournalError) -> str:
    """Why not, in one line; where the system runs, which copy can be read instead."""
    if not isinstance(error, JournalHeld):
        return str(error)
    newest = backups(error.path)
    instead = f"read its newest copy, {newest[0]}" if newest else "wait for its first copy"
    return f"{error.path}: in use by a running system: stop it, or {instead}"


def run(arguments: list[str] | None) -> int:
    """One command; the exit code."""
    try:
        return int(app(arguments, exit_on_error=False, result_action="return_value") or ExitCode.OK)
    except CycloptsError:
        return ExitCode.USAGE
    except UsageError as error:
        return _say(str(error), ExitCode.USAGE)
    except JournalError as error:
        return _say(refusal(error), error.exit_code)
    except TooNewToRead as error:
        return _say(f"written by a newer program: {error}", ExitCode.VERSION)
    except CodecError as error:
        return _say(f"cannot be read: {error}", ExitCode.IO)
    except BrokenPipeError:
        raise
    except OSError as error:
        return _say(f"{error.filename or 'output'}: {error.strerror}", ExitCode.IO)


def _say(text: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"{text}\n")
    return code


def main(arguments: list[str] | None = None) -> NoReturn:
    """Entry point."""
    try:
        code = run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read has read enough
        code = ExitCode.OK
    except KeyboardInterrupt:
        code = ExitCode.USAGE
    sys.exit(code)
