"""Small journals and ledgers made by hand."""

import msgspec
import pytest

from messages.account import BookEmptied, GatewayStarted
from messages.base import Envelope
from messages.codec import encode_body, encode_envelope, market_of
from messages.liquidation import ExitCompleted, LiquidatorAssigned, MarketRetired, MarketTaken
from messages.orders import (
    FillConfirmed,
    OrderAccepted,
    OrderCanceled,
    OrderCompleted,
    OrderFilled,
    OrderIntended,
)
from messages.system import EngineChanged
from messages.values import MICRO, MS, SECOND
from runtime.journal import Record
from simulation.story import entries
from simulation.venue_checks import Ledger
from venue.paper.engine.terms import MakerLeg, TokenSide, Trade, TradeStatus
from venue.paper.ledger.history import Balance, PastOrder

RUN = 7
START = 1_750_000_000 * SECOND
US = "0xAbCd"
YES, NO = "111", "222"


class Story:
    """A journal and what the exchange has of it, said step by step; real time goes on by 100 ms each."""

    def __init__(self):
        self.records = []
        self.run = RUN
        self.real = 5_000 * SECOND
        self.speed = 60
        self.orders, self.trades, self.balances = {}, [], {}
        self.number = 0

    # The journal.

    def say(self, kind, **fields):
        """One Event, whatever it is."""
        self.wait_ms(100)
        message = msgspec.convert(fields, kind)
        envelope = Envelope(
            version=1,
            kind=kind.__name__,
            schema=1,
            source="test@1",
            run=self.run,
            sequence=len(self.records) + 1,
            id=len(self.records).to_bytes(16, "big"),
            correlation=b"",
            cause=b"",
            real_at=self.real,
            wall_at=self.real,
            market_at=self.market_at,
            ttl_ms=0,
            market=market_of(message),
            body=encode_body(message),
        )
        self.records.append(self._record(envelope))
        return self

    def wait_ms(self, span):
        self.real += span * MS
        return self

    @property
    def market_at(self):
        return START + (self.real - 5_000 * SECOND) * self.speed

    def entries(self):
        return list(entries(self.records))

    def _record(self, envelope):
        return Record(
            len(self.records) + 1,
            envelope.id,
            envelope.kind,
            envelope.market,
            envelope.source,
            envelope.run,
            int(envelope.real_at),
            envelope.wall_at,
            int(envelope.market_at),
            encode_envelope(envelope),
        )

    # A system's life.

    def start(self):
        self.say(EngineChanged, state="STARTING")
        self.say(GatewayStarted, incarnation=1, address=US, funder=US, collateral=1_000 * MICRO)
        return self.say(EngineChanged, state="RUNNING")

    def stop(self, left=0):
        self.say(EngineChanged, state="STOPPING")
        self.say(BookEmptied, when="stop", left=left)
        return self.say(EngineChanged, state="STOPPED")

    def take(self, market="0xa", owner="maker"):
        return self.say(MarketTaken, market=market, slug=f"slug-{market}", owner=owner)

    def retire(self, market="0xa", net=20, exit_="x1"):
        self.say(
            MarketRetired,
            exit=exit_,
            market=market,
            slug=f"slug-{market}",
            reason="position_limit",
            net=net * MICRO,
        )
        return self

    def assign(self, market="0xa", exit_="x1", liquidator="liquidator:a"):
        return self.say(
            LiquidatorAssigned, exit=exit_, market=market, slug=f"slug-{market}", liquidator=liquidator
        )

    def complete(self, market="0xa", exit_="x1", left=0):
        return self.say(ExitCompleted, exit=exit_, market=market, slug=f"slug-{market}", left=left)

    # Orders, on both sides of the wire.

    def intend(self, order, side="bid", price=0.50, size=10, owner="maker", market="0xa", frame_ms=None):
        """A bid buys YES, an ask sells it."""
        decided = self.real + 100 * MS
        return self.say(
            OrderIntended,
            order=order,
            command=f"c-{order}",
            market=market,
            owner=owner,
            side=side,
            price=round(price * MICRO),
            size=round(size * MICRO),
            token=YES,
            outcome="yes",
            action="buy" if side == "bid" else "sell",
            decided_at=decided,
            frame_at=0 if frame_ms is None else decided - frame_ms * MS,
        )

    def reach_venue(self, order, side="bid", price=0.50, size=10, market="0xa"):
        """The exchange accepts it."""
        self.orders[order] = PastOrder(
            id=order,
            owner="key",
            maker=US.upper().replace("0X", "0x"),
            market=market,
            token=YES,
            side=TokenSide.BUY if side == "bid" else TokenSide.SELL,
            price=round(price * MICRO),
            size=round(size * MICRO),
            type="GTC",
            post_only=True,
            expires_at=None,
            accepted_at=self.market_at + 1,
            accepted_real_at=self.real + 1,
            status="LIVE",
            matched=0,
            ended_at=None,
            ended_real_at=None,
            end_reason="",
        )
        return self

    def place(self, order, side="bid", price=0.50, size=10, owner="maker", market="0xa", frame_ms=None):
        """Intended, accepted by the exchange, and known to rest."""
        self.intend(order, side, price, size, owner, market, frame_ms)
        self.reach_venue(order, side, price, size, market)
        return self.say(
            OrderAccepted,
            order=order,
            command=f"c-{order}",
            market=market,
            owner=owner,
            side=side,
            price=round(price * MICRO),
            size=round(size * MICRO),
            sent_at=self.real + 10 * MS,
        )

    def fill(
        self, order, side="bid", price=0.50, size=10, owner="maker", market="0xa", confirm=True, trade=None
    ):
        """The exchange matches it, the journal hears of it."""
        self.number += 1
        trade = trade or f"t{self.number}"
        self.match(trade, order, side, price, size, market)
        self.hear_fill(trade, order, side, price, size, owner, market)
        return self.say(FillConfirmed, trade=trade, order=order, market=market) if confirm else self

    def match(self, trade, order, side="bid", price=0.50, size=10, market="0xa"):
        price, size = round(price * MICRO), round(size * MICRO)
        ours = TokenSide.BUY if side == "bid" else TokenSide.SELL
        leg = MakerLeg(order=order, owner="key", maker=US, token=YES, side=ours, price=price, size=size)
        self.trades.append(
            Trade(
                id=trade,
                market=market,
                token=YES,
                taker_order="0xhouse",
                taker_owner="",
                taker_maker="",
                side=TokenSide.SELL if side == "bid" else TokenSide.BUY,
                price=price,
                size=size,
                fee=0,
                legs=(leg,),
                matched_at=self.market_at + 2,
                status=TradeStatus.CONFIRMED,
                updated_at=self.market_at + 2,
            )
        )
        self.balances[YES] = self.balances.get(YES, 0) + (size if side == "bid" else -size)
        return self

    def hear_fill(self, trade, order, side="bid", price=0.50, size=10, owner="maker", market="0xa"):
        return self.say(
            OrderFilled,
            trade=trade,
            order=order,
            command=f"c-{order}",
            market=market,
            owner=owner,
            side=side,
            price=round(price * MICRO),
            size=round(size * MICRO),
            outcome="yes",
            action="buy" if side == "bid" else "sell",
            fee=0,
            matched_at=self.market_at,
        )

    def end(self, order, completed=False, owner="maker", market="0xa"):
        """It is off the book, filled or canceled."""
        if order in self.orders:
            self.orders[order] = msgspec.structs.replace(
                self.orders[order], ended_at=self.market_at + 3, ended_real_at=self.real + 3
            )
        common = {"order": order, "command": f"c-{order}", "market": market, "owner": owner}
        if completed:
            return self.say(OrderCompleted, **common)
        return self.say(OrderCanceled, **common, filled=0, reason="asked")

    def ledger(self, floats=0):
        return Ledger(
            orders=list(self.orders.values()),
            trades=self.trades,
            balances=[
                Balance(maker=US, token=token, amount=amount, cost=0)
                for token, amount in self.balances.items()
            ],
            floats=floats,
        )

    def a_whole_run(self):
        """Two quotes, two fills to the limit, a hand-over, a liquidation, the next market quoted, a clean stop."""
        self.start().take("0xa")
        self.place("b1", "bid", 0.50, frame_ms=3).place("a1", "ask", 0.54, frame_ms=5)
        self.fill("b1").end("b1", completed=True).place("b2", "bid", 0.49)
        self.fill("b2", price=0.49).end("b2", completed=True).end("a1")
        self.retire("0xa").assign("0xa").take("0xb")
        self.place("b3", "bid", 0.30, market="0xb").place("a3", "ask", 0.34, market="0xb")
        self.place("l1", "ask", 0.52, 20, "liquidator:a")
        self.fill("l1", "ask", 0.52, 20, "liquidator:a").end("l1", True, "liquidator:a").complete("0xa")
        self.wait_ms(60_000).end("b3", market="0xb").end("a3", market="0xb")
        return self.stop()


@pytest.fixture
def story():
    return Story()
