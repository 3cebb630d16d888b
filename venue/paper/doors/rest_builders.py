"""Builder codes over REST: no builder charges here, but each finds what its software traded (VENUE §2.4)."""

from __future__ import annotations

from messages.values import MICRO, SECOND
from venue.paper.doors.request import Answer, Request, Routes, whole
from venue.paper.doors.rest_account import page_of
from venue.paper.doors.spelling import outcome, outcome_index
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Refused
from venue.paper.programs.builders import Attributed, Builders
from venue.wire import errors
from venue.wire.builders import BuilderFees, BuilderTrade
from venue.wire.eip712 import hex_bytes
from venue.wire.markets import encode, spell_date
from venue.wire.numbers import WireError, s_text, spell
from venue.wire.orders import Page

PAGE = 300
BAD_CODE = "Invalid builder_code"


class BuilderDoor:
    """Public."""

    def __init__(self, exchange: Exchange, builders: Builders) -> None:
        self._exchange = exchange
        self._builders = builders

    def routes(self) -> Routes:
        """What is served here."""
        return {("GET", "/fees/builder-fees/*"): self.fees, ("GET", "/builder/trades"): self.trades}

    def fees(self, request: Request) -> Answer:
        """GET /fees/builder-fees/{code}: none."""
        _code(request.tail)
        return Answer(encode(BuilderFees()))

    def trades(self, request: Request) -> Answer:
        """GET /builder/trades?builder_code=, oldest first."""
        asked = request.query()
        code = _code(asked.get("builder_code", ""))
        self._exchange.advance()
        found = [one for one in self._builders.trades(code) if _fits(one, asked)]
        page, after = page_of(found, asked.get("next_cursor", ""), PAGE)
        rows = [self._row(one, code) for one in page]
        return Answer(encode(Page[BuilderTrade](limit=PAGE, next_cursor=after, count=len(rows), data=rows)))

    def _row(self, one: Attributed, code: str) -> BuilderTrade:
        trade, leg = one.trade, one.leg
        market = self._exchange.market_of(leg.token)
        dollars = leg.price * leg.size // MICRO
        return BuilderTrade(
            id=trade.id,
            tradeType="TAKER" if one.is_taker else "MAKER",
            takerOrderHash=trade.taker_order,
            builderCode=code,
            market=trade.market,
            assetId=leg.token,
            side=str(leg.side),
            size=spell(leg.size),
            sizeUsdc=spell(dollars),
            price=spell(leg.price),
            status=f"TRADE_STATUS_{trade.status}",
            outcome=outcome(market, leg.token),
            outcomeIndex=outcome_index(market, leg.token),
            owner=leg.owner,
            maker=leg.maker,
            transactionHash=trade.transaction_hash,
            matchTime=s_text(trade.matched_at),
            fee=spell(leg.fee),
            feeUsdc=spell(leg.fee),
            createdAt=spell_date(trade.matched_at),
            updatedAt=spell_date(trade.updated_at),
        )


def _code(text: str) -> str:
    try:
        return "0x" + hex_bytes(text, 32).hex()
    except WireError as error:
        raise Refused(BAD_CODE) from error


def _fits(one: Attributed, asked: dict[str, str]) -> bool:
    at = int(one.trade.matched_at) // SECOND
    return (
        asked.get("id") in (None, "", one.trade.id)
        and asked.get("market") in (None, "", one.trade.market)
        and asked.get("asset_id") in (None, "", one.leg.token)
        and asked.get("maker_address", "").lower() in ("", one.leg.maker.lower())
        and at > whole(asked.get("after") or "0", errors.INVALID_TRADE_PARAMS)
        and at < whole(asked.get("before") or str(1 << 40), errors.INVALID_TRADE_PARAMS)
    )
