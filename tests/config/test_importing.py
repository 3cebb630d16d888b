"""Readable files into a new journal: all of it in one commit, or nothing."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from config.importing import import_state
from messages.codec import decode_body, decode_envelope
from messages.orders import FillConfirmed, OrderFilled
from messages.values import SECOND, MarketNs
from runtime.journal import Journal
from supervisor import main
from tests.factories import MARKET, a_fill, confirmed, retired, taken
from trading.import_files import ImportProblem
from trading.views import StateViews

AT = MarketNs(1_700_000_000 * SECOND)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """What another system left behind."""
    fill = a_fill(10, 48, trade="t1")
    views = StateViews()
    for fact in (taken(), fill, confirmed(fill), retired()):
        views.note(fact, AT)
    directory = tmp_path / "old"
    directory.mkdir()
    for name, text in views.take_changed(AT):
        (directory / name).write_text(text)
    return directory


def events(path: Path) -> list[object]:
    with closing(Journal.open(path)) as journal:
        return [decode_body(decode_envelope(record.envelope)) for record in journal.read(0, 100)]


def test_what_the_files_say_is_in_the_journal_and_makes_the_same_files(files: Path, tmp_path: Path) -> None:
    said = import_state(files, tmp_path / "journal.db")
    found = events(tmp_path / "journal.db")
    views = StateViews()
    for event in found:
        views.note(event, AT)  # type: ignore[arg-type]

    assert said == "3 files taken over: 1 fills, 1 markets to work off, 0 halts, 0 pauses"
    assert [type(each) for each in found[:2]] == [OrderFilled, FillConfirmed]
    again = {name: json.loads(text) for name, text in views.take_changed(AT)}
    before = {path.name: json.loads(path.read_text()) for path in files.iterdir()}
    engine = before.pop("execution_state.json") | {"activeMarket": None}
    assert again.pop("execution_state.json") == engine
    assert again == before


def test_a_journal_with_something_in_it_is_left_alone(files: Path, tmp_path: Path) -> None:
    import_state(files, tmp_path / "journal.db")
    before = events(tmp_path / "journal.db")
    with pytest.raises(ImportProblem, match=r"journal.db: has 3 events: take files over into a new --state"):
        import_state(files, tmp_path / "journal.db")

    assert events(tmp_path / "journal.db") == before


def test_a_bad_file_changes_nothing(files: Path, tmp_path: Path) -> None:
    (files / f"fills-{MARKET}.json").write_text("{")
    with pytest.raises(ImportProblem, match=f"fills-{MARKET}.json"):
        import_state(files, tmp_path / "journal.db")

    assert not (tmp_path / "journal.db").exists()


def test_the_supervisor_takes_files_over_and_ends(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    state = str(tmp_path / "new")
    assert main(["--import", str(files), "--state", state]) == 0
    assert "supervisor: 3 files taken over: 1 fills" in capfd.readouterr().err
    assert len(events(tmp_path / "new" / "journal.db")) == 3

    (files / "liquidations.json").write_text('{"markets": [{"conditionId": 5, "startedAt": 1}]}')
    assert main(["--import", str(files), "--state", str(tmp_path / "other")]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line == "supervisor: liquidations.json: markets[0].conditionId: Expected `str`, got `int`"
