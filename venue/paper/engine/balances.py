"""The venue's idea of a wallet's balance, which may lag behind the chain (VENUE §3.8, §10.4)."""

from __future__ import annotations

from messages.values import MarketNs
from venue.paper.engine.accounts import Account, Asset


class BalanceCache:
    """Remembers what balances were before the chain moved them, until the venue has seen it.

    `seen` is the market time until which it has; None: it sees nothing by itself.
    """

    def __init__(self) -> None:
        self._before: dict[tuple[str, Asset], list[tuple[MarketNs, int]]] = {}

    @property
    def is_behind(self) -> bool:
        """Whether any balance may be another one than the venue has in mind."""
        return bool(self._before)

    def note(self, account: Account, asset: Asset, at: MarketNs, seen: MarketNs | None) -> None:
        """A balance on the chain is about to change."""
        known = self._before.setdefault((account.maker, asset), [])
        _forget(known, seen)
        if seen is not None or not known:
            known.append((at, account.on_chain(asset)))

    def shown(self, account: Account, asset: Asset, seen: MarketNs | None) -> int:
        """The balance as the venue has it, millionths."""
        known = self._before.get((account.maker, asset)) if self._before else None
        if not known:
            return account.on_chain(asset)
        _forget(known, seen)
        return known[0][1] if known else account.on_chain(asset)

    def refresh(self, maker: str, asset: Asset) -> None:
        """Read the chain now."""
        self._before.pop((maker, asset), None)

    def refresh_all(self) -> None:
        """Read the chain now, for everybody."""
        self._before.clear()


def _forget(known: list[tuple[MarketNs, int]], seen: MarketNs | None) -> None:
    while seen is not None and known and known[0][0] <= seen:
        del known[0]
