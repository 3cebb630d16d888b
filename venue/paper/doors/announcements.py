"""What the market channel tells everybody who asked for extras: markets that are new, and those that are resolved."""

from __future__ import annotations

from venue.paper.doors.registry import Entry
from venue.paper.doors.spelling import outcome
from venue.wire.market_channel import EventMessage, FeeTerms, MarketResolved, NewMarket
from venue.wire.numbers import spell

LEGACY_FEE = "1000"
"""What `taker_base_fee` says wherever there is a fee; nobody charges it."""


def new_market(entry: Entry, stamp: str) -> NewMarket:
    """A market that was listed just now."""
    market = entry.market
    tokens = [str(market.yes), str(market.no)]
    frame = NewMarket(
        id=str(entry.number),
        question=market.question,
        market=market.id,
        condition_id=market.id,
        slug=market.slug,
        assets_ids=tokens,
        clob_token_ids=tokens,
        outcomes=list(market.outcomes),
        event_message=_event(entry),
        active=market.accepting_orders,
        order_price_min_tick_size=spell(market.tick),
        fees_enabled=market.fee_rate > 0,
        timestamp=stamp,
    )
    if market.fee_rate:
        frame.taker_base_fee = LEGACY_FEE
        frame.fee_schedule = FeeTerms(
            exponent="1",
            rate=spell(market.fee_rate),
            taker_only=True,
            rebate_rate=spell(market.rebate_rate),
        )
    return frame


def market_resolved(entry: Entry, stamp: str) -> MarketResolved:
    """A market that has its outcome; one that pays half on each has no winner."""
    market = entry.market
    winner = market.winner
    return MarketResolved(
        id=str(entry.number),
        market=market.id,
        assets_ids=[str(market.yes), str(market.no)],
        winning_asset_id=winner or "",
        winning_outcome="" if winner is None else outcome(market, winner),
        event_message=_event(entry),
        timestamp=stamp,
    )


def _event(entry: Entry) -> EventMessage:
    event = entry.event
    return EventMessage(id=str(event.number), ticker=event.slug, slug=event.slug, title=event.title)
