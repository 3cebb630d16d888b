"""Whether a wallet can pay for what it orders: balance, reservations, allowance, in the venue's words (VENUE §3.8)."""

from __future__ import annotations

from messages.values import MS, MarketId, MarketNs
from venue.paper.engine.accounts import Account, Accounts, Asset, Tied, parts
from venue.paper.engine.admission import dollars_for
from venue.paper.engine.allowances import Allowances, exchange_of
from venue.paper.engine.balances import BalanceCache
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Market, Order, Refused, TokenSide, Trade

REFUSAL = "not enough balance / allowance: the {what} is not enough -> {have}{terms}"


class Funds:
    """The gate in front of the book. A wallet's balance must cover active orders, unsettled matches and the order:
    `balance >= active + matched + amount (fees included)`."""

    def __init__(self, accounts: Accounts, allowances: Allowances, switches: Switches) -> None:
        self.allowances = allowances
        self.switches = switches
        self.cache = BalanceCache()
        self._accounts = accounts
        self._stuck: dict[tuple[str, Asset], Tied] = {}
        """Matched amounts that the venue forgot to let go of."""

    def check(self, maker: str, market: Market, asset: Asset, amount: int, at: MarketNs) -> None:
        """Whether an order may tie this much more of an asset. Raises Refused."""
        if not self._covers_plainly(maker, asset, amount):
            self._check(maker, market, asset, amount, at)

    def _covers_plainly(self, maker: str, asset: Asset, amount: int) -> bool:
        """The same for a wallet of which nothing is stuck, late or limited; False: look again."""
        if self.allowances.is_any_limited or self.cache.is_behind or self._stuck:
            return False
        account = self._accounts.of(maker)
        active = account.active.get(asset)
        tied = active.total if active else 0
        return account.held(asset) - account.incoming.get(asset, 0) - tied >= amount

    def _check(self, maker: str, market: Market, asset: Asset, amount: int, at: MarketNs) -> None:
        account, scope = self._accounts.of(maker), self.scope(market.id)
        active, matched = account.active_of(asset, scope), self._matched(account, asset, scope)
        balance = self.shown(account, asset, at)
        needed = active + matched + amount
        if balance < needed:
            terms = _terms(active, matched, amount, is_short=not active and not matched)
            raise Refused(REFUSAL.format(what="balance", have=f"balance: {balance}", terms=terms))
        spender = exchange_of(market.neg_risk)
        allowance = self.allowances.of(maker, spender, asset)
        if allowance < needed:
            have = f"spender: {spender}, allowance: {allowance}"
            terms = _terms(active, matched, amount)
            raise Refused(REFUSAL.format(what="allowance", have=have, terms=terms))

    def free(self, maker: str, market: MarketId) -> int:
        """Collateral of a wallet that no order and no match has a claim on, as far as the chain has it."""
        account, scope = self._accounts.of(maker), self.scope(market)
        return account.on_chain(None) - account.active_of(None, scope) - account.matched_of(None, scope)

    def missing(self, maker: str, asset: Asset, at: MarketNs) -> dict[MarketId | None, int]:
        """By how much the venue's idea of a balance falls short of what is tied to it, by scope; empty: it
        does not."""
        account = self._accounts.of(maker)
        active = account.active.get(asset)
        if active is None or not active.total:
            return {}
        balance = self.shown(account, asset, at)
        short = dict[MarketId | None, int]()
        for scope in dict.fromkeys(self.scope(market) for market in active.by_market):
            tied = account.active_of(asset, scope) + self._matched(account, asset, scope)
            if tied > balance:
                short[scope] = tied - balance
        return short

    def scope(self, market: MarketId) -> MarketId | None:
        """Whose orders count together with those of a market: its own, or (None) all of the wallet's."""
        return market if self.switches.reserve_by_market else None

    def mined(self, trade: Trade, market: Market) -> None:
        """The chain took what a trade gave; sometimes the venue does not notice."""
        if not (self.allowances.is_any_limited or self.switches.matched_sticks):
            return
        for maker, token, side, size, dollars in parts(trade):
            asset, amount = (None, dollars) if side is TokenSide.BUY else (token, size)
            self.allowances.spend(maker, market, asset, amount)
            if self.switches.matched_sticks:
                self._stuck.setdefault((maker, asset), Tied()).add(trade.market, amount)

    def shown(self, account: Account, asset: Asset, at: MarketNs) -> int:
        """The venue's idea of a balance, millionths."""
        return self.cache.shown(account, asset, self._seen_before(at))

    def watch(self, account: Account, asset: Asset, at: MarketNs) -> int | None:
        """A balance on the chain is about to change: market nanoseconds after which the venue sees it; None: not
        by itself."""
        self.cache.note(account, asset, at, self._seen_before(at))
        lag = self.switches.balance_lag_ms
        return None if lag is None else lag * MS

    def switch(self, switches: Switches) -> None:
        """Other rules from now on; what a defect left behind goes with it."""
        self.switches = switches
        if not switches.matched_sticks:
            self._stuck.clear()
        if switches.balance_lag_ms == 0:
            self.cache.refresh_all()

    def _seen_before(self, at: MarketNs) -> MarketNs | None:
        """The venue has seen what the chain did until then; None: nothing, unless somebody asked for it."""
        lag = self.switches.balance_lag_ms
        return None if lag is None else at + -lag * MS

    def _matched(self, account: Account, asset: Asset, scope: MarketId | None) -> int:
        stuck = self._stuck.get((account.maker, asset)) if self._stuck else None
        return account.matched_of(asset, scope) + (stuck.of(scope) if stuck else 0)


def _terms(active: int, matched: int, amount: int, is_short: bool = False) -> str:
    """The rest of the text, as it was seen in production; a wallet with nothing tied gets the short form."""
    if is_short:
        return f", order amount: {amount}"
    resting = f", sum of active orders: {active}" if active else ""
    return f"{resting}, sum of matched orders: {matched}, order amount (inc. fees): {amount}"


def tied_by(order: Order) -> tuple[Asset, int]:
    """What a resting order's leaves hold back, and how much of it, in millionths."""
    new = order.new
    if new.side is TokenSide.BUY:
        return None, dollars_for(new.price, order.leaves)
    return new.token, order.leaves
