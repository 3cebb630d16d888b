"""The child's side of a process: a plan in, an actor out, and every mistake in it one line."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from messages.values import MarketNs, RoleName, Size
from runtime.process import Part, Plan, PlanError, build, find
from runtime.restarts import ExitCode
from tests.patience import PATIENCE_S
from tests.runtime.ends import STILL, a_wiring

ROOT = Path(__file__).parents[2]
HERE = f"{__name__}"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is configured."""

    size: Size
    at: MarketNs = MarketNs(0)


class Opened:
    """Something that opens itself from a path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path) -> "Opened":
        """From a path."""
        if path.name == "missing":
            raise FileNotFoundError(f"{path} is missing")
        return cls(path)


class Thing:
    """What a plan builds."""

    def __init__(
        self,
        limits: Limits,
        file: Opened,
        paths: tuple[Path, ...] = (),
        key: str | os.PathLike[str] | None = None,
        *,
        speed: float = 1.0,
        anything: Any = None,
    ) -> None:
        self.given = (limits, file.path, paths, key, speed, anything)


class Picky:
    """Refuses what it is given."""

    def __init__(self, size: int) -> None:
        raise ValueError(f"{size} is too small")


@pytest.fixture(autouse=True)
def findable(monkeypatch):
    """This module under a name that can be imported."""
    monkeypatch.setitem(sys.modules, "things", sys.modules[HERE])


GOOD: dict[str, Any] = {"limits": {"size": 5}, "file": "/tmp/journal"}


def test_a_part_is_built_with_its_arguments_in_the_types_it_wants():
    thing = build(
        Part(name="things:Thing", arguments={**GOOD, "paths": ["/a", "/b"], "key": "k", "speed": 2})
    )

    assert thing.given == (
        Limits(size=Size(5)),
        Path("/tmp/journal"),
        (Path("/a"), Path("/b")),
        "k",
        2.0,
        None,
    )


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("nowhere.at.all:Thing", {}, "nowhere.at.all:Thing: No module named"),
        ("things:Nothing", {}, "has no attribute 'Nothing'"),
        ("things", {}, "things:"),
        ("things:Thing", {**GOOD, "speeed": 2}, "things:Thing takes no 'speeed'"),
        ("things:Thing", {"limits": {"size": 5}}, "missing a required argument: 'file'"),
        ("things:Thing", {**GOOD, "limits": {"size": "many"}}, "things:Thing: limits: Expected `int`"),
        ("things:Thing", {**GOOD, "limits": {"sise": 5}}, "unknown field `sise`"),
        ("things:Thing", {**GOOD, "speed": "fast"}, "things:Thing: speed"),
        ("things:Thing", {**GOOD, "paths": "/a"}, "things:Thing: paths"),
    ],
)
def test_what_does_not_fit_is_told_in_one_line(name, arguments, words):
    with pytest.raises(PlanError) as refused:
        build(Part(name=name, arguments=arguments))

    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_cannot_be_opened_says_so_itself():
    with pytest.raises(FileNotFoundError, match="missing is missing"):
        build(Part(name="things:Thing", arguments={**GOOD, "file": "/tmp/missing"}))


def test_what_a_constructor_refuses_is_passed_on():
    with pytest.raises(ValueError, match="3 is too small"):
        build(Part(name="things:Picky", arguments={"size": 3}))


def test_a_dotted_name_finds_what_it_means():
    assert find("runtime.process:Plan") is Plan


def started(tmp_path, **changes: Any) -> "subprocess.CompletedProcess[str]":
    """A real child with this plan; it must end by itself."""
    values: dict[str, Any] = {
        "role": RoleName("clerk"),
        "incarnation": 1,
        "run": 1,
        "parent": os.getpid(),
        "actor": Part(name="actors.maker:ActiveMakerActor", arguments={"settings": {}}),
        "ports": (),
        "wiring": a_wiring("clerk"),
        "sockets": str(tmp_path),
        "clock": STILL,
        "logs": str(tmp_path),
    }
    plan = Plan(**{**values, **changes})
    return subprocess.run(
        [sys.executable, "-I", "-m", "runtime.process", "clerk@1"],
        input=msgspec.json.encode(plan).decode(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        cwd=ROOT,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"actor": Part(name="actors.nobody:X")}, 2, "clerk cannot start: actors.nobody:X: No module named"),
        ({"actor": Part(name="pathlib:PurePath")}, 2, "clerk cannot start: pathlib:PurePath is no Actor"),
        ({"ports": (Part(name="pathlib:PurePath"),)}, 2, "clerk cannot start: PurePosixPath is no Port"),
        (
            {
                "actor": Part(
                    name="actors.persistence:PersistenceActor", arguments={"journal": "/proc/nothing"}
                )
            },
            74,
            "clerk cannot start: /proc/nothing",
        ),
    ],
)
def test_a_process_that_cannot_start_says_why_in_one_line_and_ends_with_its_code(
    tmp_path, changes, code, words
):
    done = started(tmp_path, **changes)

    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_process_whose_parent_is_gone_already_does_not_begin(tmp_path):
    assert started(tmp_path, parent=1 << 22).returncode in (-signal.SIGTERM, ExitCode.SOFTWARE)
