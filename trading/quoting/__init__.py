"""Strategies, one a file, chosen by `name` in the configuration."""

from __future__ import annotations

from typing import TypeAlias

from trading.quoting.fixed_spread import FixedSpread
from trading.quoting.quote import MarketView, Quote

Strategy: TypeAlias = FixedSpread
"""Every strategy there is; another one is added with `|`. Each answers `quote(view)` and `keeps(order, view)`."""

__all__ = ["FixedSpread", "MarketView", "Quote", "Strategy"]
