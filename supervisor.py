"""The process table: who runs, with which ports, in which order; and the command that starts it all."""

from __future__ import annotations

import os
import signal
import sys

BEFORE = b"supervisor: stopped before it began\n"
if __name__ == "__main__":  # the imports below take a second, and Ctrl-C then is no reason for a traceback
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: (os.write(2, BEFORE), os._exit(0)))

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from cyclopts import CycloptsError
from loguru import logger

from actors.alert import AlertActor
from actors.feed import FeedActor
from actors.gateway import GatewayActor
from actors.liquidator import LiquidatorActor
from actors.maker import ActiveMakerActor
from actors.persistence import PersistenceActor
from actors.risk import RiskActor
from config.command import Options, parse
from config.importing import import_state
from config.settings import Mode
from config.units import ConfigError
from messages.liquidation import LiquidatorAssigned
from messages.values import RoleName, Size
from runtime.actor import Actor
from runtime.fingerprint import NO_SEALS, Seals, code_fingerprint, fingerprint_of
from runtime.house import LIQUIDATOR, House, Member, Program
from runtime.journal_errors import JournalError
from runtime.journal_restore import restore_if_damaged
from runtime.locks import accounts_directory
from runtime.machine import Machine, ThisMachine, listen
from runtime.process import Part
from runtime.restarts import ChildSpec, ExitCode, Restart
from runtime.service import Service
from runtime.statedir import BALLAST_BYTES, StateDirectory, StateError
from simulation.report import RunFacts, write_report
from telemetry.log import configure
from telemetry.outlet import Outlet, write_all
from trading.import_files import ImportProblem

HERE = Path(__file__).resolve().parent
ORPHANS_S = 15.0
"""Journal and venue outlive a dead supervisor by this at most, so that the last cancels are written down."""

Arguments = dict[str, Any]


class Site(msgspec.Struct, frozen=True):
    """What the rows of the table are filled in from."""

    options: Options
    state: StateDirectory
    port: int

    @property
    def base(self) -> str:
        """The venue's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def kill_paths(self) -> list[str]:
        """Where the kill-switch file is looked for."""
        return [str(self.state.path / "KILL_SWITCH"), str(HERE / "KILL_SWITCH")]


class Process(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the process table: the actor, its ports, and how it is supervised."""

    actor: type[Actor]
    wave: int
    """Started when everything of the earlier waves is ready."""
    spec: ChildSpec
    arguments: Callable[[Site], Arguments]
    ports: Callable[[Site], tuple[tuple[str, Arguments], ...]] = lambda site: ()
    secret: bool = False
    """Holds keys."""
    die_hard: bool = True
    """Killed outright when the supervisor dies; else told to come to an end."""
    outlives: str = ""
    """When the supervisor dies it ends after this role."""


def spec(
    ready_s: float,
    deadline_s: float,
    grace_s: float,
    intensity: int,
    period_s: float = 60,
    *,
    restart: Restart = Restart.PERMANENT,
    vital: bool = False,
    needed: bool = True,
    beat_s: float = 0.5,
) -> ChildSpec:
    """One line of the table in RELIABILITY §2.7; real seconds."""
    return ChildSpec(
        restart=restart,
        ready_s=ready_s,
        beat_s=beat_s,
        deadline_s=deadline_s,
        grace_s=grace_s,
        intensity=intensity,
        period_s=period_s,
        vital=vital,
        needed=needed,
    )


PROCESSES: dict[str, Process] = {
    "persistence": Process(
        actor=PersistenceActor,
        wave=0,
        spec=spec(10, 5, 8, 5, vital=True),
        arguments=lambda site: {"journal": str(site.state.journal)},
        ports=lambda site: (("telemetry.views:FileViews", {"directory": str(site.state.path)}),),
        die_hard=False,
        outlives="gateway",
    ),
    "risk": Process(
        actor=RiskActor,
        wave=1,
        spec=spec(5, 3, 3, 5, vital=True),
        arguments=lambda site: {"settings": site.options.settings.risk},
        ports=lambda site: (
            ("runtime.kill_switch:KillSwitch", {"paths": site.kill_paths}),
            ("venue.polymarket.positions:Positions", {"data_url": f"{site.base}/data-api"}),
        ),
    ),
    "alert": Process(
        actor=AlertActor,
        wave=1,
        spec=spec(5, 10, 2, 20, 600, needed=False, beat_s=1.0),
        arguments=lambda site: {"settings": site.options.settings.alert},
        ports=lambda site: (("telemetry.console:Console", {"directory": str(site.state.logs)}),),
        die_hard=False,
        outlives="persistence",
    ),
    "gateway": Process(
        actor=GatewayActor,
        wave=2,
        spec=spec(30, 3, 12, 5, vital=True),
        arguments=lambda site: {"settings": site.options.settings.gateway},
        ports=lambda site: (
            (
                "venue.polymarket.orders:OrderGateway",
                {
                    "clob_url": site.base,
                    "ws_url": f"ws://127.0.0.1:{site.port}",
                    "key_file": str(site.state.path / "sim.key"),
                    "accounts": str(accounts_directory(os.environ)),
                },
            ),
            ("runtime.kill_switch:KillSwitch", {"paths": site.kill_paths}),
            ("venue.polymarket.positions:Positions", {"data_url": f"{site.base}/data-api"}),
        ),
        secret=True,
        die_hard=False,
    ),
    "feed": Process(
        actor=FeedActor,
        wave=2,
        spec=spec(20, 5, 3, 10),
        arguments=lambda site: {"settings": site.options.settings.feed},
        ports=lambda site: (
            ("venue.polymarket.market_stream:MarketStream", {"url": f"ws://127.0.0.1:{site.port}/ws/market"}),
            ("venue.polymarket.catalog:Catalog", {"gamma_url": f"{site.base}/gamma"}),
            ("venue.polymarket.witness:Witness", {"clob_url": site.base}),
        ),
    ),
    "maker": Process(
        actor=ActiveMakerActor,
        wave=3,
        spec=spec(5, 3, 3, 5),
        arguments=lambda site: {"settings": site.options.settings.maker},
    ),
    LIQUIDATOR: Process(
        actor=LiquidatorActor,
        wave=3,
        spec=spec(5, 3, 3, 5, 300, restart=Restart.TRANSIENT),
        arguments=lambda site: {"settings": site.options.settings.liquidator},
    ),
}
"""Every actor of ours. A liquidator's row is used once for each market in liquidation."""
VENUE_SPEC = spec(20, 10, ORPHANS_S, 5, vital=True)


def member(row: Process, site: Site, extra: Arguments | None = None) -> Member:
    """A row of the table, filled in."""
    arguments = {**row.arguments(site), **(extra or {})}
    return Member(
        spec=row.spec,
        wave=row.wave,
        actor=f"{row.actor.__module__}:{row.actor.__qualname__}",
        arguments={name: msgspec.to_builtins(value) for name, value in arguments.items()},
        ports=tuple(Part(name=name, arguments=given) for name, given in row.ports(site)),
        secret=row.secret,
        die_hard=row.die_hard,
        outlives=RoleName(row.outlives) if row.outlives else None,
        drain_s=ORPHANS_S if row.outlives else 0.0,
    )


def venue_command(site: Site) -> Callable[[int], list[str]]:
    """The embedded exchange's command line, given its listening socket."""
    options = site.options
    sim = options.settings.sim
    recordings = [str(path.resolve()) for path in options.recordings]

    def command(fd: int) -> list[str]:
        return [
            *(sys.executable, "-I", "-m", "venue.paper", "--hold", "--quiet"),
            *("--fd", str(fd), "--parent", str(os.getpid()), "--drain", str(ORPHANS_S)),
            *("--state", str(site.state.path), "--seed", str(sim.seed), "--speed", str(sim.speed)),
            *("--fund", f"{sim.fund / 1_000_000:f}"),
            *(("--recording", *recordings) if recordings else ()),
        ]

    return command


def build(options: Options, state: StateDirectory) -> House:
    """The house as the table and the options have it. Raises OSError when the port is taken."""
    listener = listen(options.settings.sim.port)
    site = Site(options, state, listener.getsockname()[1])
    run = secrets.randbits(63)
    seals = Seals(code_fingerprint(), fingerprint_of(msgspec.json.encode(options.settings)))
    machine = ThisMachine(state, run, listener, venue_command(site))
    return furnish(site, run, machine, seals, Service(os.environ))


def furnish(
    site: Site, run: int, machine: Machine, seals: Seals = NO_SEALS, service: Service | None = None
) -> House:
    """The house of the table on any machine."""
    options = site.options

    def liquidator(assigned: LiquidatorAssigned) -> Member:
        assignment = {
            "exit": assigned.exit,
            "market": assigned.market,
            "slug": assigned.slug,
            "liquidator": assigned.liquidator,
        }
        row = member(PROCESSES[LIQUIDATOR], site, {"assignment": assignment})
        return msgspec.structs.replace(row, market=assigned.market)

    return House(
        site.state,
        run,
        {RoleName(role): member(row, site) for role, row in PROCESSES.items() if role != LIQUIDATOR},
        Program(spec=VENUE_SPEC, wave=0),
        machine,
        liquidator,
        {role: row.actor.contract for role, row in PROCESSES.items()},
        speed=options.settings.sim.speed,
        duration_ns=options.duration_ns,
        mode=options.mode.value,
        log_level=options.settings.log.level,
        seals=seals,
        service=service,
    )


def banner(options: Options, house: House) -> str:
    """What is about to run, in plain words."""
    sim = options.settings.sim
    world = (
        f"{len(options.recordings)} recordings" if options.recordings else f"synthetic crowd, seed {sim.seed}"
    )
    dry = "  DRY RUN: decides and logs, sends nothing\n" if options.dry_run else ""
    rule = "=" * 72
    return (
        f"{rule}\n  evermaker  mode {options.mode.value.upper()}: embedded exchange, play money, no keys\n{dry}"
        f"  {world}, {sim.speed} market seconds a second, exchange on {house.base}\n"
        f"  state {house.state.path}   watch: python -m telemetry.watch --state {options.state}\n{rule}\n"
    )


def run(options: Options) -> int:
    """One run, from the lock to the report; the exit code."""
    if options.mode is not Mode.SIM:
        say(
            f"mode {options.mode.value} comes later: this version trades on its embedded exchange only (--mode sim)"
        )
        return ExitCode.USAGE
    trouble = unusable(options)
    if trouble:
        say(trouble)
        return ExitCode.USAGE
    state = StateDirectory(options.state)
    state.open(options.fresh, options.takeover)
    if state.taken_over:
        say(f"ended what an earlier supervisor left: {', '.join(state.taken_over)}")
    if state.kept_bytes < BALLAST_BYTES:
        say(
            f"the disk is small: {state.kept_bytes >> 20} MiB are kept for the end, not {BALLAST_BYTES >> 20}"
        )
    if options.imported is not None:
        say(import_state(options.imported, state.journal))
        return ExitCode.OK
    restored = restore_if_damaged(state.journal)
    if restored is not None:
        say(str(restored))
    configure(role="supervisor", directory=state.logs, level=options.settings.log.level)
    try:
        house = build(options, state)
    except OSError as error:
        say(f"sim.port {options.settings.sim.port}: {error.strerror}")
        return ExitCode.USAGE
    sys.stderr.write(banner(options, house))
    sys.stderr.flush()
    for note in options.notes:
        logger.warning("{}", note)
    started = time.monotonic()
    code = house.live()
    told = report(options, house, state, time.monotonic() - started, code)
    say(f"{house.lifecycle.why_stopped}; {ending(code, house.lifecycle.is_empty)}")
    return code if told else code or ExitCode.IO


def unusable(options: Options) -> str:
    """Which file of the command line cannot be had; "" when all can, so far as that can be seen now."""
    for path in options.recordings:
        if not path.is_file():
            return f"--recording {path}: no such file"
    why = "" if options.report is None else unwritable(options.report.absolute())
    return f"--report {options.report}: {why}" if why else ""


def unwritable(path: Path) -> str:
    """Why a file cannot be written there, as far as that can be seen now; its directory is made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"{error.filename} is not a directory" if path.parent.exists() else str(error.strerror)
    if path.is_dir():
        return "is a directory"
    return "" if os.access(path if path.exists() else path.parent, os.W_OK) else "cannot be written"


def ending(code: int, is_empty: bool) -> str:
    """The last line's second half: what is left on the book, and the exit code where it is not 0."""
    if code == ExitCode.USAGE and is_empty:
        return f"exit {code}"  # it did not come to trading
    book = (
        "no order rests"
        if is_empty
        else "the book could NOT be verified empty, the venue's dead-man switch takes off what is left"
    )
    return f"{book} (exit {code})" if code else book


def report(options: Options, house: House, state: StateDirectory, wall_s: float, code: int) -> bool:
    """Write the report that was asked for; False: it could not be written, which is said."""
    if options.report is None or house.ran is None:
        return True
    facts = RunFacts(
        run=house.run_id,
        mode=options.mode.value,
        seed=options.settings.sim.seed,
        speed=options.settings.sim.speed,
        market_seconds=house.market_seconds(),
        wall_seconds=wall_s,
        exit_code=code,
        cap=Size(options.settings.gateway.limits.cap),
    )
    try:
        write_report(options.report, state.journal, state.venue, facts)
    except OSError as error:
        say(f"--report {options.report}: {error.strerror}")
        return False
    return True


def say(text: str) -> None:
    """One line for whoever started us; that nobody reads it holds nothing up."""
    outlet = Outlet(
        "last words", lambda line: write_all(sys.stderr.fileno(), line.encode("utf-8", "replace"))
    )
    outlet.put(f"supervisor: {text}")
    outlet.close()


def main(arguments: list[str] | None = None) -> int:
    """Entry point; the exit code."""
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        return ExitCode.OK if options is None else run(options)
    except (ConfigError, CycloptsError, ImportProblem) as error:
        say(" ".join(str(error).split()))
        return ExitCode.USAGE
    except (StateError, JournalError) as error:
        say(str(error))
        return error.exit_code
    finally:
        logger.complete()


if __name__ == "__main__":
    sys.exit(main())
