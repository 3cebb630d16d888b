"""What an address did, trade or not: the rows of both versions' /activity."""

from __future__ import annotations

from messages.values import MICRO, SECOND
from venue.paper.doors.data_book import DataBook, Part, Payment, Wanted
from venue.paper.doors.spelling import outcome_index
from venue.paper.engine.settlement import digest
from venue.paper.ledger.outcomes import Conversion
from venue.wire.data_api import ActivityRow
from venue.wire.numbers import exact

KINDS = {"rewards": "REWARD", "rebates": "MAKER_REBATE", "CONVERT": "CONVERSION"}


def activities(book: DataBook, wanted: Wanted, kinds: list[str]) -> list[ActivityRow]:
    """Trades, splits, merges, redemptions, conversions, programs' money, newest first: at least the first
    `wanted.limit` of them, of these kinds (all if there are none)."""
    rows = [_traded(book, part) for part in book.parts(wanted)] if not kinds or "TRADE" in kinds else []
    if not wanted.side:
        rows += [
            _converted(book, made)
            for made in book.conversions(wanted.maker, wanted.limit)
            if not wanted.markets or made.market in wanted.markets
        ]
        if not wanted.markets:
            rows += [_paid(wanted.maker, payment) for payment in book.payments(wanted.maker)]
    until = wanted.until
    kept = [
        row
        for row in rows
        if row.timestamp >= wanted.since
        and (until is None or row.timestamp <= until)
        and (not kinds or row.type in kinds)
    ]
    return sorted(kept, key=lambda row: row.timestamp, reverse=True)


def _traded(book: DataBook, part: Part) -> ActivityRow:
    market, index = part.market, outcome_index(part.market, part.token)
    return ActivityRow(
        proxyWallet=part.maker,
        timestamp=int(part.at) // SECOND,
        conditionId=market.id,
        type="TRADE",
        size=exact(part.size),
        usdcSize=exact(part.price * part.size // MICRO),
        transactionHash=part.transaction,
        price=exact(part.price),
        asset=part.token,
        side=str(part.side),
        outcomeIndex=index,
        title=market.question,
        slug=market.slug,
        eventSlug=book.registry.of(market).event.slug,
        outcome=market.outcomes[index],
    )


def _converted(book: DataBook, made: Conversion) -> ActivityRow:
    row = ActivityRow(
        proxyWallet=made.maker,
        timestamp=int(made.at) // SECOND,
        conditionId=made.market,
        type=KINDS.get(made.kind, made.kind),
        size=exact(made.size),
        usdcSize=exact(abs(made.dollars)),
        transactionHash=made.transaction_hash,
    )
    market = book.market(made.market)
    if market is not None:
        row.title, row.slug = market.question, market.slug
        row.eventSlug = book.registry.of(market).event.slug
    return row


def _paid(user: str, payment: Payment) -> ActivityRow:
    program = payment.reason.partition(" ")[0]
    return ActivityRow(
        proxyWallet=user,
        timestamp=int(payment.at) // SECOND,
        type=KINDS.get(program, "REWARD"),
        size=exact(payment.dollars),
        usdcSize=exact(payment.dollars),
        transactionHash=digest("payment", user, payment.at, payment.reason),
    )
