"""Who owns what: collateral and tokens per address, what of it is on the chain already, and what is spoken for.

A match moves balances at once, as its two sides count them; the chain follows when the trade is mined. Between the
two a balance says what will be, `on_chain` what is. Everything in millionths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from messages.values import MICRO, MarketId, Price, Size, TokenId
from venue.paper.engine.terms import TokenSide, Trade

HOUSE = ""
"""The background's account: everything a recording or the crowd trades with ours; it may owe."""
FEES = "fees"
"""Where takers' fees go."""
ADAPTER = "adapter"
"""Where the tokens go that a neg-risk conversion burns; it owes what they will be worth (VENUE §9)."""

_OWING = (HOUSE, ADAPTER)
Asset = TokenId | None
"""A token, or None for collateral."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens held and what they cost on average, dollars per share in millionths, fees included."""

    size: Size
    average_cost: Price


class Tied:
    """Amounts of one asset that are spoken for, by market and in all."""

    __slots__ = ("by_market", "total")

    def __init__(self) -> None:
        self.total = 0
        self.by_market: dict[MarketId, int] = {}

    def add(self, market: MarketId, amount: int) -> None:
        """More of it, or (negative) less."""
        self.total += amount
        left = self.by_market.get(market, 0) + amount
        if left:
            self.by_market[market] = left
        else:
            self.by_market.pop(market, None)

    def of(self, market: MarketId | None) -> int:
        """For one market, or (None) for all."""
        return self.total if market is None else self.by_market.get(market, 0)


class Account:
    """One address."""

    __slots__ = ("active", "collateral", "cost", "incoming", "maker", "matched", "tokens")

    def __init__(self, maker: str) -> None:
        self.maker = maker
        self.collateral = 0
        self.tokens: dict[TokenId, int] = {}
        self.cost: dict[TokenId, int] = {}
        self.active: dict[Asset, Tied] = {}
        """Held back by resting orders."""
        self.matched: dict[Asset, Tied] = {}
        """Given in matches that are not mined yet."""
        self.incoming: dict[Asset, int] = {}
        """Received in matches that are not mined yet."""

    def held(self, asset: Asset) -> int:
        """The balance as it will be when every match is mined."""
        return self.collateral if asset is None else self.tokens.get(asset, 0)

    def on_chain(self, asset: Asset) -> int:
        """The balance as the chain has it."""
        return self.held(asset) + self.matched_of(asset) - self.incoming.get(asset, 0)

    def active_of(self, asset: Asset, market: MarketId | None = None) -> int:
        """What resting orders (of one market) hold back."""
        tied = self.active.get(asset)
        return tied.of(market) if tied else 0

    def matched_of(self, asset: Asset, market: MarketId | None = None) -> int:
        """What was given in matches (of one market) that are not mined yet."""
        tied = self.matched.get(asset)
        return tied.of(market) if tied else 0

    def reserve(self, asset: Asset, market: MarketId, amount: int) -> None:
        """A resting order holds this back, or (negative) lets go of it."""
        tied = self.active.get(asset)
        if tied is None:
            tied = self.active[asset] = Tied()
        tied.add(market, amount)

    def await_chain(self, market: MarketId, token: TokenId, side: TokenSide, size: int, dollars: int) -> None:
        """The chain has still to take what was given and to bring what was got; (negative) it has."""
        given, amount, got, more = (
            (None, dollars, token, size) if side is TokenSide.BUY else (token, size, None, dollars)
        )
        tied = self.matched.get(given)
        if tied is None:
            tied = self.matched[given] = Tied()
        tied.add(market, amount)
        self.incoming[got] = self.incoming.get(got, 0) + more

    def forget(self, token: TokenId) -> None:
        """Keep nothing of a token in mind of which there is nothing."""
        if not self.tokens.get(token) and not self.active_of(token) and not self.matched_of(token):
            for known in (self.tokens, self.cost, self.active, self.matched, self.incoming):
                known.pop(token, None)

    def cost_of(self, token: TokenId, size: int) -> int:
        """What so much of a token has cost on average."""
        held = self.tokens.get(token, 0)
        return self.cost.get(token, 0) * min(size, held) // held if held > 0 else 0

    def positions(self) -> dict[TokenId, Position]:
        """What is held of each token, nothing omitted that is not zero."""
        return {
            token: Position(size=Size(size), average_cost=Price(self.cost.get(token, 0) * MICRO // size))
            for token, size in self.tokens.items()
            if size > 0
        }


class Accounts:
    """All accounts; remembers which balances moved since they were last asked for."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._moved: dict[tuple[str, Asset], None] = {}
        self.chain_moves: Callable[[Account, Asset], None] | None = None
        """Told just before a balance on the chain changes, if anybody wants to know."""

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def of(self, maker: str) -> Account:
        """The account of an address; an empty one for a stranger."""
        account = self._accounts.get(maker)
        if account is None:
            account = self._accounts[maker] = Account(maker)
        return account

    def find(self, maker: str) -> Account | None:
        """The account of an address, if it has one."""
        return self._accounts.get(maker)

    def moved(self) -> list[tuple[str, Asset]]:
        """The balances (address, token or None for collateral) that moved since the last call."""
        moved = list(self._moved)
        self._moved.clear()
        return moved

    def is_held(self, token: TokenId) -> bool:
        """Whether somebody has some of a token; the background does not count."""
        return any(
            account.tokens.get(token) for account in self._accounts.values() if account.maker not in _OWING
        )

    def forget(self, token: TokenId) -> None:
        """Keep no empty balance of a token in mind."""
        for account in self._accounts.values():
            account.forget(token)

    # -- on the chain at once

    def pay(self, maker: str, dollars: int) -> None:
        """Collateral in (or out, negative) that is not the price of a token."""
        self._tell(maker, None)
        self._pay(maker, dollars)

    def buy(self, maker: str, token: TokenId, size: int, dollars: int) -> None:
        """Tokens in, dollars out."""
        self._tell(maker, None, token)
        self._buy(self.of(maker), token, size, dollars)

    def sell(self, maker: str, token: TokenId, size: int, dollars: int) -> None:
        """Tokens out, dollars in; the cost of what remains keeps its average."""
        self._tell(maker, None, token)
        self._sell(self.of(maker), token, size, dollars)

    # -- matched first, mined later

    def match(self, trade: Trade) -> None:
        """A trade's balances move; the chain has still to follow."""
        for maker, token, side, size, dollars in parts(trade):
            account = self.of(maker)
            if side is TokenSide.BUY:
                self._buy(account, token, size, dollars)
            else:
                self._sell(account, token, size, dollars)
            if maker != HOUSE:
                account.await_chain(trade.market, token, side, size, dollars)
        if trade.fee:
            self._pay(FEES, trade.fee)

    def tie(self, trade: Trade) -> None:
        """Its balances have moved already, the chain has still to follow."""
        for maker, token, side, size, dollars in parts(trade):
            if maker != HOUSE:
                self.of(maker).await_chain(trade.market, token, side, size, dollars)

    def mine(self, trade: Trade) -> None:
        """The chain has followed."""
        if self.chain_moves is not None:
            for maker, token, _, _, _ in parts(trade):
                self._tell(maker, None, token)
        self._untie(trade)

    def undo(self, trade: Trade) -> None:
        """The chain will not follow: everybody has what they had, fee included.

        What was sold comes back at the average cost of what is still held, or at its price if nothing is.
        """
        self._untie(trade)
        for maker, token, side, size, dollars in parts(trade):
            account = self.of(maker)
            held, cost = account.tokens.get(token, 0), account.cost.get(token, 0)
            if side is TokenSide.BUY:
                self._move(account, token, -size, dollars, max(0, cost - dollars) if held > size else 0)
            else:
                again = cost * size // held if held > 0 else dollars
                self._move(account, token, size, -dollars, cost + again)
        if trade.fee:
            self._pay(FEES, -trade.fee)

    def _untie(self, trade: Trade) -> None:
        for maker, token, side, size, dollars in parts(trade):
            if maker != HOUSE:
                self.of(maker).await_chain(trade.market, token, side, -size, -dollars)

    def _pay(self, maker: str, dollars: int) -> None:
        self.of(maker).collateral += dollars
        self._moved[maker, None] = None

    def _buy(self, account: Account, token: TokenId, size: int, dollars: int) -> None:
        self._move(account, token, size, -dollars, account.cost.get(token, 0) + dollars)

    def _sell(self, account: Account, token: TokenId, size: int, dollars: int) -> None:
        held, cost = account.tokens.get(token, 0), account.cost.get(token, 0)
        self._move(account, token, -size, dollars, cost * (held - size) // held if held > size else 0)

    def _move(self, account: Account, token: TokenId, size: int, dollars: int, cost: int) -> None:
        """Tokens and dollars in (or out, negative), and what the tokens held then have cost."""
        account.collateral += dollars
        account.tokens[token] = account.tokens.get(token, 0) + size
        account.cost[token] = cost
        self._moved[account.maker, None] = None
        self._moved[account.maker, token] = None

    def _tell(self, maker: str, *assets: Asset) -> None:
        if self.chain_moves is not None and maker != HOUSE:
            for asset in assets:
                self.chain_moves(self.of(maker), asset)


def parts(trade: Trade) -> list[tuple[str, TokenId, TokenSide, int, int]]:
    """Who moves what in a trade: address, token, side, size, and dollars with the taker's fee; makers first."""
    moved: list[tuple[str, TokenId, TokenSide, int, int]] = [
        (leg.maker, leg.token, leg.side, leg.size, leg.dollars) for leg in trade.legs
    ]
    dollars = trade.dollars + trade.fee if trade.side is TokenSide.BUY else trade.dollars - trade.fee
    moved.append((trade.taker_maker, trade.token, trade.side, trade.size, dollars))
    return moved
