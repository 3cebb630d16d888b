"""What the wallet holds beside our books becomes ours: written down as a fill that no order made."""

from __future__ import annotations

from collections.abc import Iterator

from messages.orders import FillConfirmed, OrderFilled
from messages.values import (
    MICRO,
    Action,
    CommandId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    Price,
    Side,
    Size,
    TokenId,
    TradeId,
)
from messages.wallet import EXTERNAL, HeldPosition
from trading.account import Account, FillFact
from trading.drift import difference
from trading.ticks import mirror

WALLET = OrderId("wallet")
"""The order of what no order made."""
HALF = Price(MICRO // 2)


def found_fill(
    trade: TradeId,
    market: MarketId,
    token: TokenId,
    outcome: Outcome,
    change: int,
    price: Price,
    mark: Price,
    at: MarketNs,
) -> Iterator[OrderFilled | FillConfirmed]:
    """A change of what is held of one token, settled as it is heard; `price` and `mark` in the token's terms."""
    is_yes = outcome is Outcome.YES
    action = Action.BUY if change > 0 else Action.SELL
    yield OrderFilled(
        trade=trade,
        order=WALLET,
        command=CommandId(""),
        market=market,
        owner=EXTERNAL,
        side=Side.BID if (action is Action.BUY) is is_yes else Side.ASK,
        price=price if is_yes else mirror(price),
        size=Size(abs(change)),
        outcome=outcome,
        action=action,
        fee=Money(0),
        matched_at=at,
        token=token,
        worth=mark if is_yes else mirror(mark),
    )
    yield FillConfirmed(trade=trade, order=WALLET, market=market)


class Adoption:
    """Makes our books say what a balance says. Numbers what it does by the life it does it in."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._count = 0

    def adopt(
        self, token: TokenId, balance: int, row: HeldPosition | None, at: MarketNs, life: int
    ) -> Iterator[FillFact]:
        """What is missing comes in at the venue's average price, what is too much goes at what it cost us."""
        known = self._account.tokens.get(token)
        if known is None:
            return
        market, outcome = known
        held = self._account.inventories[market]
        differs = difference(*held.on_chain(outcome), Size(balance))
        if differs is None:
            return
        self._count += 1
        change = differs.said - differs.believed
        cost = held.average_cost(outcome)
        paid = cost if change < 0 or row is None else row.price
        price = _inside(paid or HALF)
        mark = price if row is None else row.mark
        trade = TradeId(f"found:{life}:{self._count}")
        for fact in found_fill(trade, market, token, outcome, change, price, mark, at):
            self._account.note_fill(fact)
            yield fact


def _inside(price: Price) -> Price:
    """A price that a trade can have."""
    return Price(min(MICRO - 1, max(1, price)))
