"""All doors behind which nothing is traded: listings, metadata, history, programs."""

from __future__ import annotations

from venue.paper.doors.data_api import DataDoor
from venue.paper.doors.data_book import DataBook
from venue.paper.doors.data_v2 import DataV2Door
from venue.paper.doors.data_v2_markets import DataV2MarketDoor
from venue.paper.doors.data_v2_people import DataV2PeopleDoor
from venue.paper.doors.dialect import Dialect
from venue.paper.doors.gamma import GammaDoor
from venue.paper.doors.keys import Keys
from venue.paper.doors.registry import Registry
from venue.paper.doors.request import Routes
from venue.paper.doors.rest_builders import BuilderDoor
from venue.paper.doors.rest_history import HistoryDoor
from venue.paper.doors.rest_listings import ListingDoor
from venue.paper.doors.rest_notifications import NotificationDoor
from venue.paper.doors.rest_rewards import RewardsDoor
from venue.paper.doors.rest_scoring import ScoringDoor
from venue.paper.doors.site import SiteDoor
from venue.paper.doors.wallets import Wallets
from venue.paper.engine.exchange import Exchange
from venue.paper.programs.programs import Programs


def reading_routes(
    exchange: Exchange, registry: Registry, keys: Keys, wallets: Wallets, dialect: Dialect
) -> Routes:
    """What they serve together; the programs of the exchange begin with this."""
    programs = Programs(exchange)
    prices, told = programs.prices, programs.notifications
    listings = ListingDoor(exchange, registry, prices)
    book = DataBook(exchange, registry, prices, dialect.data_lag_s)
    return {
        **listings.routes(),
        **HistoryDoor(exchange, prices).routes(),
        **RewardsDoor(exchange, programs, registry, keys, wallets).routes(),
        **ScoringDoor(exchange, programs.rewards, keys).routes(),
        **NotificationDoor(exchange, told, registry, listings, keys, wallets).routes(),
        **BuilderDoor(exchange, programs.builders).routes(),
        **GammaDoor(exchange, registry, prices).routes(),
        **DataDoor(book).routes(),
        **DataV2Door(book).routes(),
        **DataV2MarketDoor(book, exchange, prices).routes(),
        **DataV2PeopleDoor(book).routes(),
        **SiteDoor(dialect.geoblocked).routes(),
    }
