"""All checkers of one run together, and the report's own at its end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import msgspec

from messages.base import Message
from messages.market import FeedStatus
from messages.risk import TradingPermit
from messages.values import SECOND, OrderId, RealNs, Size, TokenId, TradeId
from runtime.journal import Record
from simulation.checks.facts import Bounded, Durable, FactChecks, NoStorms
from simulation.checks.orders import (
    Budgets,
    DirtyIsLeft,
    FreshDecisions,
    HaltsHold,
    IntendedFirst,
    NeverForgotten,
    NewestGateway,
    OnlyWithLeave,
)
from simulation.checks.positions import BeliefEnvelope, ExitsOnlyReduce, MoneyConserved, WorstCase
from simulation.checks.progress import HouseView, Progress
from simulation.checks.ward import Believed, Breach, Checker, Ward
from simulation.exchange.venue import OWNER, WALLET, Kind, SimulatedVenue
from simulation.report import RunFacts, build_report
from simulation.story import Entry
from simulation.venue_checks import Ledger
from venue.paper.engine.terms import OrderStatus, Trade, TradeStatus
from venue.paper.ledger.history import Balance, PastOrder

UNHEARD_NS = 35 * SECOND
"""An idle gateway reads its account every thirty seconds."""


class Watch:
    """Made beside a simulated venue; told of everything; asked for its breaches."""

    def __init__(
        self,
        seed: int,
        venue: SimulatedVenue,
        believed: Believed,
        house: HouseView,
        *,
        cap: Size,
        allowed: Mapping[str, tuple[int, float]],
    ) -> None:
        """`cap` is the position limit plus one order; `allowed`: restarts of each role in so many seconds."""
        self._venue = venue
        self.hears: list[Callable[[Message], None]] = []
        """Told of every committed fact after all checkers."""
        self.ward = ward = Ward(seed, venue.timing.now, venue.records, believed, cap, venue.exchange.market)
        self._leave = OnlyWithLeave(ward)
        self._fresh = FreshDecisions(ward)
        self._budgets = Budgets(ward)
        self.durable = Durable(ward)
        self.bounded = Bounded(ward)
        self.progress = Progress(ward, house, lambda: venue.exchange.markets)
        self._checkers: list[Checker] = [
            IntendedFirst(ward),
            NeverForgotten(ward),
            self._leave,
            NewestGateway(ward),
            self._fresh,
            HaltsHold(ward),
            DirtyIsLeft(ward),
            self._budgets,
            BeliefEnvelope(ward),
            WorstCase(ward),
            ExitsOnlyReduce(ward),
            MoneyConserved(ward, lambda: venue.exchange.balance(WALLET, None)),
            FactChecks(ward),
            NoStorms(ward, allowed),
            self.durable,
            self.bounded,
            self.progress,
        ]
        self._steppers = [
            checker for checker in self._checkers if type(checker).stepped is not Checker.stepped
        ]
        venue.records.watchers += self._checkers
        venue.on_request = self._asked
        venue.on_grid = self._fresh.grid

    @property
    def breaches(self) -> list[Breach]:
        """Found so far."""
        return self.ward.breaches

    # What is told.

    def fact(self, entry: Entry) -> None:
        """A fact was committed; in the order of the journal, each once."""
        self.ward.note(entry)
        for checker in self._checkers:
            checker.fact(entry)
        for hear in self.hears:
            hear(entry.message)

    def sent(self, order: OrderId, at: RealNs) -> None:
        """An order's bytes leave."""
        for checker in self._checkers:
            checker.sent(order, at)

    def permit(self, permit: TradingPermit) -> None:
        """Risk published it."""
        self._leave.permit(permit)

    def word(self, status: FeedStatus) -> None:
        """The feed published it."""
        self._fresh.word(status)

    def stepped(self) -> None:
        """The gateway made a step."""
        for checker in self._steppers:
            checker.stepped()

    def second(self) -> None:
        """A second of virtual time is over."""
        for checker in self._checkers:
            checker.second()

    def _asked(self, kind: Kind, tokens: int) -> None:
        self._budgets.asked(kind.value, tokens)

    # The end.

    def end(self, records: Iterable[Record], facts: RunFacts) -> dict[str, object]:
        """The run's report, checked as any run's is; what it finds is a breach here."""
        known = self._venue.records
        if known.failed_at or known.foreign:  # nobody could know of these: `WorstCase` here has judged it
            facts = msgspec.structs.replace(facts, cap=Size(0))
        report = build_report(records, truth_of(self._venue, self._unheard()), facts)
        invariants = report["invariants"]
        assert isinstance(invariants, dict)
        for text in invariants["details"]:
            name, _, words = str(text).partition(": ")
            self.ward.violated(name, words)
        return report

    def _unheard(self) -> set[TradeId]:
        """Matches that failed too late to be heard of; those the journal never had are none anyway."""
        stopped_at, failed_at = self.progress.stopped_at, self._venue.records.failed_at
        return {
            trade
            for trade, _ in self.ward.filled
            if stopped_at is not None and trade in failed_at and stopped_at - failed_at[trade] < UNHEARD_NS
        }


def truth_of(venue: SimulatedVenue, unheard: Collection[TradeId] = ()) -> Ledger:
    """The venue's history of our account, as its file would say it; orders that others placed on it are left out.

    What failed when nobody could hear of it any more (`unheard`) is told as it was before.
    """
    records = venue.records
    balances: dict[TokenId, int] = {}
    for leg in records.legs.values():
        failed = records.statuses[leg.trade] is TradeStatus.FAILED and leg.trade not in unheard
        if not failed:
            balances[leg.token] = balances.get(leg.token, 0) + leg.change
    return Ledger(
        orders=[
            past_order(known.order.new.id, venue) for known in records.orders.values() if not known.is_foreign
        ],
        trades=[_told(trade, unheard) for trade in records.trades.values()],
        balances=[
            Balance(maker=WALLET, token=token, amount=amount, cost=0) for token, amount in balances.items()
        ],
        floats=0,
    )


def past_order(order: OrderId, venue: SimulatedVenue) -> PastOrder:
    """An order as the venue's ledger would have it."""
    known = venue.records.orders[order]
    new = known.order.new
    return PastOrder(
        id=new.id,
        owner=OWNER,
        maker=WALLET,
        market=known.order.market,
        token=new.token,
        side=new.side,
        price=new.price,
        size=new.size,
        type=new.type,
        post_only=new.post_only,
        expires_at=new.expires_at,
        accepted_at=known.order.created_at,
        accepted_real_at=known.accepted_at,
        status=known.order.status if known.ended_at is not None else OrderStatus.LIVE,
        matched=known.order.matched,
        ended_at=known.ended_on,
        ended_real_at=known.ended_at,
        end_reason=known.order.reason,
    )


def _told(trade: Trade, unheard: Collection[TradeId]) -> Trade:
    return msgspec.structs.replace(trade, status=TradeStatus.MATCHED) if trade.id in unheard else trade
