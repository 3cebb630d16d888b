"""Liquidity rewards: who scored in each market minute of the day, and what that has earned so far (VENUE §7.1).

Everybody whose orders rest competes: every account, each maker of a crowd, and of a recording the background as one
maker whose levels are its orders (assumed; any number of makers who share each level alike come to the same). What
the background rests counts as old enough (assumed; only accounts' orders have a time).
"""

from __future__ import annotations

import hashlib

from messages.values import SECOND, MarketId, MarketNs, Money, Price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.settlement import yes_terms
from venue.paper.engine.terms import Market, Order
from venue.paper.programs.minutes import MINUTE, Minutes, day_of
from venue.paper.programs.scoring import C, Offer, Rules, adjusted_mid, order_score, scores

UNIT = 10**12
"""Parts of one sample that its makers share."""
SAMPLES = 1_440
"""Of a whole day."""


class Epoch:
    """One market's day: its pool, and how the samples so far were shared."""

    __slots__ = ("pool", "samples", "shares", "total")

    def __init__(self, pool: int = 0, samples: int = 0, total: int = 0) -> None:
        self.pool = pool
        """Millionths of a dollar for a whole day."""
        self.samples = samples
        self.total = total
        """Parts shared by everybody, a `UNIT` for each sample in which anybody scored."""
        self.shares: dict[str, int] = {}
        """The accounts' parts."""

    def earned(self, maker: str) -> Money:
        """What an account has so far: of the pool's part for the samples taken, its part of all parts.

        After a whole day this is the venue's formula. A day of which the venue saw only some minutes pays for
        those (assumed).
        """
        if not self.total:
            return Money(0)
        return Money(self.pool * self.samples * self.shares.get(maker, 0) // (SAMPLES * self.total))


class Rewards:
    """Samples every rewarded market once in each minute, at a moment drawn from the seed, and keeps the shares."""

    def __init__(self, exchange: Exchange, minutes: Minutes, seed: int) -> None:
        self._exchange = exchange
        self._ledger = exchange.ledger
        self._seed = seed
        self._epochs: dict[tuple[int, MarketId], Epoch] = {}
        """Of the days that are not paid yet."""
        self._touched: dict[tuple[int, MarketId], None] = {}
        self._recover()
        minutes.each(self._begin_minute)

    # -- what is known

    def earnings(self, maker: str, day: int) -> dict[MarketId, Money]:
        """What an account earned on a day so far, by market, where it earned anything."""
        if self._is_paid(day):
            epochs = self._read(day, maker)
        else:
            epochs = {market: epoch for (when, market), epoch in self._epochs.items() if when == day}
        found = {market: epoch.earned(maker) for market, epoch in epochs.items()}
        return {market: dollars for market, dollars in found.items() if dollars}

    def scoring(self, market: Market) -> dict[str, int]:
        """Everybody's score at this moment."""
        mid = self._mid(market)
        return {} if mid is None else scores(self._offers(market), mid, Rules.of(market))

    def share(self, market: Market, maker: str) -> tuple[int, int]:
        """An account's score at this moment, and everybody's."""
        found = self.scoring(market)
        return found.get(maker, 0), sum(found.values())

    def competitiveness(self, market: Market) -> int:
        """Millionths of shares: the sum of all scores at this moment (assumed, the venue tells no unit)."""
        square = C * market.rewards_max_spread**2
        return sum(self.scoring(market).values()) // square if square else 0

    def is_scoring(self, order: Order) -> bool:
        """Whether a resting order would count in a sample taken now."""
        market = self._exchange.market(order.market)
        mid = None if market is None else self._mid(market)
        if market is None or mid is None or not self._is_old_enough(market, order.created_at):
            return False
        side, price = yes_terms(market, order.new.token, order.new.side, order.new.price)
        return order_score(Offer(order.new.maker, side, price, order.leaves), mid, Rules.of(market)) > 0

    # -- the day's end

    def unpaid_days(self, before: int) -> list[int]:
        """Days before this one whose earnings are still owed."""
        return sorted({day for day, _ in self._epochs if day < before})

    def owed(self, day: int) -> dict[str, Money]:
        """Everybody's earnings of an unpaid day, in the order in which they first scored."""
        owed = dict[str, Money]()
        for (when, _), epoch in self._epochs.items():
            for maker in epoch.shares if when == day else ():
                owed[maker] = Money(owed.get(maker, 0) + epoch.earned(maker))
        return owed

    def close(self, day: int) -> None:
        """The day is paid: from now on the ledger alone remembers it."""
        self._save()
        self._ledger.note("INSERT OR IGNORE INTO paid_days VALUES (?)", [(day,)])
        for key in [key for key in self._epochs if key[0] == day]:
            del self._epochs[key]

    # -- samples

    def _begin_minute(self, at: MarketNs) -> None:
        self._save()
        origin = self._exchange.clock.origin
        for market in self._exchange.markets:
            if is_rewarded(market):
                moment = at - origin + _offset(self._seed, market.id, (at - origin) // MINUTE)
                self._exchange.schedule(moment, lambda market=market: self._sample(market, at))  # type: ignore[misc]

    def _sample(self, market: Market, minute: MarketNs) -> None:
        if not is_rewarded(market):
            return
        key = day_of(minute), market.id
        epoch = self._epochs.setdefault(key, Epoch())
        epoch.pool = market.rewards_daily
        epoch.samples += 1
        self._touched[key] = None
        if not self._exchange.is_quoted(market.id):
            epoch.total += UNIT if self._is_quoted_by_others(market) else 0
            return
        found = self.scoring(market)
        total = sum(found.values())
        epoch.total += UNIT if total else 0
        for maker in self._accounts(market):
            if maker in found:
                epoch.shares[maker] = epoch.shares.get(maker, 0) + UNIT * found[maker] // total

    def _mid(self, market: Market) -> Price | None:
        """The adjusted middle of a market that pays rewards; None without one."""
        view = self._exchange.book(market.yes) if is_rewarded(market) else None
        return adjusted_mid(view.bids, view.asks, market.rewards_min_size) if view else None

    def _is_quoted_by_others(self, market: Market) -> bool:
        """Whether the background scores, looked at no closer than who is not paid deserves: two sides in reach."""
        view = self._exchange.book(market.yes)
        if view is None or not view.bids or not view.asks:
            return False
        return view.asks[-1][0] - view.bids[-1][0] < 2 * market.rewards_max_spread

    def _offers(self, market: Market) -> list[Offer]:
        stakes = self._exchange.stakes(market.id, 2 * market.rewards_max_spread)
        return [
            Offer(*stake) for stake, since in stakes if since is None or self._is_old_enough(market, since)
        ]

    def _accounts(self, market: Market) -> dict[str, None]:
        """Whose orders rest, everybody once."""
        stakes = self._exchange.stakes(market.id, 0)
        return dict.fromkeys(stake.maker for stake, since in stakes if since is not None)

    def _is_old_enough(self, market: Market, since: MarketNs) -> bool:
        return self._exchange.now - since >= market.rewards_min_age_s * SECOND

    # -- the ledger

    def _save(self) -> None:
        """What changed goes to the ledger with its next commit."""
        if not self._touched:
            return
        touched = [(key, self._epochs[key]) for key in self._touched if key in self._epochs]
        self._touched.clear()
        self._ledger.note(
            "INSERT OR REPLACE INTO reward_epochs VALUES (?, ?, ?, ?, ?)",
            [(day, market, e.pool, e.samples, e.total) for (day, market), e in touched],
        )
        self._ledger.note(
            "INSERT OR REPLACE INTO reward_shares VALUES (?, ?, ?, ?)",
            [(day, maker, market, n) for (day, market), e in touched for maker, n in e.shares.items()],
        )

    def _recover(self) -> None:
        unpaid = "day NOT IN (SELECT day FROM paid_days)"
        for day, market, *numbers in self._ledger.read(f"SELECT * FROM reward_epochs WHERE {unpaid}"):
            self._epochs[day, MarketId(market)] = Epoch(*numbers)
        for day, maker, market, share in self._ledger.read(f"SELECT * FROM reward_shares WHERE {unpaid}"):
            self._epochs[day, MarketId(market)].shares[maker] = share

    def _read(self, day: int, maker: str) -> dict[MarketId, Epoch]:
        """A paid day's epochs in which an account has a share."""
        found = dict[MarketId, Epoch]()
        for market, pool, samples, total, share in self._ledger.read(
            "SELECT market, pool, samples, total, share FROM reward_epochs JOIN reward_shares"
            " USING (day, market) WHERE day = ? AND maker = ? ORDER BY market",
            day,
            maker,
        ):
            epoch = found[MarketId(market)] = Epoch(pool, samples, total)
            epoch.shares[maker] = share
        return found

    def _is_paid(self, day: int) -> bool:
        return bool(self._ledger.read("SELECT 1 FROM paid_days WHERE day = ?", day))


def is_rewarded(market: Market) -> bool:
    """Whether resting in a market earns anything at the moment."""
    return bool(market.rewards_daily and market.accepting_orders and not market.closed)


def _offset(seed: int, market: MarketId, minute: int) -> int:
    """The moment of a minute's sample, nanoseconds after its begin."""
    drawn = hashlib.blake2b(f"sample:{seed}:{market}:{minute}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn, "big") % MINUTE
