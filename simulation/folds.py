"""What a report counts, each a fold over the entries of a journal."""

from __future__ import annotations

from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired
from messages.orders import (
    AnswerLost,
    FillConfirmed,
    FillReversed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.system import ActorExited, ActorStarted
from messages.values import MICRO, ExitId, MarketId, OrderId, Price, RoleName, Side
from simulation.story import ENDED, Entry
from simulation.times import dollars, moment, shares
from trading.inventory import Inventories

OUTCOMES = {
    OrderIntended: "intended",
    OrderAccepted: "accepted",
    OrderRejected: "rejected",
    OrderVoided: "voided",
    AnswerLost: "answer_lost",
    OrderCompleted: "filled",
    OrderCanceled: "canceled",
    OrderExpired: "expired",
    OrderDenied: "denied",
}


class OrderCount:
    """How many orders of a run came how far."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._counts = dict.fromkeys(OUTCOMES.values(), 0)
        self._denied_by: dict[str, int] = {}
        self.open: set[OrderId] = set()
        """Not known to have ended, whichever run they are of."""

    def note(self, entry: Entry) -> None:
        """Count it."""
        message = entry.message
        if isinstance(message, OrderAccepted):
            self.open.add(message.order)
        elif isinstance(message, ENDED):
            self.open.discard(message.order)
        name = OUTCOMES.get(type(message))
        if name is None or entry.run != self._run:
            return
        self._counts[name] += 1
        if isinstance(message, OrderDenied):
            self._denied_by[message.rule] = self._denied_by.get(message.rule, 0) + 1

    def result(self, resting: int) -> dict[str, object]:
        """The report's `orders`."""
        return {**self._counts, "denied_by": self._denied_by, "resting_at_exit": resting}


class Money:
    """Fills, and what they earned, beside what was earned before the run."""

    def __init__(self, run: int, marks: dict[MarketId, Price]) -> None:
        self._run = run
        self._given = marks
        self.inventories = Inventories()
        self._marks: dict[MarketId, Price] = {}
        self._payouts: dict[MarketId, Price] = {}
        self._quotes: dict[MarketId, dict[Side, Price]] = {}
        self._before: tuple[int, int, int] | None = None
        self._sizes = {Side.BID: 0, Side.ASK: 0}
        self._count = 0
        self._notional = 0

    def note(self, entry: Entry) -> None:
        """Holdings of all runs, fills of this one."""
        if self._before is None and entry.run == self._run:
            self._before = self._figures({})
        message = entry.message
        if isinstance(message, OrderAccepted):
            self._mark(message)
        elif isinstance(message, ExitCompleted) and message.payout is not None:
            self._payouts[message.market] = message.payout
        elif isinstance(message, OrderFilled | FillConfirmed | FillReversed):
            is_new = self.inventories.note(message)
            if isinstance(message, OrderFilled):
                self._marks.setdefault(message.market, message.price)
                if is_new and entry.run == self._run:
                    self._count += 1
                    self._sizes[message.side] += message.size
                    self._notional += message.price * message.size // MICRO

    def fills(self) -> dict[str, object]:
        """The report's `fills`."""
        return {
            "count": self._count,
            "bought": shares(self._sizes[Side.BID]),
            "sold": shares(self._sizes[Side.ASK]),
            "notional": dollars(self._notional),
        }

    def pnl(self) -> dict[str, object]:
        """The report's `pnl`: what changed in this run."""
        realized, at_stake, fees = self._figures(self._given)
        before = self._before or (realized, at_stake, fees)
        earned, staked = realized - before[0], at_stake - before[1]
        return {
            "realized": dollars(earned // MICRO),
            "unrealized": dollars((earned + staked) // MICRO - earned // MICRO),
            "fees": dollars(fees - before[2]),
            "rewards": 0,
            "net": dollars((earned + staked) // MICRO),
        }

    def positions(self) -> list[dict[str, object]]:
        """The report's `positions`: what is held when it ends."""
        return [
            {"market": market, "net": shares(held.net), "mark": dollars(self._mark_of(market, self._given))}
            for market, held in self.inventories.items()
            if held.net
        ]

    def _mark(self, order: OrderAccepted) -> None:
        quotes = self._quotes.setdefault(order.market, {})
        quotes[order.side] = order.price
        both = quotes if len(quotes) == 2 and not order.owner.startswith("liquidator:") else None
        self._marks[order.market] = Price(sum(both.values()) // 2) if both else order.price

    def _mark_of(self, market: MarketId, given: dict[MarketId, Price]) -> Price:
        paid = self._payouts.get(market)
        return given.get(market, self._marks.get(market, Price(0))) if paid is None else paid

    def _figures(self, given: dict[MarketId, Price]) -> tuple[int, int, int]:
        """Realized and at stake in pico-dollars, fees in millionths."""
        realized = at_stake = fees = 0
        for market, held in self.inventories.items():
            realized += held.earned
            at_stake += held.at_stake(self._mark_of(market, given))
            fees += held.fees
        return realized, at_stake, fees


class Liquidations:
    """Every exit that was open in a run."""

    def __init__(self, run: int, money: Money) -> None:
        self._run = run
        self._money = money
        self._all: dict[ExitId, dict[str, object]] = {}
        self._open: dict[MarketId, ExitId] = {}
        self._fills: dict[ExitId, int] = {}
        self._began: dict[ExitId, int] = {}
        self._seen: dict[ExitId, bool] = {}

    def note(self, entry: Entry) -> None:
        """From retired to completed. Comes before `Money` notes the same entry."""
        message = entry.message
        if entry.run == self._run:
            for exit_ in self._open.values():
                self._seen[exit_] = True
        match message:
            case MarketRetired():
                self._begin(message, entry)
            case LiquidatorAssigned() if message.exit in self._all:
                self._all[message.exit]["liquidator"] = message.liquidator
            case OrderFilled() if message.market in self._open:
                exit_ = self._open[message.market]
                self._fills[exit_] += message.owner.startswith("liquidator:")
            case ExitCompleted() if message.exit in self._all:
                self._all[message.exit] |= {"ended": moment(entry), "left": shares(message.left)}
                self._all[message.exit]["realized"] = self._realized(message.exit, message.market)
                self._open.pop(message.market, None)
            case _:
                pass

    def result(self) -> list[dict[str, object]]:
        """The report's `liquidations`."""
        for market, exit_ in self._open.items():
            self._all[exit_]["left"] = shares(self._money.inventories[market].net)
            self._all[exit_]["realized"] = self._realized(exit_, market)
        return [
            found | {"fills": self._fills[exit_]}
            for exit_, found in self._all.items()
            if self._seen.get(exit_)
        ]

    def _begin(self, retired: MarketRetired, entry: Entry) -> None:
        self._open[retired.market] = retired.exit
        self._fills[retired.exit] = 0
        self._seen[retired.exit] = entry.run == self._run
        self._began[retired.exit] = self._money.inventories[retired.market].earned
        self._all[retired.exit] = {
            "exit": retired.exit,
            "market": retired.market,
            "slug": retired.slug,
            "reason": retired.reason,
            "net": shares(retired.net),
            "liquidator": None,
            "started": moment(entry),
            "ended": None,
        }

    def _realized(self, exit_: ExitId, market: MarketId) -> float:
        return dollars((self._money.inventories[market].earned - self._began[exit_]) // MICRO)


class Restarts:
    """How often each process of a run had to be started again."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._restarts: dict[RoleName, int] = {}

    def note(self, entry: Entry) -> None:
        """The supervisor's own count."""
        if entry.run != self._run:
            return
        if isinstance(entry.message, ActorStarted):
            self._restarts.setdefault(entry.message.role, 0)
        elif isinstance(entry.message, ActorExited):
            known = self._restarts.get(entry.message.role, 0)
            self._restarts[entry.message.role] = max(known, entry.message.restarts)

    def result(self) -> dict[str, int]:
        """The report's `restarts`."""
        return {str(role): count for role, count in sorted(self._restarts.items())}
