"""Orders that are signed and have not left: each leaves at most once, and not after it was forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

from messages.values import OrderId

MAX_PREPARED = 512
"""The oldest is forgotten when there are more; a `SendOrder` for it is answered with NOT_SENT."""
MAX_REMEMBERED = 4_096
"""Names of orders that left, so that a repeated `SendOrder` is not answered twice."""

Body = TypeVar("Body")


class Outbox(Generic[Body]):
    """Both the loop and the sending threads use it, so every method holds its lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._prepared: OrderedDict[OrderId, Body] = OrderedDict()
        self._asked: OrderedDict[OrderId, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._prepared)

    def put(self, order: OrderId, body: Body) -> None:
        """It may leave when asked for."""
        with self._lock:
            self._prepared[order] = body
            while len(self._prepared) > MAX_PREPARED:
                self._prepared.popitem(last=False)

    def ask(self, order: OrderId) -> bool:
        """Whether this is the first time it is asked to leave; only that one is answered."""
        with self._lock:
            if order in self._asked:
                return False
            self._asked[order] = None
            while len(self._asked) > MAX_REMEMBERED:
                self._asked.popitem(last=False)
            return True

    def take(self, order: OrderId) -> Body | None:
        """What leaves now; None where it is unknown, forgotten or gone."""
        with self._lock:
            return self._prepared.pop(order, None)

    def forget(self, order: OrderId) -> None:
        """It does not leave any more, if it has not left yet."""
        with self._lock:
            self._prepared.pop(order, None)
