"""A campaign in words, and as a row of the table of results in docs/chaos.md."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def in_words(found: dict[str, Any]) -> str:
    """What a person wants to know, line by line."""
    kills = dict(found["kills"])
    total = kills.pop("all")
    strikes = found["strikes"]
    code, load = found["commit"] or "unknown", found["load"]
    lines = [
        f"chaos, seed {found['seed']}, {found['wall_s']:.0f} s, commit {code}, load {load}",
        f"  {total} SIGKILLs: " + ", ".join(f"{role} {count}" for role, count in sorted(kills.items())),
        "  " + ", ".join(f"{strikes.get(act, 0)} {act}" for act in OTHERS),
    ]
    lines += _measured(found)
    lines.append(f"  exit code of the last stop: {found['exit_code']}")
    lines.append(f"{found['violations']} violations")
    lines += [f"  {text}" for text in found["details"][:50]]
    lines.append(f"everything is in {found['directory']}")
    return "\n".join(lines) + "\n"


OTHERS = ("hang", "pause", "venue", "switch", "control", "supervisor", "power")


def _measured(found: dict[str, Any]) -> list[str]:
    lines = []
    if "report" in found:
        report = found["report"]
        lines.append(
            f"  {found['events']} events, {report['orders']['accepted']} orders in the last run, two-sided "
            f"{100 * found['quoted_share']:.0f} % of the time"
        )
        lines.append(
            "  seconds from kill to           READY   p50    p99    max   quoting   p50    p99    max"
        )
        lines += [_line(name, times) for name, times in found["by_role"].items()]
    if found["orphans_s"]:
        lines.append(f"  supervisor dead -> last child ended, s: {_list(found['orphans_s'])}")
        lines.append(f"  supervisor dead -> quoting again, s: {_list(found['supervisor_restarts_s'])}")
    return lines


def _line(name: str, times: dict[str, Any]) -> str:
    ready, quoting = times["ready_s"], times["quoting_s"]
    return (
        f"    {name:<22} {ready['count']:>12} {_s(ready['p50'])} {_s(ready['p99'])} {_s(ready['max'])}"
        f" {quoting['count']:>9} {_s(quoting['p50'])} {_s(quoting['p99'])} {_s(quoting['max'])}"
    )


def _s(seconds: float | None) -> str:
    return "     -" if seconds is None else f"{seconds:6.2f}"


def _list(seconds: list[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in sorted(seconds))


def row_of(found: dict[str, Any]) -> str:
    """Date, commit, seed, length, strikes, findings and times, as docs/chaos.md heads its columns."""
    everybody = found.get("by_role", {}).get("all", {"ready_s": {}, "quoting_s": {}})
    ready, quoting = everybody["ready_s"], everybody["quoting_s"]
    strikes = found["strikes"]
    cells = (
        datetime.now(UTC).strftime("%Y-%m-%d"),
        found["commit"],
        found["seed"],
        f"{found['wall_s'] / 60:.1f}",
        found["kills"]["all"],
        strikes.get("hang", 0) + strikes.get("pause", 0),
        strikes.get("venue", 0),
        strikes.get("supervisor", 0) + strikes.get("power", 0),
        found["violations"],
        f"{_plain(ready.get('p50'))} / {_plain(ready.get('p99'))}",
        f"{_plain(quoting.get('p50'))} / {_plain(quoting.get('p99'))}",
    )
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _plain(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f}"


def add_row(page: Path, row: str) -> None:
    """Put it at the end of the page's last table. Raises OSError, ValueError for a page without one."""
    lines = page.read_text().splitlines()
    last = max((n for n, line in enumerate(lines) if line.startswith("|")), default=-1)
    if last < 0:
        raise ValueError(f"{page} has no table")
    lines.insert(last + 1, row)
    page.write_text("\n".join(lines) + "\n")
