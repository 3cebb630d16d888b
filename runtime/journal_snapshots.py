"""Snapshots beside a journal: what an actor knew at a place, so that it need not hear again what came before.

Nothing depends on them. One that is damaged, of another program or of another history is passed over; then the one
before counts, or the journal from its beginning.
"""

from __future__ import annotations

import os
import re
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import msgspec

DIRECTORY = "snapshots"
"""Beside the journal."""
KEPT = 2
"""Of each role."""
MAX_FILES = 256
"""Of all roles, those of liquidators that ended long ago included."""
_NAME = re.compile(r"(?P<role>.+)-(?P<gseq>[0-9]{15})\.snapshot")


class Snapshot(msgspec.Struct, array_like=True, frozen=True):
    """What one actor knew."""

    role: str
    key: str
    """Of the program and the settings under which it was taken."""
    gseq: int
    """Everything up to here had been heard, nothing after it."""
    chain: bytes
    """The journal's seal of that place."""
    image: bytes


class Source(Protocol):
    """The journal they belong to."""

    @property
    def head(self) -> int:
        """Last committed place."""

    def seal_of(self, gseq: int) -> bytes:
        """The seal of a committed place, b"" where there is none."""


class Shelf(Protocol):
    """Where they lie, by name."""

    def names(self) -> list[str]:
        """All of them."""

    def read(self, name: str) -> bytes:
        """One of them. Raises OSError."""

    def write(self, name: str, content: bytes) -> None:
        """Another one, whole. Raises OSError."""

    def drop(self, name: str) -> None:
        """One less, if it is there. Raises OSError."""


class Directory:
    """A shelf that is a directory. Nothing is forced to the disk: what a loss of power leaves is no snapshot."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """All files."""
        return sorted(os.listdir(self._path)) if self._path.is_dir() else []

    def read(self, name: str) -> bytes:
        """One file. Raises OSError."""
        return (self._path / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """One file, readable for its owner alone. Raises OSError."""
        self._path.mkdir(mode=0o700, exist_ok=True)
        part = self._path / f".{name}.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        part.replace(self._path / name)

    def drop(self, name: str) -> None:
        """Delete it. Raises OSError."""
        (self._path / name).unlink(missing_ok=True)


class Snapshots:
    """The newest ones of every role."""

    def __init__(self, shelf: Shelf, source: Source) -> None:
        self._shelf = shelf
        self._source = source

    def keep(self, role: str, key: str, gseq: int, image: bytes) -> str:
        """Keep one, and let go of older ones; why that did not work, or ""."""
        if not 0 < gseq <= self._source.head:
            return f"snapshot of {role} at {gseq}: the journal ends at {self._source.head}"
        chain = self._source.seal_of(gseq)
        content = msgspec.msgpack.encode(Snapshot(role, key, gseq, chain, image))
        try:
            self._shelf.write(_name(role, gseq), _digest(content) + content)
            self._prune(role)
        except OSError as error:
            return f"snapshot of {role}: {error.strerror or error}"
        return ""

    def find(self, role: str, key: str, before: int) -> Snapshot | None:
        """The newest sound one of this role and this key whose place is under `before`."""
        for gseq in self._places(role):
            if gseq < before:
                found = self._read(role, gseq)
                if found is not None and found.key == key:
                    return found
        return None

    def sound(self) -> tuple[int, int]:
        """How many are sound, and how many there are."""
        named = [match for name in self._shelf.names() if (match := _NAME.fullmatch(name))]
        read = [self._read(match["role"], int(match["gseq"])) for match in named]
        return sum(found is not None for found in read), len(read)

    def _read(self, role: str, gseq: int) -> Snapshot | None:
        try:
            content = self._shelf.read(_name(role, gseq))
            found = msgspec.msgpack.decode(content[16:], type=Snapshot)
        except (OSError, msgspec.DecodeError):
            return None
        is_sound = _digest(content[16:]) == content[:16] and (_plain(found.role), found.gseq) == (
            _plain(role),
            gseq,
        )
        is_ours = found.gseq <= self._source.head and self._source.seal_of(found.gseq) == found.chain
        return found if is_sound and is_ours else None

    def _places(self, role: str) -> list[int]:
        """Where there are some of this role, the last one first."""
        matches = [_NAME.fullmatch(name) for name in self._shelf.names()]
        return sorted((int(m["gseq"]) for m in matches if m and m["role"] == _plain(role)), reverse=True)

    def _prune(self, role: str) -> None:
        for gseq in self._places(role)[KEPT:]:
            self._shelf.drop(_name(role, gseq))
        names = sorted(self._shelf.names(), key=lambda name: name.rpartition("-")[2])
        for name in names[: max(0, len(names) - MAX_FILES)]:
            self._shelf.drop(name)


def _plain(role: str) -> str:
    return role.replace(":", "_").replace("/", "_")


def _name(role: str, gseq: int) -> str:
    return f"{_plain(role)}-{gseq:015d}.snapshot"


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()
