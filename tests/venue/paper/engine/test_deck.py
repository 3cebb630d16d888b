from __future__ import annotations

from collections.abc import Callable

from venue.paper.engine.deck import Deck, Rank


class Scripted:
    """Moves at the times it was given, and says so."""

    def __init__(self, name: str, times: list[int], said: list[tuple[int, str]]) -> None:
        self.name = name
        self.times = times
        self.said = said

    def next_at(self) -> int | None:
        return self.times[0] if self.times else None

    def play(self) -> None:
        self.said.append((self.times.pop(0), self.name))


def played(deck: Deck) -> None:
    while deck.next_at() is not None:
        deck.play()


def test_all_play_in_time_order_and_at_one_instant_cues_then_tapes_then_participants() -> None:
    deck, said = Deck(), list[tuple[int, str]]()
    assert deck.next_at() is None
    deck.put(Scripted("crowd", [1, 3], said), Rank.PARTICIPANTS)
    deck.put(Scripted("tape", [0, 3, 3, 9], said), Rank.TAPE)
    deck.put(Scripted("other tape", [3], said), Rank.TAPE)
    deck.cue(3, lambda: said.append((3, "cue")))

    played(deck)

    assert said == [
        (0, "tape"),
        (1, "crowd"),
        (3, "cue"),
        (3, "tape"),
        (3, "tape"),
        (3, "other tape"),
        (3, "crowd"),
        (9, "tape"),
    ]


def test_a_player_whose_next_move_changed_is_played_when_it_says_now() -> None:
    deck, said = Deck(), list[tuple[int, str]]()
    one = Scripted("one", [5, 8], said)
    moved: Callable[[], None] = deck.put(one, Rank.PARTICIPANTS)
    deck.put(Scripted("two", [4, 6], said), Rank.PARTICIPANTS)

    one.times.insert(0, 2)
    moved()
    assert deck.next_at() == 2
    played(deck)
    one.times.append(7)
    moved()
    played(deck)

    assert said == [(2, "one"), (4, "two"), (5, "one"), (6, "two"), (8, "one"), (7, "one")]


def test_what_a_cue_puts_in_plays_from_then_on() -> None:
    deck, said = Deck(), list[tuple[int, str]]()

    def list_another() -> None:
        said.append((2, "cue"))
        deck.put(Scripted("listed", [2, 4], said), Rank.PARTICIPANTS)

    deck.cue(2, list_another)
    deck.put(Scripted("first", [1, 3], said), Rank.PARTICIPANTS)
    played(deck)

    assert said == [(1, "first"), (2, "cue"), (2, "listed"), (3, "first"), (4, "listed")]


def test_who_was_dropped_plays_no_more_whatever_it_says() -> None:
    deck, said = Deck(), list[tuple[int, str]]()
    one, two = Scripted("one", [1, 3], said), Scripted("two", [2, 4], said)
    moved = deck.put(one, Rank.PARTICIPANTS)
    deck.put(two, Rank.PARTICIPANTS)
    deck.cue(2, lambda: deck.drop(one))

    played(deck)
    moved()
    assert deck.next_at() is None

    assert said == [(1, "one"), (2, "two"), (4, "two")]


def test_who_is_dropped_in_the_midst_of_its_move_makes_it_and_no_other() -> None:
    deck, said = Deck(), list[tuple[int, str]]()

    class Leaver(Scripted):
        def play(self) -> None:
            super().play()
            deck.drop(self)

    deck.put(Leaver("leaver", [1, 2], said), Rank.PARTICIPANTS)
    played(deck)

    assert said == [(1, "leaver")]
