"""Everything that may be configured: one struct a section, each value with its default, unit and range."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from actors.alert import AlertSettings
from actors.feed import FeedSettings
from actors.liquidator import LiquidatorSettings
from actors.maker import MakerSettings
from actors.risk import RiskSettings
from messages.values import Money
from trading.gateway_settings import GatewaySettings
from trading.risk import RiskLimits

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
        if self.seed < 0:
            raise ValueError("seed must not be below 0")
        if self.fund < 0:
            raise ValueError("fund must not be below 0")
        if not 0 <= self.port <= 65_535:
            raise ValueError("port must be 0 to 65535")


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


def completed(settings: Settings, dry_run: bool) -> Settings:
    """The same with the hidden keys filled in: the limits are one section, and several actors hold them."""
    limits = settings.limits
    replace = msgspec.structs.replace
    gate = replace(
        settings.gateway.limits,
        position_limit=limits.position_limit.max_net,
        order_size=settings.maker.strategy.size,
        collar_ticks=settings.gateway.collar_ticks,
        repeat_ms=settings.gateway.repeat_ms,
    )
    return replace(
        settings,
        maker=replace(settings.maker, limits=limits),
        risk=replace(settings.risk, limits=limits),
        gateway=replace(settings.gateway, limits=gate, dry_run=dry_run),
    )
