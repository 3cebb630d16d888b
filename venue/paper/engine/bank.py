"""The money side of the exchange as its doors see it: balances, allowances, conversions, and what can be switched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from messages.values import Size, TokenId
from venue.paper.engine.conversions import Conversions
from venue.paper.engine.floor import Floor
from venue.paper.engine.mishaps import Asked
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Event, Market
from venue.paper.ledger.ledger import Ledger
from venue.paper.ledger.outcomes import Conversion
from venue.wire.contracts import SPENDERS


class Bank:
    """Every call first plays what is due (`advance`)."""

    def __init__(self, floor: Floor, ledger: Ledger, advance: Callable[[], object]) -> None:
        self._floor = floor
        self._advance = advance
        self._conversions = Conversions(floor, ledger)

    # -- balances

    def shown(self, maker: str, token: TokenId | None) -> int:
        """The venue's idea of a balance (None: collateral), millionths; it may lag behind the chain."""
        self._advance()
        account = self._floor.accounts.find(maker)
        return self._floor.funds.shown(account, token, self._floor.now) if account else 0

    def on_chain(self, maker: str, token: TokenId | None) -> int:
        """The balance as the chain has it, millionths: as if what was matched and is not mined had not been."""
        self._advance()
        account = self._floor.accounts.find(maker)
        return account.on_chain(token) if account else 0

    def knows(self, maker: str) -> bool:
        """Whether an address has ever had anything."""
        return self._floor.accounts.find(maker) is not None

    def refresh(self, maker: str, token: TokenId | None) -> None:
        """The venue reads a balance from the chain; orders it no longer covers leave."""
        self._advance()
        self._floor.funds.cache.refresh(maker, token)
        self._floor.cover(maker, token)

    def allowances(self, maker: str, token: TokenId | None) -> dict[str, int]:
        """What each of the venue's contracts may move of an asset, millionths."""
        return {spender: self.allowance(maker, spender, token) for spender in SPENDERS}

    def allowance(self, maker: str, spender: str, token: TokenId | None) -> int:
        """What any contract may move of an asset, millionths."""
        return self._floor.funds.allowances.of(maker, spender, token)

    def allow(self, maker: str, spender: str, is_tokens: bool, amount: int) -> None:
        """From now on so much of the collateral, or of every token (all of it or, with 0, nothing)."""
        self._advance()
        self._floor.funds.allowances.allow(maker, spender, is_tokens, amount)

    # -- switches and mishaps

    @property
    def switches(self) -> Switches:
        """As they are now; `switch` changes them."""
        return self._floor.funds.switches

    def switch(self, switches: Switches) -> None:
        """From now on these."""
        self._advance()
        self._floor.switch(switches)

    def ask_of_settlements(self, ask: Asked) -> None:
        """Let somebody say, of every match from now on, what goes wrong with its settlement."""
        self._floor.chain.mishaps.ask(ask)

    def ask_no_more(self, ask: Asked) -> None:
        """Of matches from now on it is not asked."""
        self._floor.chain.mishaps.ask_no_more(ask)

    # -- what is no trade; every call raises Refused in one sentence

    @contextmanager
    def transaction(self, hash_: str) -> Iterator[None]:
        """What is done inside is part of a transaction that somebody sent."""
        self._conversions.transaction = hash_
        try:
            yield
        finally:
            self._conversions.transaction = ""

    def split(self, maker: str, market: Market, size: Size) -> Conversion:
        """Collateral into pairs of YES and NO."""
        self._advance()
        return self._conversions.split(maker, market, size)

    def merge(self, maker: str, market: Market, size: Size) -> Conversion:
        """Pairs of YES and NO into collateral."""
        self._advance()
        return self._conversions.merge(maker, market, size)

    def redeem(self, maker: str, market: Market) -> Conversion:
        """Tokens of a resolved market into what they pay."""
        self._advance()
        return self._conversions.redeem(maker, market)

    def convert(self, maker: str, event: Event, chosen: Sequence[Market], size: Size) -> Conversion:
        """NO of some markets of a neg-risk event into YES of all others, and collateral."""
        self._advance()
        return self._conversions.convert(maker, event, chosen, size)
