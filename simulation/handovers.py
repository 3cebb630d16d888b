"""When the maker had a two-sided quote resting, and how long each hand-over left it without one."""

from __future__ import annotations

from messages.account import GatewayStarted
from messages.liquidation import LiquidatorAssigned, MarketRetired, MarketTaken
from messages.orders import OrderAccepted
from messages.system import ActorStarted, EngineChanged, EngineState
from messages.values import MS, SECOND, MarketId, OrderId, RoleName, Side
from simulation.story import ENDED, Entry
from simulation.times import moment, shares

MINUTE = 60 * SECOND


class Quotes:
    """Which quotes rest, by what was journaled."""

    def __init__(self) -> None:
        self._orders: dict[OrderId, tuple[MarketId, Side]] = {}
        self._resting: dict[tuple[MarketId, Side], int] = {}

    def note(self, entry: Entry) -> MarketId | None:
        """The market on which this entry made a quote two-sided."""
        message = entry.message
        if isinstance(message, OrderAccepted) and not message.owner.startswith("liquidator:"):
            key = (message.market, message.side)
            if message.order in self._orders:
                return None
            self._orders[message.order] = key
            self._resting[key] = self._resting.get(key, 0) + 1
            other = self._resting.get((message.market, message.side.other), 0)
            return message.market if other and self._resting[key] == 1 else None
        if isinstance(message, GatewayStarted):
            self._orders.clear()
            self._resting.clear()
        elif isinstance(message, ENDED):
            known = self._orders.pop(message.order, None)
            if known is not None:
                self._resting[known] -= 1
        return None

    @property
    def is_two_sided(self) -> bool:
        """A bid and an ask rest on some market."""
        return any(
            count and self._resting.get((market, side.other))
            for (market, side), count in self._resting.items()
            if side is Side.BID
        )


class Uptime:
    """Minutes of market time with a two-sided quote, from the first time everything was ready to the stop."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._quotes = Quotes()
        self._began: int | None = None
        self._ended: int | None = None
        self._last = 0
        self._since: int | None = None
        self._quoted_ns = 0
        self._minutes: set[int] = set()

    def note(self, entry: Entry) -> None:
        """A quote came or went, or the run did."""
        self._quotes.note(entry)
        if entry.run != self._run or self._ended is not None:
            return
        now = self._last = max(self._last, int(entry.market_at))
        if isinstance(entry.message, EngineChanged):
            if entry.message.state is EngineState.RUNNING and self._began is None:
                self._began = now
            elif (
                entry.message.state in (EngineState.STOPPING, EngineState.STOPPED) and self._began is not None
            ):
                self._ended = now
                self._close(now)
                return
        if self._began is None:
            return
        if not self._quotes.is_two_sided:
            self._close(now)
        elif self._since is None:
            self._since = now

    def result(self) -> dict[str, object]:
        """`earning_uptime` by minutes as the venue samples them, `quoted_share` by the clock."""
        end = self._last if self._ended is None else self._ended
        if self._began is None or end <= self._began:
            return {"earning_uptime": 0.0, "quoted_share": 0.0}
        self._close(end)
        span = end - self._began
        minutes = -(-span // MINUTE)
        return {
            "earning_uptime": round(min(1.0, len(self._minutes) / minutes), 6),
            "quoted_share": round(self._quoted_ns / span, 6),
        }

    def _close(self, now: int) -> None:
        if self._since is None or self._began is None:
            return
        first, last = self._since - self._began, max(self._since, now - 1) - self._began
        self._minutes.update(range(first // MINUTE, last // MINUTE + 1))
        self._quoted_ns += now - self._since
        self._since = None


class Handovers:
    """Every market that left the maker in a run, and what followed."""

    def __init__(self, run: int) -> None:
        self._run = run
        self._quotes = Quotes()
        self._all: list[dict[str, object]] = []
        self._retired: list[Entry] = []
        self._waiting: list[int] = []
        self._liquidators: dict[RoleName, int] = {}
        self._owner: dict[MarketId, RoleName] = {}

    def note(self, entry: Entry) -> None:
        """Retired, assigned, taken, quoted."""
        quoted = self._quotes.note(entry)
        if entry.run != self._run:
            return
        match entry.message:
            case MarketRetired() as retired:
                self._begin(retired, entry)
            case LiquidatorAssigned() as assigned:
                for number, found in enumerate(self._all):
                    if found["exit"] == assigned.exit:
                        found |= {"assigned": moment(entry), "liquidator": assigned.liquidator}
                        self._liquidators[assigned.liquidator] = number
            case ActorStarted() as started if started.role in self._liquidators:
                self._all[self._liquidators.pop(started.role)]["liquidator_started"] = moment(entry)
            case MarketTaken() as taken:
                self._take(taken, entry)
            case _:
                if quoted is not None:
                    self._quote(quoted, entry)

    def result(self) -> list[dict[str, object]]:
        """The report's `handovers`."""
        return self._all

    def _begin(self, retired: MarketRetired, entry: Entry) -> None:
        self._waiting.append(len(self._all))
        self._retired.append(entry)
        self._all.append(
            {
                "exit": retired.exit,
                "market": retired.market,
                "slug": retired.slug,
                "reason": retired.reason,
                "net": shares(retired.net),
                "next_market": None,
                "next_slug": None,
                "liquidator": None,
                "retired": moment(entry),
                "assigned": None,
                "liquidator_started": None,
                "taken": None,
                "quoted": None,
                "gap_ms": None,
            }
        )

    def _take(self, taken: MarketTaken, entry: Entry) -> None:
        for number in self._waiting:
            if self._all[number]["taken"] is None:
                self._all[number] |= {
                    "taken": moment(entry),
                    "next_market": taken.market,
                    "next_slug": taken.slug,
                }

    def _quote(self, market: MarketId, entry: Entry) -> None:
        for number in list(self._waiting):
            if self._all[number]["market"] != market or self._all[number]["taken"] is not None:
                gap = entry.real_at - self._retired[number].real_at
                self._all[number] |= {"quoted": moment(entry), "gap_ms": round(gap / MS, 3)}
                self._waiting.remove(number)
