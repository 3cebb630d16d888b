"""How the account stands, as name and value of each line that a person who asks is shown."""

from __future__ import annotations

from collections.abc import Iterator

from messages.risk import LossStatus
from trading.ownership import Ownership
from trading.risk.halts import Halts
from trading.risk.holdings import Holdings
from trading.risk.profit import ProfitAndLoss
from trading.units import money_text, shares_text

ACCEPT, LIQUIDATE = "python -m control accept", "python -m control liquidate"


def halted(halts: Halts) -> Iterator[tuple[str, str]]:
    """What stops the account."""
    for halt in halts.in_force():
        by = f" (by {halt.by})" if halt.by else ""
        yield f"halt {halt.cause.value}", f"{halt.level.value}: {halt.reason}{by}"


def earned(status: LossStatus) -> Iterator[tuple[str, str]]:
    """Profit and loss, and the day it is counted by."""
    yield "realized", money_text(status.realized)
    yield "pending", money_text(status.pending)
    yield "unrealized", money_text(status.unrealized)
    yield "fees", money_text(status.fees)
    yield "day", status.day
    yield "day net", money_text(status.day_net)
    yield "max daily loss", money_text(status.max_daily_loss)


def held(holdings: Holdings, pnl: ProfitAndLoss, ownership: Ownership) -> Iterator[tuple[str, str]]:
    """What is held, what is worked off, what is paused, what was found; with the command that helps."""
    for market, inventory in pnl.inventories.items():
        if inventory.net != 0:
            yield f"exposure {holdings.slug(market)}", shares_text(inventory.net)
    for market in ownership.exits:
        yield f"exit {ownership.slugs[market]}", ownership.owners.get(market, "not assigned")
    for paused in holdings.pauses.all():
        name = paused.slug or paused.market
        yield f"paused {name}", f"{paused.cause.value}: {paused.reason}: {ACCEPT} {name}"
    for market, found in holdings.found.items():
        why = found.why_not or holdings.why_not(market)
        name = found.slug or market
        yield f"found {name}", f"{shares_text(found.net)}: {why or f'{LIQUIDATE} {name}'}"
