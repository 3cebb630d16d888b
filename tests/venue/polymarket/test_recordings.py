"""Recorded frames of the real exchange, read and kept as books: their own best prices must come out."""

import gzip
import json
from pathlib import Path

import pytest

from messages.market import BookReceived, LevelsReceived
from messages.values import MICRO, RealNs
from trading.book import Book
from venue.polymarket.translate import MarketFrames

RECORDINGS = Path(__file__).parents[4] / "shared" / "data" / "recordings"
FED = "fed-july-2026-no-change_2026-07-20.new-format.jsonl.gz"
CRYPTO = "crypto-updown_2026-06-26.new-format.jsonl.gz"
SINGLE = "single-frames_2024-2026.jsonl.gz"

pytestmark = pytest.mark.recordings


def frames_of(name):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"RECORDED DATA IS MISSING: {path}")
    with gzip.open(path, "rt") as lines:
        return [json.loads(line)["m"] for line in lines]


def tokens_in(frame):
    events = frame if isinstance(frame, list) else [frame]
    return [e["asset_id"] for e in events if "asset_id" in e] + [
        change["asset_id"] for e in events for change in e.get("price_changes", ())
    ]


def pair_of(frames):
    """YES is the token that comes first."""
    yes, no = list(dict.fromkeys(token for frame in frames for token in tokens_in(frame)))
    return yes, no


class Kept:
    """A book kept from frames, beside the best prices the frames name for one token."""

    def __init__(self, yes, no):
        self.frames, self.yes, self.book = MarketFrames(), yes, Book()
        self.frames.know([("0xm", yes, no)])
        self.checked = 0

    def take(self, frame):
        for found in self.frames.read(json.dumps(frame), RealNs(1)):
            if isinstance(found, BookReceived):
                self.book.replace(found.bids, found.asks)
            elif isinstance(found, LevelsReceived):
                for level in found.levels:
                    self.book.set(*level)
        for change in frame.get("price_changes", ()) if isinstance(frame, dict) else ():
            if change["asset_id"] == self.yes:
                assert (self.book.best_bid or 0) == round(float(change["best_bid"]) * MICRO)
                assert (self.book.best_ask or MICRO) == round(float(change["best_ask"]) * MICRO)
                self.checked += 1


def test_the_best_prices_of_the_subscribed_token_match_every_frame():
    frames = frames_of(FED)
    kept = Kept(*pair_of(frames))
    for frame in frames:
        kept.take(frame)

    assert kept.checked == 24


def test_a_book_in_mid_stream_equals_the_one_kept_so_far():
    frames = frames_of(FED)
    kept = Kept(*pair_of(frames))
    later = [n for n, frame in enumerate(frames) if n and '"book"' in json.dumps(frame)]
    for frame in frames[: later[0]]:
        kept.take(frame)
    before = kept.book.top(1_000)
    kept.take(frames[later[0]])

    assert kept.book.top(1_000) == before


def test_both_tokens_tell_the_same_book():
    frames = frames_of(CRYPTO)
    yes, no = pair_of(frames)
    of_yes, of_no = Kept(yes, no), Kept(yes, no)
    for frame in frames:
        of_yes.take(frame)
        events = frame if isinstance(frame, list) else [frame]
        for event in events:
            if event["event_type"] == "price_change":
                twin = [c for c in event["price_changes"] if c["asset_id"] == no]
                of_no.take(event | {"price_changes": twin})
            elif event["asset_id"] == no:
                of_no.take(event)

    assert of_yes.checked == 5
    assert of_no.book.top(1_000) == of_yes.book.top(1_000)


def test_single_real_frames_of_many_years_are_read():
    frames = MarketFrames()
    real = [frame for frame in frames_of(SINGLE) if "changes" not in frame and "price_changes" not in frame]
    frames.know([(f"0x{n}", token, f"no-{n}") for n, frame in enumerate(real) for token in tokens_in(frame)])
    kinds = {
        type(found).__name__
        for frame in real
        if frame["event_type"] != "price_change"
        for found in frames.read(json.dumps(frame), RealNs(1))
    }

    assert kinds == {"BookReceived", "PrintReceived", "TickReceived"}
