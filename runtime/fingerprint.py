"""Which program this is: one hash of all its code, so that no two processes ever run different ones."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

ROOMS = ("actors", "messages", "runtime", "telemetry", "trading", "venue")
"""What processes of ours import."""
ELSEWHERE = Path("venue") / "paper"
"""The embedded exchange is a program of its own."""
DIGITS = 12


def code_fingerprint(root: Path | None = None) -> str:
    """Hex digits of every source file's name and content, below the directory this program was imported from.

    Raises OSError for a file that cannot be read.
    """
    base = Path(__file__).resolve().parent.parent if root is None else root
    found = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((base / room).rglob("*.py")):
            name = path.relative_to(base)
            if not name.is_relative_to(ELSEWHERE):
                found.update(f"{name.as_posix()}\0".encode())
                found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:DIGITS]


def fingerprint_of(text: bytes) -> str:
    """The same of anything else, settings above all."""
    return hashlib.sha256(text).hexdigest()[:DIGITS]


class Seals(NamedTuple):
    """What every process of one run has in common."""

    code: str = ""
    """Hash of the program; "": nobody looks."""
    config: str = ""
    """Hash of the settings."""

    def __str__(self) -> str:
        return f"program {self.code or '?'} with settings {self.config or '?'}"


NO_SEALS = Seals()
