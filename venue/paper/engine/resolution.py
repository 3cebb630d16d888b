"""How markets belong together, and how they end (VENUE §9): prices become payouts, what is held can be redeemed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from messages.values import MICRO, MarketId, TokenId
from venue.paper.engine.accounts import ADAPTER, Accounts
from venue.paper.engine.terms import Event, Market


def end_market(market: Market, winner: TokenId | None) -> None:
    """The outcome is known (None: half each); the last price is the payout."""
    market.accepting_orders, market.closed, market.resolved = False, True, True
    market.winner = winner
    market.last_trade = market.payout(market.yes)


def redeem_burnt(accounts: Accounts, market: Market) -> None:
    """What conversions burnt of a neg-risk market pays back some of what they lent (VENUE §9)."""
    burnt = accounts.of(ADAPTER).tokens.get(market.no, 0)
    if burnt:
        accounts.sell(ADAPTER, market.no, burnt, market.payout(market.no) * burnt // MICRO)


def recall_end(market: Market, ended: Mapping[MarketId, TokenId | None]) -> None:
    """A market that ended before a restart is listed as it was."""
    if market.id in ended:
        end_market(market, ended[market.id])


def group_events(markets: Iterable[Market]) -> list[Event]:
    """Markets by the event they name; one that names none is an event of its own, with its slug and question."""
    groups: dict[str, list[Market]] = {}
    for market in markets:
        groups.setdefault(market.event or market.slug, []).append(market)
    return [
        Event(slug=slug, title=group[0].event_title or group[0].question, markets=tuple(group))
        for slug, group in groups.items()
    ]
