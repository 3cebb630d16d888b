"""A script of faults as a file (TOML or JSON) or a request's body says it; mistakes are named by place and reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from venue.paper.faults.fault import Fault
from venue.paper.faults.kinds import KINDS, AnyFault

MAX_FAULTS = 1_000
_WHERE = re.compile(r"(?P<reason>.*?) - at `\$\.?(?P<key>[^`]*)`", re.S)
_FIELD = re.compile(r"Object (?:contains unknown|missing required) field `(?P<key>[^`]*)`")


class PlanError(Exception):
    """A script that cannot be played; the text names file, key and reason."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Faults, and the seed of their dice (None: the venue's)."""

    faults: tuple[Fault, ...] = ()
    seed: int | None = None


def read_plan(path: Path) -> Plan:
    """The script in a file, JSON if its name says so, else TOML. Raises PlanError, OSError."""
    text = path.read_bytes()
    try:
        told = msgspec.json.decode(text) if path.suffix == ".json" else tomllib.loads(text.decode())
        return plan_of(told)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(f"{path}: {error}") from error
    except PlanError as error:
        raise PlanError(f"{path}: {error}") from error


def plan_of(told: Any) -> Plan:
    """A whole script: `seed`, and `fault` (a list), or just the list, or just one fault. Raises PlanError."""
    seed, faults = None, told
    if isinstance(told, dict) and "kind" not in told:
        others = sorted(told.keys() - {"seed", "fault"})
        if others:
            raise PlanError(f"{others[0]}: no key of a script; there are seed and fault")
        seed, faults = told.get("seed"), told.get("fault", [])
        if seed is not None and type(seed) is not int:
            raise PlanError("seed: is no whole number")
    rows = faults if isinstance(faults, list) else [faults]
    if len(rows) > MAX_FAULTS:
        raise PlanError(f"fault: {len(rows)} are more than {MAX_FAULTS}")
    return Plan(faults=tuple(fault_of(row, f"fault {n}") for n, row in enumerate(rows, 1)), seed=seed)


def fault_of(told: Any, place: str) -> Fault:
    """One fault. Raises PlanError, which begins with its place."""
    if not isinstance(told, dict):
        raise PlanError(f"{place}: is no table of keys")
    name = f" ({told['name']})" if isinstance(told.get("name"), str) and told["name"] else ""
    kind = told.get("kind")
    if kind not in KINDS:
        raise PlanError(f"{place}{name}: kind: {kind!r} is none of {', '.join(sorted(KINDS))}")
    try:
        fault: Fault = msgspec.convert(told, AnyFault)
    except msgspec.ValidationError as error:
        raise PlanError(f"{place}{name}: {_explained(str(error))}") from error
    return fault


def named(faults: Sequence[Fault], taken: Sequence[str] = ()) -> tuple[Fault, ...]:
    """The same, those without a name called after their kind. Raises PlanError for a name that is taken."""
    names, found = set(taken), list[Fault]()
    for fault in faults:
        name = fault.name or _free(fault.kind, names)
        if name in names:
            raise PlanError(f"name: there are two faults called {name!r}")
        names.add(name)
        found.append(msgspec.structs.replace(fault, name=name))
    return tuple(found)


def _free(kind: str, names: set[str]) -> str:
    return next(
        name for n in range(1, MAX_FAULTS + 2) if (name := kind if n == 1 else f"{kind}-{n}") not in names
    )


def _explained(error: str) -> str:
    """Key and reason of msgspec's words."""
    where = _WHERE.fullmatch(error)
    reason, key = (where["reason"], where["key"]) if where else (error, "")
    field = _FIELD.search(reason)
    if field is not None:
        key = f"{key}.{field['key']}".lstrip(".")
        reason = "is missing" if "missing" in reason else "no such key"
    return f"{key}: {reason}" if key else reason
