"""The private side door to the chain under /sim/: what a wallet does there without a trade (VENUE §9).

Calls are signed with an API key like any trading call. Amounts are decimal, as strings or numbers; every refusal is
one sentence.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypeVar

import msgspec

from messages.values import MarketId, Size
from venue.paper.doors.keys import Keys
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.wallets import Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.terms import Event, Market, Refused
from venue.paper.ledger.outcomes import Conversion
from venue.wire import errors
from venue.wire.contracts import EXCHANGE, NEG_RISK_ADAPTER, NEG_RISK_EXCHANGE, UNLIMITED
from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.numbers import WireError, micro_of, spell

MAX_SIZE = 1 << 60
SPENDERS = {
    "exchange": EXCHANGE,
    "neg_risk_exchange": NEG_RISK_EXCHANGE,
    "neg_risk_adapter": NEG_RISK_ADAPTER,
}


class OfWallet(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What every call may say."""

    maker: str = ""
    """The wallet; "": the one that the caller's address bound last, or the address itself."""


class Pairs(OfWallet, kw_only=True, forbid_unknown_fields=True):
    """POST /sim/split and /sim/merge."""

    condition_id: str
    amount: Decimal


class Redeem(OfWallet, kw_only=True, forbid_unknown_fields=True):
    """POST /sim/redeem: all of a resolved market."""

    condition_id: str


class Convert(OfWallet, kw_only=True, forbid_unknown_fields=True):
    """POST /sim/convert: so many NO of each of these markets of an event."""

    event: str
    """Its slug, or what its markets have in common on the chain."""
    condition_ids: list[str]
    amount: Decimal


class Approve(OfWallet, kw_only=True, forbid_unknown_fields=True):
    """POST /sim/approve: what one of the venue's contracts may move."""

    spender: Literal["exchange", "neg_risk_exchange", "neg_risk_adapter"]
    asset_type: Literal["COLLATERAL", "CONDITIONAL"]
    amount: Decimal | None = None
    """Dollars; of tokens any amount stands for all of them, and 0 for none. None: no limit."""


class Converted(msgspec.Struct, kw_only=True):
    """What became of it, in decimal units."""

    kind: str
    maker: str
    market: str
    """Condition id, or what the event's markets have in common."""
    amount: str
    collateral: str
    """Received; negative: paid."""
    transaction_hash: str


Told = TypeVar("Told", bound=OfWallet)


class SideDoor:
    """Split, merge, redeem, convert, approve."""

    def __init__(self, exchange: Exchange, keys: Keys, wallets: Wallets) -> None:
        self._exchange = exchange
        self._bank = exchange.bank
        self._keys = keys
        self._wallets = wallets

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("POST", "/sim/split"): self.split,
            ("POST", "/sim/merge"): self.merge,
            ("POST", "/sim/redeem"): self.redeem,
            ("POST", "/sim/convert"): self.convert,
            ("POST", "/sim/approve"): self.approve,
        }

    def split(self, request: Request) -> Answer:
        """POST /sim/split: dollars into YES and NO."""
        maker, told = self._told(request, Pairs)
        return _answer(self._bank.split(maker, self._market(told.condition_id), _size(told.amount)))

    def merge(self, request: Request) -> Answer:
        """POST /sim/merge: YES and NO into dollars."""
        maker, told = self._told(request, Pairs)
        return _answer(self._bank.merge(maker, self._market(told.condition_id), _size(told.amount)))

    def redeem(self, request: Request) -> Answer:
        """POST /sim/redeem: what is held of a resolved market into what it pays."""
        maker, told = self._told(request, Redeem)
        return _answer(self._bank.redeem(maker, self._market(told.condition_id)))

    def convert(self, request: Request) -> Answer:
        """POST /sim/convert: NO of some markets of a neg-risk event into YES of the others, and dollars."""
        maker, told = self._told(request, Convert)
        chosen = [self._market(condition) for condition in told.condition_ids]
        return _answer(self._bank.convert(maker, self._event(told.event), chosen, _size(told.amount)))

    def approve(self, request: Request) -> Answer:
        """POST /sim/approve."""
        maker, told = self._told(request, Approve)
        is_tokens = told.asset_type == "CONDITIONAL"
        amount = UNLIMITED if told.amount is None else int(_size(told.amount))
        if is_tokens and amount:
            amount = UNLIMITED
        self._bank.allow(maker, SPENDERS[told.spender], is_tokens, amount)
        return Answer(b"{}")

    def _told(self, request: Request, shape: type[Told]) -> tuple[str, Told]:
        """The wallet a signed call is about, and what it says. Raises Refused."""
        key = self._keys.check(request)
        try:
            told = msgspec.json.decode(request.body, type=shape)
            named = checksummed(address_bytes(told.maker)) if told.maker else ""
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, WireError) as error:
            raise Refused(f"{errors.INVALID_PAYLOAD}: {error}") from error
        mine = self._wallets.all_of(key.address)
        if named and named not in mine:
            raise Refused(f"{named} is no wallet of {key.address}")
        return named or mine[-1], told

    def _market(self, condition: str) -> Market:
        market = self._exchange.market(MarketId(condition))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        return market

    def _event(self, name: str) -> Event:
        for event in self._exchange.events:
            if name and name in (event.slug, event.neg_risk_market):
                return event
        raise Refused("event not found", 404)


def _size(amount: Decimal) -> Size:
    """Millionths. Raises Refused."""
    try:
        size = micro_of(amount)
    except WireError as error:
        raise Refused(f"{errors.INVALID_PAYLOAD}: {error}") from error
    if not 0 <= size <= MAX_SIZE:
        raise Refused(f"{errors.INVALID_PAYLOAD}: the amount is out of range")
    return Size(size)


def _answer(made: Conversion) -> Answer:
    told = Converted(
        kind=made.kind,
        maker=made.maker,
        market=made.market,
        amount=spell(made.size),
        collateral=spell(made.dollars),
        transaction_hash=made.transaction_hash,
    )
    return Answer(msgspec.json.encode(told))
