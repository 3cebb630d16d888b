"""What a journal at rest says to whoever reads it from outside, and what it says when it cannot be read."""

import csv
import io
import json
import re
import sqlite3
from contextlib import closing

import msgspec
import pytest

from messages.codec import encode_envelope
from messages.system import ClockAnchor
from messages.values import SECOND, MarketNs, RealNs
from runtime.clock import Clock
from runtime.journal import Journal
from runtime.journal_backup import backup_path
from runtime.journal_command import main, run
from runtime.stamp import Stamp
from tests.factories import MAKER, MARKET, OTHER, a_fill, confirmed, gateway_started, retired, taken
from trading.views import StateViews

NOON = 1_750_000_000 * SECOND
FILL = a_fill(10, 50)
STORY = (taken(), gateway_started(), FILL, confirmed(FILL), taken(OTHER), retired())


def journal_of(path, story, start=0):
    """A journal that holds a story, one Event a second of market time; closed."""
    with closing(Journal.open(path)) as journal:
        for n, event in enumerate(story, start):
            clock = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(NOON + n * SECOND), speed=0))
            envelope = Stamp(MAKER, n + 1, 99, clock).seal(event, "facts", None)
            write(journal, envelope)
        journal.commit()
    return path


def write(journal, envelope):
    """As the journal's writer stages it."""
    journal.stage(
        envelope.id,
        envelope.kind,
        envelope.market,
        envelope.source,
        envelope.run,
        envelope.real_at,
        envelope.wall_at,
        envelope.market_at,
        encode_envelope(envelope),
    )


@pytest.fixture
def path(tmp_path):
    return journal_of(tmp_path / "journal.db", STORY)


@pytest.fixture
def said(capsys):
    def ask(*arguments):
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return ask


def places(text):
    return [int(line.split()[0]) for line in text.splitlines()]


def test_every_record_is_one_line_with_its_place_its_time_and_what_was_said(said, path):
    code, out, _ = said("show", path)

    assert (code, places(out)) == (0, [1, 2, 3, 4, 5, 6])
    third = out.splitlines()[2]
    assert "2025-06-15T15:06:42.000Z" in third
    assert f"OrderFilled        trade={FILL.trade} order={FILL.order}" in third


def test_a_state_directory_means_the_journal_inside(said, path):
    assert said("show", path.parent) == said("show", path)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--kind", "MarketTaken"], [1, 5]),
        (["--kind", "MarketTaken", "--kind", "FillConfirmed"], [1, 4, 5]),
        (["--market", "0xb"], [5]),
        (["--order", FILL.order], [3, 4]),
        (["--order", FILL.command], [3]),
        (["--since", "3", "--until", "4"], [3, 4]),
        (["--since", "2025-06-15T15:06:42Z"], [3, 4, 5, 6]),
        (["--until", "2025-06-15T15:06:42"], [1, 2, 3]),
        (["--kind", "OrderFilled", "--market", OTHER], []),
    ],
)
def test_a_part_is_chosen_by_kind_market_order_place_and_time(said, path, arguments, found):
    code, out, _ = said("show", path, *arguments)

    assert (code, places(out)) == (0, found)


def test_what_is_exported_is_what_was_written(said, path):
    code, out, _ = said("export", path)
    rows = [json.loads(line) for line in out.splitlines()]

    assert code == 0
    assert [row["gseq"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[2]["body"] == msgspec.to_builtins(FILL)
    assert (rows[2]["kind"], rows[2]["market"], rows[2]["source"]) == ("OrderFilled", MARKET, "maker@3")


def test_one_kind_is_exported_as_a_table(said, path):
    code, out, _ = said("export", path, "--form", "csv", "--kind", "OrderFilled")
    (row,) = csv.DictReader(io.StringIO(out))

    assert code == 0
    assert (row["gseq"], row["trade"], row["price"], row["size"]) == (
        "3",
        FILL.trade,
        str(FILL.price),
        str(FILL.size),
    )


def test_an_export_appears_whole_for_its_owner_alone_and_replaces_nothing(said, path, tmp_path):
    to = tmp_path / "out.jsonl"
    assert said("export", path, "--output", to)[0] == 0
    assert to.read_text() == said("export", path)[1]
    assert to.stat().st_mode & 0o777 == 0o600

    code, _, err = said("export", path, "--output", path)
    assert (code, err) == (2, f"{path} is there already\n")
    assert said("verify", path)[0] == 0


def test_a_sound_journal_says_how_far_it_goes_and_its_seal(said, path):
    code, out, _ = said("verify", path)

    assert code == 0
    assert "6 records" in out
    assert re.search(r"sound to 6, seal [0-9a-f]{32}", out)
    assert "5 kinds, every record can be read" in out
    assert f"about the money of {gateway_started().funder}\n" in out


def test_snapshots_beside_it_are_looked_at(said, path):
    with closing(Journal.open(path)) as journal:
        journal.snapshots.keep("maker", "k", 3, b"image")
        journal.snapshots.keep("risk", "k", 4, b"image")
    assert "2 of 2 snapshots can be used" in said("verify", path)[1]
    next(path.parent.glob("snapshots/risk-*")).write_bytes(b"cut")

    code, out, _ = said("verify", path)
    assert (code, "1 of 2 snapshots can be used" in out) == (0, True)


def test_readable_files_are_held_against_the_records(said, path):
    views = StateViews()
    for n, event in enumerate(STORY):
        views.note(event, MarketNs(NOON + n * SECOND))
    written = dict(views.take_changed(MarketNs(NOON + 99 * SECOND)))
    for name, text in written.items():
        (path.parent / name).write_text(text)
    assert f"{len(written)} readable files say what the records say" in said("verify", path)[1]

    name = f"fills-{MARKET}.json"
    (path.parent / name).write_text(re.sub('"netExposure": "[0-9]+"', '"netExposure": "51"', written[name]))
    code, out, _ = said("verify", path)
    assert code == 0
    assert f"{name} is behind the records" in out


# What cannot be read.


def damage(path, sql):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE journal SET market = 'x' WHERE gseq = 3", "corrupt at gseq 3: the seal does not fit"),
        ("DELETE FROM journal WHERE gseq = 4", "corrupt at gseq 4: the next record is 5"),
    ],
)
def test_what_was_changed_is_named_and_what_is_sound_is_still_shown(said, path, sql, problem):
    damage(path, sql)
    code, out, _ = said("verify", path)
    assert (code, f"DAMAGED: {problem}" in out) == (74, True)

    code, out, err = said("show", path)
    assert (code, places(out)) == (74, list(range(1, int(re.findall(r"gseq (\d)", problem)[0]))))
    assert err == f"{path}: {problem}\n"


def test_a_journal_of_a_newer_version_is_refused_with_its_own_exit_code(said, path):
    damage(path, "PRAGMA user_version = 99")
    code, out, err = said("verify", path)

    assert (code, out) == (78, "")
    assert "journal version 99" in err


def test_a_kind_that_only_a_newer_program_knows_is_named(said, path):
    with closing(Journal.open(path)) as journal:
        clock = Clock(ClockAnchor(real_at=RealNs(0), market_at=MarketNs(NOON), speed=0))
        envelope = Stamp(MAKER, 50, 99, clock).seal(taken(), "facts", None)
        write(journal, msgspec.structs.replace(envelope, kind="MarketDreamt"))
        journal.commit()

    code, out, _ = said("verify", path)
    assert (code, "UNREADABLE: gseq 7: unknown kind 'MarketDreamt' from maker@50" in out) == (78, True)
    code, out, err = said("show", path)
    assert (code, places(out)) == (78, [1, 2, 3, 4, 5, 6])
    assert "written by a newer program: unknown kind 'MarketDreamt'" in err


def test_while_the_system_runs_its_newest_copy_is_named(said, path):
    with closing(Journal.open(path)):
        code, _, err = said("show", path)
        assert (code, err) == (
            75,
            f"{path}: in use by a running system: stop it, or wait for its first copy\n",
        )
        for head in (9, 12_000, 300):
            copy = backup_path(path, head)
            copy.parent.mkdir(exist_ok=True)
            copy.touch()
        _, _, err = said("show", path)

    assert err == (
        f"{path}: in use by a running system: stop it, or read its newest copy, {backup_path(path, 12_000)}\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "--kind", "MarketDreamt"],
        ["show", "--since", "yesterday"],
        ["export", "--form", "csv"],
        ["show", "--colour"],
        ["dream"],
    ],
)
def test_what_cannot_be_meant_is_one_line_and_exit_code_2(said, arguments):
    code, _, err = said(*arguments)

    assert code == 2
    assert "Traceback" not in err


def test_help_says_what_the_exit_codes_are(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "Exit codes: 0 done, 2 usage, 74" in capsys.readouterr().out


def test_a_copy_of_nothing_and_a_file_of_something_else_are_refused(said, tmp_path):
    (tmp_path / "diary.db").write_text("my diary")
    (tmp_path / "empty.db").touch()

    assert [said("verify", tmp_path / name)[0] for name in ("diary.db", "empty.db", "none.db")] == [
        74,
        74,
        74,
    ]
