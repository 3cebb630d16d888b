"""The safety rules, each with the program that lacks it. What a rule is for is said where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from actors.persistence import PersistenceActor
from messages.account import AccountRead, Leg, Settlement
from messages.base import Envelope, Message
from messages.codec import decode_envelope
from messages.liquidation import MarketRetired
from messages.orders import Answer, CancelAnswered, DenyRule, OrderAnswered, OrderFilled
from messages.risk import TradingHalted, TradingPermit, TradingResumed
from messages.system import AppendEvent, EventCommitted
from messages.values import SECOND, MarketNs, RealNs
from runtime import bus, outbox, stamp
from runtime.exits import Exits
from runtime.journal_turns import Turns
from runtime.outbox import Outbox, journaled
from simulation.mutants.surgery import Cut, Mutant
from trading import budget, intake, lookups, orders, resolution, truth
from trading.account import Account
from trading.intake import Intake
from trading.inventory import Inventory
from trading.orders import Order, OrderTable, Status
from trading.resolution import Resolution
from trading.risk import gate
from trading.risk.halts import Halts
from trading.tenure import Tenure
from trading.truth import close
from trading.withdrawal import Withdrawal

AGES_NS = 3_600 * SECOND


def _gate_without(*rules: DenyRule) -> Callable[[], Iterable[Cut]]:
    """The last word before an order is signed, with some rules struck out."""

    def cuts() -> Iterable[Cut]:
        left = tuple((rule, denies) for rule, denies in gate.RULES if rule not in rules)
        assert len(left) == len(gate.RULES) - len(rules)
        return [Cut(gate, "RULES", left)]

    return cuts


def _write_ahead() -> Iterable[Cut]:
    def say(self: Outbox, said: Iterable[Message], cause: Envelope | None, now: RealNs) -> None:
        for message in said:
            if journaled(message):
                self._write(message, cause, now)
            else:
                self._send(message, cause)

    return [Cut(outbox.Outbox, "say", say)]


def _durable_first() -> Iterable[Cut]:
    whole = PersistenceActor.on_append

    def on_append(self: PersistenceActor, append: AppendEvent) -> Iterator[Any]:
        yield EventCommitted(
            to=append.sender, id=decode_envelope(bytes(append.envelope)).id, gseq=self.journal.head + 1
        )
        yield from whole(self, append)

    return [Cut(PersistenceActor, "on_append", on_append)]


def _in_turn() -> Iterable[Cut]:
    return [Cut(Turns, "take", lambda self, source, run, sequence: True)]


def _permit() -> Iterable[Cut]:
    def prepared(self: Intake, done: Any, now: MarketNs) -> Any:
        kept, self.permit = self.permit, _endless(self.permit)
        try:
            return whole(self, done, now)
        finally:
            self.permit = kept

    whole = Intake.prepared
    return [*_gate_without(DenyRule.NO_PERMIT)(), Cut(Intake, "prepared", prepared)]


def _endless(permit: TradingPermit) -> TradingPermit:
    return msgspec.structs.replace(permit, expires_at=RealNs(1 << 62))


def _fills_once() -> Iterable[Cut]:
    whole = Inventory.add

    def add(self: Inventory, fill: OrderFilled) -> bool:
        self._known.pop((fill.trade, fill.order), None)
        return whole(self, fill)

    return [Cut(OrderTable, "_is_new", lambda self, order, trade: True), Cut(Inventory, "add", add)]


def _failed_undone() -> Iterable[Cut]:
    whole = Account._settle

    def settle(self: Account, leg: Leg, *rest: Any) -> Iterator[Any]:
        if leg.status is not Settlement.FAILED:
            yield from whole(self, leg, *rest)

    return [Cut(Account, "_settle", settle)]


def _lost_is_unknown() -> Iterable[Cut]:
    whole = Account.answered

    def answered(self: Account, order: Order, answer: OrderAnswered, now: RealNs) -> Iterator[Any]:
        if answer.answer is Answer.LOST:
            yield self.rejected(order, answer, now)
        else:
            yield from whole(self, order, answer, now)

    return [Cut(Account, "answered", answered)]


def _quarantine() -> Iterable[Cut]:
    return [Cut(place, "QUARANTINE_NS", 0) for place in (orders, truth) if "QUARANTINE_NS" in vars(place)]


def _proof_after_cancel() -> Iterable[Cut]:
    whole = Resolution.canceled

    def canceled(self: Resolution, answered: CancelAnswered, now: RealNs) -> None:
        whole(self, answered, now)
        for identity in answered.canceled:
            order = self._account.table.get(identity)
            if order is not None and order.is_open:
                self._account.note(close(order, "canceled"), now)

    return [Cut(Resolution, "canceled", canceled)]


def _absence_proves_little() -> Iterable[Cut]:
    def gone(order: Order, read: AccountRead) -> Any:
        return close(order, "gone") if order.status in (Status.RESTING, Status.CANCELING) else None

    return [Cut(truth, "_gone", gone)]


def _trades_late() -> Iterable[Cut]:
    return [Cut(truth, "_shows_all", lambda read, order, gone_at: True)]


def _decided_lately() -> Iterable[Cut]:
    return [
        *_gate_without(DenyRule.LATE)(),
        *(Cut(place, "PLACE_TTL_NS", AGES_NS) for place in (gate, intake, resolution)),
        Cut(stamp, "PLACE_TTL_MS", 3_600_000),
    ]


def _empty_at_start() -> Iterable[Cut]:
    whole = Withdrawal.everything

    def everything(self: Withdrawal, now: RealNs) -> Iterator[Any]:
        is_first, self.__dict__["begun"] = "begun" not in self.__dict__, True
        if not is_first:
            yield from whole(self, now)

    return [
        Cut(Withdrawal, "everything", everything),
        Cut(Tenure, "proves", lambda self, read: True),
        Cut(OrderTable, "begin", lambda self, now, why: None),
        Cut(lookups, "looks", lambda table, now: iter(())),
    ]


def _halts_survive() -> Iterable[Cut]:
    whole = Halts.hear

    def hear(self: Halts, fact: TradingHalted | TradingResumed) -> None:
        if fact in self._said or isinstance(fact, TradingResumed):
            whole(self, fact)

    return [Cut(Halts, "hear", hear)]


def _fence() -> Iterable[Cut]:
    return [Cut(bus.Bus, "learn", lambda self, roster, source: None)]


def _budget() -> Iterable[Cut]:
    return [
        *_gate_without(DenyRule.BUDGET)(),
        Cut(budget.Bucket, "left", lambda self, now: 1_000),
    ]


def _one_liquidator() -> Iterable[Cut]:
    def unassigned(self: Exits) -> list[MarketRetired]:
        return [exit_.retired for exit_ in self.open.values()]

    return [Cut(Exits, "unassigned", unassigned)]


MUTANTS = (
    Mutant(
        name="write-ahead",
        rule="what follows an Event leaves only when that Event is durable",
        cuts=_write_ahead,
    ),
    Mutant(
        name="durable-first",
        rule="the journal acknowledges an Event after its commit",
        cuts=_durable_first,
    ),
    Mutant(
        name="in-turn",
        rule="the journal takes a process's Events in the order in which it said them",
        cuts=_in_turn,
    ),
    Mutant(name="permit", rule="nothing is sent without a permit that is in force", cuts=_permit),
    Mutant(
        name="exposure",
        rule="nothing is sent that could lead past the limit with everything that is open",
        cuts=_gate_without(DenyRule.EXPOSURE),
    ),
    Mutant(name="fills-once", rule="a fill counts once, however often it is told", cuts=_fills_once),
    Mutant(name="failed-undone", rule="a match whose settlement failed is taken back", cuts=_failed_undone),
    Mutant(name="lost-is-unknown", rule="an order whose answer was lost may rest", cuts=_lost_is_unknown),
    Mutant(
        name="quarantine",
        rule="an order whose answer was lost is given up only when it cannot come any more",
        cuts=_quarantine,
    ),
    Mutant(
        name="proof-after-cancel",
        rule="a cancel's answer gives no exposure back, a read begun after it does (R1)",
        cuts=_proof_after_cancel,
    ),
    Mutant(
        name="absence-proves-little",
        rule="an order that a list lacks is not gone by that alone (R1, R2)",
        cuts=_absence_proves_little,
    ),
    Mutant(
        name="trades-late",
        rule="what an order filled is known only when the venue counted it, or seconds after it was gone",
        cuts=_trades_late,
    ),
    Mutant(
        name="decided-lately", rule="an order leaves within a second of its decision", cuts=_decided_lately
    ),
    Mutant(
        name="empty-at-start",
        rule="a new gateway takes everything off and sees it gone before it sends anything",
        cuts=_empty_at_start,
    ),
    Mutant(name="halts-survive", rule="a halt outlives the process that said it", cuts=_halts_survive),
    Mutant(
        name="one-liquidator",
        rule="a retired market that has a liquidator gets no other",
        cuts=_one_liquidator,
    ),
    Mutant(
        name="only-reduces",
        rule="a liquidator offers what is settled and not offered yet, no more",
        cuts=_gate_without(DenyRule.NOT_REDUCING),
    ),
    Mutant(
        name="paused-is-left",
        rule="nothing is sent for a market whose books do not agree with the venue's",
        cuts=_gate_without(DenyRule.PAUSED),
    ),
    Mutant(
        name="self-trade",
        rule="nothing is sent that would meet our own order",
        cuts=_gate_without(DenyRule.SELF_TRADE),
    ),
    Mutant(name="budget", rule="no more is asked of the venue than it grants", cuts=_budget),
    Mutant(
        name="fence",
        rule="who was replaced is not believed any more",
        cuts=_fence,
    ),
)
"""Every rule that can be taken out."""
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
