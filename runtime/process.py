"""The child's side of a process: read the plan, build the actor it names, run it."""

from __future__ import annotations

import ctypes
import faulthandler
import importlib
import inspect
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec
from loguru import logger

from messages.system import ClockAnchor
from messages.values import RoleName
from runtime.actor import Actor
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.end_note import EndNote, leave
from runtime.fingerprint import NO_SEALS, Seals, code_fingerprint
from runtime.ground import Ground, OwnProcess
from runtime.host import Drive, Host
from runtime.journal_errors import JournalError
from runtime.orphan import Orphan
from runtime.ports import Port, PortThread
from runtime.restarts import ExitCode
from runtime.stamp import Stamp
from runtime.topology import Wiring
from runtime.twin import key_of
from runtime.wire import Wire
from runtime.zmq_wire import ZmqWire

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
NONE: Mapping[Any, Callable[[Path], Any]] = MappingProxyType({})


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A class by its dotted name (`actors.maker:ActiveMakerActor`) and what its constructor gets."""

    name: str
    arguments: dict[str, Any] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one child must know; comes in as JSON on standard input."""

    role: RoleName
    incarnation: int
    run: int
    parent: int
    """The supervisor's process id."""
    actor: Part
    ports: tuple[Part, ...]
    wiring: Wiring
    sockets: str
    """Directory of the ipc endpoints."""
    clock: ClockAnchor
    logs: str
    run_directory: str = ""
    """Where it leaves a note when it ends by a mistake; empty: nowhere."""
    log_level: str = "INFO"
    configure_logs: str = "telemetry.log:configure"
    market: str = ""
    """Hear facts of this market only."""
    snapshot_every: int = 0
    """Events after which what it knows is kept again; 0: as many as is usual."""
    drain_after: RoleName | None = None
    """When the supervisor dies: end after this role has ended …"""
    drain_s: float = 0.0
    """… or after so many real seconds."""
    die_hard: bool = False
    """SIGKILL at the supervisor's death; else SIGTERM."""
    secret: bool = False
    """Holds keys: no core dumps, not readable by a debugger."""
    grace_s: float = 5.0
    seals: Seals = NO_SEALS
    """Hashes of the supervisor's program and of everybody's settings."""


class PlanError(ValueError):
    """The plan names what does not exist or does not fit."""


class OtherProgram(ValueError):
    """The files of the program are not those that the supervisor runs."""

    exit_code = ExitCode.VERSION


def find(name: str) -> Any:
    """The object a dotted name means. Raises PlanError."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PlanError(f"{name}: {error}") from error


def build(part: Part, openers: Mapping[Any, Callable[[Path], Any]] = NONE) -> Any:
    """Construct a part: each argument is converted to its parameter's type; paths may open themselves.

    A parameter whose class has an `open(path)` is opened from the path given, by `openers` where they name the
    class. Raises PlanError.
    """
    cls = find(part.name)
    hints = get_type_hints(cls.__init__)
    accepted = inspect.signature(cls.__init__).parameters
    values: dict[str, Any] = {}
    for key, value in part.arguments.items():
        if key not in accepted:
            raise PlanError(f"{part.name} takes no {key!r}")
        kind = hints.get(key, Any)
        if kind in openers:
            values[key] = openers[kind](Path(value))
        else:
            values[key] = _converted(kind, value, f"{part.name}: {key}")
    try:
        inspect.signature(cls).bind(**values)
    except TypeError as error:
        raise PlanError(f"{part.name}: {error}") from error
    return cls(**values)


def _converted(kind: Any, value: Any, where: str) -> Any:
    opened = getattr(kind, "open", None)
    if opened is not None and kind is not Path:
        return opened(Path(value))
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=_decode_path)
    except msgspec.ValidationError as error:
        raise PlanError(f"{where}: {error}") from error
    except TypeError:
        return value  # a type msgspec does not know, as os.PathLike: the constructor takes it as it is


def _decode_path(kind: type, value: Any) -> Any:
    if issubclass(kind, Path):
        return kind(value)
    raise NotImplementedError(kind)


def die_with_parent(parent: int, number: int) -> None:
    """Have the kernel send us this signal when the supervisor ends; it may have ended already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, number) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(ExitCode.SOFTWARE)


def keep_secrets() -> None:
    """No core file and no debugger for whoever holds keys."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)


def prepare(plan: Plan) -> None:
    """Signals, secrets and logs, before anything of ours is imported."""
    die_with_parent(plan.parent, signal.SIGKILL if plan.die_hard else signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    sys.setswitchinterval(0.001)
    if plan.secret:
        keep_secrets()
    configure = find(plan.configure_logs)
    configure(role=plan.role, directory=Path(plan.logs), level=plan.log_level, run=f"{plan.run:016x}")


def check_program(plan: Plan) -> None:
    """Two versions of one program never trade together. Raises OtherProgram, OSError."""
    ours = code_fingerprint() if plan.seals.code else ""
    if ours != plan.seals.code:
        raise OtherProgram(
            f"the program was changed while it runs: its files are {ours}, the supervisor runs {plan.seals.code}; "
            "stop and start everything"
        )


def actor_of(plan: Plan, openers: Mapping[Any, Callable[[Path], Any]] = NONE) -> Actor:
    """The actor that the plan names, under its name. Raises PlanError and what its constructor raises."""
    actor = build(plan.actor, openers)
    if not isinstance(actor, Actor):
        raise PlanError(f"{plan.actor.name} is no Actor")
    actor.role, actor.incarnation, actor.run = plan.role, plan.incarnation, plan.run
    return actor


def leave_note(plan: Plan, note: EndNote) -> None:
    """For the supervisor, if it said where."""
    if plan.run_directory:
        leave(Path(plan.run_directory), note)


def host_of(
    plan: Plan,
    actor: Actor,
    ports: list[Port],
    wire: Wire,
    ground: Ground,
    drive: Drive,
    leave: Callable[[EndNote], None] = lambda note: None,
) -> Host:
    """An actor and its ports in their host, on whatever carries its frames."""
    clock = Clock(plan.clock)
    stamp = Stamp(plan.role, plan.incarnation, plan.run, clock)
    return Host(
        actor,
        ports,
        Bus(plan.role, plan.incarnation, plan.wiring, stamp, wire),
        clock,
        market=plan.market,
        orphan=Orphan(plan.parent, plan.drain_after, plan.drain_s, ground),
        grace_s=plan.grace_s,
        ground=ground,
        drive=drive,
        key=key_of(msgspec.to_builtins(plan.actor), plan.market, plan.wiring.facts),
        every=plan.snapshot_every,
        leave=leave,
        seals=plan.seals,
    )


def assemble(plan: Plan) -> Host:
    """The actor and its ports as the plan says, in this process. Raises PlanError and what constructors raise."""
    actor = actor_of(plan)
    ports = [build(part) for part in plan.ports]
    for port in ports:
        if not isinstance(port, Port):
            raise PlanError(f"{type(port).__name__} is no Port")
    wire = ZmqWire(Path(plan.sockets), f"{plan.role}@{plan.incarnation}")
    host = host_of(plan, actor, ports, wire, OwnProcess(), PortThread, partial(leave_note, plan))

    def terminated(number: int, frame: object) -> None:
        host.orphan.signal()
        host.bus.wake()

    signal.signal(signal.SIGTERM, terminated)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # one that came before waits since the spawn
    return host


def main() -> None:
    """Entry point of every child."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    prepare(plan)
    try:
        check_program(plan)
        host = assemble(plan)
    except (PlanError, JournalError, OSError, ValueError) as error:
        code = getattr(error, "exit_code", ExitCode.USAGE)
        logger.critical("{} cannot start: {}", plan.role, error)
        text = " ".join(str(error).split())
        leave_note(plan, EndNote(role=plan.role, incarnation=plan.incarnation, text=text))
        logger.complete()
        logger.remove()
        sys.stderr.flush()
        os._exit(code)
    host.run()


if __name__ == "__main__":
    main()
