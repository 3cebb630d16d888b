"""How many orders and cancels the venue still takes from us: its two token buckets per signer, kept on our side.

Sizes by VENUE §8.2. A batch passes whole or not at all; taking everything off costs one token and one more for each
order. The last part of the cancels is a reserve: whoever only wants better prices may not spend it.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from messages.values import SECOND, RealNs

WHOLE = 1_000_000_000
"""One token, in what a bucket counts: so a rate per second is as many of these per nanosecond."""
RESERVE_PERCENT = 30
"""Of the cancels, for exits, withdrawals and stops (RELIABILITY V8)."""
SPARE_PERCENT = 20
"""Of the orders, for exits."""
SHRUNK_NS = 60 * SECOND
"""A bucket that was too generous is half as large for so long."""


class Tier(StrEnum):
    """What the venue grants, by the volume of thirty days."""

    STANDARD = "standard"
    COPPER = "copper"
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"
    DIAMOND = "diamond"
    ELITE = "elite"


class Rates(msgspec.Struct, frozen=True):
    """Of one bucket: tokens per real second, and how many it holds."""

    per_s: int
    burst: int


TIERS: dict[Tier, tuple[Rates, Rates]] = {
    Tier.STANDARD: (Rates(40, 60), Rates(80, 120)),
    Tier.COPPER: (Rates(60, 90), Rates(120, 180)),
    Tier.BRONZE: (Rates(80, 120), Rates(160, 240)),
    Tier.SILVER: (Rates(200, 300), Rates(400, 600)),
    Tier.GOLD: (Rates(400, 600), Rates(800, 1_200)),
    Tier.PLATINUM: (Rates(450, 675), Rates(900, 1_350)),
    Tier.DIAMOND: (Rates(525, 787), Rates(1_050, 1_575)),
    Tier.ELITE: (Rates(600, 900), Rates(1_200, 1_800)),
}
"""Orders, cancels."""


class Bucket:
    """Refills with real time. Volatile: it begins full, as the venue's does after a pause."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates
        self._filled = rates.burst * WHOLE
        self._at: RealNs | None = None
        self._shrunk_until = RealNs(0)

    def burst(self, now: RealNs) -> int:
        """Tokens it holds at most now."""
        return max(1, self._rates.burst // 2) if now < self._shrunk_until else self._rates.burst

    def left(self, now: RealNs) -> int:
        """Whole tokens there are; below zero when more was asked for than was there."""
        self._refill(now)
        return self._filled // WHOLE

    def take(self, tokens: int, now: RealNs) -> None:
        """They are spent, whether there were so many or not."""
        self._refill(now)
        self._filled -= tokens * WHOLE

    def agree(self, left: int | None, now: RealNs) -> None:
        """The venue's own count, where it tells it: the smaller one holds, since more may be on its way."""
        self._refill(now)
        if left is not None:
            self._filled = min(self._filled, max(left, -self._rates.burst) * WHOLE)

    def shrink(self, now: RealNs) -> None:
        """The venue refused: it grants less than we thought, for a minute."""
        self._shrunk_until = now + SHRUNK_NS
        self._refill(now)
        self._filled = min(self._filled, 0)

    def _refill(self, now: RealNs) -> None:
        last = self._at
        if last is None or now > last:
            self._at = now
        since = 0 if last is None or now <= last else now - last
        per_s = self._rates.per_s // 2 if now < self._shrunk_until else self._rates.per_s
        self._filled = min(self.burst(now) * WHOLE, self._filled + since * per_s)


class Budget:
    """Both buckets of this account's signer."""

    def __init__(self, tier: Tier) -> None:
        places, cancels = TIERS[tier]
        self.places = Bucket(places)
        self.cancels = Bucket(cancels)

    def why_not_place(self, is_exit: bool, now: RealNs) -> str:
        """Why no order may be sent now; an exit may use what is spared for it. Empty when one may."""
        spare = 0 if is_exit else self.places.burst(now) * SPARE_PERCENT // 100
        if self.places.left(now) <= spare:
            return f"{max(0, self.places.left(now))} orders left, {spare} are spared for exits"
        if not is_exit and self.free_cancels(now) <= 0:
            return f"{max(0, self.cancels.left(now))} cancels left, they are kept for exits and withdrawals"
        return ""

    def free_cancels(self, now: RealNs) -> int:
        """Cancels that may be spent on better prices."""
        return max(0, self.cancels.left(now) - self.cancels.burst(now) * RESERVE_PERCENT // 100)

    def all_cancels(self, now: RealNs) -> int:
        """Cancels that may be spent when orders must go."""
        return max(0, self.cancels.left(now))

    def passes_all(self, orders: int, now: RealNs) -> bool:
        """Whether taking everything off can pass, with so many orders there."""
        return 1 + orders <= self.cancels.left(now)
