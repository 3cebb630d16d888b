"""What will be done to processes, connections, disk and clocks in one run: drawn before it begins, as data.

A run is played again with some of its strokes left out by giving it the others.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from random import Random

import msgspec

from messages.values import MS, SECOND
from simulation.exchange.faults import BY_ID, How

QUIET_NS = 6 * SECOND
"""At the beginning nothing is done."""
HANDLING = ("before", "after", "port")
POINTS = {
    "gateway": (*HANDLING, "jrn", "sup", "tel.in"),
    "persistence": (*HANDLING, "commit", "committed", "jrn", "facts"),
    "risk": (*HANDLING, "permit", "jrn", "cmd"),
    "maker": (*HANDLING, "cmd", "jrn"),
    "liquidator": (*HANDLING, "cmd", "jrn", "sup"),
    "feed": (*HANDLING, "md"),
    "alert": HANDLING,
    "venue": ("now",),
    "supervisor": ("step", "jrn", "sup"),
}
"""Where a process can be killed: around what it handles, in a port, as it sends to an endpoint, around a commit."""
LATEST = 60
"""A process is killed at the latest so many times after the first time at the point."""
ROLES = ("persistence", "risk", "alert", "gateway", "feed", "maker", "liquidator")
LINKED = (
    ("gateway", "persistence"), ("gateway", "risk"), ("gateway", "maker"), ("gateway", "liquidator"),
    ("gateway", "feed"), ("persistence", "risk"), ("persistence", "maker"), ("persistence", "liquidator"),
    ("persistence", "feed"), ("persistence", "supervisor"), ("feed", "maker"), ("feed", "risk"),
    ("feed", "liquidator"), ("risk", "maker"), ("risk", "liquidator"), ("alert", "persistence"),
)  # fmt: skip
"""Who has something to say to whom."""
SPELL_S = 30.0
"""Between two spells of a fault that the catalogue has as a chance at every frame: ZeroMQ has none such, but short
lives of connections, one after the other, look like one."""


class Stroke(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is done."""

    at_ns: int
    """Real time since the run began."""
    fault: str
    """Row of the catalogue."""
    what: str
    who: str = ""
    point: str = ""
    number: int = 0
    span_ns: int = 0
    amount: float = 0.0


Draw = Callable[[Random, float], Stroke]


def _kill(role: str) -> Callable[[Random, int, str, float], Stroke]:
    def draw(rng: Random, at_ns: int, fault: str, severity: float) -> Stroke:
        return Stroke(
            at_ns=at_ns,
            fault=fault,
            what="kill",
            who=role,
            point=rng.choice(POINTS[role]),
            number=rng.randrange(LATEST),
        )

    return draw


def _hang(
    shortest_ns: int, longest_ns: int, who: tuple[str, ...]
) -> Callable[[Random, int, str, float], Stroke]:
    def draw(rng: Random, at_ns: int, fault: str, severity: float) -> Stroke:
        span = rng.randrange(shortest_ns, longest_ns)
        return Stroke(at_ns=at_ns, fault=fault, what="hang", who=rng.choice(who), span_ns=span)

    return draw


def _trouble(
    what: str, most: float, longest_ns: int, pairs: tuple[tuple[str, str], ...] = LINKED
) -> Callable[[Random, int, str, float], Stroke]:
    def draw(rng: Random, at_ns: int, fault: str, severity: float) -> Stroke:
        return Stroke(
            at_ns=at_ns,
            fault=fault,
            what=what,
            who=" ".join(rng.choice(pairs)),
            span_ns=rng.randrange(longest_ns // 10, longest_ns),
            amount=round(most * severity * rng.random(), 6),
        )

    return draw


def _mad(who: tuple[str, ...], longest_ns: int) -> Callable[[Random, int, str, float], Stroke]:
    def draw(rng: Random, at_ns: int, fault: str, severity: float) -> Stroke:
        span = rng.randrange(longest_ns // 10, longest_ns)
        number = rng.getrandbits(32)
        return Stroke(at_ns=at_ns, fault=fault, what="mad", who=rng.choice(who), number=number, span_ns=span)

    return draw


def _simple(what: str, longest_ns: int = 0, number: int = 0) -> Callable[[Random, int, str, float], Stroke]:
    def draw(rng: Random, at_ns: int, fault: str, severity: float) -> Stroke:
        span = rng.randrange(longest_ns // 10, longest_ns) if longest_ns else 0
        return Stroke(at_ns=at_ns, fault=fault, what=what, number=number, span_ns=span, amount=rng.random())

    return draw


PUBLISHED = tuple((a, b) for a, b in LINKED if {a, b} & {"persistence", "feed", "risk"})
FROM_JOURNAL = tuple(pair for pair in LINKED if "persistence" in pair)
STROKES: dict[str, Callable[[Random, int, str, float], Stroke]] = {
    "F01": _kill("gateway"),
    "F11": _trouble("slow", 0.4, 10 * SECOND, FROM_JOURNAL),
    "F12": _kill("persistence"),
    "F15": _kill("risk"),
    "F17": _kill("maker"),
    "F19": _hang(200 * MS, 4 * SECOND, ("supervisor",)),
    "F21": _kill("liquidator"),
    "F22": _kill("feed"),
    "F23": _kill("alert"),
    "F24": _kill("supervisor"),
    "F24b": _kill("venue"),
    "F25": _simple("kill all"),
    "F29": _hang(30 * SECOND, 60 * SECOND, ROLES),
    "F32": _hang(5 * SECOND, 40 * SECOND, ("supervisor",)),
    "F33": _hang(1 * SECOND, 2_900 * MS, ROLES),
    "F121": _mad(("maker", "maker", "liquidator"), 15 * SECOND),
    "F43": _trouble("lose", 0.3, 4 * SECOND),
    "F44": _trouble("double", 0.3, 10 * SECOND),
    "F45": _trouble("clog", 1.0, 3 * SECOND),
    "F46": _trouble("deafen", 1.0, 3 * SECOND, PUBLISHED),
    "F94": _simple("disk", 4 * SECOND, errno.ENOSPC),
    "F95": _simple("disk", 300 * MS, errno.EIO),
    "F99": _simple("slow disk", 3 * SECOND),
    "F102": _simple("wall"),
    "F103": _simple("suspend", 60 * SECOND),
}
"""Rows of the catalogue that the world itself sees to."""


def strokes(rng: Random, severities: Mapping[str, float], span_ns: int) -> tuple[Stroke, ...]:
    """What is done in a run of so long, in order. `severities` as drawn for the venue's faults."""
    found: list[Stroke] = []
    for fault, draw in STROKES.items():
        chance = Random(rng.getrandbits(64))
        severity = severities.get(fault)
        if severity is None:
            continue
        row = BY_ID[fault]
        mean_s = (SPELL_S if row.how is How.CHANCE else row.rate) / severity
        at_ns = QUIET_NS
        while True:
            at_ns += round(chance.expovariate(1 / mean_s) * SECOND)
            if at_ns >= span_ns:
                break
            found.append(draw(chance, at_ns, fault, severity))
    return tuple(sorted(found, key=lambda stroke: (stroke.at_ns, stroke.fault)))
