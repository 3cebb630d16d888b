"""Where the real venue changed its ways, or has some that not everybody wants: what can be switched."""

from __future__ import annotations

import msgspec

from venue.paper.doors.limits import LimitMode
from venue.paper.engine.latency import Latency


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are how the venue is now, but for the limits of addresses, which loopback has no use for."""

    limits: LimitMode = LimitMode.WARN
    """Of each signer's orders and cancels (VENUE §8.2)."""
    ip_limits: bool = False
    """Of each address's requests (VENUE §8.1)."""
    gzip: bool = False
    """Compress long answers for those who accept it."""
    hashes_in_answers: bool = False
    """Answers to matched orders carry `transactionsHashes`, as they did before July 2026 (VENUE §3.6)."""
    tick_change_twice: bool = True
    """`tick_size_change` is told twice for each token (VENUE §5.4)."""
    dump_limit: int = 500
    """Tokens of one connection beyond which subscriptions get no books, only changes; 0: no limit (VENUE §5.1)."""
    data_lag_s: int = 0
    """Market seconds by which the Data API is behind the book (VENUE §6.4)."""
    geoblocked: bool = False
    """What `/api/geoblock` says (VENUE §8.4)."""
    latency: Latency | None = None
    """How long orders and cancels are under way; None: no longer than they really are (TRADING §8)."""
