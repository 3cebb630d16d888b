"""Reference prices of coins: one seeded path a coin, of which any second can be had without those before it.

The logarithm of a price is a walk without drift, drawn coarse to fine: hours first, then the seconds of an hour
pinned to its two ends. Volatility is a path of its own that knows no direction: it changes from hour to hour,
from minute to minute and from second to second. Given it, the steps are independent and normal; jumps, some
48 a day, come on top. Coins share volatility, jumps and part of their steps.

Calibrated against a day of the Chainlink stream of BTC/USD (24 July 2026, a tick a second): 0.53 basis points
per square root of a second over one to five minutes, kurtosis of changes about 50, 12 and 7 over 1, 10 and
60 seconds. The stream itself is smoother within a few seconds (0.35 basis points over one); this path is not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from messages.values import MICRO, SECOND, MarketNs
from venue.paper.crowd.draws import Draws
from venue.paper.crowd.grid import HOUR_S, Floats, Ints

N = TypeVar("N", np.int64, np.float64)

EPOCH_S = 1_784_851_200
"""24 July 2026, 0:00 UTC: where every coin has its `anchor` price."""
TWAP_S = 60
"""Seconds over which the settling average goes."""
E18 = 10**18
"""The settling feed's scale: units to a dollar."""
CHUNK = 256
"""Hours that are drawn together."""
SLOTS = 12
"""Parts of an hour in which at most one jump may fall; in one of six there is one."""
JUMP_SHARE = 1 / 6
SHARED = 0.8
"""Correlation of two coins' steps."""
HOURLY, MINUTELY, SECONDLY = 0.35, 0.25, 0.8
"""Standard deviations of the logarithm of volatility, from hour to hour, minute to minute, second to second."""
MEMORY = 4
"""Hours over which the hourly volatility averages its own draws."""
JUMP_SCALE = 7.5
"""Size of jumps: this many times the volatility of a second, times |N(0,1)| + 0.3, up or down (TRADING §7.1)."""
JUMP_VARIANCE = JUMP_SCALE**2 * (1.09 + 0.6 * (2 / np.pi) ** 0.5) * JUMP_SHARE * SLOTS / HOUR_S
"""What jumps add to a second's variance, in the mean, in units of the diffusive one."""
KEPT_HOURS = 48


class Coin(msgspec.Struct, frozen=True, kw_only=True):
    """A coin with a price in dollars."""

    symbol: str
    """Lower case: `btc`."""
    name: str
    anchor: int
    """Price at the epoch, in millionths of a dollar."""
    volatility: float
    """Of the price's logarithm, per square root of a second."""
    tick: int
    """Step of its price at a spot exchange, in millionths of a dollar."""
    lot: float
    """Median size of a spot trade, in coins."""


def _coin(symbol: str, name: str, dollars: float, wild: float, tick: int, lot: float) -> Coin:
    anchor = round(dollars * MICRO)
    return Coin(symbol=symbol, name=name, anchor=anchor, volatility=0.51e-4 * wild, tick=tick, lot=lot)


COINS: dict[str, Coin] = {
    coin.symbol: coin
    for coin in (
        _coin("btc", "Bitcoin", 65_000, 1.0, 10_000, 0.004),
        _coin("eth", "Ethereum", 1_900, 1.35, 10_000, 0.1),
        _coin("sol", "Solana", 78, 1.6, 10_000, 2.0),
        _coin("xrp", "XRP", 1.1, 1.5, 100, 150.0),
        _coin("doge", "Dogecoin", 0.074, 1.7, 10, 2_000.0),
        _coin("bnb", "BNB", 570, 1.0, 10_000, 0.2),
    )
}
"""The first is the one everybody asks for."""


class _Hours(msgspec.Struct, frozen=True):
    """What all coins share of a chunk of hours, in units of a coin's volatility."""

    scale: Floats
    """Volatility of each hour; 1 in the mean square."""
    steps: Floats
    """Shared part of each hour's step, standard normal."""
    jumped_in: Ints
    """The second of the hour during which a slot's jump falls: hours × slots."""
    jumps: Floats
    """Its size, 0 where there is none."""


class _Seconds(msgspec.Struct, frozen=True):
    """What all coins share of an hour's 3,600 steps, from each of its seconds to the next."""

    variance: Floats
    steps: Floats
    """Standard normal."""
    jumps: Floats


class Hour(msgspec.Struct, frozen=True):
    """A coin's path over one hour, by its seconds; not to be changed."""

    values: Ints
    """Millionths of a dollar."""
    variance: Floats
    """Of the step of the price's logarithm that follows each second, jumps in the mean."""


class Reference:
    """All coins' prices of one seed. Everything is a pure function of seed, coin and second since the Unix epoch."""

    def __init__(self, seed: int) -> None:
        self._shared = Draws(seed, "coins")
        self._own = {symbol: Draws(seed, symbol) for symbol in COINS}
        self._draws = lru_cache(8)(self._draw_volatility)
        self._hours = lru_cache(8)(self._draw_hours)
        self._seconds = lru_cache(KEPT_HOURS)(self._draw_seconds)
        self._walk = lru_cache(KEPT_HOURS)(self._draw_walk)
        self._hour = lru_cache(KEPT_HOURS)(self._draw_hour)
        self._levels: dict[tuple[str, int], float] = {}

    def value_at(self, coin: Coin, at: MarketNs) -> int:
        """Price in millionths of a dollar; it changes with every whole second and only then."""
        hour, second = divmod(int(at) // SECOND, HOUR_S)
        return int(self._hour(coin, hour).values[second])

    def values(self, coin: Coin, first_s: int, last_s: int) -> Ints:
        """Prices of the seconds from `first_s` to `last_s`, both included, in millionths of a dollar."""
        return _part([self._hour(coin, hour).values for hour in _hours_of(first_s, last_s)], first_s, last_s)

    def variances(self, coin: Coin, first_s: int, last_s: int) -> Floats:
        """Of the step of the price's logarithm that follows each of those seconds; known beforehand."""
        return _part(
            [self._hour(coin, hour).variance for hour in _hours_of(first_s, last_s)], first_s, last_s
        )

    def twap_at(self, coin: Coin, at: MarketNs, span_s: int = TWAP_S) -> int:
        """Mean of the last `span_s` seconds' prices, the present one included, in 10⁻¹⁸ dollars, rounded down."""
        second = int(at) // SECOND
        total = int(self.values(coin, second - span_s + 1, second).sum())
        return total * (E18 // MICRO) // span_s

    def jumps(self, first_s: int, last_s: int) -> list[int]:
        """The seconds from `first_s` to `last_s` at which all coins' prices have just jumped."""
        found = list[int]()
        for hour in _hours_of(first_s - 1, last_s - 1):
            found += [hour * HOUR_S + int(step) + 1 for step in np.flatnonzero(self._seconds(hour).jumps)]
        return [second for second in found if first_s <= second <= last_s]

    # -- drawn coarse to fine

    def _draw_hour(self, coin: Coin, hour: int) -> Hour:
        """An hour's seconds: a walk of their own, led to the hour's end in proportion to the variance spent."""
        chunk, index = divmod(hour - EPOCH_S // HOUR_S, CHUNK)
        shared, walk = self._seconds(hour), self._walk(coin, chunk)
        own = self._own[coin.symbol].stream("seconds", hour).standard_normal(HOUR_S)
        path = np.cumsum(np.sqrt(shared.variance) * _mixed(shared.steps, own))
        spent = np.cumsum(shared.variance)
        led = path + spent / spent[-1] * (walk.diffusive[index] - path[-1]) + np.cumsum(shared.jumps)
        begins = self._level(coin, chunk) + walk.passed[index]
        logs = coin.volatility * (begins + np.concatenate(([0.0], led[:-1])))
        return Hour(
            values=np.rint(coin.anchor * np.exp(logs)).astype(np.int64),
            variance=coin.volatility**2 * (shared.variance + JUMP_VARIANCE),
        )

    def _level(self, coin: Coin, chunk: int) -> float:
        """Logarithm of price over anchor at the beginning of a chunk, in units of the coin's volatility."""
        known = self._levels.get((coin.symbol, chunk))
        if known is not None or chunk == 0:
            return known or 0.0
        level = 0.0
        for passed in range(min(0, chunk), max(0, chunk)):
            level += self._walk(coin, passed).passed[CHUNK] * (1 if chunk > 0 else -1)
        self._levels[coin.symbol, chunk] = level
        return level

    def _draw_walk(self, coin: Coin, chunk: int) -> _Walk:
        hours = self._hours(chunk)
        own = self._own[coin.symbol].stream("hours", chunk).standard_normal(CHUNK)
        diffusive = hours.scale * HOUR_S**0.5 * _mixed(hours.steps, own)
        passed = np.concatenate(([0.0], np.cumsum(diffusive + hours.jumps.sum(axis=1))))
        return _Walk(diffusive=diffusive, passed=passed)

    def _draw_hours(self, chunk: int) -> _Hours:
        draws = np.concatenate((self._draws(chunk - 1)[1 - MEMORY :], self._draws(chunk)))
        averaged = np.convolve(draws, np.full(MEMORY, MEMORY**-0.5), "valid")
        noise, shape = self._shared.stream("hours", chunk), (CHUNK, SLOTS)
        steps = noise.standard_normal(CHUNK)
        second = (noise.random(shape) + np.arange(SLOTS)) * (HOUR_S / SLOTS)
        size = JUMP_SCALE * (np.abs(noise.standard_normal(shape)) + 0.3)
        chance = noise.random(shape)
        sign = np.where(chance < JUMP_SHARE / 2, 1.0, np.where(chance < JUMP_SHARE, -1.0, 0.0))
        return _Hours(
            scale=np.exp(HOURLY * averaged - HOURLY**2),
            steps=steps,
            jumped_in=second.astype(np.int64),
            jumps=sign * size,
        )

    def _draw_volatility(self, chunk: int) -> Floats:
        return self._shared.stream("volatility", chunk).standard_normal(CHUNK)

    def _draw_seconds(self, hour: int) -> _Seconds:
        chunk, index = divmod(hour - EPOCH_S // HOUR_S, CHUNK)
        hours, noise = self._hours(chunk), self._shared.stream("seconds", hour)
        steps, quick = noise.standard_normal(HOUR_S), noise.standard_normal(HOUR_S)
        slow = np.repeat(noise.standard_normal(HOUR_S // 60), 60)
        variance = np.exp(2 * (SECONDLY * quick + MINUTELY * slow))
        variance *= hours.scale[index] ** 2 / variance.mean()
        jumps = np.zeros(HOUR_S)
        jumps[hours.jumped_in[index]] = hours.jumps[index]
        return _Seconds(variance=variance, steps=steps, jumps=jumps)


class _Walk(msgspec.Struct, frozen=True):
    """A coin's walk over a chunk of hours, in units of its volatility."""

    diffusive: Floats
    """Each hour's step without its jumps."""
    passed: Floats
    """Sum of all steps before each hour, and in the end of all."""


def _mixed(shared: Floats, own: Floats) -> Floats:
    mixed: Floats = SHARED**0.5 * shared + (1 - SHARED) ** 0.5 * own
    return mixed


def _hours_of(first_s: int, last_s: int) -> range:
    return range(first_s // HOUR_S, last_s // HOUR_S + 1)


def _part(hours: list[NDArray[N]], first_s: int, last_s: int) -> NDArray[N]:
    """The seconds between two instants, of hours that begin with the first one's."""
    begins = first_s % HOUR_S
    return np.concatenate(hours)[begins : begins + last_s - first_s + 1]
