"""Taking a rule out of the running program and putting it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec


class Cut(NamedTuple):
    """One name of a class or a module, and what stands there instead."""

    place: Any
    name: str
    instead: Any


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """The program without one of its safety rules."""

    name: str
    rule: str
    """What the program says without it, in words: the rule that is gone."""
    cuts: Callable[[], Iterable[Cut]]


@contextmanager
def without(mutant: Mutant | None) -> Iterator[None]:
    """The program lacks this rule meanwhile; with None it is whole."""
    kept: list[Cut] = []
    try:
        for cut in mutant.cuts() if mutant is not None else ():
            kept.append(Cut(cut.place, cut.name, vars(cut.place)[cut.name]))
            setattr(cut.place, cut.name, cut.instead)
        yield
    finally:
        for cut in reversed(kept):
            setattr(cut.place, cut.name, cut.instead)
