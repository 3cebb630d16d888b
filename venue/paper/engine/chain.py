"""What the chain makes of matches, in market time: mined, confirmed, tried again, failed (VENUE §4.4, §5.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from messages.values import MS, MarketId, MarketNs
from venue.paper.engine.accounts import HOUSE, Accounts, Asset, parts
from venue.paper.engine.agenda import Agenda
from venue.paper.engine.funds import Funds
from venue.paper.engine.mishaps import Mishap, Mishaps
from venue.paper.engine.news import News
from venue.paper.engine.room import Room
from venue.paper.engine.settlement import transaction_of
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Market, TokenSide, Trade, TradeStatus
from venue.paper.ledger.ledger import Ledger

ORDINARY = Mishap()
"""What becomes of a trade that the chain reverts."""


class Ground(Protocol):
    """What settlement needs of the floor it happens on."""

    now: MarketNs
    accounts: Accounts
    funds: Funds
    agenda: Agenda
    news: News

    def find_market(self, market: MarketId) -> Market | None:
        """A listed market."""

    def save_balances(self) -> None:
        """Balances that moved go to the ledger with its next commit."""

    def cover(self, maker: str, *assets: Asset) -> None:
        """Cancel resting orders for which the money is gone."""

    def finish(self, *rooms: Room, durable: bool = False) -> None:
        """Into the ledger, then told."""


class Chain:
    """Follows every trade until it is confirmed or has failed."""

    def __init__(self, ground: Ground, ledger: Ledger) -> None:
        self.mishaps = Mishaps()
        self._ground = ground
        self._ledger = ledger

    def follow(self, trade: Trade) -> None:
        """It was matched now."""
        mishap = self.mishaps.of(trade)
        self._at(trade.matched_at + self._switches.mined_ms * MS, lambda: self._attempt(trade, mishap))

    def resume(self, trade: Trade) -> None:
        """It was matched before a restart; what was meant to go wrong with it is forgotten."""
        if trade.status is TradeStatus.MINED:
            self._await_confirmation(trade)
            return
        self._ground.accounts.tie(trade)
        retrying = trade.status is TradeStatus.RETRYING
        since = trade.updated_at if retrying else trade.matched_at
        wait_ms = self._switches.retry_ms if retrying else self._switches.mined_ms
        self._at(since + wait_ms * MS, lambda: self._attempt(trade, None))

    def _attempt(self, trade: Trade, mishap: Mishap | None, tried: int = 0) -> None:
        """`mishap` None: nothing is meant to go wrong, but the chain may still find the money gone."""
        meant = ORDINARY if mishap is None else mishap
        goes_wrong = mishap is not None and (mishap.fails or tried < mishap.retries)
        if not (goes_wrong or self._reverts(trade)):
            self._mine(trade)
        elif tried < meant.retries:
            self._step(trade, TradeStatus.RETRYING)
            self._at(
                self._ground.now + self._switches.retry_ms * MS,
                lambda: self._attempt(trade, mishap, tried + 1),
            )
        else:
            self._fail(trade)

    def _reverts(self, trade: Trade) -> bool:
        """Whether somebody has not what they gave, or does not let the exchange take it."""
        ground = self._ground
        market = ground.find_market(trade.market)
        for maker, token, side, size, dollars in parts(trade):
            if maker == HOUSE:
                continue
            asset, amount = (None, dollars) if side is TokenSide.BUY else (token, size)
            if ground.accounts.of(maker).on_chain(asset) < amount:
                return True
            if market is not None and not ground.funds.allowances.covers(maker, market, asset, amount):
                return True
        return False

    def _mine(self, trade: Trade) -> None:
        ground = self._ground
        ground.accounts.mine(trade)
        market = ground.find_market(trade.market)
        if market is not None:
            ground.funds.mined(trade, market)
        trade.transaction_hash = transaction_of(trade.id)
        self._step(trade, TradeStatus.MINED)
        self._await_confirmation(trade)
        self._cover(trade)

    def _await_confirmation(self, trade: Trade) -> None:
        late = max(0, self._switches.confirmed_ms - self._switches.mined_ms)
        self._at(trade.updated_at + late * MS, lambda: self._step(trade, TradeStatus.CONFIRMED))

    def _fail(self, trade: Trade) -> None:
        """A ghost fill: everybody has what they had before, and orders may have lost their money with it."""
        self._ground.accounts.undo(trade)
        self._ground.save_balances()
        self._step(trade, TradeStatus.FAILED)
        self._cover(trade)

    def _step(self, trade: Trade, status: TradeStatus) -> None:
        trade.status = status
        trade.updated_at = self._ground.now
        self._ledger.step_trade(trade)
        self._ground.news.trade(trade)
        self._ground.finish(durable=status is TradeStatus.FAILED)

    def _cover(self, trade: Trade) -> None:
        for maker, token, _, _, _ in parts(trade):
            if maker != HOUSE:
                self._ground.cover(maker, None, token)

    @property
    def _switches(self) -> Switches:
        return self._ground.funds.switches

    def _at(self, when: MarketNs, do: Callable[[], None]) -> None:
        self._ground.agenda.add(when, do)
