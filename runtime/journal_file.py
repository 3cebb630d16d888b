"""A journal as a file: how one is made, recognized, opened, and brought to the newest version."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from runtime.journal_errors import (
    JournalCorrupt,
    JournalFailed,
    JournalHeld,
    JournalTooNew,
    JournalUnreadable,
    NotAJournal,
    refusing,
)
from runtime.journal_records import check_tail

APPLICATION_ID = 0x45564A4C
"""`EVJL` in the SQLite header: any other database is not ours to write into."""

Migrations = tuple[tuple[str, ...], ...]
"""Statements that bring a file from version n to n + 1, at index n. Forward only, and append-only as a
list; the sealed columns keep their names and values for ever."""

MIGRATIONS: Migrations = (
    (
        """
        CREATE TABLE journal(
            gseq INTEGER PRIMARY KEY, mid BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, market TEXT NOT NULL,
            source TEXT NOT NULL, run INTEGER NOT NULL, real_at INTEGER NOT NULL, wall_at INTEGER NOT NULL,
            market_at INTEGER NOT NULL, envelope BLOB NOT NULL, chain BLOB NOT NULL)
        """,
    ),
)


def pragma(db: sqlite3.Connection, name: str) -> Any:
    """The one value a pragma answers."""
    row = db.execute(f"PRAGMA {name}").fetchone()
    return row[0] if row else None


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection without implicit transactions, `ro` or `rw`, that neither creates a file nor waits."""
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=0, isolation_level=None)


def wal_of(path: Path) -> Path:
    """The write-ahead log SQLite keeps beside a database."""
    return path.with_name(path.name + "-wal")


def damage_note(path: Path) -> Path:
    """A file that is there when damage was met in the middle of a journal: whoever opens it next looks at all of it."""
    return path.with_name(path.name + ".damaged")


def note_damage(error: JournalCorrupt) -> None:
    """Leave word of damage for the next start, as well as that can be done."""
    with contextlib.suppress(OSError):
        damage_note(error.path).write_text(error.reason)


def check_note(path: Path) -> None:
    """Raises JournalCorrupt where damage was met, and nobody has restored the journal since."""
    note = damage_note(path)
    if note.exists():
        raise JournalCorrupt(
            path, f"{note.read_text()}; it is restored at the next start of the whole system"
        )


def real(path: Path) -> Path:
    """Absolute and free of links, as SQLite names the files beside it."""
    return Path(os.path.realpath(path))


def size(path: Path) -> int:
    """Bytes, 0 when there is no such file."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def open_read_only(path: Path, newest: int) -> sqlite3.Connection:
    """A connection that leaves database and WAL as they are, closed again when the file is refused.

    After a kill the committed records still in the WAL are seen: SQLite indexes it in a `-shm` file, for
    which the directory must be writable. Raises JournalHeld while a writer lives, JournalTooNew when the
    file is above version `newest`, JournalUnreadable, JournalCorrupt.
    """
    with refusing(path):
        if not path.is_file():
            raise JournalUnreadable(path, "not a file" if path.exists() else "no such journal")
        if not size(path) and size(wal_of(path)):
            raise JournalCorrupt(path, "empty, yet a write-ahead log lies beside it")
        if not os.access(path, os.R_OK, effective_ids=True):
            raise JournalUnreadable(path, "not readable")
        if not os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True):
            raise JournalUnreadable(path, "its directory is not writable")
        db = connect(path, "ro")
        try:
            check_identity(db, path, newest)
        except BaseException:
            db.close()
            raise
        return db


def check_identity(db: sqlite3.Connection, path: Path, newest: int) -> int:
    """The file's version. Raises NotAJournal, JournalTooNew above `newest`."""
    application, version = pragma(db, "application_id"), int(pragma(db, "user_version"))
    if application != APPLICATION_ID or version < 1:
        raise NotAJournal(path, "not a journal")
    if version > newest:
        raise JournalTooNew(path, f"journal version {version}, this program knows {newest}")
    return version


def create(path: Path, migrations: Migrations) -> None:
    """A complete empty journal appears at once, mode 0600, or not at all.

    Raises JournalUnreadable, JournalHeld when another process was first, JournalCorrupt when the write-ahead
    log of a lost journal is still there.
    """
    with refusing(path):
        if size(wal_of(path)):
            raise JournalCorrupt(path, "gone, yet its write-ahead log is here")
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(handle)
        try:
            with closing(connect(Path(name), "rw")) as db:
                prepare(db, path)
                migrate(db, path, 0, migrations)
            os.link(name, path)
        except FileExistsError as error:
            raise JournalHeld(path, "another process has just made it") from error
        finally:
            os.unlink(name)
        sync_directory(path.parent)


def prepare(db: sqlite3.Connection, path: Path) -> None:
    """One exclusive connection, every commit on the disk before it returns, checkpoints when we say so."""
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    if pragma(db, "journal_mode=WAL") != "wal":
        raise JournalUnreadable(path, "this file system allows no write-ahead log")
    for setting in ("synchronous=FULL", "wal_autocheckpoint=0", "cell_size_check=1", "foreign_keys=1"):
        db.execute(f"PRAGMA {setting}")


def keep_private(path: Path) -> None:
    """Nobody else may read journal or log; an index that a reader left is removed (we hold the lock)."""
    for file in (path, wal_of(path)):
        if file.exists() and file.stat().st_mode & 0o077:
            file.chmod(0o600)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)


def migrate(db: sqlite3.Connection, path: Path, version: int, migrations: Migrations) -> None:
    """Bring a file from `version` to the newest, in one transaction. Raises JournalFailed, JournalCorrupt.

    When it raises, closing the connection rolls everything back.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        for statement in (s for step in migrations[version:] for s in step):
            db.execute(statement)
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
        db.execute(f"PRAGMA user_version={len(migrations)}")
        check_tail(db, path)
        db.execute("COMMIT")
    except sqlite3.Error as error:
        raise JournalFailed(path, f"version {version} stays, migration failed: {error}") from error


def back_up(db: sqlite3.Connection, path: Path, version: int) -> Path:
    """A durable copy `<name>.v<version>` beside the journal, mode 0600. Raises OSError, sqlite3.Error."""
    copy = path.with_name(f"{path.name}.v{version}")
    handle, name = tempfile.mkstemp(prefix=f".{copy.name}.", dir=path.parent)
    os.close(handle)
    try:
        with closing(connect(Path(name), "rw")) as target:
            db.backup(target)
        os.replace(name, copy)
    except BaseException:
        os.unlink(name)
        raise
    sync_directory(path.parent)
    return copy


def sync_directory(path: Path) -> None:
    """Have what appeared in it, or was renamed, survive the loss of power."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
