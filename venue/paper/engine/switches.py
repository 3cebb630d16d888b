"""What of the venue's behaviour can be switched while it runs; the defaults are an ordinary day."""

from __future__ import annotations

from typing import Annotated

import msgspec

_Span = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Switches(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One set for the whole venue, read wherever it matters at the moment it matters."""

    mined_ms: _Span = 200
    """Market milliseconds from a match until it is mined and has its hash.

    The official client waits for the hash in `post_order`, asking every quarter of a second of real time (VENUE
    §0.3, T1), so it comes sooner than on the real chain. While market time stands still nothing is mined."""
    confirmed_ms: _Span = 5_000
    """From a match until it is confirmed; as much later as it was mined later."""
    retry_ms: _Span = 10_000
    """Between an attempt to settle that went wrong and the next."""
    reserve_by_market: bool = False
    """Resting orders and unsettled matches count against those of their own market only (VENUE §3.8 does not
    know which of the two the venue does; assumed: all of a wallet count)."""
    matched_sticks: bool = False
    """A known defect of the venue: what was matched counts on after it was mined, and blocks the wallet."""
    balance_lag_ms: _Span | None = 0
    """Market milliseconds by which the venue's idea of a balance lags behind the chain; None: until the wallet
    asks for an update."""
    deposit_wallets_only: bool = False
    """Makers that are no deposit wallets are refused, as new accounts' are since May 2026 (VENUE §2.3)."""
    closed_only: tuple[str, ...] = ()
    """Addresses that may sell and not buy."""
    banned: tuple[str, ...] = ()
    """Addresses that may not trade."""
    gtd_lead_s: Annotated[int, msgspec.Meta(ge=60, le=86_400)] = 180
    """How far ahead a GTD order's expiration must be (VENUE §3.4: 180 by the docs, 60 by a probe)."""
    self_match: bool = True
    """Whether an address may trade with itself (assumed: it may). If not, the later order is refused."""
