"""Who owns what: collateral and tokens per address, and what resting orders have reserved of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from messages.values import MICRO, Price, Size, TokenId

HOUSE = ""
"""The background's account: everything a recording or the crowd trades with ours; it may owe."""
FEES = "fees"
"""Where takers' fees go."""


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens held and what they cost on average, dollars per share in millionths, fees included."""

    size: Size
    average_cost: Price


class Account:
    """One address: balances, reservations and cost, all in millionths."""

    __slots__ = ("collateral", "cost", "maker", "reserved", "reserved_tokens", "tokens")

    def __init__(self, maker: str) -> None:
        self.maker = maker
        self.collateral = 0
        self.tokens: dict[TokenId, int] = {}
        self.cost: dict[TokenId, int] = {}
        self.reserved = 0
        self.reserved_tokens: dict[TokenId, int] = {}

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
        self._moved: dict[tuple[str, TokenId | None], None] = {}

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

    def held_tokens(self) -> set[TokenId]:
        """Every token of which somebody has some; the background does not count."""
        return {
            token
            for account in self._accounts.values()
            if account.maker != HOUSE
            for token, size in account.tokens.items()
            if size
        }

    def is_held(self, token: TokenId) -> bool:
        """Whether somebody has some of a token; the background does not count."""
        return any(account.tokens.get(token) for account in self._accounts.values() if account.maker != HOUSE)

    def forget(self, token: TokenId) -> None:
        """Keep no empty balance of a token in mind."""
        for account in self._accounts.values():
            if not account.tokens.get(token, 0):
                account.tokens.pop(token, None)
                account.cost.pop(token, None)

    def pay(self, maker: str, dollars: int) -> None:
        """Collateral in (or out, negative) that is not the price of a token."""
        self.of(maker).collateral += dollars
        self._moved[maker, None] = None

    def buy(self, maker: str, token: TokenId, size: int, dollars: int) -> None:
        """Tokens in, dollars out."""
        account = self.of(maker)
        account.collateral -= dollars
        account.tokens[token] = account.tokens.get(token, 0) + size
        account.cost[token] = account.cost.get(token, 0) + dollars
        self._moved[maker, None] = None
        self._moved[maker, token] = None

    def sell(self, maker: str, token: TokenId, size: int, dollars: int) -> None:
        """Tokens out, dollars in; the cost of what remains keeps its average."""
        account = self.of(maker)
        held = account.tokens.get(token, 0)
        cost = account.cost.get(token, 0)
        account.collateral += dollars
        account.tokens[token] = held - size
        account.cost[token] = cost * (held - size) // held if held > size else 0
        self._moved[maker, None] = None
        self._moved[maker, token] = None

    def moved(self) -> list[tuple[str, TokenId | None]]:
        """The balances (address, token or None for collateral) that moved since the last call."""
        moved = list(self._moved)
        self._moved.clear()
        return moved
