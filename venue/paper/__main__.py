"""`python -m venue.paper`: an exchange that speaks Polymarket's protocol, on this machine, with play money."""

from __future__ import annotations

import gc
import sys
from decimal import Decimal, InvalidOperation
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

from cyclopts import App as CommandLine
from cyclopts import CycloptsError, Parameter
from cyclopts.validators import Number
from loguru import logger

from messages.values import MICRO, Money
from venue.paper.doors.app import App
from venue.paper.engine.clock import VenueClock
from venue.paper.engine.queue_models import QueueModel, queue_model
from venue.paper.server import Ending, PortError, die_with_parent, inherit, listen, serve
from venue.paper.worlds import RecordingError, WorldMismatch, load_world

USAGE = 2
"""Exit code for whatever cannot be started with the options given."""

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
    port: Annotated[int, Parameter(validator=Number(gte=0, lte=65535))] = 18777,
    seed: int = 1,
    recording: Annotated[
        tuple[Path, ...], Parameter(consume_multiple=True, negative=(), show_default=False)
    ] = (),
    speed: Annotated[int, Parameter(validator=Number(gte=0, lte=100_000))] = 1,
    state: Path | None = None,
    fund: str = "1000",
    queue_model: str = "pessimistic",
    hold: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    fd: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
    parent: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    drain: Annotated[float, Parameter(validator=Number(gte=0, lte=3600))] = 0.0,
    quiet: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> None:
    """Serve until stopped.

    Parameters
    ----------
    port
        Where to listen on 127.0.0.1; 0 takes any free port.
    seed
        Of the simulated crowd: the same seed, the same market.
    recording
        Recorded markets to play instead of the crowd, one file for each market.
    speed
        Market seconds per real second.
    state
        A file, or a directory in which it is called venue.db, where accounts, trades and the market clock are
        kept. Without it all is forgotten at the end.
    fund
        Dollars a wallet is given with its first API key.
    queue_model
        How much of a cancel in a recording was ahead of our orders: pessimistic, proportional, power or power:N.
    hold
        Market time stands still until it is started by POST /sim/clock.
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
    if parent is not None:
        die_with_parent()
    with listen(port) if fd is None else inherit(fd) as opened:
        clock = VenueClock()
        exchange = load_world(_ledger_path(state), recording, seed, clock, dollars, queue)
        if not hold:
            clock.start_here(speed)

        def ready(url: str) -> None:
            shown_speed = 0 if hold else speed
            sys.stdout.write(f"venue ready {url} markets={len(exchange.markets)} speed={shown_speed}\n")
            sys.stdout.flush()

        gc.collect()
        gc.freeze()
        try:
            serve(App(exchange, seed=seed), opened, Ending(drain_s=drain, parent=parent), ready)
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
    except (RecordingError, WorldMismatch, PortError) as error:
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


def _log(quiet: bool) -> None:
    logger.remove()
    logger.add(sys.stderr, level="ERROR" if quiet else "INFO", format="{time:HH:mm:ss} venue {message}")


def _refuse(words: str) -> int:
    sys.stderr.write(f"venue: {words}\n")
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
