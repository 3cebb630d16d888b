"""Scripts of faults: what they may say, and how their mistakes are told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from venue.paper.faults.answers import Stall
from venue.paper.faults.fault import Clock
from venue.paper.faults.kinds import KINDS
from venue.paper.faults.plan import PlanError, named, plan_of, read_plan
from venue.paper.faults.states import Restart

SCRIPT = """
seed = 7

[[fault]]
name = "slow orders"
kind = "stall"
at = 60
for = 30.5
clock = "real"
probability = 0.25
times = 3
seconds = 6
routes = ["POST /order"]

[[fault]]
kind = "restart"
down = 20
"""


def wrong(tmp_path: Path, text: str, name: str = "bad.toml") -> str:
    """What is said of a file, without its path."""
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(PlanError) as refused:
        read_plan(file)
    said = str(refused.value)
    assert said.startswith(f"{file}: ")
    assert "\n" not in said
    return said.removeprefix(f"{file}: ")


def test_a_script_is_read_from_toml(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text(SCRIPT)
    plan = read_plan(file)

    assert plan.seed == 7
    stall, restart = plan.faults
    assert stall == Stall(
        name="slow orders",
        at=60,
        lasts=30.5,
        clock=Clock.REAL,
        probability=0.25,
        times=3,
        seconds=6,
        routes=("POST /order",),
    )
    assert isinstance(restart, Restart)
    assert restart.down == 20


@pytest.mark.parametrize(
    "text",
    [
        '{"fault":[{"kind":"restart","down":20}]}',
        '[{"kind":"restart","down":20}]',
        '{"kind":"restart","down":20}',
    ],
)
def test_a_script_is_read_from_json_as_a_whole_as_a_list_or_as_one_fault(tmp_path: Path, text: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(text)

    assert read_plan(file).faults == (Restart(down=20),)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('kind = "stal"', "fault 1: kind: 'stal' is none of "),
        ("seconds = 6", "fault 1: kind: None is none of "),
        ('kind = "stall"', "fault 1: seconds: is missing"),
        ('name = "a"\nkind = "stall"\nseconds = "6"', "fault 1 (a): seconds: Expected `float`, got `str`"),
        ('kind = "stall"\nseconds = 0', "fault 1: seconds: Expected `float` > 0"),
        ('kind = "stall"\nseconds = 1\nprobability = 1.5', "fault 1: probability: Expected `float` <= 1"),
        ('kind = "stall"\nseconds = 1\nat = -1', "fault 1: at: Expected `float` >= 0"),
        ('kind = "stall"\nseconds = 1\nclock = "moon"', "fault 1: clock: Invalid enum value 'moon'"),
        ('kind = "stall"\nseconds = 1\nrouts = ["/book"]', "fault 1: routs: no such key"),
        ('kind = "stall"\nseconds = 1\nroutes = [7]', "fault 1: routes[0]: Expected `str`, got `int`"),
        ('kind = "restart"\nchannels = ["market"]', "fault 1: channels: no such key"),
        ('kind = "ws_lost"\nchannels = ["sports"]', "fault 1: channels[0]: Invalid enum value 'sports'"),
        ('kind = "lost_user_event"\nchannels = ["market"]', "fault 1: channels: no such key"),
    ],
)
def test_a_mistake_in_a_fault_is_told_by_place_key_and_reason(tmp_path: Path, row: str, said: str) -> None:
    assert wrong(tmp_path, f"[[fault]]\n{row}\n").startswith(said)


def test_a_mistake_in_a_file_is_told(tmp_path: Path) -> None:
    assert "line 2" in wrong(tmp_path, "seed = 1\nfault = = 1")
    assert wrong(tmp_path, "faults = []") == "faults: no key of a script; there are seed and fault"
    assert wrong(tmp_path, 'seed = "x"') == "seed: is no whole number"
    assert wrong(tmp_path, "fault = [7]") == "fault 1: is no table of keys"
    assert "malformed" in wrong(tmp_path, "{7}", "bad.json")
    assert wrong(tmp_path, "[" * 100_000, "deep.json")
    assert "more than 1000" in wrong(
        tmp_path, '[{"kind":"restart"}' + ',{"kind":"restart"}' * 1_000 + "]", "x.json"
    )


def test_a_fault_without_a_name_is_called_after_its_kind() -> None:
    faults = plan_of([{"kind": "restart"}, {"kind": "restart"}, {"name": "x", "kind": "restart"}]).faults

    assert [fault.name for fault in named(faults)] == ["restart", "restart-2", "x"]
    assert [fault.name for fault in named(faults, ["restart"])] == ["restart-2", "restart-3", "x"]


def test_no_two_faults_have_the_same_name() -> None:
    faults = plan_of([{"name": "x", "kind": "restart"}]).faults

    with pytest.raises(PlanError, match="two faults called 'x'"):
        named([*faults, *faults])
    with pytest.raises(PlanError, match="two faults called 'x'"):
        named(faults, ["x"])


def test_every_kind_is_in_the_documentation_with_an_example() -> None:
    page = (Path(__file__).parents[4] / "docs" / "faults.md").read_text()

    for kind in KINDS:
        assert f"`{kind}`" in page, kind
        assert f'kind = "{kind}"' in page, kind


def test_every_example_of_the_documentation_can_be_played(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "faults.md").read_text()
    file = tmp_path / "faults.toml"
    examples = re.findall(r"^```toml\n(.*?)^```", page, re.S | re.M)

    assert len(examples) >= 4
    for example in examples:
        file.write_text(example)
        assert read_plan(file).faults
