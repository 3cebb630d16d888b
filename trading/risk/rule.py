"""What a rule is: limits as fields, and one question."""

from __future__ import annotations

import msgspec

from messages.values import Shares, Side, Size
from trading.visible import VisibleBook


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a quoting rule judges by."""

    book: VisibleBook
    min_size: Size
    net: Shares


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reason not to quote one side. Its fields are its limits and its section in the configuration."""

    def denies(self, side: Side, given: Given) -> str:
        """Why this side is not quoted; empty when it may be."""
        raise NotImplementedError
