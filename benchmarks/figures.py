"""What a benchmark measured beside what it is held against, for people and for programs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """Spans in microseconds."""

    name: str
    spans: Sequence[float]
    goal: str = ""
    is_baseline: bool = False
    """What the figures above it are held against."""


def quantile(spans: Sequence[float], share: float) -> float:
    """Nearest rank."""
    ordered = sorted(spans)
    return ordered[max(0, -(-len(ordered) * round(share * 1_000) // 1_000) - 1)]


def as_object(figure: Figure) -> dict[str, object]:
    """One figure for programs."""
    known = bool(figure.spans)
    return {
        "name": figure.name,
        "unit": "us",
        "count": len(figure.spans),
        "p50": round(quantile(figure.spans, 0.5), 1) if known else None,
        "p99": round(quantile(figure.spans, 0.99), 1) if known else None,
        "goal": figure.goal,
        "baseline": figure.is_baseline,
    }


def table(figures: Sequence[Figure]) -> str:
    """All of them for people, baselines marked."""
    rows = [("figure", "count", "p50", "p99", "goal")]
    for figure in figures:
        found = as_object(figure)
        name = f"  against: {figure.name}" if figure.is_baseline else figure.name
        rows.append((name, str(found["count"]), _span(found["p50"]), _span(found["p99"]), figure.goal))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[n].rjust(widths[n]) for n in (1, 2, 3)), row[4]]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _span(microseconds: object) -> str:
    if not isinstance(microseconds, float):
        return "-"
    return f"{microseconds / 1_000:.2f} ms" if microseconds >= 1_000 else f"{microseconds:.1f} us"


def machine() -> dict[str, object]:
    """What it was measured on."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load_1_min": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def described(about: dict[str, object]) -> str:
    """The same in one line."""
    return ", ".join(f"{name} {value}" for name, value in about.items())


def write(path: Path, about: dict[str, object], sections: dict[str, Sequence[Figure]]) -> None:
    """Everything as one JSON object."""
    content = {
        "machine": about,
        **{name: [as_object(each) for each in figures] for name, figures in sections.items()},
    }
    path.write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """How many times faster, by medians."""
    return f"{statistics.median(theirs) / statistics.median(ours):.1f}x"
