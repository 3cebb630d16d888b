"""What a venue may be set up with where Polymarket's own rules changed or are not known."""

from __future__ import annotations

import msgspec

ITODE_DELAY_NS = 150_000_000
"""How long marketable orders wait where the market's `itode` is set, since 2026-09 (VENUE §3.9, §12 row 10)."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """In force for all markets."""

    gtd_lead_s: int = 180
    """How far ahead a GTD order's expiration must be (VENUE §3.4: 180 by the docs, 60 by a probe)."""
    self_match: bool = True
    """Whether an address may trade with itself (assumed: it may). If not, the later order is refused."""
