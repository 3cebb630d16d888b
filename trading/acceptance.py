"""A person takes what the venue says of a market for true: when it is sure what that is."""

from __future__ import annotations

from collections.abc import Mapping

from messages.values import SECOND, MarketId, RealNs, Size, TokenId
from messages.wallet import AcceptPosition, HeldPosition
from trading.account import Account
from trading.drift import DUST, Patience, Steady, difference

VANISHED_NS = 60 * SECOND
"""Real time for which a venue that shows nothing of what we hold is not believed, accepted or not, while nothing else
says that it is gone."""
STEADY_NS = 5 * SECOND
"""Real time between two reads in which a balance has to differ by the same before that is written down: a trade that
happened while the first one went on, or is listed late, is told by the second."""


class Acceptance:
    """Which markets are to be accepted, and what is still doubtful there. Volatile."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.asked: dict[MarketId, AcceptPosition] = {}
        self._patience = Patience[MarketId](VANISHED_NS)
        self._steady = Steady[TokenId](STEADY_NS)

    def doubts(
        self,
        market: MarketId,
        balances: Mapping[TokenId, Size],
        rows: Mapping[TokenId, HeldPosition] | None,
        now: RealNs,
    ) -> bool:
        """Whether the list has to be seen again first: venues show no balance at times of what is there all the same.

        `rows`: the public list of positions, None where it could not be had.
        """
        vanished = [token for token in self._account.tokens.of(market) if balances.get(token) == 0]
        if any(self._is_denied(token, rows) for token in vanished):
            return self._patience.doubts(market, now)
        self._patience.forget(market)
        return False

    def stands(self, market: MarketId, balances: Mapping[TokenId, Size], begun_at: RealNs) -> bool:
        """Our books agree with each balance, or two reads say alike by how much they do not."""
        said = [token for token in self._account.tokens.of(market) if token in balances]
        differing = [self._differs(token, balances[token], begun_at) for token in said]
        return not any(differing)

    def done(self, market: MarketId) -> AcceptPosition:
        """It is written down; what was asked."""
        for token in self._account.tokens.of(market):
            self._steady.forget(token)
        return self.asked.pop(market)

    def _differs(self, token: TokenId, balance: Size, begun_at: RealNs) -> bool:
        known = self._account.tokens.get(token)
        if known is None:
            return False
        found = difference(*self._account.inventories[known[0]].on_chain(known[1]), balance)
        return found is not None and not self._steady.stands(token, found.said - found.believed, begun_at)

    def _is_denied(self, token: TokenId, rows: Mapping[TokenId, HeldPosition] | None) -> bool:
        """It is in our books, and nothing but its balance says that it is gone."""
        known = self._account.tokens.get(token)
        if known is None or self._account.inventories[known[0]].on_chain(known[1])[0] <= DUST:
            return False
        row = None if rows is None else rows.get(token)
        return rows is None or (row is not None and row.size > DUST)
