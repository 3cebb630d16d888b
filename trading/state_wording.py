"""What a change of how things are is called in words, and the status line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from messages.account import AccountStatus
from messages.base import Message
from messages.liquidation import LiquidationStatus
from messages.market import FeedStatus
from messages.orders import VenueState
from messages.system import AlertKind, EngineState, MakerStatus
from messages.values import Price
from trading.situation import Situation
from trading.units import complement, money_text, price_text, shares_text
from trading.wording import Line, Words, at_limit, info, warning

QUOTE_EVERY_S = 5
"""A market that requotes many times a second says so once in this many real seconds."""


PASSING = frozenset({"orders are on their way", "orders of before are open", "taking a market"})
"""Reasons for a quote that is not there which are over in a moment."""


def words_for_change(state: Message, before: Situation) -> Iterator[Line]:
    """The lines for one State; `before` does not have it noted yet."""
    words = STATE_WORDS.get(type(state))
    if words is not None:
        yield from words(state, before)


def _maker(now: MakerStatus, before: Situation) -> Iterator[Line]:
    was = before.makers.get(now.market)
    if now.mid is not None and (was is None or was.mid is None):
        yield info(
            f"Got initial mid: {price_text(now.mid)}", key=f"initial {now.market}", every_s=QUOTE_EVERY_S
        )
    if now.mid is not None and now.bid is not None and now.ask is not None:
        yield from _quote(now, now.mid, was)
    if now.quoting and (was is None or not was.quoting):
        yield info(f"Two-sided quote rests on {now.slug}", key=f"quoting {now.market}", every_s=QUOTE_EVERY_S)
    if (
        now.reason
        and not now.quoting
        and now.reason not in PASSING
        and (was is None or was.reason != now.reason)
    ):
        yield _why_not(now, before)


def _quote(now: MakerStatus, mid: Price, was: MakerStatus | None) -> Iterator[Line]:
    if was is not None and (was.bid, was.ask) == (now.bid, now.ask):
        return
    if was is not None and was.mid is not None and was.bid is not None and was.mid != mid:
        moved = price_text(abs(mid - was.mid))
        yield info(f"Mid moved {moved} - requoting", key=f"moved {now.market}", every_s=QUOTE_EVERY_S)
    assert now.bid is not None
    assert now.ask is not None
    text = f"Mid: {price_text(mid)} -> Bid: {price_text(now.bid)}, Ask: {price_text(now.ask)}"
    yield info(text, key=f"quote {now.market}", every_s=QUOTE_EVERY_S)


def _why_not(now: MakerStatus, before: Situation) -> Line:
    reason = now.reason.lower()
    key = f"why {now.market}"
    if not now.market or reason.startswith(("leaving", "waiting for")):
        return info(
            f"Not quoting{f' {now.slug}' if now.slug else ''}: {now.reason}", key=f"{key} {now.reason}"
        )
    if "gap" in reason:
        return warning(f"Gapped market detected: {now.slug}: {now.reason}", AlertKind.RISK, key=f"{key} gap")
    if "limit" in reason:
        return at_limit(before, now.market, "BUY" if now.net > 0 else "SELL")
    if re.search(r"\bmid(point)?\b|(empty|one-sided) book", reason):
        return warning(f"No midpoint available: {now.slug}", key=f"{key} mid")
    if "feed" in reason or "stale" in reason or "silent" in reason:
        return warning(f"Feed unhealthy - cancelling quotes: {now.slug}: {now.reason}", key=f"{key} feed")
    return info(f"Not quoting {now.slug}: {now.reason}", key=f"{key} {now.reason}")


def _feed(now: FeedStatus, before: Situation) -> Iterator[Line]:
    was = before.feeds.get(now.market)
    ours = now.market == before.market or now.market in before.exits.values()
    if was is None or was.live == now.live or not ours:
        return  # of markets nobody trades the telemetry tells
    name = before.name(now.market)
    if now.live:
        yield info(f"Feed is live again for {name}", AlertKind.SYSTEM)
    else:
        yield info(f"Feed is not live for {name}: {now.reason}", AlertKind.SYSTEM, key=f"feed {now.market}")


def _account(now: AccountStatus, before: Situation) -> Iterator[Line]:
    was = before.account
    if was is not None and was.ready and not now.ready and before.engine is not EngineState.STOPPING:
        yield warning(f"Gateway places no orders: {now.reason}", AlertKind.SYSTEM, key="gateway not ready")
    if was is None or was.venue is now.venue:
        return
    if now.venue is VenueState.NORMAL:
        yield info("The venue takes everything again", AlertKind.SYSTEM, key="venue")
    else:
        text = f"The venue is {now.venue.value}: {now.venue_reason}"
        yield warning(text, AlertKind.SYSTEM, key=f"venue {now.venue}")


def _liquidation(now: LiquidationStatus, before: Situation) -> Iterator[Line]:
    was = before.liquidations.get(now.exit)
    if was is not None and (was.quote, was.net, was.stage, was.reason) == (
        now.quote,
        now.net,
        now.stage,
        now.reason,
    ):
        return
    yield info(liquidation_text(now), AlertKind.POSITION, key=f"liquidation {now.exit} {now.net} {now.quote}")


def liquidation_text(now: LiquidationStatus) -> str:
    """The one line that says how an exit stands. The token held is sold, so a short's price is NO's."""
    head = f"[Liquidation] {now.slug} | Stage={now.stage} | NetExp={shares_text(now.net)} | Quote: "
    if now.quote is None:
        return f"{head}none ({now.reason})"
    token, price = ("YES", now.quote) if now.net > 0 else ("NO", complement(now.quote))
    return f"{head}SELL {token} @ ${price_text(price)}"


def status_lines(situation: Situation) -> Iterator[Line]:
    """How everything stands, in one line and one more for the liquidations."""
    mode = f" ({situation.mode})" if situation.mode else ""
    parts = [f"Status: {situation.engine}{mode}", _level(situation), _market(situation)]
    if situation.loss is not None:
        loss = situation.loss
        net = loss.realized + loss.pending + loss.unrealized
        parts.append(f"P&L {money_text(net)} (today {money_text(loss.day_net)})")
    if situation.account is not None:
        parts.append(f"{situation.account.resting} resting, {situation.account.unknown} unknown")
    parts.append(
        f"{situation.fills} fills, {len(situation.exits)} liquidating, {sum(situation.restarts.values())} restarts"
    )
    yield info(" | ".join(part for part in parts if part), AlertKind.PERFORMANCE, every_s=0)
    if situation.exits:
        text = f"[Liquidation] Managing {len(situation.exits)} liquidation market(s)..."
        yield info(text, AlertKind.POSITION, every_s=0)


def _level(situation: Situation) -> str:
    if situation.halts:
        return f"HALTED by {', '.join(situation.halts)}"
    return "" if situation.permit is None else str(situation.permit.level)


def _market(situation: Situation) -> str:
    if situation.market is None:
        return "no active market"
    name, maker = situation.name(situation.market), situation.makers.get(situation.market)
    net = shares_text(situation.exposure(situation.market))
    if maker is None:
        return f"{name} {net}"
    if maker.bid is not None and maker.ask is not None:
        return f"{name} {price_text(maker.bid)}/{price_text(maker.ask)} {net}"
    return f"{name} not quoting ({maker.reason}) {net}"


STATE_WORDS: dict[type[Message], Words] = {
    AccountStatus: _account,
    FeedStatus: _feed,
    LiquidationStatus: _liquidation,
    MakerStatus: _maker,
}
