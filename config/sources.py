"""Where settings come from, and which source outdoes which.

The defaults, then a configuration file, then `.env`, then the environment, then the command line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
from dotenv.parser import parse_stream

from config.settings import HIDDEN, Settings
from config.units import ConfigError, Reader

DEFAULTS = Path(__file__).with_name("default.toml")
PREFIX = "EVERMAKER__"
DOCUMENTED = "MM_"
ALIASES: dict[str, str] = {
    "MM_SPREAD": "maker.strategy.spread",
    "MM_SIZE": "maker.strategy.size",
    "MM_REQUOTE_THRESHOLD": "maker.strategy.requote_threshold",
    "MM_POSITION_LIMIT": "limits.position_limit.max_net",
    "MM_MAX_SPREAD": "limits.gapped_book.max_spread",
    "MM_GLOBAL_DAILY_LOSS_LIMIT": "limits.daily_loss.max_loss",
}
"""Environment names that people know, and the keys they set, in the same units."""
WITHOUT_EFFECT: dict[str, str] = {
    "MM_LOOP_INTERVAL": "there is no loop to pace, quotes follow every frame of the book",
    "MM_MAX_LOSS_PER_POSITION": "there is no loss limit for a single position yet",
    "MARKET_MAKING_STRATEGY_CAPITAL": (
        "no limit is derived from the capital yet, set limits.position_limit and limits.daily_loss"
    ),
}
"""Names that people know and nothing here answers to: said, not swallowed."""
NEWLINE = b"\n"
_LINE = re.compile(r"line (\d+), column")
_BYTE = re.compile(r"\(byte (\d+)\)")


class Sources:
    """Reads one source after the other. Raises ConfigError naming source, key and reason."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.origins: dict[str, str] = {}
        """Dotted key → the source that set it last."""
        self.notes: list[str] = []
        """What was read and has no effect, one line each."""
        self.file(DEFAULTS)

    def blamed(self, keys: tuple[str, ...]) -> tuple[str, str]:
        """Of values that do not fit together the first that somebody chose: its source and its key."""
        key = next((key for key in keys if self.origins.get(key) != str(DEFAULTS)), keys[0])
        return self.origins.get(key, str(DEFAULTS)), key

    def file(self, path: Path) -> None:
        """A `.toml`, `.json` or `.yaml` file."""
        self._take(Reader(str(path), HIDDEN), read_file(path))

    def dotenv(self, path: Path) -> None:
        """A `.env` file, if there is one."""
        self._names(read_dotenv(path), str(path))

    def environment(self, environment: Mapping[str, str]) -> None:
        """The process's environment."""
        self._names(environment, "environment")

    def flag(self, name: str, key: str, value: object) -> None:
        """One option of the command line; None: it was not given."""
        if value is not None:
            self._take(Reader(f"command line {name}", HIDDEN), _nested(key, value))

    def _names(self, given: Mapping[str, str], where: str) -> None:
        for name, key in _overrides(given):
            self._take(Reader(f"{where} {name}", HIDDEN, text=True), _nested(key, given[name]))
        self.notes += [f"{where} {name}: {why}" for name, why in _strangers(given)]

    def _take(self, reader: Reader, raw: Any) -> None:
        self.settings = reader.struct(Settings, raw, "", self.settings)
        self.origins.update(dict.fromkeys(reader.read, reader.source))


def read_file(path: Path) -> Any:
    """The raw content of a configuration file. Raises ConfigError, with the line where one is known."""
    decoders: dict[str, Any] = {
        ".toml": msgspec.toml.decode,
        ".json": msgspec.json.decode,
        ".yaml": msgspec.yaml.decode,
        ".yml": msgspec.yaml.decode,
    }
    decode = decoders.get(path.suffix)
    if decode is None:
        raise ConfigError(str(path), "", f"ends in {path.suffix!r}, expected .toml, .json or .yaml")
    data = b""
    try:
        data = path.read_bytes()
        raw = decode(data)
    except OSError as error:
        raise ConfigError(str(path), "", error.strerror or "cannot be read") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        reason = str(error).replace(' in "<byte string>",', "")
        raise ConfigError(f"{path}{_at(reason, data)}", "", reason) from error
    return {} if raw is None else raw


def _at(error: str, data: bytes) -> str:
    """`:7` when the decoder says where it gave up."""
    lines = _LINE.findall(error)
    if lines:
        return f":{lines[-1]}"
    offset = _BYTE.search(error)
    return "" if offset is None else f":{1 + data[: int(offset[1])].count(NEWLINE)}"


def read_dotenv(path: Path) -> dict[str, str]:
    """The names of a `.env` file, which may be absent; nothing in it is expanded. Raises ConfigError."""
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "", getattr(error, "strerror", None) or str(error)) from error
    for binding in bindings:
        if binding.error or (binding.key is not None and binding.value is None):
            raise ConfigError(f"{path}:{binding.original.line}", "", "expected NAME=value")
    return {b.key: b.value for b in bindings if b.key is not None and b.value is not None}


def _overrides(given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names that set a key; an empty one of the documented ones sets nothing, as in the example file."""
    named = [(name, key) for name, key in ALIASES.items() if given.get(name)]
    prefixed = [
        (name, name[len(PREFIX) :].lower().replace("__", "."))
        for name in sorted(given)
        if name.startswith(PREFIX)
    ]
    return named + prefixed


def _strangers(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Names that look as if they were meant for us, and why they change nothing."""
    known = (*ALIASES, *WITHOUT_EFFECT)
    for name in sorted(given):
        if not given[name] or name in ALIASES:
            continue
        if name in WITHOUT_EFFECT:
            yield name, f"has no effect: {WITHOUT_EFFECT[name]}"
        elif name.startswith(DOCUMENTED):
            close = difflib.get_close_matches(name, known, n=1)
            yield name, f"has no effect: unknown name{f', did you mean {close[0]}?' if close else ''}"


def _nested(key: str, value: object) -> Any:
    for part in reversed(key.split(".")):
        value = {part: value}
    return value
