"""What must hold of any finished run, checked on its journal alone (docs/report.md says what each number means)."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from messages import ALL_MESSAGES
from messages.account import BookEmptied
from messages.base import Message
from messages.liquidation import (
    ExitCompleted,
    LiquidatorAssigned,
    MarketRetired,
    MarketTaken,
    RetireReason,
)
from messages.orders import (
    FillConfirmed,
    FillReversed,
    OrderAccepted,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderVoided,
)
from messages.system import EngineChanged, EngineState
from messages.values import MICRO, SECOND, ExitId, MarketId, OrderId, Outcome, RealNs, RoleName, Side, TradeId
from messages.wallet import EXTERNAL
from simulation.story import ENDED, Check, Entry
from trading.inventory import Inventories, Inventory

ASSIGNED_WITHIN_NS = 10 * SECOND
"""Real time in which a retired market must have its liquidator, while the system runs."""
LIQUIDATOR = "liquidator:"


class FillsOnce(Check):
    """I8, the journal's half: no fill leg is journaled twice, none is reversed that was not filled."""

    invariant = "I8"

    def __init__(self) -> None:
        super().__init__()
        self._filled: dict[tuple[TradeId, OrderId], bool] = {}

    def note(self, entry: Entry) -> None:
        """Each leg by trade and order."""
        message = entry.message
        if isinstance(message, OrderFilled):
            key = (message.trade, message.order)
            if key in self._filled:
                self.violated(f"fill {key[0]} of order {key[1]} is journaled again at {entry.gseq}")
            self._filled[key] = True
        elif isinstance(message, FillReversed):
            key = (message.trade, message.order)
            if not self._filled.get(key, False):
                self.violated(
                    f"fill {key[0]} of order {key[1]} is reversed at {entry.gseq} but does not stand"
                )
            self._filled[key] = False


class OneOwner(Check):
    """I9: one owner per market; a retired market has exactly one liquidator until its exit is completed."""

    invariant = "I9"

    def __init__(self) -> None:
        super().__init__()
        self._makers: dict[MarketId, RoleName] = {}
        self._exits: dict[ExitId, tuple[MarketRetired, RealNs]] = {}
        self._exit_of: dict[MarketId, ExitId] = {}
        self._liquidators: dict[ExitId, RoleName] = {}
        self._done: set[ExitId] = set()
        self._owner_at: dict[OrderId, str] = {}
        self._last: RealNs = RealNs(0)
        self._stopping: RealNs | None = None

    def note(self, entry: Entry) -> None:
        """Ownership by what is committed; orders by who owned their market when they were intended."""
        self._last = entry.real_at
        match entry.message:
            case EngineChanged() as engine:
                self._engine(engine.state, entry.real_at)
            case MarketTaken() as taken:
                self._take(taken)
            case MarketRetired() as retired:
                self._retire(retired, entry.real_at)
            case LiquidatorAssigned() as assigned:
                self._assign(assigned)
            case ExitCompleted() as completed:
                self._complete(completed)
            case OrderIntended() as order:
                self._owner_at[order.order] = self._owner(order.market)
            case OrderAccepted() as order:
                owner = self._owner_at.pop(order.order, "")
                if owner != order.owner:
                    self.violated(
                        f"{order.owner} had order {order.order} in {order.market} of {owner or 'nobody'}"
                    )
            case OrderRejected() | OrderVoided() as order:
                self._owner_at.pop(order.order, None)
            case _:
                pass

    def end(self) -> None:
        """Every exit that had the time has its liquidator."""
        until = self._last if self._stopping is None else self._stopping
        for exit_, (retired, at) in self._exits.items():
            if exit_ not in self._liquidators and until - at > ASSIGNED_WITHIN_NS:
                self.violated(f"exit {exit_} of {retired.market} never had a liquidator")

    def _engine(self, state: EngineState, at: RealNs) -> None:
        if state is EngineState.STOPPING:
            self._stopping = at
        elif state in (EngineState.STARTING, EngineState.RUNNING):
            self._stopping = None

    def _owner(self, market: MarketId) -> str:
        exit_ = self._exit_of.get(market)
        return self._makers.get(market, "") if exit_ is None else self._liquidators.get(exit_, "")

    def _take(self, taken: MarketTaken) -> None:
        if taken.market in self._exit_of:
            self.violated(f"{taken.owner} took {taken.market}, which is being liquidated")
        other = self._makers.get(taken.market)
        if other not in (None, taken.owner):
            self.violated(f"{taken.owner} took {taken.market} of {other}")
        for market, owner in list(self._makers.items()):
            if owner == taken.owner and market != taken.market:
                self.violated(f"{owner} took {taken.market} and has {market} still")
        self._makers[taken.market] = taken.owner

    def _retire(self, retired: MarketRetired, at: RealNs) -> None:
        if retired.market in self._exit_of or retired.exit in self._done or retired.exit in self._exits:
            self.violated(
                f"{retired.market} was retired as {retired.exit} while it has an exit, or had that one"
            )
        if self._makers.pop(retired.market, None) is None and retired.reason is not RetireReason.FOUND:
            self.violated(f"{retired.market} was retired and nobody quoted it")
        self._exits[retired.exit] = (retired, at)
        self._exit_of[retired.market] = retired.exit

    def _assign(self, assigned: LiquidatorAssigned) -> None:
        if assigned.exit not in self._exits:
            self.violated(f"{assigned.liquidator} was assigned to {assigned.exit}, which is not open")
        elif assigned.exit in self._liquidators:
            self.violated(f"exit {assigned.exit} was assigned twice")
        self._liquidators[assigned.exit] = assigned.liquidator

    def _complete(self, completed: ExitCompleted) -> None:
        if completed.exit not in self._exits or completed.exit not in self._liquidators:
            self.violated(f"exit {completed.exit} was completed without being open and assigned")
        found = self._exits.pop(completed.exit, None)
        if found is not None:
            self._exit_of.pop(found[0].market, None)
        self._liquidators.pop(completed.exit, None)
        self._done.add(completed.exit)


class OnlyReduces(Check):
    """I10: a liquidator sells no more than is confirmed, never turns the position, never below average cost."""

    invariant = "I10"

    def __init__(self) -> None:
        super().__init__()
        self._inventories = Inventories()
        self._open: dict[OrderId, OrderIntended] = {}
        self._left: dict[OrderId, int] = {}
        self._suspects: dict[OrderId, list[str]] = {}
        self._overtaken: set[OrderId] = set()
        """Orders that were open when somebody else traded their market: what they sell may be gone."""

    def note(self, entry: Entry) -> None:
        """Judge an order by what was committed before its intent, once it is known to have rested."""
        message = entry.message
        match message:
            case OrderIntended() if message.owner.startswith(LIQUIDATOR):
                self._suspects[message.order] = self._judge(message)
                self._open[message.order] = message
                self._left[message.order] = message.size
            case OrderAccepted():
                for text in self._suspects.pop(message.order, ()):
                    self.violated(f"order {message.order} of {message.owner}: {text}")
            case OrderFilled():
                self._fill(message)
            case FillConfirmed() | FillReversed():
                self._inventories.note(message)
            case _ if isinstance(message, ENDED):
                for known in (self._open, self._left, self._suspects):
                    known.pop(message.order, None)
                self._overtaken.discard(message.order)
            case _:
                pass

    def _judge(self, order: OrderIntended) -> list[str]:
        held = self._inventories[order.market]
        token = Outcome.YES if held.net > 0 else Outcome.NO
        others = sum(self._left[o.order] for o in self._open.values() if o.market == order.market)
        found = []
        if held.net * order.side.sign >= 0:
            found.append(f"{order.side} does not reduce {held.net}")
        if order.size + others > abs(held.net) or order.size > held.confirmed(token):
            found.append(
                f"sells {order.size} beside {others} of {held.net}, {held.confirmed(token)} confirmed"
            )
        if _below_cost(order, held, token):
            found.append(
                f"price {order.price} is worse than the average cost {held.average_cost(token)} of {token}"
            )
        return found

    def _fill(self, fill: OrderFilled) -> None:
        before = int(self._inventories[fill.market].net)
        self._inventories.note(fill)
        after = int(self._inventories[fill.market].net)
        if fill.order in self._left:
            self._left[fill.order] -= fill.size
        if fill.owner == EXTERNAL:
            self._overtaken |= {o.order for o in self._open.values() if o.market == fill.market}
        is_judged = fill.owner.startswith(LIQUIDATOR) and fill.order not in self._overtaken
        if is_judged and (before * after < 0 or abs(after) > abs(before)):
            self.violated(f"fill {fill.trade} of {fill.owner} took the exposure from {before} to {after}")


def _below_cost(order: OrderIntended, held: Inventory, token: Outcome) -> bool:
    cost = held.average_cost(token)
    if cost is None:
        return False
    return (order.price if order.side is Side.ASK else MICRO - order.price) < cost


class Contiguous(Check):
    """I12: neither the global sequence nor a source's has a hole (the seals are proven while the journal is read)."""

    invariant = "I12"

    def __init__(self) -> None:
        super().__init__()
        self._last = 0
        self._spoken: dict[tuple[int, str], int] = {}

    def note(self, entry: Entry) -> None:
        """One after the other, from 1."""
        if entry.gseq != self._last + 1:
            self.violated(f"after {self._last} comes {entry.gseq}")
        self._last = entry.gseq
        if entry.sequence:
            self._number(entry)

    def _number(self, entry: Entry) -> None:
        source = (entry.run, entry.source)
        last = self._spoken.get(source, 0)
        if entry.sequence != last + 1:
            self.violated(f"{entry.source} says {entry.sequence} at {entry.gseq} after {last}")
        self._spoken[source] = entry.sequence


class WholeNumbers(Check):
    """I15: no float in a message type, nor in what was written down."""

    invariant = "I15"

    def __init__(self, kinds: tuple[type[Message], ...] = ALL_MESSAGES) -> None:
        super().__init__()
        for kind in kinds:
            for field in msgspec.structs.fields(kind):
                if _has_float(field.type):
                    self.violated(f"{kind.__name__}.{field.name} may be a float")

    def note(self, entry: Entry) -> None:
        """The body, without asking its type."""
        if entry.raw and _holds_float(msgspec.msgpack.decode(entry.raw)):
            self.violated(f"{type(entry.message).__name__} at {entry.gseq} holds a float")


def _has_float(annotation: Any) -> bool:
    if annotation is float:
        return True
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return any(_has_float(field.type) for field in msgspec.structs.fields(annotation))
    return any(_has_float(part) for part in get_args(annotation))


def _holds_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_float(part) for part in value.values())
    if isinstance(value, list):
        return any(_holds_float(part) for part in value)
    return isinstance(value, float)


class NothingRests(Check):
    """I21, the journal's half: a run that ended well read the book as empty."""

    invariant = "I21"

    def __init__(self, run: int, exit_code: int) -> None:
        super().__init__()
        self._run = run
        self._exit_code = exit_code
        self._emptied: BookEmptied | None = None
        self._was_accepted = False

    def note(self, entry: Entry) -> None:
        """What the gateway read when it stopped."""
        if entry.run == self._run:
            self._was_accepted |= isinstance(entry.message, OrderAccepted)
            if isinstance(entry.message, BookEmptied) and entry.message.when == "stop":
                self._emptied = entry.message

    def end(self) -> None:
        """The exit code promises it."""
        if self._exit_code != 0:
            return
        if self._emptied is None and self._was_accepted:
            self.violated("the run ended with exit code 0, but nobody read the book as empty")
        elif self._emptied is not None and self._emptied.left:
            self.violated(f"the run ended with exit code 0 and {self._emptied.left} orders on the book")


def journal_checks(run: int, exit_code: int) -> list[Check]:
    """One of each."""
    return [
        FillsOnce(),
        OneOwner(),
        OnlyReduces(),
        Contiguous(),
        WholeNumbers(),
        NothingRests(run, exit_code),
    ]
