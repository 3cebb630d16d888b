"""What an actor durably knows, kept apart from what it merely noted: for snapshots, and for who starts from one.

Beside every actor that recovers lives its twin: the same class, which hears nothing but committed Events, in their
order and at their times, and whose words nobody hears. So it knows at every place exactly what a replay up to there
would know. Of it the pictures are taken: an actor's class need not say what is durable, and cannot forget to.
"""

from __future__ import annotations

import functools
import sys
from collections import deque
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from messages.base import Envelope, Message
from messages.system import FetchSnapshot, KeepSnapshot, SnapshotFetched
from messages.values import SECOND, RealNs
from runtime.actor import Actor
from runtime.bus import Bus
from runtime.clock import real_now
from runtime.image import ImageError, Painter, picture, revive

EVERY = 5_000
"""Places after which a new picture is taken …"""
AGE_NS = 600 * SECOND
"""… or real time, if anything was heard since."""
AT_ONCE = 200
"""Events heard in one go: some ten milliseconds."""
WAITING = 20_000
"""Events that may wait for the twin; with more it is given up, and with it the snapshots of this process."""
PART = 256 * 1024
"""Bytes of a picture in one message."""
AGAIN_NS = 1 * SECOND
"""An unanswered question is asked again after this …"""
CONNECTING_NS = 10_000_000
"""… and after this while the connection is not up yet."""
ANY = 1 << 62
GIVEN_BY_HOST = frozenset(
    {"role", "incarnation", "run", "now", "real_now", "unacknowledged", "journal_lag_ns", "_commands"}
)
"""What an actor is told, not what it knows."""
CODE = ("messages", "trading", "actors")
"""Rooms that decide what follows from an Event."""


def known(actor: Actor) -> dict[str, Any]:
    """Everything an actor knows, by attribute."""
    return {name: value for name, value in vars(actor).items() if name not in GIVEN_BY_HOST}


@functools.cache
def code_digest() -> bytes:
    """Of every line that decides what an Event means: another program starts from the journal's beginning."""
    root = Path(__file__).resolve().parent.parent
    digest = blake2b(sys.version.encode(), digest_size=16)
    for path in sorted(path for room in CODE for path in (root / room).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def key_of(*given: object) -> str:
    """Under which key snapshots may be used again: same program, same settings."""
    text = msgspec.json.encode(given, order="deterministic", enc_hook=str)
    return blake2b(code_digest() + text, digest_size=16).hexdigest()


class Twin:
    """One process's: fetched before its replay, taken of its twin from then on. `key` "": none at all.

    `every`: places after which a new one is taken, in the place of `EVERY`.
    """

    def __init__(self, bus: Bus, actor: Actor, key: str, every: int = 0) -> None:
        self._bus = bus
        self._actor = actor
        self._key = key
        self._every = every or EVERY
        self.waits = False
        """One was asked for, and it is not here yet."""
        self.gseq = 0
        """Place of the last one, taken or fetched."""
        self.trouble = ""
        """Why there are none any more."""
        self.ask_again_at = RealNs(0)
        self._before = ANY
        self._parts: list[bytes] = []
        self._image = b""
        """What the actor started from, until its twin has."""
        self._twin: Actor | None = None
        self._heard: deque[tuple[int, Envelope, Message]] = deque()
        self._through = 0
        self._taken_at = RealNs(0)
        self._work: Iterator[None] | None = None

    @property
    def is_kept(self) -> bool:
        """There are snapshots of this process."""
        return bool(self._key)

    # Before the replay.

    def fetch(self) -> None:
        """Ask for the newest one, or for its next part."""
        self.waits = True
        asked = FetchSnapshot(
            sender=self._bus.identity,
            role=self._actor.role,
            key=self._key,
            before=self._before,
            part=len(self._parts),
        )
        is_sent = self._bus.ask_journal(asked)
        self.ask_again_at = real_now() + (AGAIN_NS if is_sent else CONNECTING_NS)

    def is_due(self, now: RealNs) -> bool:
        """Whether to ask again."""
        return self.waits and now >= self.ask_again_at

    def fetched(self, answer: SnapshotFetched) -> bool:
        """Take what came; True: the actor knows what there was to know, up to `gseq`."""
        if not self.waits or (answer.gseq and answer.part != len(self._parts)):
            return False
        if not answer.gseq:
            self.waits, self._parts = False, []
            return True
        self._parts.append(answer.data)
        self._before = answer.gseq + 1
        if len(self._parts) == answer.parts:
            image, self._parts = b"".join(self._parts), []
            try:
                vars(self._actor).update(revive(image))
            except ImageError:
                self._before = answer.gseq
            else:
                self.gseq, self.waits, self._image = answer.gseq, False, image
                return True
        self.fetch()
        return False

    # From then on.

    def begin(self, gseq: int) -> None:
        """The actor has heard everything up to here and nothing else.

        Its twin starts as it did, with what it heard since still to be heard; or with what it knows by now.
        """
        if not self._key:
            return
        start, self._image = self._image, b""
        try:
            image = start or picture(known(self._actor))
            self._twin = type(self._actor).__new__(type(self._actor))
            vars(self._twin).update({**vars(self._actor), **revive(image)})
        except ImageError as error:
            self.give_up(str(error))
            return
        self._through, self._taken_at = self.gseq if start else gseq, real_now()
        if self._through - self.gseq >= self._every:
            self._work = self._hand_over(image, gseq)

    def heard(self, gseq: int, envelope: Envelope, message: Message) -> None:
        """The actor was told of this committed Event; its twin will be."""
        is_followed = self._twin is not None or self._image
        if not gseq or not is_followed or type(message) not in self._actor.contract.handlers:
            return
        self._heard.append((gseq, envelope, message))
        if len(self._heard) <= WAITING:
            return
        if self._twin is not None:
            self.give_up(f"{WAITING} events wait")
        else:  # a tail so long that the actor's own knowledge at its end is the better start
            self._image = b""
            self._heard.clear()

    def step(self) -> None:
        """Go on a little: hear what waits, or go on with a picture."""
        if self._twin is None:
            return
        if self._work is None:
            self._hear()
            self._begin_picture()
        elif next(self._work, self) is self:
            self._work = None

    def _hear(self) -> None:
        twin = self._twin
        assert twin is not None
        for _ in range(min(AT_ONCE, len(self._heard))):
            self._through, envelope, message = self._heard.popleft()
            twin.now, twin.real_now = envelope.market_at, envelope.real_at
            twin.handle(message)

    def _begin_picture(self) -> None:
        new = self._through - self.gseq
        if new >= self._every or (new and real_now() - self._taken_at >= AGE_NS):
            self._work = self._take()

    def _take(self) -> Iterator[None]:
        """A picture of the twin, which hears nothing meanwhile, in short steps."""
        assert self._twin is not None
        try:
            painter = Painter(known(self._twin))
            yield from painter.work()
            image = painter.picture()
        except ImageError as error:
            self.give_up(str(error))
            return
        yield from self._hand_over(image, self._through)

    def _hand_over(self, image: bytes, gseq: int) -> Iterator[None]:
        """To the journal's writer, one part a step."""
        self.gseq, self._taken_at = gseq, real_now()
        parts = -(-len(image) // PART)
        for part in range(parts):
            self._bus.ask_journal(
                KeepSnapshot(
                    sender=self._bus.identity,
                    role=self._actor.role,
                    key=self._key,
                    gseq=gseq,
                    part=part,
                    parts=parts,
                    data=image[part * PART : (part + 1) * PART],
                )
            )
            yield

    def give_up(self, why: str) -> None:
        """From now on there are no snapshots of this process; the journal has everything."""
        self._twin, self.trouble = None, f"no snapshots any more: {why}"
        self._heard.clear()
