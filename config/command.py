"""The command line of `python supervisor.py`: what people may ask for, read and checked."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter, Token, validators

from config.checks import check
from config.settings import Mode, Settings, completed
from config.sources import Sources
from config.units import ConfigError
from messages.values import SECOND

_SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What one run was asked to do, beside its settings."""

    mode: Mode
    recordings: tuple[Path, ...]
    duration_ns: int | None
    dry_run: bool
    fresh: bool
    takeover: bool = False
    imported: Path | None = None
    """Readable files to be taken over into an empty journal, instead of a run."""
    report: Path | None
    state: Path
    settings: Settings
    notes: tuple[str, ...] = ()
    """What people should know of their settings, one line each."""


def duration_ns(text: str) -> int:
    """Market nanoseconds of `45m`, `1h30m`, `90s`, `2d` or a plain number of seconds. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise ValueError(f"{text!r} is no duration: write 45m, 1h30m, 90s or 2d")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total <= 0:
        raise ValueError("a duration must be longer than 0")
    return total * SECOND


def _whole(kind: object, tokens: Sequence[Token]) -> int:
    """A whole number as it is written: 2.7 is none. Raises ValueError."""
    text = tokens[0].value
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"expected a whole number, got {text!r}")
    return int(text)


def _check_duration(kind: object, value: str | None) -> None:
    if value is not None:
        duration_ns(value)


app = App(
    name="supervisor.py",
    help=(
        "Run the market maker: every actor in a process of its own, restarted when it dies.\n\n"
        "Without options it trades on its embedded exchange with play money and no keys. Ctrl-C stops it in "
        "order and leaves nothing resting."
    ),
    help_epilogue=(
        "Exit codes: 0 ok, 2 usage, configuration or mode, 3 book not verified empty, 70 a process could not be "
        "kept alive, 74 journal, 75 state directory or account in use, 77 credentials refused, 78 journal of a newer "
        "version, or files that were changed while it runs."
    ),
    version=lambda: version("evermaker"),
    version_flags=["--version"],
    help_format="plaintext",
)


@app.default
def _options(
    *,
    mode: Annotated[
        Mode | None, Parameter(help="Which venue: sim (embedded, the default). paper and live come later.")
    ] = None,
    recording: Annotated[
        tuple[Path, ...] | None,
        Parameter(
            help="Recorded market data to trade on instead of the synthetic crowd; one or more files.",
            consume_multiple=True,
            negative="",
        ),
    ] = None,
    speed: Annotated[
        int | None, Parameter(help="Market seconds per real second, 1 to 1000.", converter=_whole)
    ] = None,
    seed: Annotated[int | None, Parameter(help="Seed of the synthetic crowd.", converter=_whole)] = None,
    for_: Annotated[
        str | None,
        Parameter(
            name="--for",
            help="Stop after so much market time, as 45m or 1h30m. Default: for ever.",
            validator=_check_duration,
        ),
    ] = None,
    dry_run: Annotated[
        bool, Parameter(help="Decide and log, send nothing.", negative="", show_default=False)
    ] = False,
    fresh: Annotated[
        bool,
        Parameter(
            help="Forget what the state directory holds and begin anew.", negative="", show_default=False
        ),
    ] = False,
    takeover: Annotated[
        bool,
        Parameter(
            help="End what a supervisor that died left behind, if it is proven to be that.",
            negative="",
            show_default=False,
        ),
    ] = False,
    enable_switching: Annotated[
        bool | None,
        Parameter(
            help="Hand a market over at its position limit (default); else quote only the side that reduces."
        ),
    ] = None,
    auto_resume: Annotated[
        bool | None,
        Parameter(
            help="Work off at once what the wallet is found to hold at the start; else it is only listed.",
            negative="",
        ),
    ] = None,
    import_: Annotated[
        Path | None,
        Parameter(
            name="--import",
            help="Take over the readable files of this directory into a new state directory, and end.",
            negative="",
            validator=validators.Path(exists=True, file_okay=False),
        ),
    ] = None,
    report: Annotated[
        Path | None, Parameter(help="Write a report of the run to this JSON file.", negative="")
    ] = None,
    state: Annotated[
        Path, Parameter(help="Directory of journal, sim account and logs; one instance each.")
    ] = Path("state"),
    config: Annotated[
        Path | None,
        Parameter(
            help="Configuration file (.toml, .json or .yaml).", validator=validators.Path(dir_okay=False)
        ),
    ] = None,
) -> Options:
    """Read the sources in their order: defaults, file, `.env`, environment, command line."""
    if recording == ():
        raise ConfigError("command line --recording", "", "expected one file or more")
    sources = Sources()
    if config is not None:
        sources.file(config)
    sources.dotenv(Path(".env"))
    sources.environment(os.environ)
    sources.flag("--mode", "mode", None if mode is None else mode.value)
    sources.flag("--speed", "sim.speed", speed)
    sources.flag("--seed", "sim.seed", seed)
    sources.flag("--enable-switching", "maker.enable_switching", enable_switching)
    sources.flag("--auto-resume", "risk.auto_resume", auto_resume)
    return Options(
        mode=sources.settings.mode,
        recordings=recording or (),
        duration_ns=None if for_ is None else duration_ns(for_),
        dry_run=dry_run,
        fresh=fresh,
        takeover=takeover,
        imported=import_,
        report=report,
        state=state,
        settings=completed(sources.settings, dry_run),
        notes=(*sources.notes, *check(sources.settings, sources.blamed)),
    )


def parse(arguments: list[str]) -> Options | None:
    """The options of one run; None when help or the version was all that was asked for.

    Raises ConfigError; what is wrong with the command line itself ends the process with exit code 2.
    """
    found = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    return found if isinstance(found, Options) else None
