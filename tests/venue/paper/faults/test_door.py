"""The script of faults over the private side door."""

from __future__ import annotations

import pytest

from tests.venue.paper.door_bench import Said
from tests.venue.paper.faults.stage import Scene

LOST = {"name": "lost", "kind": "ws_lost", "probability": 0.25}


def test_a_fault_that_is_posted_is_shown_as_it_stands(scene: Scene) -> None:
    said = scene.sim("POST", "/sim/faults", LOST)

    assert said == scene.sim("GET", "/sim/faults")
    (row,) = said.json["faults"]
    assert (row["name"], row["kind"], row["phase"], row["chances"], row["hits"]) == (
        "lost",
        "ws_lost",
        "on",
        0,
        0,
    )
    assert (row["fault"]["probability"], row["fault"]["kind"]) == (0.25, "ws_lost")


def test_a_list_is_taken_whole_or_not_at_all(scene: Scene) -> None:
    wrong = [LOST, {"kind": "ws_lost", "tokens": ["9"]}]
    assert scene.sim("POST", "/sim/faults", wrong).status == 400
    assert scene.sim("GET", "/sim/faults").json["faults"] == []

    assert scene.sim("POST", "/sim/faults", [LOST, {"kind": "ws_lost", "at": 5}]).status == 200
    assert [row["phase"] for row in scene.sim("GET", "/sim/faults").json["faults"]] == ["on", "waiting"]


def test_faults_are_deleted_one_by_one_or_all(scene: Scene) -> None:
    scene.sim("POST", "/sim/faults", [LOST, {"kind": "ws_lost"}, {"kind": "disabled"}])

    assert len(scene.sim("DELETE", "/sim/faults/lost").json["faults"]) == 2
    assert scene.sim("DELETE", "/sim/faults/lost") == Said(404, {"error": "no fault is called 'lost'"})
    assert scene.alice.place().status == 503
    assert scene.sim("DELETE", "/sim/faults").json["faults"] == []
    assert scene.alice.place().status == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"7", b"[7]", b"{}x", b'{"kind":"x"}', b"[" * 9_999, b"\xff", {"faults": []}]
)
def test_what_is_no_fault_changes_nothing(scene: Scene, body: object) -> None:
    said = scene.sim("POST", "/sim/faults", body)

    assert said.status == 400
    assert said.json["error"].startswith("no faults: ")
    assert scene.sim("GET", "/sim/faults").json["faults"] == []


def test_a_name_is_taken_only_once(scene: Scene) -> None:
    scene.sim("POST", "/sim/faults", LOST)

    assert "two faults called 'lost'" in scene.sim("POST", "/sim/faults", LOST).json["error"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_door_is_for_this_host_only(scene: Scene, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.venue.paper.door_bench.CLIENT", ("10.0.0.1", 1))

    assert scene.sim(method, "/sim/faults", LOST) == Said(404, {"error": "not found"})
