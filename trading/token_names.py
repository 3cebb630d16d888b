"""Which token is whose: by our own facts, and by lists of the venue's."""

from __future__ import annotations

from messages.values import MarketId, Outcome, TokenId

MAX_OURS = 1_024
MAX_LISTED = 8_192
MAX_CHECKED = 40
"""Tokens whose balances are worth a request each: the ones used last."""
Named = tuple[MarketId, Outcome]


class TokenNames:
    """Ours grow by facts alone; what lists say is volatile."""

    def __init__(self) -> None:
        self.ours: dict[TokenId, Named] = {}
        """Tokens we ordered or hold, the one used last the last one."""
        self._listed: dict[TokenId, Named] = {}

    def use(self, token: TokenId, market: MarketId, outcome: Outcome) -> None:
        """It was ordered, or is held."""
        _put(self.ours, token, (market, outcome), MAX_OURS)

    def list(self, token: TokenId, market: MarketId, outcome: Outcome) -> None:
        """A list told; it is no fact, only how a trade of others is understood."""
        _put(self._listed, token, (market, outcome), MAX_LISTED)

    def get(self, token: TokenId) -> Named | None:
        """Whose token it is; None: nobody told."""
        return self.ours.get(token) or self._listed.get(token)

    def of(self, market: MarketId) -> tuple[TokenId, ...]:
        """The tokens of a market, as far as they are known."""
        return tuple(t for t, (whose, _) in (self._listed | self.ours).items() if whose == market)

    @property
    def checked(self) -> tuple[TokenId, ...]:
        """Tokens whose balances are held against our fills."""
        return tuple(self.ours)[-MAX_CHECKED:]


def _put(names: dict[TokenId, Named], token: TokenId, named: Named, most: int) -> None:
    names.pop(token, None)
    names[token] = named
    if len(names) > most:
        del names[next(iter(names))]
