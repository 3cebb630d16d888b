"""Each source's Events are taken in the order in which it said them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from messages.codec import decode_envelope
from runtime.journal_records import Record

LOOK_BACK = 50_000
"""Records looked at for what a source said last, about 50 ms: it is asked once a source and start of the journal."""
MAX_SOURCES = 1_024


class Spoken(Protocol):
    """A journal that finds what somebody said last."""

    @property
    def head(self) -> int:
        """How far it goes."""

    def last_of(self, source: str, run: int) -> Record | None:
        """The newest of its records, if it is not too far back."""


class Turns:
    """Whose turn it is: sequence numbers of a source are contiguous from 1. Volatile; the journal is asked.

    What comes early is not taken, and so not acknowledged: it comes again behind what is missing. A source that
    has not spoken for `LOOK_BACK` records is believed to have lost nothing.
    """

    def __init__(self, journal: Spoken) -> None:
        self._journal = journal
        self._last: OrderedDict[tuple[str, int], int] = OrderedDict()

    def take(self, source: str, run: int, sequence: int) -> bool:
        """It goes into the journal now, or is there; False: something before it is missing."""
        key = (source, run)
        last = self._last.get(key)
        if last is None:
            last = self._look_up(source, run, sequence)
        if sequence > last + 1:
            return False
        self._last[key] = max(last, sequence)
        self._last.move_to_end(key)
        if len(self._last) > MAX_SOURCES:
            self._last.popitem(last=False)
        return True

    def _look_up(self, source: str, run: int, sequence: int) -> int:
        record = self._journal.last_of(source, run)
        if record is not None:
            return decode_envelope(record.envelope).sequence
        return 0 if self._journal.head <= LOOK_BACK else sequence - 1
