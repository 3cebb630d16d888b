"""The script of faults over the private side door: look at it, add to it, take from it, while the venue runs."""

from __future__ import annotations

from typing import Any

import msgspec

from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.sim_door import check_local
from venue.paper.engine.terms import Refused
from venue.paper.faults.fault import Fault
from venue.paper.faults.plan import PlanError, plan_of
from venue.paper.faults.run import Run
from venue.paper.faults.script import Script


class FaultRow(msgspec.Struct, kw_only=True):
    """One fault as it stands."""

    name: str
    kind: str
    phase: str
    """waiting, on or over."""
    chances: int
    """How often it could have hit while it was on."""
    hits: int
    fault: Fault
    """As it was posted."""


class FaultList(msgspec.Struct, kw_only=True):
    """GET /sim/faults."""

    seed: int
    faults: list[FaultRow]


class FaultDoor:
    """For this host only, like everything below /sim/."""

    def __init__(self, script: Script) -> None:
        self._script = script

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/sim/faults"): self.show,
            ("POST", "/sim/faults"): self.add,
            ("DELETE", "/sim/faults"): self.clear,
            ("DELETE", "/sim/faults/*"): self.remove,
        }

    def show(self, request: Request) -> Answer:
        """GET /sim/faults: all of them, those that are over too, until they are deleted."""
        check_local(request)
        return self._answer()

    def add(self, request: Request) -> Answer:
        """POST /sim/faults: one fault, or a list; its times count from now. All are taken, or none."""
        check_local(request)
        try:
            told: Any = msgspec.json.decode(request.body)
            self._script.play(plan_of(told))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, PlanError) as error:
            raise Refused(f"no faults: {error}") from error
        return self._answer()

    def clear(self, request: Request) -> Answer:
        """DELETE /sim/faults: end and forget them all."""
        check_local(request)
        for name in list(self._script.runs):
            self._script.remove(name)
        return self._answer()

    def remove(self, request: Request) -> Answer:
        """DELETE /sim/faults/{name}: end and forget one."""
        check_local(request)
        if not self._script.remove(request.tail):
            raise Refused(f"no fault is called {request.tail!r}", 404)
        return self._answer()

    def _answer(self) -> Answer:
        self._script.turn()
        rows = [_row(run) for run in self._script.runs.values()]
        return Answer(msgspec.json.encode(FaultList(seed=self._script.seed, faults=rows)))


def _row(run: Run) -> FaultRow:
    fault = run.fault
    return FaultRow(
        name=fault.name, kind=fault.kind, phase=run.phase, chances=run.chances, hits=run.hits, fault=fault
    )
