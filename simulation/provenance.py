"""Which program a result is about: the commit, and whether the files are the commit's."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
UNKNOWN = "unknown"


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """Where a result comes from."""

    day: str
    """ISO date, UTC."""
    commit: str
    """Short hash; `unknown` outside of a repository, with `+` where code was changed since."""

    @property
    def is_reproducible(self) -> bool:
        """Whether somebody else has this very program."""
        return self.commit != UNKNOWN and not self.commit.endswith("+")


def provenance() -> Provenance:
    """Of the program that runs now. What is written under `docs/` does not change it."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    return Provenance(
        day=time.strftime("%Y-%m-%d", time.gmtime()),
        commit=UNKNOWN if commit is None or changed is None else commit + ("+" if changed else ""),
    )


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
