"""Which orders leave when a wallet has less than they may take (VENUE §3.8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from messages.values import MarketId
from venue.paper.engine.accounts import Asset
from venue.paper.engine.book import Resting
from venue.paper.engine.funds import Funds, tied_by
from venue.paper.engine.room import Room


def uncovered(
    funds: Funds,
    oldest_first: Sequence[tuple[Room, Resting]],
    asset: Asset,
    missing: Mapping[MarketId | None, int],
) -> list[tuple[Room, Resting]]:
    """Of a wallet's orders the newest ones, as many as have to leave for what is missing of an asset (by scope);
    assumed, since the venue does not say which do."""
    left, leaving = dict(missing), list[tuple[Room, Resting]]()
    for room, resting in reversed(oldest_first):
        scope = funds.scope(room.market.id)
        tied, amount = tied_by(resting.order)
        if tied == asset and left.get(scope, 0) > 0:
            leaving.append((room, resting))
            left[scope] -= amount
    return leaving
