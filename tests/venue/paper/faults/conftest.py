"""An app with faults that begin at once, a wallet at it, and time that is turned by hand."""

from __future__ import annotations

import pytest

from tests.venue.paper.faults.stage import Scene


@pytest.fixture
def scene() -> Scene:
    """A bid of 38 and an ask of 45, each for 50 shares."""
    return Scene()
