"""What was said last of each subject, for as many subjects as were spoken of last."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Newest(Generic[Key, Value]):
    """A bounded mapping: whoever was not spoken of for longest is forgotten first."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._said: OrderedDict[Key, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._said)

    def __contains__(self, key: object) -> bool:
        return key in self._said

    def __getitem__(self, key: Key) -> Value:
        return self._said[key]

    def __setitem__(self, key: Key, value: Value) -> None:
        self._said[key] = value
        self._said.move_to_end(key)
        if len(self._said) > self._bound:
            self._said.popitem(last=False)

    def get(self, key: Key) -> Value | None:
        """What was said last; None for what is not known, or not any more."""
        return self._said.get(key)
