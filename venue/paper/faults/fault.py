"""What every fault has: a name, a time, a chance to hit, and whom. Its kind, a class of its own, says what it does."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from messages.values import MarketId, TokenId
from venue.paper.engine.terms import Market


class Clock(StrEnum):
    """Which seconds `at` and `for` count."""

    MARKET = "market"
    REAL = "real"


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """Fields are what a script says of it."""

    name: str = ""
    """How it is called; its kind's name if it has none."""
    at: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = 0.0
    """Seconds after the start (or after it was posted) at which it begins."""
    lasts: Annotated[float, msgspec.Meta(gt=0, le=1e9)] | None = msgspec.field(default=None, name="for")
    """Seconds after which it ends; None: not before it is taken back."""
    clock: Clock = Clock.MARKET
    probability: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """How likely each chance becomes a hit."""
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Hits after which it does no more."""

    @property
    def kind(self) -> str:
        """Its name in scripts."""
        return str(self.__struct_config__.tag)


class Subject(NamedTuple):
    """What a frame is about."""

    channel: str
    """market or user."""
    event: str
    """Its event type; of the user channel PLACEMENT, UPDATE, CANCELLATION or TRADE."""
    market: MarketId
    token: TokenId | None = None
    """None: both of the market's tokens, or neither."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a fault hits, its words looked up; what is empty stands for everybody."""

    owners: frozenset[str] = frozenset()
    """API keys and addresses, in lower case."""
    markets: frozenset[MarketId] = frozenset()
    tokens: frozenset[TokenId] = frozenset()
    words: tuple[bytes, ...] = ()
    """Ids of the markets and tokens, as a request would spell them."""

    def has_owner(self, *names: str) -> bool:
        """Whether one of these is meant."""
        return not self.owners or any(name.lower() in self.owners for name in names)

    def has_frame(self, subject: Subject) -> bool:
        """Whether a frame's market or token is meant. A frame about both tokens is about each."""
        if not self.markets:
            return True
        return subject.market in self.markets and (
            subject.token is None or not self.tokens or subject.token in self.tokens
        )

    def has_text(self, *texts: bytes) -> bool:
        """Whether a request names one of the markets or tokens in its query or its body."""
        return not self.words or any(word in text for word in self.words for text in texts)


class NoSuchThing(ValueError):
    """A fault names what does not exist; says which key, and why."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


def scope_of(
    listed: list[Market], owners: tuple[str, ...], markets: tuple[str, ...], tokens: tuple[str, ...]
) -> Scope:
    """Markets by condition id or slug, tokens by id. Raises NoSuchThing."""
    by_name = {name: market for market in listed for name in (market.id, market.slug)}
    by_token = {token: market for market in listed for token in (market.yes, market.no)}
    for market in markets:
        if market not in by_name:
            raise NoSuchThing("markets", f"no market is called {market!r}")
    for token in tokens:
        if token not in by_token:
            raise NoSuchThing("tokens", f"no market has a token {token!r}")
    meant = [by_name[market] for market in markets]
    both = {token for market in meant for token in (market.yes, market.no)}
    return Scope(
        owners=frozenset(owner.lower() for owner in owners),
        markets=frozenset([*(market.id for market in meant), *(by_token[TokenId(t)].id for t in tokens)]),
        tokens=frozenset([*both, *map(TokenId, tokens)]) if tokens else frozenset(),
        words=tuple(sorted(name.encode() for name in {*(m.id for m in meant), *both, *tokens})),
    )
