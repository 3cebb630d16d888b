from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sha3

from messages.values import MICRO, SECOND, Price, Side, Size
from tests.venue.paper.engine_bench import RECORDINGS
from venue.paper.engine.tape import BookSet, Cleared, Closed, LevelSet, Printed, TapeEvent, TickSet
from venue.paper.engine.terms import TokenSide
from venue.paper.replay.frames import RecordingError
from venue.paper.replay.recording import Recording

A, B = "7001", "65"


def half(levels: dict[str, str]) -> list[dict[str, str]]:
    return [{"price": price, "size": size} for price, size in levels.items()]


def book(asset: str, bids: dict[str, str], asks: dict[str, str], **more: str) -> dict[str, Any]:
    return {
        "event_type": "book",
        "asset_id": asset,
        "market": "",
        "bids": half(bids),
        "asks": half(asks),
    } | more


def old_change(asset: str, side: str, price: str, size: str) -> dict[str, Any]:
    change = {"price": price, "side": side, "size": size}
    return {"event_type": "price_change", "asset_id": asset, "changes": [change]}


def new_change(*changes: tuple[str, str, str, str]) -> dict[str, Any]:
    entries = [{"asset_id": a, "side": s, "price": p, "size": z} for a, s, p, z in changes]
    return {"event_type": "price_change", "market": "0x1", "price_changes": entries}


def a_file(path: Path, *lines: tuple[int, Any], name: str = "a-game.old-format.jsonl.gz") -> Path:
    text = "".join(json.dumps({"t": t, "m": m}) + "\n" for t, m in lines)
    file = path / name
    file.write_bytes(gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode())
    return file


def played(path: Path) -> list[TapeEvent]:
    return list(Recording(path).events(0))


def test_a_pair_of_mirrored_messages_is_one_event(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        (5_000, book(A, {"0.4": "10"}, {"0.45": "20"})),
        (5_000, book(B, {"0.55": "20"}, {"0.6": "10"})),
        (7_500, old_change(A, "BUY", "0.41", "3")),
        (7_500, old_change(B, "SELL", "0.59", "3")),
    )
    first, second, last = played(file)

    assert first == BookSet(
        at=0, bids=((Price(400_000), Size(10 * MICRO)),), asks=((Price(450_000), Size(20 * MICRO)),)
    )
    assert second == LevelSet(at=2_500_000_000, side=Side.BID, price=Price(410_000), size=Size(3 * MICRO))
    assert last == Closed(at=2_500_000_000)


def test_the_new_wire_says_both_outcomes_in_one_message_and_only_one_may_have_books(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        (1_000, [book(A, {"0.4": "10"}, {})]),
        (2_000, new_change((B, "BUY", "0.5", "7"), (A, "SELL", "0.5", "7"))),
        (
            3_000,
            {"event_type": "last_trade_price", "asset_id": B, "price": "0.5", "size": "2", "side": "SELL"},
        ),
        name="a.new-format.jsonl",
    )
    _, change, print_, _ = played(file)

    assert change == LevelSet(at=SECOND, side=Side.ASK, price=Price(500_000), size=Size(7 * MICRO))
    assert print_ == Printed(at=2 * SECOND, taker=TokenSide.BUY, price=Price(500_000), size=Size(2 * MICRO))


def test_a_market_is_its_pair_of_assets(tmp_path: Path) -> None:
    file = a_file(tmp_path, (1, book(A, {"0.4": "1"}, {})), (1, book(B, {}, {"0.6": "1"})))
    market = Recording(file).market

    assert (market.yes, market.no, market.slug) == (A, B, "a-game")
    assert market.id == "0x" + sha3.keccak_256(b"657001").hexdigest()
    assert market.min_size == 5 * MICRO


def test_a_lonely_asset_is_given_a_complement(tmp_path: Path) -> None:
    market = Recording(a_file(tmp_path, (1, book(A, {"0.4": "1"}, {})))).market
    assert market.no.isdigit()
    assert market.no != market.yes


@pytest.mark.parametrize(
    ("after", "prints"),
    [
        (({"0.4": "4", "0.39": "5"}, {"0.45": "20"}), [(TokenSide.SELL, 40, 6)]),
        (({"0.39": "2"}, {"0.45": "20"}), [(TokenSide.SELL, 40, 10), (TokenSide.SELL, 39, 3)]),
        (({"0.4": "10", "0.39": "5"}, {"0.45": "1"}), [(TokenSide.BUY, 45, 19)]),
        (({"0.4": "4", "0.39": "5"}, {"0.45": "2"}), []),
        (({"0.4": "10", "0.39": "2"}, {"0.45": "20"}), []),
        (({"0.4": "12", "0.39": "5"}, {"0.45": "20"}), []),
        (({"0.4": "4", "0.39": "2"}, {"0.45": "20"}), []),
    ],
)
def test_a_book_whose_top_shrank_on_one_side_was_a_trade_on_the_old_wire(
    tmp_path: Path,
    after: tuple[dict[str, str], dict[str, str]],
    prints: list[tuple[TokenSide, int, int]],
) -> None:
    lines = (1, book(A, {"0.4": "10", "0.39": "5"}, {"0.45": "20"})), (2, book(A, *after))
    said = played(a_file(tmp_path, *lines))

    assert [(e.taker, e.price // 10_000, e.size // MICRO) for e in said if isinstance(e, Printed)] == prints
    assert isinstance(said[-2], BookSet)

    changes = (2, new_change((A, "BUY", "0.2", "1")))
    new_wire = played(a_file(tmp_path, *lines, changes, name="a.new-format.jsonl.gz"))
    assert not [e for e in new_wire if isinstance(e, Printed)]


def test_the_grid_starts_with_the_first_book_and_gets_finer_without_notice(tmp_path: Path) -> None:
    coarse = a_file(tmp_path, (1, book(A, {"0.4": "1"}, {})), (2, old_change(A, "BUY", "0.405", "1")))
    recording = Recording(coarse)
    assert recording.market.tick == 10_000
    assert list(recording.events(0))[1:3] == [
        TickSet(at=1_000_000, tick=Price(1_000), is_told=False),
        LevelSet(at=1_000_000, side=Side.BID, price=Price(405_000), size=Size(MICRO)),
    ]
    fine = a_file(tmp_path, (1, book(A, {"0.4": "1", "0.012": "1"}, {})))
    assert Recording(fine).market.tick == 1_000
    said = a_file(tmp_path, (1, book(A, {"0.4": "1"}, {}, tick_size="0.001")))
    assert Recording(said).market.tick == 1_000


def test_a_told_change_of_the_grid_and_a_resolution_are_events(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        (1, book(A, {"0.4": "1"}, {})),
        (2, {"event_type": "tick_size_change", "asset_id": A, "new_tick_size": "0.001"}),
        (2, {"event_type": "tick_size_change", "asset_id": B, "new_tick_size": "0.001"}),
        (3, {"event_type": "market_resolved", "asset_id": A}),
        (3, {"event_type": "best_bid_ask", "asset_id": A}),
    )
    assert [type(event) for event in played(file)] == [BookSet, TickSet, Closed, Closed]


def test_a_message_that_takes_a_whole_deep_book_off_is_the_venue_clearing_it(tmp_path: Path) -> None:
    bids, asks = ({f"0.{cents}": "5" for cents in range(first, first + 5)} for first in (30, 60))
    off = [(A, "BUY", price, "0") for price in bids] + [(A, "SELL", price, "0") for price in asks]
    cleared = a_file(tmp_path, (1, book(A, bids, asks)), (2, new_change(*off)), name="a.new-format.jsonl")
    shallow = a_file(
        tmp_path,
        (1, book(A, {"0.3": "5"}, asks)),
        (2, new_change(off[0], *off[5:])),
        name="b.new-format.jsonl",
    )
    some_left = a_file(
        tmp_path, (1, book(A, bids, asks)), (2, new_change(*off[1:])), name="c.new-format.jsonl"
    )

    assert [type(event) for event in played(cleared)] == [BookSet, *[LevelSet] * 10, Cleared, Closed]
    assert not [event for event in played(shallow) + played(some_left) if isinstance(event, Cleared)]


def test_time_never_goes_back_though_lines_do(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        (5_000, book(A, {"0.4": "1"}, {})),
        (4_000, old_change(A, "BUY", "0.41", "1")),
        (6_000, old_change(A, "BUY", "0.42", "1")),
        (5_500, old_change(A, "BUY", "0.43", "1")),
    )
    assert [event.at // 1_000_000 for event in played(file)] == [0, 0, 1_000, 1_000, 1_000]


GOOD = json.dumps({"t": 1, "m": book(A, {"0.4": "1"}, {})}) + "\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("this is not json\n", 1, "not a recorded frame"),
        (GOOD + '{"t": "soon", "m": {"event_type": "book"}}\n', 2, "not a recorded frame"),
        (GOOD + '{"t": 2}\n', 2, "not a recorded frame"),
        (
            GOOD + json.dumps({"t": 2, "m": old_change(A, "BUY", "0.4x", "1")}) + "\n",
            2,
            "'0.4x' is not a number",
        ),
        (GOOD + json.dumps({"t": 2, "m": old_change(A, "BUY", "0.4", "-1")}) + "\n", 2, "'-1' is not a size"),
        (
            GOOD + json.dumps({"t": 2, "m": old_change(A, "BUY", "1.2", "1")}) + "\n",
            2,
            "'1.2' is not between 0",
        ),
        (GOOD + json.dumps({"t": 2, "m": old_change(A, "UP", "0.2", "1")}) + "\n", 2, "'UP' is not a side"),
        (GOOD + GOOD.replace(A, B) + GOOD.replace(A, "99"), 3, "a third asset"),
        (GOOD[: len(GOOD) // 2], 1, "not a recorded frame"),
    ],
)
def test_a_malformed_line_is_named_on_one_line(tmp_path: Path, text: str, line: int, reason: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text(text)
    with pytest.raises(RecordingError) as error:
        Recording(file)
    assert str(error.value).startswith(f"{file}: line {line}: ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_files_without_a_book_or_with_damage_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    with pytest.raises(RecordingError, match="no book in it"):
        Recording(empty)
    cut = a_file(tmp_path, *[(1, book(A, {"0.4": str(n)}, {})) for n in range(500)])
    cut.write_bytes(cut.read_bytes()[:-20])
    with pytest.raises(RecordingError, match="the compressed file is damaged"):
        Recording(cut)
    with pytest.raises(OSError, match="absent"):
        Recording(tmp_path / "absent.jsonl.gz")


def recorded(pattern: str) -> list[Path]:
    found = sorted(RECORDINGS.glob(pattern))
    if not found:
        pytest.skip(f"NO RECORDED DATA: {RECORDINGS} has no {pattern}")
    return found


@pytest.mark.recordings
def test_the_trades_of_the_recorded_games_are_the_inferred_ones() -> None:
    series = RECORDINGS.parent / "series" / "mlb_inferred_trades.csv.gz"
    games = recorded("mlb-*.gz")
    with gzip.open(series, "rt") as rows:
        expected = Counter(row.split(",")[1] for row in rows)
    for game in games:
        recording = Recording(game)
        found = {(e.at, e.taker) for e in recording.events(0) if isinstance(e, Printed)}
        assert abs(len(found) - expected[recording.market.slug]) <= 3


def rebuilt(events: Iterator[TapeEvent]) -> tuple[dict[int, int], dict[int, int]]:
    bids, asks = dict[int, int](), dict[int, int]()
    last = 0
    for event in events:
        assert event.at >= last
        last = event.at
        if isinstance(event, BookSet):
            bids, asks = {**dict(event.bids)}, {**dict(event.asks)}
        elif isinstance(event, LevelSet):
            levels = bids if event.side is Side.BID else asks
            assert levels.get(event.price, 0) != event.size
            levels[event.price] = event.size
    return {p: s for p, s in bids.items() if s}, {p: s for p, s in asks.items() if s}


def read_plainly(file: Path, asset: str) -> tuple[dict[int, int], dict[int, int]]:
    """The last book of one asset by its own messages alone."""
    books: tuple[dict[int, int], dict[int, int]] = ({}, {})
    with gzip.open(file, "rt") as lines:
        for line in lines:
            message = json.loads(line)["m"]
            if message["asset_id"] != asset:
                continue
            for n, name in enumerate(("bids", "asks")):
                if name in message:
                    books[n].clear()
                for entry in message.get(name, []):
                    books[n][round(float(entry["price"]) * MICRO)] = round(float(entry["size"]) * MICRO)
            for entry in message.get("changes", []):
                size = round(float(entry["size"]) * MICRO)
                books[entry["side"] == "SELL"][round(float(entry["price"]) * MICRO)] = size
    bids, asks = ({p: s for p, s in levels.items() if s} for levels in books)
    return bids, asks


@pytest.mark.recordings
def test_the_events_of_a_game_add_up_to_its_recorded_book() -> None:
    for game in recorded("mlb-*.gz"):
        recording = Recording(game)
        assert rebuilt(recording.events(0)) == read_plainly(game, recording.yes)


@pytest.mark.recordings
def test_a_current_recording_keeps_its_print_and_its_tick() -> None:
    (fed,) = recorded("fed-*.gz")
    recording = Recording(fed)
    (print_,) = [event for event in recording.events(0) if isinstance(event, Printed)]
    assert recording.market.tick == 1_000
    assert (print_.price, print_.size, print_.taker) == (925_000, 216_216_215, TokenSide.BUY)
    assert recording.ends_at == 50_667 * 1_000_000


@pytest.mark.recordings
@pytest.mark.parametrize("name", ["single-frames*", "user-channel*"])
def test_samples_that_are_no_market_are_refused(name: str) -> None:
    (file,) = recorded(name)
    with pytest.raises(RecordingError):
        Recording(file)
