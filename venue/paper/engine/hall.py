"""The list of markets: how they come onto the floor, with whom as their background, and how they leave it."""

from __future__ import annotations

from messages.values import MarketId, TokenId
from venue.paper.engine.book import Book
from venue.paper.engine.deck import Player, Rank
from venue.paper.engine.floor import Floor
from venue.paper.engine.order_book import OrderBook
from venue.paper.engine.participants import Participants
from venue.paper.engine.pit import PitPlayer
from venue.paper.engine.queue_models import QueueModel
from venue.paper.engine.replay_book import ReplayBook
from venue.paper.engine.resolution import recall_end
from venue.paper.engine.room import Room
from venue.paper.engine.tape import Tape
from venue.paper.engine.tape_player import TapePlayer
from venue.paper.engine.terms import Market
from venue.paper.engine.timeline import Timeline
from venue.paper.ledger.ledger import Ledger

KEPT_TERMS = 4_096
"""Markets whose terms are remembered after they were taken off the floor."""


class Hall:
    """Every market has a room on the floor, and its background a place on the deck."""

    def __init__(self, floor: Floor, timeline: Timeline, ledger: Ledger) -> None:
        self._floor = floor
        self._timeline = timeline
        self._by_token: dict[TokenId, Room] = {}
        self._players: dict[MarketId, Player] = {}
        self._retired: dict[MarketId, Market] = {}
        self._ended = ledger.resolutions()

    def room_of(self, token: TokenId) -> Room | None:
        """Where a token is traded, while its market is on the floor."""
        return self._by_token.get(token)

    def market(self, market: MarketId) -> Market | None:
        """A market by its condition id, also one that was retired lately."""
        room = self._floor.rooms.get(market)
        return room.market if room else self._retired.get(market)

    def add(self, market: Market, book: Book) -> Room:
        """List a market. Raises ValueError if its id or one of its tokens is listed already."""
        floor, rooms = self._floor, self._floor.rooms
        if market.id in rooms or market.yes in self._by_token or market.no in self._by_token:
            raise ValueError(f"{market.slug}: its id or one of its tokens is listed already")
        recall_end(market, self._ended)
        room = Room(market, book, floor.now)
        rooms[market.id] = self._by_token[market.yes] = self._by_token[market.no] = room
        floor.news.market(market)
        floor.finish(room)
        if market.clears_at_start and market.starts_at is not None and market.starts_at > floor.now:
            floor.agenda.add(market.starts_at, lambda: floor.clear_book(room))
        return room

    def add_tape(self, tape: Tape, queue: QueueModel) -> None:
        """List a market and play its background from where market time stands."""
        book = ReplayBook(queue)
        room = self.add(tape.market, book)
        if not room.market.resolved:
            player = TapePlayer(self._floor, room, book, tape, self._timeline.since_origin)
            self._players[room.market.id] = player
            self._timeline.deck.put(player, Rank.TAPE)

    def add_participants(self, participants: Participants) -> None:
        """List a market and let its participants trade from where market time stands."""
        book = OrderBook()
        room = self.add(participants.market, book)
        if room.market.resolved:
            return
        player = self._players[room.market.id] = PitPlayer(self._floor, room, book, participants)
        player.open(self._timeline.since_origin)
        player.moved = self._timeline.deck.put(player, Rank.PARTICIPANTS)

    def retire(self, market: MarketId) -> bool:
        """Take a resolved market off the floor, unless an account still holds a token of it: then False."""
        floor = self._floor
        terms, accounts = floor.rooms[market].market, floor.accounts
        if not terms.resolved or accounts.is_held(terms.yes) or accounts.is_held(terms.no):
            return False
        accounts.forget(terms.yes)
        accounts.forget(terms.no)
        del floor.rooms[market], self._by_token[terms.yes], self._by_token[terms.no]
        self.silence(market)
        self._retired[market] = terms
        if len(self._retired) > KEPT_TERMS:
            del self._retired[next(iter(self._retired))]
        floor.news.retired(terms)
        floor.finish()
        return True

    def silence(self, market: MarketId) -> None:
        """Play its background no more."""
        player = self._players.pop(market, None)
        if player is not None:
            self._timeline.deck.drop(player)
