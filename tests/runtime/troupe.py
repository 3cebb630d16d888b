"""Actors that misbehave in one way each, for real processes of the tests."""

from collections.abc import Iterator

from messages.liquidation import MarketRetired
from messages.orders import CancelAll
from runtime.actor import Actor, every, handles, recovered, stopping


class Good(Actor):
    """Does nothing wrong."""

    @every(real_s=0.05)
    def tick(self) -> None:
        """Time passes."""


class Raising(Good):
    """Raises soon after it is ready."""

    @every(real_s=0.05)
    def tick(self) -> None:
        """A mistake."""
        raise ValueError("a mistake of ours")


class Hanging(Good):
    """Never comes back from a handler."""

    @every(real_s=0.05)
    def tick(self) -> None:
        """A mistake that raises nothing."""
        while True:
            pass


class Late(Good):
    """Is never ready."""

    is_ready = False


class Stubborn(Good):
    """Does not come to an end when it is asked to."""

    is_stopped = False


class Careful(Good):
    """Takes a moment for a clean end."""

    is_stopped = False
    is_ending = False

    @stopping
    def end(self) -> None:
        """It begins to end."""
        self.is_ending = True

    @every(real_s=0.05)
    def tick(self) -> None:
        """It is done a moment later."""
        if self.is_ending:
            self.is_stopped, self.exit_code = True, 3


class Done(Good):
    """Its work is done at once."""

    is_finished = False

    @recovered
    def begin(self) -> Iterator[CancelAll]:
        """Nothing to do."""
        self.is_finished = True
        yield CancelAll(reason="done")


class Poisoned(Good):
    """Cannot bear the second market that is retired."""

    def __init__(self) -> None:
        self.seen = 0

    @handles
    def on_retired(self, retired: MarketRetired) -> None:
        """Old or new."""
        self.seen += 1
        if self.seen == 2:
            raise ValueError("poison")
