"""How far back the account's trades are read: as far as anything may be missing, and no further."""

from __future__ import annotations

from messages.values import SECOND, MarketNs
from trading.account import Account

OVERLAP_NS = 600 * SECOND
"""Market time that a read of trades goes back behind what is known."""
SETTLES_NS = 3_600 * SECOND
"""Market time that a trade may take to settle and be read again by every read."""


def read_since(
    account: Account, read_at: MarketNs | None, now: MarketNs, *, is_far: bool = False
) -> MarketNs:
    """Where the next read of trades begins, given when the last one that was answered was asked for.

    What is not settled is read again until it is; what settles for so long that it would make every read a long
    one only by those that go far.
    """
    known = _known_since(account, now) if read_at is None else read_at
    matched = [waited_for.matched_at for waited_for in account.unsettled.values()]
    matched += [order.intended.intended_at for order in account.table if order.lacks_fills]
    behind = min((known, *(at for at in matched if is_far or int(at) >= int(known) - SETTLES_NS)), key=int)
    return MarketNs(max(0, int(behind) - OVERLAP_NS))


def _known_since(account: Account, now: MarketNs) -> MarketNs:
    """Before this no trade is missing although none was read yet: closed orders have all their fills.

    So nothing is from before the oldest open one was intended, or the last match. What others traded before the
    account was taken over is in the wallet, unless it is on its way to the chain at that moment.
    """
    intended = account.table.intended_since()
    known = account.cursor if intended is None else intended
    if account.began_at is not None:
        return max(known, account.began_at, key=int)
    is_first = intended is None and not int(known)
    return MarketNs(max(0, int(now) - SETTLES_NS)) if is_first else known
