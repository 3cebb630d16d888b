"""What comes while an actor still recovers: it waits, and of a State's subject only the newest does."""

from __future__ import annotations

from messages.base import Message, State
from runtime.mailbox import Item

BOUND = 4096


class Stash:
    """Items in the order in which they came."""

    def __init__(self) -> None:
        self._kept: dict[object, Item] = {}

    def keep(self, item: Item, message: Message) -> None:
        """Have it wait. Raises OverflowError for more than can be kept."""
        key = item.key if isinstance(message, State) else object()
        self._kept.pop(key, None)
        if len(self._kept) >= BOUND:
            raise OverflowError(f"{BOUND} messages came before the recovery was through")
        self._kept[key] = item

    def take_all(self) -> list[Item]:
        """The recovery is through."""
        kept, self._kept = list(self._kept.values()), {}
        return kept
