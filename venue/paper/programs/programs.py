"""All programs of one exchange, put together."""

from __future__ import annotations

from venue.paper.engine.exchange import Exchange
from venue.paper.programs.builders import Builders
from venue.paper.programs.minutes import Minutes
from venue.paper.programs.notifications import Notifications
from venue.paper.programs.payday import Payday
from venue.paper.programs.prices import Recorder
from venue.paper.programs.rebates import Rebates
from venue.paper.programs.rewards import Rewards


class Programs:
    """What happens beside trading, minute by minute and day by day."""

    def __init__(self, exchange: Exchange) -> None:
        minutes = Minutes(exchange)
        self.notifications = Notifications(exchange)
        self.rebates = Rebates(exchange)
        self.rewards = Rewards(exchange, minutes, exchange.ledger.seed)
        Payday(exchange, minutes, self.rewards, self.rebates).told.append(self.notifications.rewarded)
        self.prices = Recorder(exchange, minutes)
        self.builders = Builders(exchange)
