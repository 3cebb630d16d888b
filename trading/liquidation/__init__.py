"""Stages of working a position off, one a file."""

from __future__ import annotations

from trading.liquidation.passive import ExitQuote, ExitView, passive, sellable_size

__all__ = ["ExitQuote", "ExitView", "passive", "sellable_size"]
