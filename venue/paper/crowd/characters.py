"""How markets behave: the parameters of TRADING §7.2 as data, and those that moved to meet §7.3 (docs/crowd.md)."""

from __future__ import annotations

import msgspec


class Character(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are those of calm times, and of a market all by itself."""

    name: str
    sigma: float
    """Volatility of the latent log-odds, per square root of a day."""
    jumps: float
    """A day."""
    jump: float
    """Log-odds: jumps are (|N(0,1)| + 0.3) times this."""
    lag_s: float
    """Time constant with which makers follow the latent value."""
    half: float
    """Makers' distance from their fair value, in ticks."""
    peak: float
    """Shares on the deepest level, all makers together."""
    lot: float
    """Mean shares of a maker's order."""
    life_s: float
    """Mean life of a maker's order."""
    pull_s: float
    """Mean delay before a level is pulled that the fair value has passed."""
    noise: float
    """Noise takers an hour, those left out whom others draw in."""
    keen: float
    """Their limits lie exponentially beyond the makers' fair value, 1/keen dollars in the mean."""
    informative: float
    """The share of them that goes the way the value will have gone in an hour."""
    informed: float
    """Informed takers an hour."""
    size: float
    """Median shares that informed takers and snipers ask for."""
    snipe: float
    """Snipers a second, for 20 s after a jump."""
    fee_rate: int
    """Millionths, as `Market` has it (VENUE §7.3)."""
    rebate_rate: int
    reward: float
    """Dollars a day for resting near the middle."""
    hot: float = 3.0
    """What multiplies jumps, takers, orders and the variance of log-odds while it is hot."""


POLITICS = Character(
    name="politics",
    sigma=0.13,
    jumps=0.7,
    jump=0.10,
    lag_s=30,
    half=0.3,
    peak=1_000,
    lot=100,
    life_s=2_400,
    pull_s=4,
    noise=0.4,
    keen=90,
    informative=0.4,
    informed=9,
    size=150,
    snipe=0.05,
    fee_rate=40_000,
    rebate_rate=250_000,
    reward=24,
    hot=8,
)
"""A."""

PREGAME = Character(
    name="pregame",
    sigma=0.5,
    jumps=1.7,
    jump=0.16,
    lag_s=6,
    half=0.3,
    peak=2_500,
    lot=250,
    life_s=650,
    pull_s=1.5,
    noise=14,
    keen=90,
    informative=0.3,
    informed=100,
    size=250,
    snipe=0.15,
    fee_rate=50_000,
    rebate_rate=150_000,
    reward=27,
)
"""B: sports, before the game."""

WEATHER = Character(
    name="weather",
    sigma=1.0,
    jumps=6,
    jump=0.21,
    lag_s=30,
    half=0.7,
    peak=160,
    lot=40,
    life_s=500,
    pull_s=6,
    noise=0.8,
    keen=60,
    informative=0.03,
    informed=1.5,
    size=60,
    snipe=0.035,
    fee_rate=50_000,
    rebate_rate=250_000,
    reward=82,
)
"""C: thin."""

INPLAY = Character(
    name="inplay",
    sigma=1.8,
    jumps=140,
    jump=0.25,
    lag_s=2,
    half=0.3,
    peak=2_500,
    lot=250,
    life_s=30,
    pull_s=0.8,
    noise=60,
    keen=80,
    informative=0.02,
    informed=25,
    size=250,
    snipe=0.15,
    fee_rate=50_000,
    rebate_rate=150_000,
    reward=50,
)
"""B2: sports, while the game is played."""

WINDOW = Character(
    name="window",
    sigma=3.0,
    jumps=48,
    jump=0.20,
    lag_s=3,
    half=0.3,
    peak=600,
    lot=100,
    life_s=50,
    pull_s=1.2,
    noise=90,
    keen=80,
    informative=0.05,
    informed=300,
    size=250,
    snipe=0.3,
    fee_rate=70_000,
    rebate_rate=200_000,
    reward=0,
)
"""D: a crypto window. Its sigma says what the reference price's volatility should amount to."""

CHARACTERS = {"A": POLITICS, "B": PREGAME, "C": WEATHER, "B2": INPLAY, "D": WINDOW}
"""By the letters of TRADING §7.2."""


def toxic(character: Character, times: float) -> Character:
    """The same market with so many times the informed flow: informed takers, snipers, and noise that knows."""
    return msgspec.structs.replace(
        character,
        informed=character.informed * times,
        snipe=character.snipe * times,
        informative=min(1.0, character.informative * times),
    )
