"""The wallet held against our books: balances that differ, positions nobody of ours bought, trades by others.

What the venue says wins only where it is asked to: at the first list of a start for tokens we never knew, and where
a person accepts it. Everything else that differs twice in a row pauses its market.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from messages.account import AccountRead, PositionMismatched
from messages.liquidation import ExitCompleted
from messages.market import MarketInfo
from messages.orders import FillReversed, OrderFilled
from messages.values import (
    MICRO,
    SECOND,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    RealNs,
    Shares,
    Size,
    TokenId,
)
from messages.wallet import (
    EXTERNAL,
    AcceptPosition,
    HeldPosition,
    MarketPaused,
    MarketResumed,
    PauseCause,
    PositionFound,
    PositionsRead,
    ReadPositions,
)
from trading import truth
from trading.acceptance import Acceptance
from trading.account import Account, FillFact
from trading.adoption import Adoption
from trading.drift import Difference, Drift, difference
from trading.failures import Failures
from trading.newest import Newest
from trading.ownership import Ownership
from trading.pauses import Pauses
from trading.token_names import MAX_CHECKED
from trading.units import shares_text, short

FULL_NS = 60 * SECOND
"""Real time between two looks at all balances."""
SOON_NS = 5 * SECOND
"""Real time after a settlement, or after a first difference, until its token is looked at."""
LIST_PATIENCE_NS = 10 * SECOND
"""Real time after which orders are placed although the wallet's positions could not be listed."""
LIST_AGAIN_NS = 30 * SECOND
MAX_SLUGS = 1_024
MAX_TOLD = 1_024
"""Orders of others that are not told of twice."""
NEUTRAL = MICRO // 10
"""A tenth of a share: less is dust, listed and never traded."""

Held = PositionMismatched | MarketPaused | MarketResumed | PositionFound | FillFact


class Wallet:
    """Durable, from facts alone: what was found before, which settlements failed. The rest is volatile."""

    def __init__(self, account: Account, ownership: Ownership, pauses: Pauses) -> None:
        self._account = account
        self._ownership = ownership
        self._pauses = pauses
        self._failures = Failures()
        self._found: dict[MarketId, PositionFound] = {}
        self._resolved: set[MarketId] = set()
        self._fresh: dict[MarketId, None] = {}
        """Others traded there, and nobody was told that they did."""
        # Volatile from here on.
        self._adoption = Adoption(account)
        self._drift = Drift[TokenId]()
        self._acceptance = Acceptance(account)
        self._slugs = Newest[MarketId, str](MAX_SLUGS)
        self._rows: dict[TokenId, HeldPosition] = {}
        self._unknown: dict[TokenId, HeldPosition] = {}
        self._resuming: dict[MarketId, dict[PauseCause, MarketPaused]] = {}
        """Accepted by our word, which the journal has not told back, and what was said to pause it again since."""
        self._told: dict[OrderId, None] = {}
        self._touched: dict[MarketId, RealNs] = {}
        self._looked_at: RealNs | None = None
        self._asked_at: RealNs | None = None
        self._first_asked_at: RealNs | None = None
        self._is_listed = False
        self._wants_list = True
        self._has_list = False
        """The last time that it was asked for, the list came."""

    # Facts.

    def note(self, fact: PositionFound | ExitCompleted) -> None:
        """What was found before, and what is decided for good: a resolved market's tokens are not held against us."""
        if isinstance(fact, PositionFound):
            self._found[fact.market] = fact
            self._fresh.pop(fact.market, None)
        elif fact.payout is not None:
            self._resolved.add(fact.market)

    def started(self) -> None:
        """A gateway took the account over, and said what others had traded before."""
        self._fresh.clear()

    def paused(self, fact: MarketPaused | MarketResumed) -> None:
        """People are told; or a person looked at it: what was found out since that was said pauses it again, and
        settlements that fail are counted from here."""
        self._fresh.pop(fact.market, None)
        if isinstance(fact, MarketResumed):
            self._failures.forget(fact.market)
            for since in self._resuming.pop(fact.market, {}).values():
                self._pauses.note(since)

    def hear(self, info: MarketInfo) -> None:
        """A market's constants: what people call it, and whether it is decided."""
        self._slugs[info.market] = info.slug
        if info.payout is not None:
            self._resolved.add(info.market)

    def note_fill(self, fact: FillFact, now: RealNs) -> None:
        """A fill, its settlement or its reversal: the balance is looked at when the chain has it."""
        self._failures.note(fact)
        if isinstance(fact, OrderFilled) and fact.owner == EXTERNAL:
            self._fresh[fact.market] = None
        if not isinstance(fact, OrderFilled):
            self._touched.setdefault(fact.market, now)

    def filled(self, fill: OrderFilled, *, is_ours: bool) -> Iterator[MarketPaused]:
        """A fill was just heard of: somebody else trades here, or did so before the account was ours again."""
        if fill.owner != EXTERNAL or fill.worth is not None:
            return
        if is_ours:
            reason = f"a trade of {shares_text(Shares(fill.size))} on an order we never sent"
            yield from self._pause(fill.market, PauseCause.FOREIGN_FILL, reason, fill.size)
        else:
            self._fresh[fill.market] = None

    def failing(self, fact: FillFact) -> Iterator[MarketPaused]:
        """What follows from a settlement that failed just now."""
        if isinstance(fact, FillReversed) and (why := self._failures.trouble(fact.market)):
            yield from self._pause(fact.market, PauseCause.FAILED_SETTLEMENTS, why, 0)

    def strangers(self, read: AccountRead) -> str:
        """What to say of orders at the venue that are not ours; empty while there is none that was not told of."""
        found = [order for order in truth.foreign(read, self._account.table) if order not in self._told]
        self._told |= dict.fromkeys(found)
        while len(self._told) > MAX_TOLD:
            del self._told[next(iter(self._told))]
        if not found:
            return ""
        return f"{len(found)} order(s) at the venue that we never sent are canceled: {short(found[0])}"

    # The list of positions.

    def asks(self, now: RealNs, funder: str) -> Iterator[ReadPositions]:
        """The list, until it is here once; a failed one again after a while."""
        is_due = self._asked_at is None or now - self._asked_at >= LIST_AGAIN_NS
        if funder and self._wants_list and is_due:
            self._asked_at = now
            self._first_asked_at = self._first_asked_at or now
            yield ReadPositions(funder=funder)

    def is_awaited(self, now: RealNs) -> bool:
        """What the wallet holds is not known yet, and it may be in a moment."""
        since = self._first_asked_at
        is_early = since is None or now - since < LIST_PATIENCE_NS
        return is_early and (not self._is_listed or bool(self._unknown))

    def listed(self, read: PositionsRead) -> Iterator[PositionFound]:
        """The first list says what is ours although our journal does not know it."""
        is_first, self._is_listed, self._wants_list = not self._is_listed, True, False
        self._has_list = True
        self._rows = {row.token: row for row in read.positions}
        for row in read.positions:
            self._account.tokens.list(row.token, row.market, row.outcome)
            if row.is_resolved:
                self._resolved.add(row.market)
            if not is_first or row.token in self._account.tokens.ours:
                continue
            if row.is_resolved or row.size < NEUTRAL:
                why = "the market is resolved: redeem it" if row.is_resolved else "it is dust"
                yield from self._list(row, why)
            else:
                self._unknown[row.token] = row

    def list_failed(self) -> None:
        """Nothing is believed of it. Who waits to be accepted does not wait for it."""
        self._wants_list = not self._is_listed
        self._has_list = False

    def _list(self, row: HeldPosition, why: str) -> Iterator[PositionFound]:
        known = self._found.get(row.market)
        if known is None or not known.why_not:
            sign = 1 if row.outcome is Outcome.YES else -1
            net = Shares(self._account.inventories[row.market].net + sign * row.size)
            yield self._say_found(row.market, row.slug, net, why)

    # Balances.

    def ask(self, now: RealNs) -> tuple[TokenId, ...]:
        """Tokens whose balances are to come with the read that is asked for now."""
        is_full = self._looked_at is None or now - self._looked_at >= FULL_NS
        due = dict.fromkeys(self._unknown)
        touched = [market for market, at in self._touched.items() if now - at >= SOON_NS]
        for market in (*self._acceptance.asked, *touched):
            due |= dict.fromkeys(self._account.tokens.of(market))
        if is_full or (self._drift.is_suspicious and self._looked_at and now - self._looked_at >= SOON_NS):
            due |= dict.fromkeys(self._account.tokens.checked)
        return tuple(due)[:MAX_CHECKED]

    def is_due(self, now: RealNs) -> bool:
        """Whether a read is wanted for this alone."""
        is_wanted = bool(self._unknown) or bool(self._acceptance.asked and not self._wants_list)
        return is_wanted or (self._drift.is_suspicious and bool(self.ask(now)))

    @property
    def is_suspicious(self) -> bool:
        """Something differed: the venue is to look at the chain anew."""
        return self._drift.is_suspicious

    def looked(self, read: AccountRead, now: RealNs, at: MarketNs, incarnation: int) -> Iterator[Held]:
        """Balances as they were read after the trades: adopted where they are to be, else held against our fills."""
        yield from self._owed(read)
        balances = dict(read.balances)
        if self._is_forgetful(read):
            return
        answered = frozenset((*read.tokens, *balances))
        if answered and answered.issuperset(self._account.tokens.checked):
            self._looked_at = now
        for market in list(self._touched):
            if answered.issuperset(self._account.tokens.of(market)):
                del self._touched[market]
        yield from self._take_unknown(answered, balances, at, incarnation)
        yield from self._accept(answered, balances, at, incarnation, read.begun_at)
        yield from self._compare(balances)

    def _owed(self, read: AccountRead) -> Iterator[MarketPaused]:
        """Orders whose fills the venue counts and does not tell: they stay counted until a person accepts it."""
        for order in self._account.table:
            market = order.intended.market
            if truth.is_owed(order, read.begun_at):
                missing = shares_text(Shares(order.owed))
                reason = f"the venue counts {missing} more of order {short(order.id)} than its trades tell"
                yield from self._pause(market, PauseCause.DRIFT, reason, order.owed)
                order.is_accepted = market in self._resolved

    def _is_forgetful(self, read: AccountRead) -> bool:
        """A venue that shows nothing at all, not even a cent, has lost sight of the wallet: that proves nothing."""
        holds = any(
            self._account.inventories[market].on_chain(outcome)[0]
            for token, _ in read.balances
            if (known := self._account.tokens.get(token)) is not None
            for market, outcome in (known,)
        )
        return holds and not read.collateral and not any(size for _, size in read.balances)

    def _take_unknown(
        self, answered: Collection[TokenId], balances: dict[TokenId, Size], at: MarketNs, life: int
    ) -> Iterator[Held]:
        for token in [t for t in self._unknown if t in answered]:
            row = self._unknown.pop(token)
            if token not in balances:
                yield from self._list(row, "the venue knows no balance of it")
                continue
            is_known = row.market in self._found
            for fact in self._adopted(token, balances[token], at, life):
                is_known = False
                yield fact
            if not is_known:
                yield self._say_found(row.market, row.slug, self._account.inventories[row.market].net)

    def _accept(
        self,
        answered: frozenset[TokenId],
        balances: dict[TokenId, Size],
        at: MarketNs,
        life: int,
        begun_at: RealNs,
    ) -> Iterator[Held]:
        rows = self._rows if self._has_list else None
        for market in [] if self._wants_list else list(self._acceptance.asked):
            tokens = self._account.tokens.of(market)
            if not answered.issuperset(tokens):
                continue
            if self._acceptance.doubts(market, balances, rows, begun_at):
                self._wants_list = True
            elif self._acceptance.stands(market, balances, begun_at):
                for token in [token for token in tokens if token in balances]:
                    self._drift.forget(token)
                    yield from self._adopted(token, balances[token], at, life)
                for order in self._account.table.of(market):
                    order.is_accepted = order.is_accepted or truth.is_owed(order, begun_at)
                yield self._resumed(self._acceptance.done(market))

    def _adopted(self, token: TokenId, balance: Size, at: MarketNs, life: int) -> Iterator[FillFact]:
        yield from self._adoption.adopt(token, balance, self._rows.get(token), at, life)

    def _compare(self, balances: dict[TokenId, Size]) -> Iterator[Held]:
        known = {t: self._account.tokens.ours[t] for t in balances if t in self._account.tokens.ours}
        known = {t: subject for t, subject in known.items() if subject[0] not in self._resolved}
        found = dict[TokenId, Difference]()
        for token, (market, outcome) in known.items():
            least, most = self._account.inventories[market].on_chain(outcome)
            differs = difference(least, most, balances[token])
            if differs is not None:
                found[token] = differs
        first, again = self._drift.looked(known, found)
        for token in first:
            market, outcome = known[token]
            believed = self._account.inventories[market].held(outcome)
            yield PositionMismatched(market=market, token=token, believed=believed, balance=found[token].said)
        for token in again:
            yield from self._drifted(*known[token], found[token])

    def _drifted(self, market: MarketId, outcome: Outcome, differs: Difference) -> Iterator[MarketPaused]:
        held, said = shares_text(Shares(differs.believed)), shares_text(Shares(differs.said))
        reason = f"our fills say {held} {outcome.value.upper()}, the venue says {said}, twice"
        yield from self._pause(market, PauseCause.DRIFT, reason, differs.amount)

    # What a person says.

    def accept(self, asked: AcceptPosition) -> None:
        """The next balances of this market are what we hold; the list tells its tokens and what they cost."""
        if asked.market in self._pauses:
            self._acceptance.asked[asked.market] = asked
            self._wants_list, self._asked_at = True, None

    def begun(self) -> Iterator[PositionFound | MarketPaused]:
        """The gateway has the account: markets that others traded while we were away are found there.

        An earlier one may have died before it said so, or that too many settlements fail.
        """
        for market in self._failures.markets:
            if why := self._failures.trouble(market):
                yield from self._pause(market, PauseCause.FAILED_SETTLEMENTS, why, 0)
        fresh, self._fresh = list(self._fresh), {}
        for market in fresh:
            net = self._account.inventories[market].net
            if abs(net) >= NEUTRAL and not self._pauses.has(market, PauseCause.FOREIGN_FILL):
                yield self._say_found(market, self._slug(market), net)

    # How it does these things.

    def _slug(self, market: MarketId) -> str:
        rows: Iterable[HeldPosition] = self._rows.values()
        listed = next((row.slug for row in rows if row.market == market), "")
        return self._ownership.slugs.get(market, "") or self._slugs.get(market) or listed or market

    def _say_found(self, market: MarketId, slug: str, net: Shares, why_not: str = "") -> PositionFound:
        found = PositionFound(market=market, slug=slug, net=net, why_not=why_not)
        self._found[market] = found
        return found

    def _pause(self, market: MarketId, cause: PauseCause, reason: str, amount: int) -> Iterator[MarketPaused]:
        since = self._resuming.get(market)
        is_known = self._pauses.has(market, cause) if since is None else cause in since
        if is_known or market in self._resolved:
            return
        paused = MarketPaused(
            market=market, slug=self._slug(market), cause=cause, reason=reason, amount=Money(amount)
        )
        self._pauses.note(paused)
        if since is not None:
            since[cause] = paused
        yield paused

    def _resumed(self, asked: AcceptPosition) -> MarketResumed:
        self._resuming.setdefault(asked.market, {})
        return MarketResumed(
            market=asked.market, slug=self._slug(asked.market), reason=asked.reason, by=asked.by
        )
