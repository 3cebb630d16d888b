"""Gamma, the metadata API, under /gamma: markets and events, filtered, ordered and paged (VENUE §6.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from messages.values import MICRO, Price
from venue.paper.doors.request import Answer, Request, Routes, page_start, whole
from venue.paper.doors.rest_markets import REWARD_ASSET
from venue.paper.doors.spelling import token_price
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import BookView, Market, Refused
from venue.wire import errors
from venue.wire import markets as wire
from venue.wire.markets import GammaEvent, GammaMarket, GammaPage, encode
from venue.wire.numbers import WireError, exact, micro, spell
from venue.wire.orders import cursor

MAX_LIMIT = 500
MAX_KEYSET = 100
MAX_OFFSET = 2000
DEFAULT_LIMIT = 20

_ORDERS: dict[str, Callable[[GammaMarket], Decimal | str | int]] = {
    "id": lambda row: int(row.id),
    "slug": lambda row: row.slug,
    "question": lambda row: row.question,
    "endDate": lambda row: row.endDate or "9999",
    "volume": lambda row: row.volumeNum or Decimal(0),
    "volumeNum": lambda row: row.volumeNum or Decimal(0),
    "volume24hr": lambda row: row.volume24hr or Decimal(0),
    "liquidity": lambda row: row.liquidityNum or Decimal(0),
    "liquidityNum": lambda row: row.liquidityNum or Decimal(0),
    "spread": lambda row: row.spread or Decimal(0),
    "bestBid": lambda row: row.bestBid or Decimal(0),
    "bestAsk": lambda row: row.bestAsk or Decimal(0),
    "lastTradePrice": lambda row: row.lastTradePrice or Decimal(0),
    "rewardsMinSize": lambda row: row.rewardsMinSize or Decimal(0),
}
_ORDERS |= {"volume_24hr": _ORDERS["volume24hr"]}
_LEAST: dict[str, Callable[[GammaMarket], Decimal | None]] = {
    "volume_num": lambda row: row.volumeNum,
    "liquidity_num": lambda row: row.liquidityNum,
}


class GammaDoor:
    """Each market here is an event of its own, and has the same number and slug as its event."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("GET", "/gamma/markets"): self.markets,
            ("GET", "/gamma/markets/keyset"): self.keyset,
            ("GET", "/gamma/markets/*"): self.market,
            ("GET", "/gamma/markets/slug/*"): self.market_by_slug,
            ("GET", "/gamma/events"): self.events,
            ("GET", "/gamma/events/keyset"): self.event_keyset,
            ("GET", "/gamma/events/*"): self.event,
            ("GET", "/gamma/events/slug/*"): self.event_by_slug,
        }

    def markets(self, request: Request) -> Answer:
        """GET /markets."""
        return Answer(encode(self._slice(self._chosen(request), request)))

    def events(self, request: Request) -> Answer:
        """GET /events."""
        rows = self._slice(self._chosen(request), request)
        return Answer(encode([_event(row) for row in rows]))

    def keyset(self, request: Request) -> Answer:
        """GET /markets/keyset: pages by cursor; the last one has none."""
        rows, after = self._after(request)
        return Answer(encode(GammaPage(markets=list(rows), next_cursor=after)))

    def event_keyset(self, request: Request) -> Answer:
        """GET /events/keyset."""
        rows, after = self._after(request)
        return Answer(encode(GammaPage(events=[_event(row) for row in rows], next_cursor=after)))

    def market(self, request: Request) -> Answer:
        """GET /markets/{id}."""
        return Answer(encode(self._by(lambda row: row.id == request.tail)))

    def market_by_slug(self, request: Request) -> Answer:
        """GET /markets/slug/{slug}."""
        return Answer(encode(self._by(lambda row: row.slug == request.tail)))

    def event(self, request: Request) -> Answer:
        """GET /events/{id}."""
        return Answer(encode(_event(self._by(lambda row: row.id == request.tail))))

    def event_by_slug(self, request: Request) -> Answer:
        """GET /events/slug/{slug}."""
        return Answer(encode(_event(self._by(lambda row: row.slug == request.tail))))

    def _all(self) -> list[GammaMarket]:
        return [
            gamma_market(number, market, self._exchange.book(market.yes))
            for number, market in enumerate(self._exchange.markets, 1)
        ]

    def _by(self, fits: Callable[[GammaMarket], bool]) -> GammaMarket:
        for row in self._all():
            if fits(row):
                return row
        raise Refused("not found", 404)

    def _chosen(self, request: Request) -> Sequence[GammaMarket]:
        asked = request.query()
        closed = _flag(asked.get("closed", "false"))
        active = _flag(asked.get("active", ""))
        named = {
            name: set(request.queries(name)) for name in ("id", "slug", "condition_ids", "clob_token_ids")
        }
        rows = [
            row
            for row in self._all()
            if closed in (None, row.closed)
            and active in (None, row.active)
            and _is_named(row, named)
            and _is_enough(row, asked)
        ]
        return _ordered(rows, asked.get("order", ""), _flag(asked.get("ascending", "")))

    def _slice(self, rows: Sequence[GammaMarket], request: Request) -> Sequence[GammaMarket]:
        asked = request.query()
        limit = min(whole(asked.get("limit") or str(DEFAULT_LIMIT), errors.INVALID_PAYLOAD), MAX_LIMIT)
        offset = whole(asked.get("offset") or "0", errors.INVALID_PAYLOAD)
        if offset > MAX_OFFSET:
            raise Refused(f"offset too large, use /markets/keyset beyond {MAX_OFFSET}", 422)
        return rows[offset : offset + limit]

    def _after(self, request: Request) -> tuple[Sequence[GammaMarket], str | None]:
        asked = request.query()
        if "offset" in asked:
            raise Refused("offset is not supported by keyset pagination, use after_cursor", 422)
        limit = min(whole(asked.get("limit") or str(DEFAULT_LIMIT), errors.INVALID_PAYLOAD), MAX_KEYSET)
        start = page_start(asked.get("after_cursor", ""))
        rows, end = self._chosen(request), start + max(1, limit)
        return rows[start:end], cursor(end) if end < len(rows) else None


def gamma_market(number: int, market: Market, view: BookView | None) -> GammaMarket:
    """A market's row; `number` counts the markets from 1 in the order of their listing."""
    bid = view.bids[-1][0] if view and view.bids else None
    ask = view.asks[-1][0] if view and view.asks else None
    last = market.last_trade
    yes = last if last is not None else Price(((bid or 0) + (ask if ask is not None else MICRO)) // 2)
    liquidity = exact(_resting_dollars(view))
    ends = None if market.ends_at is None else wire.spell_date(market.ends_at)
    row = GammaMarket(
        id=str(number),
        question=market.question,
        conditionId=market.id,
        slug=market.slug,
        endDate=ends,
        endDateIso=ends[:10] if ends else None,
        outcomes=_text(["Yes", "No"]),
        outcomePrices=_text([spell(token_price(market, token, yes)) for token in (market.yes, market.no)]),
        clobTokenIds=_text([market.yes, market.no]),
        active=True,
        closed=market.closed,
        archived=False,
        restricted=False,
        enableOrderBook=True,
        acceptingOrders=market.accepting_orders,
        orderPriceMinTickSize=exact(market.tick),
        orderMinSize=exact(market.min_size),
        volume=spell(market.volume_24h),
        volumeNum=exact(market.volume_24h),
        volume24hr=exact(market.volume_24h),
        liquidity=str(liquidity),
        liquidityNum=liquidity,
        liquidityClob=liquidity,
        spread=exact(ask - bid) if bid is not None and ask is not None else Decimal(1),
        bestBid=exact(bid or 0),
        bestAsk=exact(MICRO if ask is None else ask),
        lastTradePrice=exact(last) if last is not None else Decimal(0),
        negRisk=market.neg_risk,
        secondsDelay=0,
        version="v1",
        positionIds=[],
        events=[
            wire.EventRef(id=str(number), slug=market.slug, title=market.question, negRisk=market.neg_risk)
        ],
    )
    _put_programs(row, market)
    return row


def _put_programs(row: GammaMarket, market: Market) -> None:
    """Fees and rewards, where the market has any."""
    row.feesEnabled = market.fee_rate > 0
    row.makerBaseFee = row.takerBaseFee = Decimal(1000 if market.fee_rate else 0)
    row.rewardsMinSize = exact(market.rewards_min_size)
    row.rewardsMaxSpread = exact(market.rewards_max_spread * 100)
    if market.fee_rate:
        row.feeSchedule = wire.FeeSchedule(rate=exact(market.fee_rate), rebateRate=exact(market.rebate_rate))
    if market.rewards_daily:
        reward = wire.ClobReward(
            id="1",
            conditionId=market.id,
            assetAddress=REWARD_ASSET,
            rewardsDailyRate=exact(market.rewards_daily),
            endDate="2500-12-31",
        )
        row.clobRewards = [reward]


def _event(row: GammaMarket) -> GammaEvent:
    return GammaEvent(
        id=row.id,
        ticker=row.slug,
        slug=row.slug,
        title=row.question,
        closed=bool(row.closed),
        negRisk=bool(row.negRisk),
        endDate=row.endDate,
        volume24hr=row.volume24hr or Decimal(0),
        liquidity=row.liquidityNum or Decimal(0),
        markets=[row],
    )


def _resting_dollars(view: BookView | None) -> int:
    """What all resting orders would pay, in millionths."""
    if view is None:
        return 0
    bids = sum(price * size for price, size in view.bids)
    return (bids + sum((MICRO - price) * size for price, size in view.asks)) // MICRO


def _is_named(row: GammaMarket, named: dict[str, set[str]]) -> bool:
    tokens = set(wire.strings(row.clobTokenIds))
    return (
        (not named["id"] or row.id in named["id"])
        and (not named["slug"] or row.slug in named["slug"])
        and (not named["condition_ids"] or row.conditionId in named["condition_ids"])
        and (not named["clob_token_ids"] or bool(tokens & named["clob_token_ids"]))
    )


def _is_enough(row: GammaMarket, asked: dict[str, str]) -> bool:
    for name, value in _LEAST.items():
        least, most = asked.get(f"{name}_min"), asked.get(f"{name}_max")
        have = value(row) or Decimal(0)
        if (least and have < _decimal(least)) or (most and have > _decimal(most)):
            return False
    return True


def _ordered(rows: list[GammaMarket], names: str, ascending: bool | None) -> list[GammaMarket]:
    for name in reversed([name for name in names.split(",") if name]):
        key = _ORDERS.get(name)
        if key is None or "_" in name:
            raise Refused(f"order fields are not valid: {name[:40]}", 422)
        rows = sorted(rows, key=key, reverse=not ascending)
    return rows


def _flag(text: str) -> bool | None:
    """true, false, or "" for either. Raises Refused."""
    if text.lower() not in ("true", "false", ""):
        raise Refused(f"{text[:40]} is not a boolean", 422)
    return {"true": True, "false": False}.get(text.lower())


def _decimal(text: str) -> Decimal:
    try:
        return exact(micro(text))
    except WireError as error:
        raise Refused(f"{text[:40]} is not a number", 422) from error


def _text(values: list[str]) -> str:
    """A list as JSON text, spaced as Gamma does it."""
    return ", ".join(msgspec.json.encode(value).decode() for value in values).join("[]")
