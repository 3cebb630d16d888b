"""The order path, figure by figure, each beside what it is held against, measured in the same run.

    python -m benchmarks [--seconds 20] [--kills 2] [--json figures.json] [--only signing hop ways restarts hand-overs]

Short by default, about two minutes. For figures to be quoted: a quiet machine, --seconds 300 --kills 20.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import hop, order_path, signing
from benchmarks.figures import Figure, described, machine, table, write

PARTS = ("signing", "hop", "ways", "restarts", "hand-overs")
PER_SECOND = 100
"""Signatures and hops for each second asked for."""


def main() -> None:
    """Measure what was asked for, print a table for each part, write all of it where that was asked for."""
    options = parsed()
    about = machine()
    print(described(about), flush=True)  # noqa: T201 -- the table is what it is for
    sections: dict[str, list[Figure]] = {}
    for part in options.only or PARTS:
        sections[part] = measured(part, options.seconds, options.kills, sections)
        print(f"\n{part}\n{table(sections[part])}", flush=True)  # noqa: T201
    if options.json is not None:
        write(options.json, about, dict(sections))


def measured(part: str, seconds: float, kills: int, before: dict[str, list[Figure]]) -> list[Figure]:
    """One part; the floor under a hop is measured once."""
    count = max(200, round(seconds * PER_SECOND))
    if part == "signing":
        return signing.measure(count)
    if part == "hop":
        return hop.measure(count)
    if part == "ways":
        floor = list(before["hop"][1].spans) if "hop" in before else hop.over_a_socket(count)
        return order_path.measure_ways(seconds, floor)
    if part == "restarts":
        return order_path.measure_restarts(kills)
    return order_path.measure_hand_overs(seconds)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=sys.modules[__name__].__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="real seconds a system quotes")
    parser.add_argument("--kills", type=int, default=2, help="of each process")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="these parts alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
