"""How fast the journal is: durable events a second by group size, staged-to-durable latency, replay.

    python -m benchmarks.journal [--seconds 2] [--seed 1] [--directory /where/the/state/will/be]

Ids are random, the worst case for the id index. The goals are printed below what was measured.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from runtime.journal import Journal
from runtime.journal_reader import read_journal

GROUPS = (1, 10, 64)
ENVELOPE = 226
"""Bytes, a typical one."""


def write(journal: Journal, rng: random.Random, group: int, seconds: float) -> tuple[int, list[float]]:
    """Commit groups for so long: events written, and milliseconds from each stage to its commit's return."""
    market, waits, written = "0x" + "ab" * 32, list[float](), 0
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        staged_at = []
        for _ in range(group):
            staged_at.append(time.perf_counter())
            now = time.time_ns()
            journal.stage(
                rng.randbytes(16),
                "OrderFilled",
                market,
                "gateway@3",
                rng.getrandbits(64),
                now,
                now,
                now,
                rng.randbytes(ENVELOPE),
            )
        written += len(journal.commit())
        done = time.perf_counter()
        waits += [(done - at) * 1e3 for at in staged_at]
        journal.checkpoint()
    return written, waits


def replay(journal: Journal, chunk: int = 500) -> int:
    """Read everything as a recovering process does, in chunks; how many."""
    after = 0
    while records := journal.read(after, chunk):
        after = records[-1].gseq
    return after


def quantile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def rate(count: int, seconds: float) -> str:
    """Events a second, to be read."""
    return f"{count / seconds:>10,.0f}/s"


def measure(directory: Path, seconds: float, seed: int) -> list[str]:
    """The table."""
    rng, path = random.Random(seed), directory / "journal.db"
    journal = Journal.open(path)
    lines = [f"seed {seed}, {seconds} s a row, {ENVELOPE} B envelopes, in {directory}"]
    for group in GROUPS:
        begun = time.perf_counter()
        written, waits = write(journal, rng, group, seconds)
        speed = rate(written, time.perf_counter() - begun)
        low, high, worst = quantile(waits, 0.5), quantile(waits, 0.99), max(waits)
        lines.append(
            f"groups of {group:>2} {speed}  durable after p50 {low:.2f} p99 {high:.2f} max {worst:.1f} ms"
        )
    begun = time.perf_counter()
    count = replay(journal)
    lines.append(
        f"replay       {rate(count, time.perf_counter() - begun)}  {count:,} events in chunks of 500"
    )
    journal.close()
    begun = time.perf_counter()
    count = sum(1 for _ in read_journal(path))
    lines.append(f"offline read {rate(count, time.perf_counter() - begun)}  {path.stat().st_size >> 20} MiB")
    begun = time.perf_counter()
    Journal.open(path).close()
    lines.append(f"open+close   {(time.perf_counter() - begun) * 1e3:>10.1f} ms with {count:,} events")
    lines.append(
        "goals: 5,000 durable events/s in groups, append to durable p99 <= 10 ms, replay 200,000 events/s"
    )
    return lines


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="for each group size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--directory", type=Path, default=None, help="a temporary one is made inside")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        for line in measure(Path(directory), given.seconds, given.seed):
            print(line)  # noqa: T201 -- a script that reports


if __name__ == "__main__":
    main()
