"""`python -m venue.paper`: an exchange that speaks Polymarket's protocol, on this machine, with play money."""

from __future__ import annotations

import gc
import socket
import sys
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App as CommandLine
from cyclopts import CycloptsError, Group, Parameter
from cyclopts.validators import Number
from loguru import logger

from messages.values import MICRO, Money
from venue.paper.doors.app import App
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.limits import LimitMode
from venue.paper.doors.roots import DATA, GAMMA
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.latency import Latency
from venue.paper.engine.latency import latency as read_latency
from venue.paper.engine.queue_models import QueueModel, queue_model
from venue.paper.faults.plan import PlanError, read_plan
from venue.paper.port import HOST, PortError, control, inherit, listen, roots
from venue.paper.server import Ending, die_with_parent, serve
from venue.paper.worlds import Crowd, RecordingError, WorldMismatch, load_world

USAGE = 2
"""Exit code for whatever cannot be started with the options given."""

WORLD = Group("World", sort_key=1, help="What is traded, and how fast time passes.")
ACCOUNTS = Group("Accounts", sort_key=2, help="What wallets have, and where it is kept.")
MANNERS = Group("Manners", sort_key=3, help="Ways of the real venue that not everybody wants here.")
TROUBLE = Group("Trouble", sort_key=4, help="Whatever goes wrong in production, on a script.")
PROCESS = Group("Process", sort_key=5, help="Where it listens, and how it starts and ends.")

cli = CommandLine(
    name="python -m venue.paper",
    version=lambda: version("evermaker"),
    version_flags=["--version"],
    help="""Polymarket on this machine: its REST and websocket protocol, simulated markets, play money.

    One port serves everything: the CLOB at the root, Gamma under /gamma, the Data API under /data-api, and
    websockets at /ws/market and /ws/user. The first line on stdout says when it is ready, and where. A wallet
    that creates its first API key is given money. Ctrl-C stops it.
    """,
    help_format="plaintext",
)


@cli.default
def run(
    *,
    recording: Annotated[
        tuple[Path, ...], Parameter(group=WORLD, consume_multiple=True, negative=(), show_default=False)
    ] = (),
    seed: Annotated[int, Parameter(group=WORLD)] = 1,
    world: Annotated[Literal["demo", "wide"], Parameter(group=WORLD)] = "demo",
    toxicity: Annotated[float, Parameter(group=WORLD, validator=Number(gte=0, lte=100))] = 1.0,
    speed: Annotated[int, Parameter(group=WORLD, validator=Number(gte=0, lte=100_000))] = 1,
    queue_model: Annotated[str, Parameter(group=WORLD)] = "pessimistic",
    hold: Annotated[bool, Parameter(group=WORLD, negative=(), show_default=False)] = False,
    fund: Annotated[str, Parameter(group=ACCOUNTS)] = "1000",
    state: Annotated[Path | None, Parameter(group=ACCOUNTS)] = None,
    limits: Annotated[LimitMode | None, Parameter(group=MANNERS)] = None,
    ip_limits: Annotated[bool, Parameter(group=MANNERS, negative=(), show_default=False)] = False,
    pre_july: Annotated[bool, Parameter(group=MANNERS, negative=(), show_default=False)] = False,
    tick_twice: Annotated[bool, Parameter(group=MANNERS)] = True,
    dump_limit: Annotated[int, Parameter(group=MANNERS, validator=Number(gte=0))] = 500,
    gzip: Annotated[bool, Parameter(group=MANNERS, negative=(), show_default=False)] = False,
    latency: Annotated[str, Parameter(group=MANNERS, show_default=False)] = "",
    data_lag: Annotated[int, Parameter(group=MANNERS, validator=Number(gte=0, lte=3600))] = 0,
    geoblocked: Annotated[bool, Parameter(group=MANNERS, negative=(), show_default=False)] = False,
    faults: Annotated[Path | None, Parameter(group=TROUBLE)] = None,
    control_socket: Annotated[Path | None, Parameter(name="--control", group=TROUBLE)] = None,
    port: Annotated[int, Parameter(group=PROCESS, validator=Number(gte=0, lte=65535))] = 18777,
    gamma_port: Annotated[
        int | None, Parameter(group=PROCESS, validator=Number(gte=0, lte=65535), show_default=False)
    ] = None,
    data_port: Annotated[
        int | None, Parameter(group=PROCESS, validator=Number(gte=0, lte=65535), show_default=False)
    ] = None,
    fd: Annotated[int | None, Parameter(group=PROCESS, validator=Number(gte=0))] = None,
    parent: Annotated[int | None, Parameter(group=PROCESS, validator=Number(gte=1))] = None,
    drain: Annotated[float, Parameter(group=PROCESS, validator=Number(gte=0, lte=3600))] = 0.0,
    quiet: Annotated[bool, Parameter(group=PROCESS, negative=(), show_default=False)] = False,
) -> None:
    """Serve until stopped.

    Parameters
    ----------
    recording
        Recorded markets to play instead of the crowd, one file for each market.
    seed
        Of the simulated crowd and of faults: the same seed, the same market and the same mishaps.
    world
        Of the crowd's: demo has a dozen questions of all characters, wide some sixty more.
    toxicity
        Times the crowd's usual share of those who know better.
    speed
        Market seconds per real second.
    queue_model
        How much of a cancel in a recording was ahead of our orders: pessimistic, proportional, power or power:N.
    hold
        Market time stands still until it is started by POST /sim/clock.
    fund
        Dollars a wallet is given with its first API key.
    state
        A file, or a directory in which it is called venue.db, where accounts, trades and the market clock are
        kept. Without it all is forgotten at the end.
    limits
        Of orders and cancels per signer and real second: off, warn (headers only) or enforce (429). Unless told,
        enforce at --speed 1 and warn above, where a bot written for real time has less of it.
    ip_limits
        Hold and then refuse (429) requests of an address that sends too many.
    pre_july
        Answer matched orders with transactionsHashes, as the venue did before July 2026.
    tick_twice
        Tell each tick_size_change twice, as the venue does.
    dump_limit
        Tokens of one connection to /ws/market beyond which it gets changes but no books; 0: no limit.
    gzip
        Compress long answers for those who accept it.
    latency
        OUT±SD,BACK±SD: how many milliseconds of market time orders and cancels are under way, and their answers
        back, such as 40±15,20±10.
    data_lag
        Market seconds by which the Data API is behind the book.
    geoblocked
        Say at /api/geoblock that orders from here are blocked.
    faults
        A script of faults, TOML or JSON; see docs/faults.md. More can be posted to /sim/faults.
    control_socket
        Serve on this Unix-domain socket as well, where no fault is in the way of a command.
    port
        Where to listen on 127.0.0.1; 0 takes any free port.
    gamma_port
        Serve Gamma at the root of this port as well, for clients that drop the path of a base URL; 0: any free one.
    data_port
        The same for the Data API. A second line on stdout names both.
    fd
        Serve on this inherited, listening socket instead of opening the port.
    parent
        Stop when this process, which must be our parent, is gone.
    drain
        After a SIGTERM keep serving up to this many seconds, while somebody is connected.
    quiet
        Nothing on stderr but errors.
    """
    _log(quiet)
    dollars, queue = _dollars(fund), _queue(queue_model)
    crowd = Crowd(world=world, toxicity=toxicity)
    plan = None if faults is None else read_plan(faults)
    dialect = Dialect(
        limits=limits or (LimitMode.ENFORCE if speed <= 1 else LimitMode.WARN),
        ip_limits=ip_limits,
        gzip=gzip,
        hashes_in_answers=pre_july,
        tick_change_twice=tick_twice,
        dump_limit=dump_limit,
        latency=_latency(latency),
        data_lag_s=data_lag,
        geoblocked=geoblocked,
    )
    if parent is not None:
        die_with_parent()
    with (
        listen(port) if fd is None else inherit(fd) as opened,
        roots({GAMMA: gamma_port, DATA: data_port}) as beside,
        control(control_socket) as others,
    ):
        clock = VenueClock()
        exchange = load_world(_ledger_path(state), recording, seed, clock, dollars, queue, crowd)
        try:
            app = App(exchange, dialect, seed)
            if plan is not None:
                app.faults.play(plan, str(faults))
            if not hold:
                clock.start_here(speed)

            if control_socket is not None:
                logger.info("the control socket is {}", control_socket)

            def ready(url: str) -> None:
                shown_speed = 0 if hold else speed
                sys.stdout.write(f"venue ready {url} markets={len(exchange.markets)} speed={shown_speed}\n")
                if beside:
                    sys.stdout.write(f"venue also {_urls(beside)}\n")
                sys.stdout.flush()

            gc.collect()
            gc.freeze()
            prefixes = {found.getsockname()[1]: path for path, found in beside.items()}
            sockets = [opened, *beside.values(), *others]
            serve(app, sockets, Ending(drain_s=drain, parent=parent), ready, prefixes)
        finally:
            if clock.is_started:
                exchange.save_clock()
            exchange.ledger.close()


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0, or 2 with one line on stderr for what cannot be done."""
    try:
        cli(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        return _refuse(" ".join(str(error).split()))
    except (RecordingError, WorldMismatch, PortError, PlanError) as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    return 0


def _ledger_path(state: Path | None) -> Path | str:
    """The ledger's file. Raises OSError when a directory cannot be made."""
    if state is None:
        return ":memory:"
    if state.suffix == ".db" and not state.is_dir():
        state.parent.mkdir(parents=True, exist_ok=True)
        return state
    state.mkdir(parents=True, exist_ok=True)
    return state / "venue.db"


def _urls(beside: dict[str, socket.socket]) -> str:
    """gamma=http://127.0.0.1:18778 data-api=http://127.0.0.1:18779"""
    return " ".join(
        f"{path.removeprefix('/')}=http://{HOST}:{found.getsockname()[1]}" for path, found in beside.items()
    )


def _dollars(text: str) -> Money:
    try:
        micro = Decimal(text.removeprefix("$")) * MICRO
        if not 0 <= micro <= 10**9 * MICRO or micro != micro.to_integral_value():
            raise InvalidOperation
    except InvalidOperation:
        raise PortError(f"--fund {text}: is no amount of dollars up to a billion") from None
    return Money(int(micro))


def _queue(name: str) -> QueueModel:
    try:
        return queue_model(name)
    except ValueError as error:
        raise PortError(f"--queue-model: {error}") from error


def _latency(text: str) -> Latency | None:
    try:
        return read_latency(text) if text else None
    except ValueError as error:
        raise PortError(f"--latency: {error}") from error


def _log(quiet: bool) -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR" if quiet else "INFO", format="{time:HH:mm:ss} venue {message}")


def _refuse(words: str) -> int:
    sys.stderr.write(f"venue: {words}\n")
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
