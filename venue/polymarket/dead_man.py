"""The venue's dead-man switch: a chain of ids, each beat carrying the one the venue gave last."""

from __future__ import annotations

from messages.account import DeadManBeaten, DeadManMissed
from messages.values import RealNs
from venue.polymarket.client import Reply

TRIES = 3
"""Beats one `BeatDeadMan` may cost: one, and a repeat for each id the venue corrects us with."""


class DeadMan:
    """Knows the next link, and tells a lost answer from somebody else who beats with our key."""

    def __init__(self) -> None:
        self.heartbeat = ""
        """Goes into the next beat; "" registers."""
        self._acknowledged = False

    def hear(self, reply: Reply, at: RealNs) -> DeadManBeaten | DeadManMissed | None:
        """What the answer to a beat means; None: beat again at once, the venue gave the right id.

        A 400 names the id it expects. That is normal for the first beat of a run, after an answer that was lost
        and when the venue forgot us (it expects ""); after a beat it had acknowledged it means that somebody
        else has beaten since.
        """
        acknowledged, self._acknowledged = self._acknowledged, False
        given = reply.body.get("heartbeat_id") if isinstance(reply.body, dict) else None
        if not isinstance(given, str):
            return DeadManMissed(reason=reply.reason if reply.status != 200 else "an answer of another shape")
        if reply.status == 200:
            self.heartbeat, self._acknowledged = given, True
            return DeadManBeaten(at=at)
        if reply.status != 400:
            return DeadManMissed(reason=reply.reason)
        expected_other = given not in ("", self.heartbeat)
        self.heartbeat = given
        if acknowledged and expected_other:
            self._acknowledged = True  # it is still our chain: the next surprise is theirs as well
            return DeadManMissed(reason="somebody else beats with our key", foreign=True)
        return None
