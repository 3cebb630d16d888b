"""What was done and what was seen, each with its time: a line of JSON for machines, and progress for people."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import msgspec

from messages.values import SECOND, RealNs
from runtime.clock import real_now


class Diary:
    """Writes `actions.jsonl`; counts what was done."""

    def __init__(self, path: Path) -> None:
        self.began = real_now()
        self.counts: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        """SIGKILLs that reached a process, by family."""
        self.troubles: list[str] = []
        """What must never be, seen while it ran."""
        self._file = path.open("wb", buffering=0)

    @property
    def kills(self) -> int:
        """SIGKILLs that reached a process."""
        return self.killed.total()

    def seconds(self, at: RealNs | None = None) -> float:
        """Real seconds since the beginning."""
        return ((real_now() if at is None else at) - self.began) / SECOND

    def note(self, what: str, **details: object) -> None:
        """One thing that was done, or happened."""
        self.counts[what] += 1
        at = real_now()
        line = {"s": round(self.seconds(at), 3), "real_ns": int(at), "what": what, **details}
        self._file.write(msgspec.json.encode(line) + b"\n")

    def trouble(self, text: str) -> None:
        """Something that must never be."""
        self.troubles.append(text)
        self.note("trouble", text=text)
        say(f"VIOLATION {text}")

    def progress(self, goal: int, is_quoting: bool, trades: int) -> None:
        """How far it is."""
        roles = " ".join(f"{role} {count}" for role, count in sorted(self.killed.items()))
        say(
            f"{self.seconds():6.0f} s  {self.kills}/{goal} kills ({roles})  "
            f"{'quoting' if is_quoting else 'no quotes'}, {trades} trades, {len(self.troubles)} violations seen"
        )


def say(text: str) -> None:
    """One line for whoever waits."""
    sys.stderr.write(f"chaos: {text}\n")
    sys.stderr.flush()
