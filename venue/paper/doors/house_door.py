"""What the house may do to its venue while it runs, under /sim/, from this host only: end markets, turn switches."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from messages.values import MarketId
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.doors.sim_door import check_local
from venue.paper.engine.exchange import Exchange
from venue.paper.engine.switches import Switches
from venue.paper.engine.terms import Refused
from venue.wire import errors
from venue.wire.eip712 import address_bytes, checksummed
from venue.wire.numbers import WireError

YES_WINS = {"YES": True, "NO": False, "50-50": None}


class Resolve(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """POST /sim/resolve."""

    condition_id: str
    winner: Literal["YES", "NO", "50-50"]


class HouseDoor:
    """Resolutions and switches."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self) -> Routes:
        """What is served here."""
        return {
            ("POST", "/sim/resolve"): self.resolve,
            ("GET", "/sim/switches"): self.read,
            ("POST", "/sim/switches"): self.switch,
        }

    def resolve(self, request: Request) -> Answer:
        """POST /sim/resolve: a market ends now."""
        check_local(request)
        told = _decoded(request, Resolve)
        market = self._exchange.market(MarketId(told.condition_id))
        if market is None:
            raise Refused(errors.NO_MARKET, 404)
        if market.resolved:
            raise Refused("the market is resolved already")
        self._exchange.resolve(market.id, YES_WINS[told.winner])
        return Answer(b"{}")

    def read(self, request: Request) -> Answer:
        """GET /sim/switches."""
        check_local(request)
        return Answer(msgspec.json.encode(self._exchange.bank.switches))

    def switch(self, request: Request) -> Answer:
        """POST /sim/switches: those that are named change, the others stay as they are."""
        check_local(request)
        told = _decoded(request, dict[str, Any])
        now = msgspec.to_builtins(self._exchange.bank.switches)
        try:
            wanted = msgspec.convert(now | told, Switches)
            wanted.closed_only = tuple(checksummed(address_bytes(some)) for some in wanted.closed_only)
            wanted.banned = tuple(checksummed(address_bytes(some)) for some in wanted.banned)
        except (msgspec.ValidationError, WireError) as error:
            raise Refused(f"{errors.INVALID_PAYLOAD}: {error}") from error
        self._exchange.bank.switch(wanted)
        return self.read(request)


def _decoded(request: Request, shape: Any) -> Any:
    try:
        return msgspec.json.decode(request.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"{errors.INVALID_PAYLOAD}: {error}") from error
