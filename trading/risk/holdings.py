"""What the account holds, as the judge sees it for itself: the public list of positions against our own books.

A drop copy: it needs no key and nothing of the gateway's but the wallet's address, so that a gateway that is wrong
about what it holds is found out by somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator

from messages.liquidation import MarketRetired, MarketTaken, RetireReason
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.values import MICRO, SECOND, MarketId, Money, Outcome, RealNs, Shares, Size
from messages.wallet import (
    HeldPosition,
    MarketPaused,
    MarketResumed,
    PauseCause,
    PositionFound,
    PositionsRead,
    ReadPositions,
)
from trading.drift import Difference, Drift, difference
from trading.ownership import Ownership
from trading.pauses import Pauses
from trading.risk.profit import ProfitAndLoss
from trading.units import shares_text

EVERY_NS = 60 * SECOND
"""Real time between two lists."""
AGAIN_NS = 20 * SECOND
"""The same after one that differs, or failed."""
QUIET_NS = 30 * SECOND
"""Real time without a fill in a market after which the public list is believed to know the last one."""
NEUTRAL = MICRO // 10
"""A tenth of a share: what is less is not worked off."""
Subject = tuple[MarketId, Outcome]


class Holdings:
    """Durable, from facts alone: pauses and what was found. The rest is volatile."""

    def __init__(self, pnl: ProfitAndLoss, ownership: Ownership) -> None:
        self.pauses = Pauses()
        self.found: dict[MarketId, PositionFound] = {}
        """Found in the wallet, and not traded by anybody since."""
        self._pnl = pnl
        self._ownership = ownership
        # Volatile from here on.
        self.funder = ""
        self._retiring: dict[MarketId, None] = {}
        self._drift = Drift[Subject]()
        self._filled_at: dict[MarketId, RealNs] = {}
        self._asked_at: RealNs | None = None
        self._is_suspicious = False

    # Facts.

    def note(self, fact: MarketPaused | MarketResumed | PositionFound | MarketTaken | MarketRetired) -> None:
        """Take one fact into account."""
        match fact:
            case MarketPaused():
                self.pauses.note(fact)
            case MarketResumed():
                self.pauses.note(fact)
                for outcome in Outcome:
                    self._drift.forget((fact.market, outcome))
            case PositionFound():
                self.found[fact.market] = fact
            case _:
                self.found.pop(fact.market, None)
                self._retiring.pop(fact.market, None)

    def note_fill(self, fact: OrderFilled | FillConfirmed | FillReversed, now: RealNs) -> None:
        """The public list will know of it in a while."""
        self._filled_at[fact.market] = now

    # The drop copy.

    def asks(self, now: RealNs) -> Iterator[ReadPositions]:
        """The list, when it is due."""
        wait_ns = AGAIN_NS if self._is_suspicious else EVERY_NS
        if self.funder and (self._asked_at is None or now - self._asked_at >= wait_ns):
            self._asked_at = now
            yield ReadPositions(funder=self.funder)

    def failed(self) -> None:
        """Nothing is believed of it; another try comes sooner."""
        self._is_suspicious = True

    def compare(self, read: PositionsRead) -> Iterator[MarketPaused]:
        """What differs twice in a row pauses its market. A list with holes says nothing of what is not in it."""
        rows = {(row.market, row.outcome): row for row in read.positions}
        looked = [subject for subject in self._subjects(rows) if not read.skipped or subject in rows]
        looked = [s for s in looked if self._is_quiet(s[0], read.begun_at) and not self._is_over(s[0], rows)]
        found = dict[Subject, Difference]()
        for subject in looked:
            differs = self._difference(subject, rows.get(subject))
            if differs is not None:
                found[subject] = differs
        _, again = self._drift.looked(looked, found)
        self._is_suspicious = self._drift.is_suspicious
        for subject in again:
            yield from self._pause(subject, found[subject], rows)

    def _subjects(self, rows: dict[Subject, HeldPosition]) -> list[Subject]:
        ours = [(market, outcome) for market, _ in self._pnl.inventories.items() for outcome in Outcome]
        return list(dict.fromkeys([*ours, *rows]))

    def _is_quiet(self, market: MarketId, begun_at: RealNs) -> bool:
        filled_at = self._filled_at.get(market)
        return filled_at is None or begun_at - filled_at >= QUIET_NS

    def _is_over(self, market: MarketId, rows: dict[Subject, HeldPosition]) -> bool:
        """It is decided: what is left of it is redeemed by people, whenever they like."""
        listed = (rows.get((market, outcome)) for outcome in Outcome)
        return self._pnl.is_settled(market) or any(row is not None and row.is_resolved for row in listed)

    def _difference(self, subject: Subject, row: HeldPosition | None) -> Difference | None:
        market, outcome = subject
        held = self._pnl.inventories[market]
        differs = difference(*held.on_chain(outcome), Size(0) if row is None else row.size)
        was_ours = held.has_fills
        return differs if differs is None or was_ours or differs.said >= NEUTRAL else None

    def _pause(
        self, subject: Subject, differs: Difference, rows: dict[Subject, HeldPosition]
    ) -> Iterator[MarketPaused]:
        market, outcome = subject
        if self.pauses.has(market, PauseCause.DRIFT):
            return
        row = rows.get(subject)
        ours, theirs = shares_text(Shares(differs.believed)), shares_text(Shares(differs.said))
        reason = f"our books say {ours} {outcome.value.upper()}, the venue's public list says {theirs}, twice"
        yield MarketPaused(
            market=market,
            slug=self._ownership.slugs.get(market, "") or ("" if row is None else row.slug) or market,
            cause=PauseCause.DRIFT,
            reason=reason,
            amount=differs.amount,
        )

    # What was found, and what a person asks for.

    def offered(self) -> list[MarketId]:
        """Markets that were found, that nobody trades, and that can be worked off."""
        return [
            market for market, found in self.found.items() if not found.why_not and not self.why_not(market)
        ]

    def why_not(self, market: MarketId) -> str:
        """Why a market cannot be handed to a liquidator; empty when it can."""
        found = self.found.get(market)
        if found is not None and found.why_not:
            return found.why_not
        if market in self._ownership.exits or market in self._retiring:
            return "it is being liquidated already"
        if not self._ownership.is_free(market):
            return f"{self._ownership.owners[market]} trades it"
        if self._pnl.is_settled(market):
            return "it is resolved"
        if abs(self._pnl.inventories[market].net) < NEUTRAL:
            return "nothing to speak of is held there"
        return ""

    def retire(self, market: MarketId) -> MarketRetired:
        """Its way to a liquidator of its own."""
        self._retiring[market] = None
        return MarketRetired(
            exit=self._ownership.next_exit(market),
            market=market,
            slug=self.slug(market),
            reason=RetireReason.FOUND,
            net=self._pnl.inventories[market].net,
        )

    def begin(self, now: RealNs) -> None:
        """A new life: what an earlier one said and did not get committed was never said.

        The clock of the facts may be that of an earlier boot of this host, and then it says nothing here.
        """
        self._retiring.clear()
        self._filled_at = {market: min(at, now, key=int) for market, at in self._filled_at.items()}

    def named(self, name: str) -> MarketId | None:
        """The market of this slug or condition id."""
        names: dict[str, MarketId] = {slug: market for market, slug in self._ownership.slugs.items()}
        names |= {found.slug: market for market, found in self.found.items()}
        names |= {paused.slug: paused.market for paused in self.pauses.all()}
        known = {*names.values(), *(market for market, _ in self._pnl.inventories.items())}
        return MarketId(name) if name in known else names.get(name)

    def slug(self, market: MarketId) -> str:
        """What people call it."""
        found = self.found.get(market)
        return self._ownership.slugs.get(market, "") or ("" if found is None else found.slug) or market

    @property
    def drifted(self) -> tuple[int, Money]:
        """Dirty markets, and what our books and the venue's differ by there."""
        return len(self.pauses.dirty), self.pauses.amount
