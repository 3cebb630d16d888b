"""The readable files read back: what they say as the Events that would have written them.

Everything is read before anything is said: a file that is wrong anywhere changes nothing. Of an earlier system's
orders nothing is taken over, since the gateway takes off whatever rests before it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from messages.base import Event
from messages.liquidation import MarketRetired, RetireReason
from messages.orders import FillConfirmed, FillReversed, OrderFilled
from messages.risk import HaltCause, Level, LossDayBegan, TradingHalted
from messages.values import (
    Action,
    CommandId,
    ExitId,
    MarketId,
    MarketNs,
    Money,
    OrderId,
    Outcome,
    RoleName,
    Shares,
    Side,
    Size,
    TokenId,
    TradeId,
)
from messages.wallet import MarketPaused, PauseCause
from trading.adoption import found_fill
from trading.import_files import (
    EXECUTION,
    LIQUIDATIONS,
    Execution,
    FillRow,
    Fills,
    Held,
    ImportProblem,
    Liquidations,
    at_ms,
    decimal,
    fills_name,
    name_of,
    price_of,
)
from trading.inventory import Inventories, Inventory
from trading.ticks import mirror

Dated = tuple[Event, MarketNs]
"""An Event and the market time it is written down with."""
NO_TOKEN = TokenId("")
NO_TRADES = ("found:", "imported:")
"""How what is no trade is named."""
File = TypeVar("File")


def imported(files: Mapping[str, bytes]) -> list[Dated]:
    """The Events that these files mean, by file name. Raises ImportProblem, one line."""
    fills = [_fills(name, files[name]) for name in sorted(files) if name.startswith("fills-")]
    execution = _read(EXECUTION, files.get(EXECUTION), Execution)
    exits = _read(LIQUIDATIONS, files.get(LIQUIDATIONS), Liquidations)
    if not fills and execution is None and exits is None:
        raise ImportProblem("", "", f"none of {LIQUIDATIONS}, {EXECUTION}, fills-<conditionId>.json is there")
    said = [dated for each in fills for dated in _fill_events(each)]
    known = {each.conditionId for each in fills}
    if execution is not None:
        said += _execution_events(execution, known)
    if exits is not None:
        said += _exit_events(exits, said)
    return said


def _read(name: str, text: bytes | None, shape: type[File]) -> File | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        reason, _, where = str(error).partition(" - at ")
        raise ImportProblem(name, where.strip("`").removeprefix("$").lstrip("."), reason) from None


def _fills(name: str, text: bytes) -> Fills:
    found = _read(name, text, Fills)
    assert found is not None
    if fills_name(found.conditionId) != name:
        raise ImportProblem(name, "conditionId", f"{found.conditionId!r} is another market's")
    return found


# Fills.


def _fill_events(file: Fills) -> list[Dated]:
    """The fills in the order in which they were heard, each with how it ended; before them what they leave open."""
    name = fills_name(file.conditionId)
    rows = [_fill(name, number, file.conditionId, row) for number, row in enumerate(file.fills)]
    keys = [(fill.trade, fill.order) for fill, _ in rows]
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise ImportProblem(name, f"fills[{number}]", f"{key[0]} of {key[1]} is there twice")
    events = [dated for fill, status in rows for dated in _settled(fill, status)]
    return [*_opening(name, file, [event for event, _ in events]), *events]


def _fill(name: str, number: int, market: str, row: FillRow) -> tuple[OrderFilled, str]:
    key = f"fills[{number}]"
    outcome, action = Outcome(row.outcome.lower()), Action(row.side.lower())
    price = price_of(name, f"{key}.price", row.price)
    is_yes = outcome is Outcome.YES
    return OrderFilled(
        trade=TradeId(name_of(name, f"{key}.tradeId", row.tradeId)),
        order=OrderId(name_of(name, f"{key}.orderId", row.orderId)),
        command=CommandId(""),
        market=MarketId(market),
        owner=RoleName(name_of(name, f"{key}.owner", row.owner)),
        side=Side.BID if (action is Action.BUY) is is_yes else Side.ASK,
        price=price if is_yes else mirror(price),
        size=Size(decimal(name, f"{key}.size", row.size, least=1)),
        outcome=outcome,
        action=action,
        fee=Money(decimal(name, f"{key}.fee", row.fee)),
        matched_at=at_ms(name, f"{key}.timestamp", row.timestamp),
        token=TokenId(row.token),
        worth=(price if is_yes else mirror(price)) if row.tradeId.startswith(NO_TRADES) else None,
    ), row.status


def _settled(fill: OrderFilled, status: str) -> Iterator[Dated]:
    yield fill, fill.matched_at
    if status == "confirmed":
        yield FillConfirmed(trade=fill.trade, order=fill.order, market=fill.market), fill.matched_at
    elif status == "reversed":
        reversal = FillReversed(
            trade=fill.trade, order=fill.order, market=fill.market, reason="imported as reversed"
        )
        yield reversal, fill.matched_at


def _opening(name: str, file: Fills, events: list[Event]) -> Iterator[Dated]:
    """What must have been held before the first fill in the list, so that the sizes are right after the last.

    The list ends somewhere; what earlier fills earned is not in it.
    """
    held = _folded(events, MarketId(file.conditionId))
    for outcome, said in ((Outcome.YES, file.yes), (Outcome.NO, file.no)):
        if said is None:
            continue
        size = decimal(name, f"{outcome.value}.size", said.size)
        missing = size - held.balance(outcome)
        if missing < 0:
            key = f"{outcome.value}.size"
            raise ImportProblem(name, key, f"{said.size} is less than its fills add up to")
        yield from _held_before(name, f"{outcome.value}", file.conditionId, outcome, missing, said)


def _held_before(
    name: str, key: str, market: str, outcome: Outcome, size: int, said: Held
) -> Iterator[Dated]:
    if not size:
        return
    if said.avgCost is None:
        raise ImportProblem(name, f"{key}.avgCost", "is missing although something is held")
    price = price_of(name, f"{key}.avgCost", said.avgCost)
    trade = TradeId(f"imported:{market}:{outcome.value}")
    at = MarketNs(0)
    for event in found_fill(trade, MarketId(market), NO_TOKEN, outcome, size, price, price, at):
        yield event, at


def _folded(events: list[Event], market: MarketId) -> Inventory:
    inventories = Inventories()
    for event in events:
        if isinstance(event, OrderFilled | FillConfirmed | FillReversed):
            inventories.note(event)
    return inventories[market]


# The engine.


def _execution_events(file: Execution, known: set[str]) -> list[Dated]:
    """Halts, pauses and the loss day; positions of markets whose fills are not there."""
    at = at_ms(EXECUTION, "lastUpdated", file.lastUpdated)
    said = list[Dated]()
    is_whole = True
    for number, row in enumerate(file.positions):
        key = f"positions[{number}]"
        market = name_of(EXECUTION, f"{key}.conditionId", row.conditionId)
        if market in known:
            continue
        is_whole = False
        for outcome, held in ((Outcome.YES, row.yes), (Outcome.NO, row.no)):
            size = decimal(EXECUTION, f"{key}.{outcome.value}.size", held.size)
            said += _held_before(EXECUTION, f"{key}.{outcome.value}", market, outcome, size, held)
    if file.risk.day and is_whole:
        equity = Money(decimal(EXECUTION, "risk.dayBeganEquity", file.risk.dayBeganEquity, signed=True))
        said.append((LossDayBegan(day=file.risk.day, equity=equity), at))
    for halt in file.risk.halts:
        cause, level = HaltCause(halt.cause), Level(halt.level)
        said.append((TradingHalted(cause=cause, level=level, reason=halt.reason, by=halt.by), at))
    for number, paused in enumerate(file.risk.paused):
        said.append(
            (
                MarketPaused(
                    market=MarketId(paused.conditionId),
                    slug=paused.slug,
                    cause=PauseCause(paused.cause),
                    reason=paused.reason,
                    amount=Money(decimal(EXECUTION, f"risk.paused[{number}].amount", paused.amount)),
                ),
                at,
            )
        )
    return said


# Exits.


def _exit_events(file: Liquidations, before: list[Dated]) -> list[Dated]:
    """Each market of the queue on its way again; a liquidator of its own is assigned by the supervisor."""
    said, seen = list[Dated](), set[str]()
    for number, row in enumerate(file.markets):
        key = f"markets[{number}]"
        market = name_of(LIQUIDATIONS, f"{key}.conditionId", row.conditionId)
        if market in seen:
            raise ImportProblem(LIQUIDATIONS, f"{key}.conditionId", f"{market} is there twice")
        seen.add(market)
        held = _folded([event for event, _ in before], MarketId(market))
        retired = MarketRetired(
            exit=ExitId(row.exitId or f"{market}#1"),
            market=MarketId(market),
            slug=row.slug or market,
            reason=RetireReason(row.reason),
            net=Shares(held.net),
        )
        said.append((retired, at_ms(LIQUIDATIONS, f"{key}.startedAt", row.startedAt)))
    return said
