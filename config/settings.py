"""Everything that may be configured, where it comes from, and in which order one source outdoes another.

Defaults, then a configuration file, then the environment (and `.env`), then the command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
from dotenv import dotenv_values

from actors.alert import AlertSettings
from actors.feed import FeedSettings
from actors.gateway import GatewaySettings
from actors.liquidator import LiquidatorSettings
from actors.maker import MakerSettings
from actors.risk import RiskSettings
from config.units import ConfigError, Reader
from messages.values import Money
from trading.risk import RiskLimits

PREFIX = "EVERMAKER__"
ALIASES: dict[str, str] = {
    "MM_SPREAD": "maker.strategy.spread",
    "MM_SIZE": "maker.strategy.size",
    "MM_REQUOTE_THRESHOLD": "maker.strategy.requote_threshold",
    "MM_POSITION_LIMIT": "limits.position_limit.max_net",
    "MM_MAX_SPREAD": "limits.gapped_book.max_spread",
    "MM_GLOBAL_DAILY_LOSS_LIMIT": "limits.daily_loss.max_loss",
}
"""The documents' environment names (spec 003, 004) and the keys they set, in the same units."""
HIDDEN = frozenset({"maker.limits", "risk.limits", "gateway.limits", "gateway.dry_run"})
"""Filled in from other sections or from the command line."""


class Mode(StrEnum):
    """Which venue is behind the gateway."""

    SIM = "sim"
    PAPER = "paper"
    LIVE = "live"


class SimSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The embedded exchange."""

    speed: int = 20
    """Market seconds per real second."""
    seed: int = 7
    """Of the synthetic crowd."""
    fund: Money = Money(1_000_000_000)
    """Dollars a wallet gets with its first API key."""
    port: int = 0
    """Loopback port of the exchange; 0: any free one."""

    def __post_init__(self) -> None:
        if not 1 <= self.speed <= 1_000:
            raise ValueError("speed must be 1 to 1000")
        if self.fund < 0 or self.seed < 0 or not 0 <= self.port <= 65_535:
            raise ValueError("fund and seed must not be below 0, port at most 65535")


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written down."""

    level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR, of the files under `<state>/logs`."""

    def __post_init__(self) -> None:
        if self.level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError(f"level {self.level!r} is none of DEBUG, INFO, WARNING, ERROR")


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One section of the configuration each."""

    mode: Mode = Mode.SIM
    """sim, paper or live."""
    sim: SimSettings = SimSettings()
    maker: MakerSettings = MakerSettings()
    limits: RiskLimits = RiskLimits()
    liquidator: LiquidatorSettings = LiquidatorSettings()
    feed: FeedSettings = FeedSettings()
    gateway: GatewaySettings = GatewaySettings()
    risk: RiskSettings = RiskSettings()
    alert: AlertSettings = AlertSettings()
    log: LogSettings = LogSettings()


def load(path: Path | None, environment: Mapping[str, str], dotenv: Path) -> Settings:
    """The settings of all sources but the command line. Raises ConfigError naming source, key and reason."""
    settings = Settings()
    if path is not None:
        settings = Reader(str(path), HIDDEN).struct(Settings, read_file(path), "", settings)
    merged = {**_dotenv(dotenv), **environment}
    for name, key in _overrides(merged):
        raw = _nested(key, merged[name])
        settings = Reader(f"environment {name}", HIDDEN).struct(Settings, raw, "", settings)
    return settings


def read_file(path: Path) -> Any:
    """The raw content of a `.toml`, `.json` or `.yaml` file. Raises ConfigError."""
    decoders: dict[str, Any] = {
        ".toml": msgspec.toml.decode,
        ".json": msgspec.json.decode,
        ".yaml": msgspec.yaml.decode,
        ".yml": msgspec.yaml.decode,
    }
    decode = decoders.get(path.suffix)
    if decode is None:
        raise ConfigError(str(path), "", f"ends in {path.suffix!r}, expected .toml, .json or .yaml")
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise ConfigError(str(path), "", error.strerror or "cannot be read") from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(str(path), "", " ".join(str(error).split())) from error


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {name: value for name, value in dotenv_values(path).items() if value is not None}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), "", str(error)) from error


def _overrides(environment: Mapping[str, str]) -> list[tuple[str, str]]:
    named = [(name, key) for name, key in ALIASES.items() if environment.get(name)]
    prefixed = [
        (name, name[len(PREFIX) :].lower().replace("__", "."))
        for name in sorted(environment)
        if name.startswith(PREFIX)
    ]
    return named + prefixed


def _nested(key: str, value: str) -> dict[str, Any]:
    raw: Any = value
    for part in reversed(key.split(".")):
        raw = {part: raw}
    assert isinstance(raw, dict)
    return raw


def environment() -> dict[str, str]:
    """This process's environment."""
    return dict(os.environ)
