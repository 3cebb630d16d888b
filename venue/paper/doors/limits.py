"""How much one signer may send: two token buckets each, one for orders and one for cancels (VENUE §8.2).

Buckets fill in real time, however fast market time runs. Their levels are integers, in billionths of a token.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

import msgspec

from messages.values import SECOND, RealNs
from venue.paper.doors.keys import Keys
from venue.paper.doors.request import Answer, Declined, Headers, Request, Routes
from venue.paper.doors.tiers import TIERS, WINDOW_DAYS, Allowance, Tier, Volumes
from venue.wire.errors import TOO_MANY_REQUESTS
from venue.wire.numbers import spell


class LimitMode(StrEnum):
    """What becomes of a call beyond its bucket: nobody counts, it is warned, or it is refused."""

    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


class _Bucket:
    __slots__ = ("filled_at", "level")

    def __init__(self, level: int, at: RealNs) -> None:
        self.level = level
        self.filled_at = at

    def fill(self, allowance: Allowance, now: RealNs) -> None:
        gained = (now - self.filled_at) * allowance.rate
        self.level = min(allowance.burst * SECOND, self.level + gained)
        self.filled_at = now


class SignerLimits:
    """Charges calls to the buckets of the address that owns the API key. Batches pass whole or not at all."""

    def __init__(
        self,
        volumes: Volumes,
        mode: LimitMode,
        real_now: Callable[[], RealNs],
        wall_s: Callable[[], float] = time.time,
    ) -> None:
        self._volumes = volumes
        self._mode = mode
        self._real_now = real_now
        self._wall_s = wall_s
        self._orders: dict[str, _Bucket] = {}
        self._cancels: dict[str, _Bucket] = {}

    def charge_orders(self, signer: str, count: int) -> Headers:
        """Place so many orders. Returns the headers of the answer; raises Declined with status 429."""
        if self._mode is LimitMode.OFF:
            return ()
        tier = self._volumes.tier(signer)
        return self._charge(self._orders, signer, tier, tier.orders, count)

    def charge_cancels(self, signer: str, count: int) -> Headers:
        """Cancel at a cost of so many tokens. Returns the headers of the answer; raises Declined."""
        if self._mode is LimitMode.OFF:
            return ()
        tier = self._volumes.tier(signer)
        return self._charge(self._cancels, signer, tier, tier.cancels, count)

    def _charge(
        self, buckets: dict[str, _Bucket], signer: str, tier: Tier, allowance: Allowance, cost: int
    ) -> Headers:
        now, full = self._real_now(), allowance.burst * SECOND
        bucket = buckets.get(signer)
        if bucket is None:
            bucket = buckets[signer] = _Bucket(full, now)
        bucket.fill(allowance, now)
        enough = bucket.level >= cost * SECOND or (allowance.may_owe and bucket.level > 0)
        if enough and cost <= allowance.burst:
            bucket.level -= cost * SECOND
            return self._headers(bucket, tier, allowance, SECOND)
        headers = self._headers(bucket, tier, allowance, min(cost * SECOND, full))
        if self._mode is LimitMode.WARN:
            return (*headers, (b"poly-ratelimit-warning", b"true"))
        wait_s = max(1, _wait_s(bucket, allowance, min(cost * SECOND, full)))
        raise Declined(TOO_MANY_REQUESTS, 429, headers, wait_s)

    def _headers(self, bucket: _Bucket, tier: Tier, allowance: Allowance, wanted: int) -> Headers:
        """The balance after the call, and when it will be (or already is) `wanted` again."""
        reset = int(self._wall_s()) + _wait_s(bucket, allowance, wanted)
        return (
            (b"poly-ratelimit-remaining", str(bucket.level // SECOND).encode()),
            (b"poly-ratelimit-reset", str(reset).encode()),
            (b"poly-ratelimit-tier", tier.name.encode()),
        )


def _wait_s(bucket: _Bucket, allowance: Allowance, wanted: int) -> int:
    """Seconds, rounded up, until a bucket holds so much."""
    missing = max(0, wanted - bucket.level)
    return -(-missing // (allowance.rate * SECOND))


class TierDetails(msgspec.Struct, kw_only=True):
    """A tier's two allowances; the names of these fields are assumed, no source has them."""

    order_rate: int
    order_burst: int
    cancel_rate: int
    cancel_burst: int
    allow_negative_cancel_balance: bool


class TierAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """GET /v1/user/rate-limit-tier."""

    tier: str
    period: int
    """Days."""
    tier_details: TierDetails
    usdc_volume: str = ""
    """Left out at the lowest tier."""
    next_tier_threshold: int = 0
    """Dollars; left out at the highest tier."""


class TierDoor:
    """Says a signer's tier."""

    def __init__(self, keys: Keys, volumes: Volumes) -> None:
        self._keys = keys
        self._volumes = volumes

    def routes(self) -> Routes:
        """What is served here."""
        return {("GET", "/v1/user/rate-limit-tier"): self.tier}

    def tier(self, request: Request) -> Answer:
        """GET /v1/user/rate-limit-tier."""
        signer = self._keys.check(request).address
        volume, tier = self._volumes.of(signer), self._volumes.tier(signer)
        higher = [other.volume for other in TIERS if other.volume > tier.volume]
        answer = TierAnswer(
            tier=tier.name,
            period=WINDOW_DAYS,
            tier_details=TierDetails(
                order_rate=tier.orders.rate,
                order_burst=tier.orders.burst,
                cancel_rate=tier.cancels.rate,
                cancel_burst=tier.cancels.burst,
                allow_negative_cancel_balance=tier.cancels.may_owe,
            ),
            usdc_volume=spell(volume) if tier.volume else "",
            next_tier_threshold=higher[0] if higher else 0,
        )
        return Answer(msgspec.json.encode(answer))
