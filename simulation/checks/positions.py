"""Positions and money: never more possible than allowed, never believed otherwise than they are, never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from messages.values import MICRO, SECOND, Action, MarketId, Outcome, RealNs, Side, TokenId
from simulation.checks.ward import Checker, Ward
from simulation.exchange.records import Accepted, OwnLeg
from venue.paper.engine.terms import TokenSide, TradeStatus

FAILURE_HEARD_NS = 90 * SECOND
"""So long the gateway may take a match for one that has failed."""
NEWS_NS = 10 * SECOND
"""Real time in which a match is looked at in every step, and not only every second."""
LIQUIDATOR = "liquidator:"


class Slack:
    """Changes of a balance that a belief may have or not: what failed lately, and what others did with our money."""

    def __init__(self, changes: Iterable[int]) -> None:
        found = list(changes)
        self.least = sum(change for change in found if change < 0)
        self.most = sum(change for change in found if change > 0)


NO_SLACK = Slack(())


class BeliefEnvelope(Checker):
    """I1: the venue's position lies between what is believed and what is reserved beside it, token by token."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._held: dict[TokenId, int] = {}
        """By the matches of the venue that have not failed."""
        self._doubtful: dict[TokenId, list[OwnLeg]] = {}
        """Legs of matches that failed, and of orders that are not ours."""
        self._touched: dict[TokenId, MarketId] = {}
        """Tokens ever matched, the latest last."""
        self._latest: RealNs | None = None

    def matched(self, leg: OwnLeg) -> None:
        """A new match."""
        self._touched.pop(leg.token, None)
        self._touched[leg.token] = leg.market
        self._latest = self.ward.now()
        if self.ward.is_alien(leg.order):
            self._doubtful.setdefault(leg.token, []).append(leg)
        else:
            self._held[leg.token] = self._held.get(leg.token, 0) + leg.change
        self._look(leg.token)

    def settled(self, leg: OwnLeg, status: TradeStatus) -> None:
        """A match that fails never was; who believes in it will hear of that."""
        if status is TradeStatus.FAILED and not self.ward.is_alien(leg.order):
            self._held[leg.token] -= leg.change
            self._doubtful.setdefault(leg.token, []).append(leg)

    def second(self) -> None:
        """Every token, once in a while whatever happened."""
        for token in self._touched:
            self._look(token)

    def stepped(self) -> None:
        """What was matched last, while it is news."""
        if self._latest is not None and self.ward.now() - self._latest < NEWS_NS:
            self._look(next(reversed(self._touched)))

    def _look(self, token: TokenId) -> None:
        account = self.ward.believed()
        market = self._touched.get(token)
        if account is None or market is None:
            return
        terms = self.ward.terms(market)
        assert terms is not None, market
        outcome = Outcome.YES if token == terms.yes else Outcome.NO
        believed = account.inventories[market].held(outcome)
        buys = sells = 0
        for order in account.table.of(market):
            if order.intended.token == token:
                if order.intended.action is Action.BUY:
                    buys += order.leaves
                else:
                    sells += order.leaves
        slack = self._slack(token)
        held = self._held.get(token, 0)
        if held + slack.least > believed + buys or max(0, held + slack.most) < believed - sells:
            self.ward.violated(
                "I1",
                f"believed {believed} of token {token[-4:]} in {market[:10]}, {buys} more or {sells} fewer possible;"
                f" true {held}",
            )

    def _slack(self, token: TokenId) -> Slack:
        legs = self._doubtful.get(token)
        if not legs:
            return NO_SLACK
        now, failed_at = self.ward.now(), self.ward.records.failed_at
        recent = [
            leg for leg in legs if leg.trade not in failed_at or now - failed_at[leg.trade] < FAILURE_HEARD_NS
        ]
        self._doubtful[token] = recent
        return Slack(leg.change for leg in recent)


class WorstCase(Checker):
    """I2: position and resting orders together can never pass the cap, in any market, at any acceptance.

    What others traded on our account is part of the position; their orders are not ours to bound.
    """

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._net: dict[MarketId, int] = {}
        self._unforeseen: dict[MarketId, list[tuple[RealNs, int]]] = {}
        """Changes that the gateway may not have heard of yet."""

    def matched(self, leg: OwnLeg) -> None:
        """The exposure moves."""
        change = self._change(leg)
        self._net[leg.market] = self._net.get(leg.market, 0) + change
        if self.ward.is_alien(leg.order):
            self._unforeseen.setdefault(leg.market, []).append((self.ward.now(), change))

    def settled(self, leg: OwnLeg, status: TradeStatus) -> None:
        """It moves back; nobody could have known."""
        if status is TradeStatus.FAILED:
            change = -self._change(leg)
            self._net[leg.market] = self._net.get(leg.market, 0) + change
            self._unforeseen.setdefault(leg.market, []).append((self.ward.now(), change))

    def _change(self, leg: OwnLeg) -> int:
        """Of the net exposure."""
        terms = self.ward.terms(leg.market)
        assert terms is not None, leg.market
        return leg.change if leg.token == terms.yes else -leg.change

    def order_accepted(self, accepted: Accepted) -> None:
        """Everything that rests in its market now."""
        intent = self.ward.intents.get(accepted.id)
        if intent is None:
            return
        market = intent.order.market
        for side in Side:
            resting = sum(leaves for leaves in self._resting(market, side))
            excused = self._excused(market, side)
            if resting and side.sign * self._net.get(market, 0) + resting - excused > self.ward.cap:
                self.ward.violated(
                    "I2",
                    f"order {accepted.id} makes {side.sign * self._net.get(market, 0)} + {resting} possible in"
                    f" {market[:10]}, cap {self.ward.cap}",
                )

    def _resting(self, market: MarketId, side: Side) -> Iterable[int]:
        for live in self.ward.records.live.values():
            meant = self.ward.intents.get(live.id)
            if meant is not None and meant.order.market == market and meant.order.side is side:
                yield live.order.leaves

    def _excused(self, market: MarketId, side: Side) -> int:
        """What nobody could foresee and happened lately adds to one side."""
        now = self.ward.now()
        recent = [
            (at, change) for at, change in self._unforeseen.get(market, []) if now - at < FAILURE_HEARD_NS
        ]
        return sum(max(0, side.sign * change) for _, change in recent)


class ExitsOnlyReduce(Checker):
    """I10, the venue's half: what liquidators have matched never turns or grows a position."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(ward)
        self._net: dict[MarketId, int] = {}
        self._shaken: set[MarketId] = set()
        """Where a match failed, or somebody else traded: what was sold before may turn out too much."""

    def matched(self, leg: OwnLeg) -> None:
        """Before and after."""
        intent = self.ward.intents.get(leg.order)
        if intent is None:
            self._shaken.add(leg.market)
            return
        before = self._net.get(leg.market, 0)
        after = before + intent.order.side.sign * leg.size
        self._net[leg.market] = after
        is_exit = intent.order.owner.startswith(LIQUIDATOR)
        if is_exit and leg.market not in self._shaken and (before * after < 0 or abs(after) > abs(before)):
            self.ward.violated(
                "I10", f"{intent.order.owner} took the exposure in {leg.market[:10]} from {before} to {after}"
            )

    def settled(self, leg: OwnLeg, status: TradeStatus) -> None:
        """Undone."""
        intent = self.ward.intents.get(leg.order)
        if intent is not None and status is TradeStatus.FAILED:
            self._net[leg.market] = self._net.get(leg.market, 0) - intent.order.side.sign * leg.size
            self._shaken.add(leg.market)


class MoneyConserved(Checker):
    """I14: the wallet's collateral is what it began with and what its matches moved, to the millionth of each leg."""

    def __init__(self, ward: Ward, collateral: Callable[[], int]) -> None:
        """`collateral` is the venue's own balance, all matches counted."""
        super().__init__(ward)
        self._collateral = collateral
        self._began: int | None = None
        self._flows = 0
        self._legs = 0

    def matched(self, leg: OwnLeg) -> None:
        """Paid or received."""
        self._flows += _flow(leg)
        self._legs += 1

    def settled(self, leg: OwnLeg, status: TradeStatus) -> None:
        """Given back."""
        if status is TradeStatus.FAILED:
            self._flows -= _flow(leg)

    def second(self) -> None:
        """The account's balance against the sum."""
        balance = self._collateral()
        if self._began is None:
            self._began = balance - self._flows
        if abs(balance - self._began - self._flows) > self._legs:
            self.ward.violated(
                "I14", f"matches moved {self._flows}, the balance went from {self._began} to {balance}"
            )


def _flow(leg: OwnLeg) -> int:
    dollars = leg.price * leg.size // MICRO
    return dollars if leg.side is TokenSide.SELL else -dollars
