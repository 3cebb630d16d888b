"""The Data API, version 2, about people: approvals, statistics, rankings."""

from __future__ import annotations

from messages.values import SECOND
from venue.paper.doors.data_api import required_user
from venue.paper.doors.data_book import DataBook
from venue.paper.doors.data_v2_asked import part, served, span, whole_answer
from venue.paper.doors.node import block_of
from venue.paper.doors.request import Answer, Request, Routes
from venue.paper.engine.terms import Refused
from venue.wire.contracts import COLLATERAL, COLLATERAL_SPENDERS, FEATURES, TOKEN_OPERATORS, UNLIMITED
from venue.wire.data_v2 import (
    Approval,
    Approvals,
    Leader,
    PnlPoint,
    PnlSeries,
    Standing,
    UserStats,
    UserVolume,
)
from venue.wire.eip712 import CHAIN_ID
from venue.wire.markets import spell_date
from venue.wire.numbers import exact

INTERVALS = ("max", "all", "1m", "1w", "1d", "12h", "6h")
FIDELITIES = ("1d", "18h", "12h", "3h", "1h")


class DataV2PeopleDoor:
    """Public. Rankings count since the beginning, whatever period is asked for (assumed); nobody has a name."""

    def __init__(self, book: DataBook) -> None:
        self._book = book

    def routes(self) -> Routes:
        """What is served here."""
        return served(
            {
                "/approvals": self.approvals,
                "/user-stats": self.stats,
                "/user-volume": self.volume,
                "/user-pnl": self.gains,
                "/leaderboard": self.leaderboard,
                "/biggest-winners": lambda request: part([], request.query()),
                "/builders/leaderboard": lambda request: part([], request.query()),
                "/builders/volume": lambda request: whole_answer([]),
            }
        )

    def approvals(self, request: Request) -> Answer:
        """GET /v2/approvals: which of the venue's contracts may move what."""
        user = required_user(request.query())
        found = [self._collateral(user, name, spender) for name, spender in COLLATERAL_SPENDERS.items()]
        found += [self._tokens(user, name, *pair) for name, pair in TOKEN_OPERATORS.items()]
        told = Approvals(
            address=user.lower(), chain_id=CHAIN_ID, checked_at=spell_date(self._book.now), contracts=found
        )
        return whole_answer(told)

    def stats(self, request: Request) -> Answer:
        """GET /v2/user-stats; null of an address nobody has used."""
        user = required_user(request.query())
        joined = self._book.joined_at(user)
        if joined is None:
            return whole_answer(None)
        traded = self._book.traders(user)
        return whole_answer(
            UserStats(
                proxy_wallet=user.lower(),
                trades=sum(one.markets for one in traded),
                join_date=int(joined) // SECOND,
                all_time_pnl=self._point(user),
            )
        )

    def volume(self, request: Request) -> Answer:
        """GET /v2/user-volume between two seconds."""
        asked = request.query()
        traded = self._book.traders(required_user(asked), *span(asked))
        return whole_answer(
            UserVolume(
                volume=exact(sum(one.size for one in traded)),
                volume_usdc=exact(sum(one.dollars for one in traded)),
                trade_count=sum(one.matches for one in traded),
            )
        )

    def gains(self, request: Request) -> Answer:
        """GET /v2/user-pnl: the point of this moment; older ones are not kept."""
        asked = request.query()
        user, interval = required_user(asked), asked.get("interval") or "1d"
        fidelity = asked.get("fidelity") or "1h"
        if interval not in INTERVALS or fidelity not in FIDELITIES:
            raise Refused("invalid interval" if interval not in INTERVALS else "invalid fidelity")
        series = PnlSeries(
            proxy_wallet=user.lower(),
            interval=interval,
            fidelity=fidelity,
            source_fidelity=fidelity,
            points=[] if self._book.joined_at(user) is None else [self._point(user)],
        )
        return whole_answer(series)

    def leaderboard(self, request: Request) -> Answer:
        """GET /v2/leaderboard by profit or by volume; of one user the places it has in both."""
        asked = request.query()
        rows = [
            Leader(
                rank=0,
                user_id=one.maker.lower(),
                pnl=exact(self._book.profit(one.maker)),
                volume=exact(one.size),
            )
            for one in self._book.traders()
        ]
        by_profit = sorted(rows, key=lambda row: row.pnl, reverse=True)
        by_volume = sorted(rows, key=lambda row: row.volume, reverse=True)
        if asked.get("user"):
            return whole_answer(_standing(required_user(asked).lower(), by_profit, by_volume))
        chosen = by_volume if asked.get("sort_by", "PNL").upper() == "VOLUME" else by_profit
        for place, row in enumerate(chosen, 1):
            row.rank = place
        return part(chosen, asked)

    def _point(self, user: str) -> PnlPoint:
        """What is realized is what remains of the profit."""
        traded, now = self._book.traders(user), self._book.now
        open_ = sum(held.value - held.cost for held in self._book.holdings(user))
        paid = self._book.payments(user)
        rebates = sum(one.dollars for one in paid if one.reason.startswith("rebates"))
        income, profit = sum(one.dollars for one in paid), self._book.profit(user)
        realized = profit - income - open_
        return PnlPoint(
            timestamp=int(now) // SECOND,
            source_block=block_of(now),
            realized_market_pnl=exact(realized),
            unrealized_pnl=exact(open_),
            maker_rebate=exact(rebates),
            reward_income=exact(income - rebates),
            realized_pnl=exact(realized),
            wallet_income=exact(income),
            position_pnl=exact(realized + open_),
            settled_pnl=exact(realized + income),
            economic_pnl=exact(profit),
            volume=exact(sum(one.size for one in traded)),
            volume_usdc=exact(sum(one.dollars for one in traded)),
            trade_count=sum(one.matches for one in traded),
        )

    def _collateral(self, user: str, name: str, spender: str) -> Approval:
        amount = self._book.allowance(user, spender, is_tokens=False)
        return Approval(
            id=name,
            feature=_feature(name),
            token=COLLATERAL.lower(),
            spender=spender.lower(),
            standard="ERC20",
            amount="max" if amount >= UNLIMITED else str(amount),
            approved=amount > 0,
        )

    def _tokens(self, user: str, name: str, token: str, operator: str) -> Approval:
        return Approval(
            id=name,
            feature=_feature(name),
            token=token.lower(),
            spender=operator.lower(),
            standard="ERC1155",
            approved=self._book.allowance(user, operator, is_tokens=True) > 0,
        )


def _feature(name: str) -> str:
    """What an approval is for."""
    return FEATURES.get(name) or ("auto-redeem" if name.startswith("AutoRedeem") else "trading")


def _standing(user: str, by_profit: list[Leader], by_volume: list[Leader]) -> Standing | None:
    """None of somebody who never traded."""
    for place, row in enumerate(by_profit, 1):
        if row.user_id == user:
            return Standing(
                user_id=user,
                pnl=row.pnl,
                volume=row.volume,
                rank_pnl=place,
                rank_volume=1 + by_volume.index(row),
            )
    return None
