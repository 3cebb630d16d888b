"""Writes every Event once, in one order, and lets nobody hear of it before it is durable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from messages.audit import OrderTraced, TraceOrder
from messages.base import Fact, Message
from messages.codec import decode_body, decode_envelope
from messages.system import (
    AlertKind,
    Announce,
    AppendEvent,
    DiskStatus,
    EventCommitted,
    EventsReplayed,
    FactPublished,
    FetchSnapshot,
    JournalHead,
    KeepSnapshot,
    ReplayEvents,
    Room,
    Severity,
    SnapshotFetched,
    ViewFailed,
    WriteView,
)
from messages.values import SECOND, MarketNs, RealNs, RoleName
from runtime.actor import Actor, drained, every, handles, recovered, stopping
from runtime.journal import Journal, Record
from trading.trail import Told, trail_of, why_not
from trading.views import SEEN, StateViews

GROUP = 64
"""Events written in one commit at most; a smaller group is written as soon as nothing more waits."""
SEEN_KINDS = tuple(kind.__name__ for kind in SEEN)
CHUNK = 2_000
SCAN = 20_000
"""Records passed over in one go at most, so that no commit waits for a search: about 20 ms."""
FOLD = 4_000
"""Records folded into the readable files in one go: the same."""
FIRST_COPY_NS = 300 * SECOND
"""Real time after a start until what is new is copied …"""
COPY_NS = 3_600 * SECOND
"""… and from one copy to the next."""
ROOMS = ((Room.NONE, 64 << 20), (Room.SHORT, 256 << 20), (Room.LOW, 1 << 30))
"""Below so many bytes the disk has no more room than this, the tightest first."""
SLACK = 5
"""Room comes back only when a fifth more than that is free, so that it does not come and go."""
PART = 256 * 1024
"""Bytes of a snapshot in one answer."""
MAX_REPLY = 512 * 1024
"""Bytes of envelopes in one answer at most: half of what a frame may carry."""


class PersistenceActor(Actor):
    """The journal's only writer. What it is asked to keep it keeps once, however often it is asked."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.views = StateViews()
        self.viewed = 0
        """Everything up to here is in the readable files' contents."""
        self.waiting: list[tuple[str, bytes]] = []
        """Who is to be told, and of which Event, once what is staged is durable."""
        self.view_trouble = ""
        self.copy_at = RealNs(0)
        self.room = Room.AMPLE
        self.arriving: dict[RoleName, list[bytes]] = {}
        """Parts of snapshots that are not whole yet."""

    @recovered
    def begin(self) -> None:
        """The readable files follow from what is written, a long history little by little."""
        self.copy_at = self.real_now + FIRST_COPY_NS
        self._follow_views()

    @handles
    def on_append(self, append: AppendEvent) -> Iterator[EventCommitted | FactPublished]:
        """Stage it, in its source's order; a repeated one that is durable already is only acknowledged again."""
        envelope = decode_envelope(bytes(append.envelope))
        if not self.journal.turns.take(envelope.source, envelope.run, envelope.sequence):
            return
        known = self.journal.stage(
            envelope.id,
            envelope.kind,
            envelope.market,
            envelope.source,
            envelope.run,
            int(envelope.real_at),
            envelope.wall_at,
            int(envelope.market_at),
            bytes(append.envelope),
        )
        if known is not None and known <= self.journal.head:
            yield EventCommitted(to=append.sender, id=envelope.id, gseq=known)
            return
        self.waiting.append((append.sender, envelope.id))
        if self.journal.staged >= GROUP:
            yield from self._commit()

    @drained
    def commit(self) -> Iterator[EventCommitted | FactPublished]:
        """Nothing more waits: what is staged is one group."""
        if self.journal.staged:
            yield from self._commit()

    @handles
    def on_replay(self, asked: ReplayEvents) -> Iterator[EventCommitted | FactPublished | EventsReplayed]:
        """Committed Events again, of the kinds and the market asked for, as many as one answer carries.

        What came in before is among them: who begins says anew what an earlier life said and is not there.
        """
        yield from self.commit()
        limit, after = min(max(1, asked.limit), CHUNK), max(0, asked.after)
        last = max(after, min(self.journal.head, after + SCAN))
        found = self.journal.read(after, limit, asked.kinds or None, through=last)
        records = list(_fitting(found))
        is_whole = len(records) == len(found) < limit
        through = last if is_whole else records[-1].gseq
        yield EventsReplayed(
            to=asked.sender,
            facts=tuple(_fact(r) for r in records if not asked.market or r.market in ("", asked.market)),
            through=through,
            head=self.journal.head,
        )

    @handles
    def on_trace(self, asked: TraceOrder) -> Iterator[OrderTraced]:
        """The life of one order, from the records about it."""
        found = self.journal.orders.find(asked.order)
        told = [Told(RealNs(r.real_at), r.wall_at, _said(r)) for r in found.records]
        trail = trail_of(told)
        text = "" if trail is not None else why_not(found.names, found.behind, asked.order)
        yield OrderTraced(to=asked.sender, request=asked.request, trail=trail, text=text)

    @every(real_s=0.5)
    def look_for_orders(self) -> None:
        """So that an order can be found by its name."""
        self.journal.orders.step()

    @handles
    def on_snapshot(self, part: KeepSnapshot) -> Iterator[Announce]:
        """What an actor knows, in parts; the last one makes it whole."""
        parts = self.arriving.setdefault(part.role, [])
        if part.part == 0:
            parts.clear()
        if part.part != len(parts):
            return
        parts.append(part.data)
        if len(parts) < part.parts:
            return
        del self.arriving[part.role]
        trouble = self.journal.snapshots.keep(part.role, part.key, part.gseq, b"".join(parts))
        if trouble:
            yield Announce(severity=Severity.WARNING, text=trouble, about=AlertKind.SYSTEM)

    @handles
    def on_snapshot_wanted(self, wanted: FetchSnapshot) -> Iterator[SnapshotFetched]:
        """The newest sound one, part by part."""
        found = self.journal.snapshots.find(wanted.role, wanted.key, wanted.before)
        first, last = wanted.part * PART, (wanted.part + 1) * PART
        if found is None or first >= len(found.image):
            yield SnapshotFetched(to=wanted.sender, gseq=0)
            return
        yield SnapshotFetched(
            to=wanted.sender,
            gseq=found.gseq,
            part=wanted.part,
            parts=-(-len(found.image) // PART),
            data=found.image[first:last],
        )

    @handles
    def on_view_failed(self, failed: ViewFailed) -> None:
        """A readable file could not be written; the journal is what counts, the next write tries again."""
        self.view_trouble = f"{failed.name}: {failed.reason}"

    @every(real_s=0.5)
    def beat(self) -> Iterator[JournalHead]:
        """How far it is, so that who missed the last Event notices."""
        yield JournalHead(gseq=self.journal.head)

    @every(real_s=2)
    def keep_files(self) -> Iterator[WriteView]:
        """The readable files follow within seconds; the write-ahead log is kept small."""
        self.journal.checkpoint()
        yield from self._changed_files()

    @every(real_s=60)
    def begin_copy(self) -> None:
        """An hour after the copy before, or some minutes after a start, whatever is new is copied."""
        if self.real_now >= self.copy_at and self.journal.copies.begin():
            self.copy_at = self.real_now + COPY_NS

    @every(real_s=0.25)
    def go_on(self) -> Iterator[Announce]:
        """Work that takes long goes on by one short step, so that no commit waits."""
        self._follow_views()
        copied = self.journal.copies.step()
        if copied is not None:
            severity = Severity.INFO if copied.ok else Severity.WARNING
            yield Announce(severity=severity, text=copied.text, about=AlertKind.SYSTEM)

    @every(real_s=2)
    def look_at_disk(self) -> Iterator[DiskStatus | Announce]:
        """How much there is left, and a line for people when that is another word than before."""
        free = self.journal.free()
        room = room_for(free, self.room)
        yield DiskStatus(room=room, free=free)
        if room is not self.room:
            self.room = room
            yield Announce(
                severity=Severity.INFO if room is Room.AMPLE else Severity.WARNING,
                text=f"Disk room is {room.value}: {free >> 20:,} MiB are free beside the journal",
                about=AlertKind.SYSTEM,
            )

    @stopping
    def close(self) -> Iterator[EventCommitted | FactPublished | WriteView]:
        """Write what came last."""
        yield from self.commit()
        yield from self._changed_files()
        self.journal.close()

    def _changed_files(self) -> Iterator[WriteView]:
        """None while the files' contents are not those of the whole journal yet."""
        if self.viewed == self.journal.head:
            for name, text in self.views.take_changed(self.now):
                yield WriteView(name=name, text=text)

    def _follow_views(self) -> None:
        """Some more of the journal into the files' contents, while they are behind."""
        last = min(self.journal.head, self.viewed + FOLD)
        while self.viewed < last:
            records = self.journal.read(self.viewed, CHUNK, SEEN_KINDS, through=last)
            for record in records:
                self._view(record)
            self.viewed = records[-1].gseq if len(records) == CHUNK else last

    def _commit(self) -> Iterator[EventCommitted | FactPublished]:
        records = self.journal.commit()
        placed = {record.id: record.gseq for record in records}
        is_abreast = self.viewed == records[0].gseq - 1
        for record in records:
            yield FactPublished(fact=_fact(record))
            if is_abreast and record.kind in SEEN_KINDS:
                self._view(record)
        if is_abreast:
            self.viewed = records[-1].gseq
        waiting, self.waiting = self.waiting, []
        for sender, identity in waiting:
            yield EventCommitted(to=sender, id=identity, gseq=placed[identity])

    def _view(self, record: Record) -> None:
        self.views.note(_said(record), MarketNs(record.market_at))


def room_for(free: int, before: Room) -> Room:
    """What so many free bytes are called; a better name than before needs some more than its limit."""
    names = [Room.NONE, Room.SHORT, Room.LOW, Room.AMPLE]
    for room, limit in ROOMS:
        is_before = names.index(before) <= names.index(room)
        if free < (limit + limit // SLACK if is_before else limit):
            return room
    return Room.AMPLE


def _said(record: Record) -> Message:
    return decode_body(decode_envelope(record.envelope))


def _fact(record: Record) -> Fact:
    return Fact(record.gseq, msgspec.Raw(record.envelope))


def _fitting(records: Iterable[Record]) -> Iterator[Record]:
    """The first ones, up to `MAX_REPLY` bytes, and always one."""
    size = 0
    for record in records:
        if size and size + len(record.envelope) > MAX_REPLY:
            return
        size += len(record.envelope)
        yield record
