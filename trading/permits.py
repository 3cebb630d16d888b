"""Leave to trade, as a trader reads it."""

from __future__ import annotations

from messages.risk import Level, TradingPermit
from messages.values import RealNs

NO_PERMIT = TradingPermit(level=Level.FREEZE, expires_at=RealNs(0))
"""Before the first is heard."""


def why_not(permit: TradingPermit, now: RealNs, *levels: Level) -> str:
    """Why this permit does not allow what these levels allow; empty when it does."""
    if permit.expires_at <= now:
        return "no permit" if permit is NO_PERMIT else "permit expired"
    if permit.level in levels:
        return ""
    return f"{permit.level.value}: {permit.reason}" if permit.reason else permit.level.value
