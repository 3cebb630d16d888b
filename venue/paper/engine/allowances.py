"""Whom a wallet allows to move its money (VENUE §3.8, §4.5): everybody it has to, until it says otherwise."""

from __future__ import annotations

from venue.paper.engine.accounts import Asset
from venue.paper.engine.terms import Market
from venue.paper.ledger.ledger import Ledger
from venue.wire.contracts import EXCHANGE, NEG_RISK_ADAPTER, NEG_RISK_EXCHANGE, UNLIMITED


class Allowances:
    """Collateral by amount, tokens all or none. Only what is less than unlimited is kept."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._limited: dict[tuple[str, str, bool], int] = {
            (maker, spender, is_tokens): amount
            for maker, spender, is_tokens, amount in ledger.identities.allowances()
        }

    @property
    def is_any_limited(self) -> bool:
        """Whether any wallet allows anybody less than everything."""
        return bool(self._limited)

    def of(self, maker: str, spender: str, asset: Asset) -> int:
        """How much of an asset a spender may move, millionths."""
        return self._limited.get((maker, spender, asset is not None), UNLIMITED)

    def allow(self, maker: str, spender: str, is_tokens: bool, amount: int) -> None:
        """From now on so much, as the chain's `approve` does it."""
        key = (maker, spender, is_tokens)
        if amount >= UNLIMITED:
            self._limited.pop(key, None)
        else:
            self._limited[key] = amount
        self._ledger.identities.save_allowance(maker, spender, is_tokens, amount)

    def covers(self, maker: str, market: Market, asset: Asset, amount: int) -> bool:
        """Whether settling a trade of a market may move this much."""
        return not self._limited or all(
            self.of(maker, spender, asset) >= amount for spender in spenders(market.neg_risk)
        )

    def spend(self, maker: str, market: Market, asset: Asset, amount: int) -> None:
        """The chain has moved it; limited collateral allowances shrink."""
        if not self._limited or asset is not None:
            return
        for spender in spenders(market.neg_risk):
            left = self.of(maker, spender, asset)
            if left != UNLIMITED:
                self.allow(maker, spender, False, max(0, left - amount))


def exchange_of(neg_risk: bool) -> str:
    """The contract that settles a market's trades."""
    return NEG_RISK_EXCHANGE if neg_risk else EXCHANGE


def spenders(neg_risk: bool) -> tuple[str, ...]:
    """Whom settlement needs. The venue looks at the exchange alone before it accepts an order (VENUE §3.8)."""
    return (NEG_RISK_EXCHANGE, NEG_RISK_ADAPTER) if neg_risk else (EXCHANGE,)
