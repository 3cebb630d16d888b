"""Collateral and tokens that become each other on the chain without a trade: split, merge, redeem, convert (VENUE §9).

All of it is mined at once and moves settled balances only; resting orders do not stand in the way, they leave when
their money is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from messages.values import MICRO, Money, Size, TokenId
from venue.paper.engine.accounts import ADAPTER, Accounts
from venue.paper.engine.admission import decimal
from venue.paper.engine.chain import Ground
from venue.paper.engine.settlement import digest
from venue.paper.engine.terms import Event, Market, Refused
from venue.paper.ledger.ledger import Ledger
from venue.paper.ledger.outcomes import Conversion


class Conversions:
    """Each call does all of it or, with Refused in one sentence, nothing; it returns what it wrote down."""

    def __init__(self, ground: Ground, ledger: Ledger) -> None:
        self._ground = ground
        self._ledger = ledger
        self._numbers = count(ledger.conversion_count() + 1)
        self.transaction = ""
        """The hash of the transaction in which they are made; "": one of their own."""

    def split(self, maker: str, market: Market, size: Size) -> Conversion:
        """A dollar becomes one YES and one NO, which count as bought for half of it each."""
        if market.resolved:
            raise Refused("the market is resolved, so nothing can be split in it")
        self._need(maker, None, size, "collateral")
        accounts, yes_cost = self._ground.accounts, size // 2
        accounts.buy(maker, market.yes, size, yes_cost)
        accounts.buy(maker, market.no, size, size - yes_cost)
        return self._done("SPLIT", maker, market.id, size, -size, market.yes, market.no)

    def merge(self, maker: str, market: Market, size: Size) -> Conversion:
        """One YES and one NO become a dollar, also of a market that is resolved."""
        self._need(maker, market.yes, size, "YES")
        self._need(maker, market.no, size, "NO")
        accounts, yes_worth = self._ground.accounts, size // 2
        accounts.sell(maker, market.yes, size, yes_worth)
        accounts.sell(maker, market.no, size, size - yes_worth)
        return self._done("MERGE", maker, market.id, size, size, market.yes, market.no)

    def redeem(self, maker: str, market: Market) -> Conversion:
        """All YES and NO of a resolved market become what they pay, each rounded down to a millionth."""
        if not market.resolved:
            raise Refused("the market is not resolved yet, so nothing can be redeemed")
        accounts = self._ground.accounts
        held = {token: accounts.of(maker).on_chain(token) for token in (market.yes, market.no)}
        if not any(size > 0 for size in held.values()):
            raise Refused("there is nothing to redeem: neither YES nor NO of this market is held")
        dollars = 0
        for token, size in held.items():
            if size > 0:
                worth = market.payout(token) * size // MICRO
                accounts.sell(maker, token, size, worth)
                dollars += worth
        return self._done("REDEEM", maker, market.id, sum(held.values()), dollars, *held)

    def convert(self, maker: str, event: Event, chosen: Sequence[Market], size: Size) -> Conversion:
        """NO of k markets of a neg-risk event becomes YES of all its others, and k−1 dollars.

        What the NOs have cost beyond those dollars is the cost of the YESes, the same for each.
        """
        others = _others(event, chosen)
        for market in chosen:
            self._need(maker, market.no, size, f"NO of {market.slug}")
        accounts, freed = self._ground.accounts, (len(chosen) - 1) * size
        cost = sum(accounts.of(maker).cost_of(market.no, size) for market in chosen)
        yes_cost = max(0, min(cost - freed, size * len(others))) // len(others) if others else 0
        given = _shares(freed + yes_cost * len(others), len(chosen))
        for market, dollars in zip(chosen, given, strict=True):
            _pass_on(accounts, maker, ADAPTER, market.no, size, dollars)
        for market in others:
            accounts.buy(maker, market.yes, size, yes_cost)
            accounts.buy(ADAPTER, market.no, size, size - yes_cost)
        tokens = [market.no for market in chosen]
        return self._done("CONVERT", maker, event.neg_risk_market or event.slug, size, freed, *tokens)

    def _need(self, maker: str, token: TokenId | None, size: int, name: str) -> None:
        """Raises Refused when less is there, settled."""
        if size <= 0:
            raise Refused("the amount must be more than nothing")
        held = self._ground.accounts.of(maker).on_chain(token)
        if held < size:
            raise Refused(f"not enough {name}: {decimal(held)} settled, {decimal(size)} needed")

    def _done(
        self, kind: str, maker: str, market: str, size: int, dollars: int, *tokens: TokenId
    ) -> Conversion:
        """On disk with its balances; then whoever lost cover hears of it."""
        ground = self._ground
        made = Conversion(
            maker=maker,
            kind=kind,
            market=market,
            size=Size(size),
            dollars=Money(dollars),
            transaction_hash=self.transaction or digest("conversion", next(self._numbers), maker),
            at=ground.now,
        )
        self._ledger.add_conversion(made)
        ground.save_balances()
        ground.finish(durable=True)
        ground.cover(maker, None, *tokens)
        return made


def _others(event: Event, chosen: Sequence[Market]) -> list[Market]:
    """The markets of a neg-risk event that were not chosen. Raises Refused when it cannot be converted."""
    if not event.neg_risk:
        raise Refused("the event is not neg-risk, so nothing can be converted in it")
    if any(market.resolved for market in event.markets):
        raise Refused("a market of the event is resolved, so nothing can be converted in it any more")
    ids = [market.id for market in chosen]
    if not ids or len(set(ids)) < len(ids) or not set(ids) <= {market.id for market in event.markets}:
        raise Refused("name one or several different markets of the event")
    return [market for market in event.markets if market.id not in ids]


def _shares(dollars: int, count_: int) -> list[int]:
    """An amount in as many nearly equal parts."""
    each, rest = divmod(dollars, count_)
    return [each + (n < rest) for n in range(count_)]


def _pass_on(accounts: Accounts, giver: str, taker: str, token: TokenId, size: int, dollars: int) -> None:
    accounts.sell(giver, token, size, dollars)
    accounts.buy(taker, token, size, dollars)
